"""``dedup compare``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dedup.cli.options import reading_options, tmp_dir_option
from dedup.cli.output import Command, print_json, print_text
from dedup.cli.progress import tell_compiling
from dedup.cli.settings import build_settings

if TYPE_CHECKING:
    from dedup.config import Settings
    from dedup.corpus.lookup import FoundDocument
    from dedup.corpus_model import CorpusModel


@click.command("compare", cls=Command)
@click.argument("left", metavar="A")
@click.argument("right", metavar="B")
@click.option(
    "--in",
    "places",
    multiple=True,
    metavar="PATH",
    help="A and B are ids in this corpus or results folder (repeatable).",
)
@click.option("--model", "model_path", metavar="FILE", help="Judge by the statistics in FILE.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@reading_options
@tmp_dir_option
@tell_compiling()
def command(left: str, right: str, **options: Any) -> None:  # noqa: ANN401 - click's values
    """Compare two documents: every score, the verdict and why, and what differs.

    A and B are files that hold one document each, or, with --in, ids (or FILE#LINE) of records in
    a corpus. If that is a results folder of `dedup scan --out`, its settings and statistics judge,
    and the scores are those of the scan; else the statistics of the two texts alone do, or those
    of --model.
    """
    from dedup.corpus_model import CorpusModel  # noqa: PLC0415 - imports numpy
    from dedup.report.comparison import compare_documents  # noqa: PLC0415
    from dedup.report.comparison_text import as_text  # noqa: PLC0415

    settings = build_settings(options)
    model = CorpusModel.load(Path(options["model_path"])) if options["model_path"] else None
    (one, other), settings, known = _find((left, right), options["places"], settings)
    found = compare_documents(
        one.document,
        other.document,
        settings,
        model=model or known,
        same_bytes=one.digest == other.digest,
    )
    if options["as_json"]:
        print_json(found.to_dict())
    else:
        print_text(as_text(found))


def _find(
    names: tuple[str, str], places: tuple[str, ...], settings: Settings
) -> tuple[list[FoundDocument], Settings, CorpusModel | None]:
    """Return the two documents, and what a results folder says of how to judge."""
    from dedup.corpus.lookup import find_documents, read_document  # noqa: PLC0415
    from dedup.results import open_results  # noqa: PLC0415
    from dedup.results.named import named_documents  # noqa: PLC0415
    from dedup.storage.own_folders import RESULTS  # noqa: PLC0415 - imports orjson

    if not places:
        read = [read_document(name, settings) for name in names]
        named = [
            one._replace(document=replace(one.document, id=name))
            for one, name in zip(read, names, strict=True)
        ]
        return named, settings, None
    if len(places) == 1 and RESULTS.is_in(Path(places[0])):
        results = open_results(places[0], tmp_dir=settings.tmp_dir)
        judged = replace(results.settings, tmp_dir=results.tmp_dir)
        return named_documents(results, names), judged, results.model()
    return find_documents(places, names, settings), settings, None
