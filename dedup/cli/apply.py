"""``dedup apply``."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import click

from dedup.choices import REMOVABLE_LINKS, SURVIVOR_RULES
from dedup.cli.deliveries import expect
from dedup.cli.options import not_empty, tmp_dir_option
from dedup.cli.output import Command, print_json, print_text, say
from dedup.cli.progress import tell_compiling
from dedup.errors import SettingsError
from dedup.report.amounts import files_or_folders
from dedup.report.lines import safe

if TYPE_CHECKING:
    from dedup.inputs import Skipped

_SAID = (
    ("read", "records read"),
    ("removed", "removed"),
    ("kept", "kept"),
    ("with_own_words", "of the removed ones, with passages of their own"),
    ("linked", "of the removed ones, because of a link"),
    ("needed", "linked, but kept: others go because of them"),
    ("merged", "survivors that say what their copies do"),
    ("fixed", "texts whose repeats are fixed"),
    ("unread_files", "files or folders that could not be read, and are not written"),
)
_OTHER_SURVIVORS = (
    "To keep the text, choose other survivors (--keep newest, --keep longest) or more of them "
    "(--keep 2)."
)
_OTHER_CORPUS = (
    "To keep the text, cluster more strictly (dedup threshold --min-jaccard 0.9): what is kept in "
    "their place lies in the corpus scanned against, whatever --keep says."
)
_WIDTH = 100


@click.command("apply", cls=Command)
@click.argument("results", metavar="RESULTS")
@click.option(
    "--out",
    metavar="DIR",
    callback=not_empty,
    help="Write the cleaned corpus into this new folder.",
)
@click.option(
    "--annotate",
    is_flag=True,
    help="Remove nothing: add cluster, representative and scores to every record.",
)
@click.option(
    "--merge",
    is_flag=True,
    help="Add to each survivor all urls, sources, first and last date, and the number of copies.",
)
@click.option(
    "--field",
    metavar="NAME",
    default="dedup",
    show_default=True,
    help="What --annotate or --merge adds: a field, or the beginning of the names of columns.",
)
@click.option(
    "--keep",
    metavar="N|none|RULES",
    default="1",
    show_default=True,
    help="How many records of each cluster stay, none, or who stays by another survivor policy: "
    f"{', '.join(SURVIVOR_RULES)}.",
)
@click.option(
    "--remove",
    "links",
    multiple=True,
    type=click.Choice(REMOVABLE_LINKS),
    help="Also remove the lesser side of links with this verdict (repeatable).",
)
@click.option(
    "--repeats",
    type=click.Choice(("keep", "fix")),
    default="keep",
    show_default=True,
    help="Take repeated lines out of texts (not HTML): exact and normalised repeats but the first.",
)
@click.option(
    "--max-loss",
    metavar="P%",
    default="90%",
    show_default=True,
    help="Refuse if a source of ten records and more would lose more than this share.",
)
@click.option(
    "--keep-removed",
    is_flag=True,
    help="Also write the removed records as they were, into DIR/removed.",
)
@tmp_dir_option
@click.option("--dry-run", is_flag=True, help="Check and count, and write nothing.")
@click.option("--force", is_flag=True, help="Replace what an earlier apply wrote to DIR.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as one JSON object.")
@click.option("--quiet", is_flag=True, help="Print nothing.")
def command(results: str, out: str | None, **options: Any) -> int:  # noqa: ANN401 - click's values
    """Write a cleaned corpus: what RESULTS call duplicates is left out.

    The sources are never touched. DIR gets the files under corpus/, in the format and
    compression they came in and with every kept record byte for byte, and removed.jsonl:
    what went, because of whom, the scores, and where the survivor stands.

    Exit codes: 0 done, 2 usage, 4 results do not match their sources or it was refused,
    5 input or output, 70 a defect of dedup, 130 interrupted, 143 ended by SIGTERM.
    """
    from dedup.act.apply import plan_apply  # noqa: PLC0415 - imports numpy
    from dedup.act.options import ApplyOptions  # noqa: PLC0415
    from dedup.act.plan import parse_keep  # noqa: PLC0415
    from dedup.results import open_results  # noqa: PLC0415

    if out is None and not options["dry_run"]:
        message = "name the folder to write: --out DIR (or look first: --dry-run)"
        raise SettingsError(message)
    _check_annotates_only(options)
    keep, policy = parse_keep(options["keep"])
    chosen = ApplyOptions(
        keep=keep,
        policy=policy,
        remove_links=options["links"],
        annotate=options["annotate"],
        merge=options["merge"],
        field=options["field"],
        fix_repeats=options["repeats"] == "fix",
        max_loss=_share(options["max_loss"]),
        keep_removed=options["keep_removed"],
    )
    opened = open_results(results, tmp_dir=options["tmp_dir"])
    with tell_compiling() if policy else nullcontext():
        application = plan_apply(opened, chosen)
    if out is not None and not options["dry_run"]:
        expect(out)
        application.write(out, force=options["force"])
    _say_unread(application.unread)
    against = bool(application.results.counts["against"])
    _tell(application.counts, out, options, against=against)
    return 0


def _check_annotates_only(options: dict[str, Any]) -> None:
    """Refuse what :class:`dedup.ApplyOptions` does, by the names of the flags."""
    if options["annotate"] and (options["links"] or options["repeats"] == "fix"):
        message = "--annotate changes nothing else: leave --remove and --repeats away"
        raise SettingsError(message)
    if options["annotate"] and options["keep_removed"]:
        message = "--annotate removes nothing: leave --keep-removed away"
        raise SettingsError(message)
    if options["annotate"] and options["merge"]:
        message = "--annotate adds what --merge does, to every survivor: leave --merge away"
        raise SettingsError(message)


def _say_unread(unread: list[Skipped]) -> None:
    if unread:
        from dedup.inputs import first_of  # noqa: PLC0415 - imports numpy

        what = f"{files_or_folders(len(unread))} could not be read by the scan"
        say(f"dedup: {what}, and nothing of that is written: {safe(first_of(unread))}")


def _tell(
    counts: dict[str, int], out: str | None, options: dict[str, Any], *, against: bool
) -> None:
    if options["as_json"]:
        print_json({"counts": counts})
    elif not options["quiet"]:
        remedy = _OTHER_CORPUS if against else _OTHER_SURVIVORS
        written = None if options["dry_run"] else out
        lines = list(_lines(counts, written, remedy))
        if written and options["keep_removed"] and counts["removed"]:
            lines.append(f"The removed records are in {written}/removed")
        print_text("\n".join(lines) + "\n")


def _lines(counts: dict[str, int], out: str | None, remedy: str) -> Iterator[str]:
    """Say what became of the records, what text that takes away, and where the corpus is."""
    for name, words in _SAID:
        if counts.get(name) or name in ("read", "removed", "kept"):
            yield f"{counts[name]:>11,}  {words}"
    if counts["own_words"]:
        where = f"{out}/removed.jsonl names" if out else "removed.jsonl will name"
        yield ""
        yield from textwrap.wrap(
            f"Removed passages that the record kept in their place lacks: "
            f"{counts['own_words']:,} words. {where} the records (own_words). {remedy}",
            _WIDTH,
            break_long_words=False,
            break_on_hyphens=False,
        )
    yield ""
    yield f"The corpus is in {out}/corpus" if out else "Nothing was written (--dry-run)"


def _share(text: str) -> float:
    """Return a share.

    Examples
    --------
    >>> _share("50%")
    0.5
    """
    try:
        share = float(text.removesuffix("%")) / 100
    except ValueError:
        share = -1.0
    if not text.endswith("%") or not 0 <= share <= 1:
        message = f"--max-loss is {text!r}: give a share such as 50%"
        raise SettingsError(message)
    return share
