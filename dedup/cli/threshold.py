"""``dedup threshold``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dedup.choices import SURVIVOR_RULES
from dedup.cli.deliveries import expect
from dedup.cli.options import not_empty, tmp_dir_option
from dedup.cli.output import Command, print_json, print_text, say
from dedup.cli.progress import tell_compiling
from dedup.cli.ranges import Number
from dedup.errors import SettingsError

if TYPE_CHECKING:
    from dedup.results import Results

_SHOWN = ("clusters", "members", "removable", "unique", "links")


@click.command("threshold", cls=Command)
@click.argument("results", metavar="RESULTS")
@click.option("--min-jaccard", type=Number(0, 1), metavar="J", help="Jaccard that a cluster needs.")
@click.option(
    "--min-cosine",
    type=Number(0, 1),
    metavar="C",
    help="TF-IDF cosine that a cluster needs.",
)
@click.option(
    "--min-containment",
    type=Number(0, 1),
    metavar="C",
    help="Containment from which a link is `contained`.",
)
@click.option(
    "--keep",
    metavar="RULES",
    help=f"Who survives: {', '.join(SURVIVOR_RULES)}; several with commas.  "
    "[default: as in the scan]",
)
@tmp_dir_option
@click.option(
    "--out", required=True, metavar="DIR", callback=not_empty, help="Write the new results folder."
)
@click.option("--force", is_flag=True, help="Replace earlier results in DIR.")
@click.option("--json", "as_json", is_flag=True, help="Print the new counts as one JSON object.")
@click.option("--quiet", is_flag=True, help="Print nothing.")
@tell_compiling()
def command(results: str, out: str, **options: Any) -> int:  # noqa: ANN401 - click's values
    """Cluster the pairs of RESULTS again, with other thresholds or another survivor.

    Pairs were recorded from a floor on, so that thresholds can go up and down without
    another scan. Texts are read again only for pairs that were never scored. Repeats, and
    the passages of a scan with --unit passage, stay as the scan found them.

    Exit codes: 0 done, 2 usage, or a threshold below the floor, 4 results or sources do
    not match, 5 input or output, 70 a defect of dedup, 130 interrupted,
    143 ended by SIGTERM.
    """
    from dedup.act.threshold import (  # noqa: PLC0415 - imports numpy and numba
        Thresholds,
        check_floor,
        rarely_compared,
        rethreshold,
        write_rethresholded,
    )
    from dedup.results import open_results  # noqa: PLC0415

    names = ("min_jaccard", "min_cosine", "min_containment")
    thresholds = Thresholds(**{name: options[name] for name in names})
    if thresholds == Thresholds() and not options["keep"]:
        message = "nothing to change: give --min-jaccard, --min-cosine, --min-containment or --keep"
        raise SettingsError(message)
    opened = open_results(results, tmp_dir=options["tmp_dir"])
    check_floor(opened, thresholds)
    if warning := rarely_compared(opened, thresholds):
        say(f"dedup: {warning}")
    rule = thresholds.applied_to(opened.settings.rule)
    found = rethreshold(opened, rule=rule, keep=options["keep"])
    expect(out)
    write_rethresholded(found, out, force=options["force"])
    _tell(found.counts, opened, out, options)
    return 0


def _tell(counts: dict[str, int], given: Results, out: str, options: dict[str, Any]) -> None:
    if options["as_json"]:
        print_json({"counts": counts})
    elif not options["quiet"]:
        for name in _SHOWN:
            print_text(f"{name:>10} {counts[name]:>11,}  (before: {given.counts[name]:,})\n")
        if given.settings.unit == "passage":
            print_text("\nPassages are those of the scan: thresholds are for documents only.\n")
        print_text(f"\nResults are in {out}\n")
