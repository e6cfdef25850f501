"""Options that commands share, as decorators; defaults come from the settings."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import click

from dedup.choices import SURVIVOR_RULES
from dedup.cli.ranges import Number, WholeNumber
from dedup.config import BAND_PRESETS, Settings
from dedup.corpus.content import FORMATS
from dedup.corpus.presets import FIELD_PRESETS
from dedup.rule import RULES

_DEFAULTS = Settings()
_Command = Callable[..., Any]


def _all(*options: Callable[[_Command], _Command]) -> Callable[[_Command], _Command]:
    def decorate(function: _Command) -> _Command:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


reading_options = _all(
    click.option("--format", type=click.Choice(FORMATS), help="Input format (found by itself)."),
    click.option("--preset", type=click.Choice(tuple(FIELD_PRESETS)),
                 help="Field names of a tool's output."),
    click.option("--text-field", metavar="NAME", help="Field that holds the text."),
    click.option("--id-field", metavar="NAME", help="Field that holds the id."),
    click.option("--title-field", metavar="NAME", help="Field that holds the title."),
    click.option("--url-field", metavar="NAME", help="Field that holds the address."),
    click.option("--date-field", metavar="NAME", help="Field that holds the date."),
    click.option("--source-field", metavar="NAME", help="Field that holds the source."),
    click.option("--include", multiple=True, metavar="GLOB", help="Read only matching files."),
    click.option("--exclude", multiple=True, metavar="GLOB", help="Leave matching files out."),
    click.option("--limit", type=WholeNumber(min=1), metavar="N",
                 help="Stop after N records in all, quarantined ones included."),
    click.option("--encoding", metavar="NAME",
                 help="Encoding of the inputs.  [default: utf-8, or what a page of HTML declares]"),
    click.option("--max-record-bytes", type=WholeNumber(min=1), metavar="N",
                 help="Quarantine longer records.  "
                      f"[default: {_DEFAULTS.reading.max_record_bytes}]"),
    click.option("--max-ratio", type=Number(min=1), metavar="X",
                 help="Quarantine the rest of a file that decompresses to more than X times its "
                      f"size.  [default: {_DEFAULTS.reading.max_ratio:g}]"),
)  # fmt: skip


def not_empty(context: click.Context, parameter: click.Parameter, name: str | None) -> str | None:
    """Refuse an empty name, as an unset variable of a shell script gives."""
    if name == "":
        message = "the name is empty: name a folder"
        raise click.BadParameter(message, context, parameter)
    return name


tmp_dir_option = click.option("--tmp-dir", metavar="DIR", help="Folder for temporary files.")

matching_options = _all(
    click.option("--unit", type=click.Choice(("document", "passage")),
                 help="Also compare passages across documents.  [default: document]"),
    click.option("--bands-preset", "lsh_preset", type=click.Choice(tuple(BAND_PRESETS)),
                 help="Signature and bands: balanced, recall, or huge corpora."),
    click.option("--similarity", type=Number(0.05, 1.0), metavar="J",
                 help="Choose bands that find pairs at Jaccard J with probability 0.99."),
    click.option("--rule", "rule_name", type=click.Choice(tuple(RULES)),
                 help="How much two texts must share: strict, balanced, loose.  "
                      "[default: balanced]"),
    click.option("--near-jaccard", type=Number(0, 1), metavar="J",
                 help="Related texts are removable copies from Jaccard J on."),
    click.option("--link-jaccard", type=Number(0, 1), metavar="J",
                 help="Texts are related from Jaccard J on ..."),
    click.option("--link-containment", type=Number(0, 1), metavar="C",
                 help="... or when one holds the share C of the other ..."),
    click.option("--min-cosine", type=Number(0, 1), metavar="C",
                 help="... if their TF-IDF cosine reaches C too."),
    click.option("--min-tokens", type=WholeNumber(min=0), metavar="N",
                 help="Compare shorter texts for equality only.  [default: 0]"),
    click.option("--repeats/--no-repeats", default=None,
                 help="Look for passages that stand twice inside one document.  [default: on]"),
    click.option("--excerpts/--no-excerpts", default=None,
                 help="Look for texts that stand in much longer ones.  [default: on]"),
    click.option("--keep", metavar="RULES",
                 help=f"Who survives: {', '.join(SURVIVOR_RULES)}; several with commas.  "
                      f"[default: {_DEFAULTS.keep}]"),
    click.option("--seed", type=WholeNumber(min=0), metavar="N", help="Seed of the signatures."),
    click.option("--engine", type=click.Choice(("kernels", "reference")),
                 help="Compiled kernels, or the same in plain Python.  [default: kernels]"),
    click.option("--threads", type=WholeNumber(min=0), metavar="N",
                 help="Worker threads.  [default: all processors]"),
    tmp_dir_option,
)  # fmt: skip


def parse_bad(text: str) -> tuple[float, bool]:
    """Return a tolerated number of bad records, and whether it is a share of all.

    Examples
    --------
    >>> parse_bad("12"), parse_bad("5%")
    ((12.0, False), (0.05, True))
    """
    try:
        value = float(text.removesuffix("%"))
    except ValueError:
        value = -1.0
    if not 0 <= value < math.inf:
        message = f"--max-bad is {text!r}: give a number of records, or a share such as 5%"
        raise click.UsageError(message)
    return (value / 100, True) if text.endswith("%") else (value, False)
