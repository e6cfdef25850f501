"""``dedup audit``."""

from __future__ import annotations

import click

from dedup.choices import AUDITED_TEXTS
from dedup.cli.options import tmp_dir_option
from dedup.cli.output import Command, print_json, print_text
from dedup.cli.progress import tell_compiling
from dedup.cli.ranges import WholeNumber


@click.command("audit", cls=Command)
@click.argument("results", metavar="RESULTS")
@click.option(
    "--sample",
    type=WholeNumber(min=1),
    default=AUDITED_TEXTS,
    show_default=True,
    metavar="N",
    help="Texts to compare with all others.",
)
@click.option("--seed", type=WholeNumber(min=0), default=1, show_default=True, metavar="N",
              help="Chooses the texts.")  # fmt: skip
@tmp_dir_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@tell_compiling()
def command(results: str, *, sample: int, seed: int, tmp_dir: str | None, as_json: bool) -> None:
    """Measure what a scan found and what it missed, on the corpus it was made of.

    RESULTS is a folder of `dedup scan --out`. Its source files are read again; a random sample of
    texts is compared with all others by exact overlap, and what the scan recorded is held against
    that: recall of the candidate stage and of the whole, with intervals, and the pairs closest to
    the limit on either side, for you to judge.
    """
    from dedup.evaluate.audit import audit_results  # noqa: PLC0415 - heavy
    from dedup.evaluate.audit_text import as_text  # noqa: PLC0415
    from dedup.results import open_results  # noqa: PLC0415

    audit = audit_results(open_results(results, tmp_dir=tmp_dir), sample=sample, seed=seed)
    if as_json:
        print_json(audit.to_dict())
    else:
        print_text(as_text(audit))
