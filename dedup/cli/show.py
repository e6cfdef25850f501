"""``dedup show``."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import click

from dedup.cli.output import Command, print_text

_WIDEST = 120


@click.command("show", cls=Command)
@click.argument("results", type=click.Path(path_type=Path), metavar="RESULTS")
@click.argument("cluster", metavar="CLUSTER")
@click.option("--whole", is_flag=True, help="Show equal text too, instead of folding it away.")
@click.option(
    "--color",
    type=click.Choice(("auto", "always", "never")),
    default="auto",
    show_default=True,
    help="Colours; auto means on a terminal, unless NO_COLOR is set.",
)
def command(*, results: Path, cluster: str, whole: bool, color: str) -> None:
    """Show one CLUSTER of RESULTS, the folder of a scan, and how its texts differ.

    CLUSTER is its number, or the id or reference (file#line) of one of its records. What
    is gone from the kept text is red, what is new is green; without colours they stand in
    [-...-] and {+...+}. Of a record in no cluster, the links are shown.

    Exit codes: 0 done, 2 usage or no such cluster, 4 RESULTS is damaged, 5 input or output,
    130 interrupted, 143 ended by SIGTERM.
    """
    from dedup.report.show import show  # noqa: PLC0415 - imports numpy
    from dedup.results import open_results  # noqa: PLC0415

    opened = open_results(results)
    colour = color == "always" or (
        color == "auto" and on_terminal() and not os.environ.get("NO_COLOR")
    )
    width = min(shutil.get_terminal_size((100, 24)).columns, _WIDEST)
    for line in show(opened, cluster, colour=colour, width=width, folded=not whole):
        print_text(f"{line}\n")


def on_terminal() -> bool:
    """Return whether standard output is a terminal."""
    return sys.stdout.isatty()
