"""``dedup calibrate``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedup.choices import ASKED_PAIRS
from dedup.cli.deliveries import expect
from dedup.cli.output import Command, print_json, print_text, say
from dedup.cli.progress import tell_compiling
from dedup.cli.ranges import WholeNumber

if TYPE_CHECKING:
    from dedup.evaluate.calibrate import BorderlinePair
    from dedup.results import Results

_ANSWERS = {
    "y": "yes",
    "yes": "yes",
    "n": "no",
    "no": "no",
    "s": "skip",
    "skip": "skip",
    "": "skip",
}
_QUIT = ("q", "quit")


@click.command("calibrate", cls=Command)
@click.argument("results", metavar="RESULTS")
@click.option(
    "--labels",
    type=click.Path(path_type=Path),
    default="calibration.jsonl",
    show_default=True,
    metavar="FILE",
    help="Answers: read first, and added to.",
)
@click.option(
    "--count",
    type=WholeNumber(min=0),
    default=ASKED_PAIRS,
    show_default=True,
    metavar="N",
    help="Pairs to ask about; 0 only proposes.",
)
@click.option(
    "--seed",
    type=WholeNumber(min=0),
    default=1,
    show_default=True,
    metavar="N",
    help="Chooses the pairs.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the proposals as one JSON object.")
@tell_compiling()
def command(results: str, *, labels: Path, count: int, seed: int, as_json: bool) -> None:
    """Judge pairs near the limit, and see which settings agree with you.

    RESULTS is a folder of `dedup scan --out`. Pairs are shown one by one with what differs in them;
    answer y (one could go), n (both must stay), s (skip) or q (quit). Each answer is saved at once
    in FILE as a labelled pair that `dedup evaluate --labels` reads, and is not asked again.
    """  # fmt: skip
    from dedup.evaluate.calibrate import choose_pairs, propose, read_answers  # noqa: PLC0415
    from dedup.evaluate.calibrate_text import as_text, to_dict  # noqa: PLC0415
    from dedup.results import open_results  # noqa: PLC0415

    opened = open_results(results)
    answered = read_answers(labels)
    chosen = choose_pairs(opened, answered, count=count, seed=seed) if count else []
    if count and not chosen:
        say("dedup: no pair is left to judge")
    expect(labels)
    _ask(opened, chosen, labels)
    answers = read_answers(labels)
    if not answers:
        say("dedup: no answers, so nothing is proposed")
        return
    proposals = propose(opened, answers)
    if as_json:
        print_json(to_dict(proposals, answers))
    else:
        text = as_text(proposals, answers, results)
        print_text(text)


def _ask(results: Results, pairs: list[BorderlinePair], labels: Path) -> None:
    """Show pairs and save each answer; the questions go to standard error."""
    from dedup.evaluate.calibrate import append_answer  # noqa: PLC0415
    from dedup.evaluate.calibrate_text import show  # noqa: PLC0415

    records = {record for pair in pairs for record in (pair.left_record, pair.right_record)}
    texts = dict(results.texts(records)) if records else {}
    for number, pair in enumerate(pairs, 1):
        shown = show(pair, texts[pair.left_record], texts[pair.right_record])
        say(f"\n{number} of {len(pairs)}\n{shown}")
        answer = next(_answers(), "quit")
        if answer == "quit":
            return
        if answer != "skip":
            append_answer(labels, pair, duplicate=answer == "yes")


def _answers() -> Iterator[str]:
    """Yield what is answered, once it can be understood; nothing at the end or to quit."""
    while True:
        click.echo("Copies? [y]es, [n]o, [s]kip, [q]uit: ", nl=False, err=True)
        line = sys.stdin.readline()
        word = line.strip().lower()
        if not line or word in _QUIT:
            click.echo(err=True)
            return
        if word in _ANSWERS:
            yield _ANSWERS[word]
        else:
            say(f"{word[:20]!r} is no answer")
