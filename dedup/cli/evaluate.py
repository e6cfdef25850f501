"""``dedup evaluate``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from dedup.cli.options import reading_options, tmp_dir_option
from dedup.cli.output import Command, print_json, print_text, say
from dedup.cli.settings import build_settings
from dedup.errors import InputError


@click.command("evaluate", cls=Command)
@click.argument("output", metavar="OUTPUT", type=click.Path())
@click.option("--labels", required=True, metavar="FILE", help="Clusters, pairs, records or spans.")
@click.option(
    "--unlisted",
    type=click.Choice(("ignore", "different")),
    default="ignore",
    show_default=True,
    help="What records and pairs are that the labels do not name.",
)
@click.option("--jaccards", metavar="FILE", help="Exact Jaccards (CSV), to tell recall by bands.")
@click.option("--corpus", metavar="PATH", help="Compute these from the texts (word 3-shingles).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--markdown", is_flag=True, help="Print Markdown tables.")
@reading_options
@tmp_dir_option
def command(output: str, **options: Any) -> None:  # noqa: ANN401 - click's values
    """Score the output of a detector, this or any other, against labels.

    OUTPUT is a results folder, or a JSON, JSON lines or CSV file of clusters (rows of id,cluster,
    or with members, a list of ids) or of pairs (rows of left,right).

    The labels of FILE are clusters (id,cluster), pairs (left,right,label), records that have a
    duplicate or none (id,label), or repeats (document,spans). A label is 1 or 0, yes or no, or a
    verdict.

    `found` counts clusters and every link but templates; `removable` counts clusters alone.
    """
    if options["as_json"] and options["markdown"]:
        message = "--json and --markdown exclude each other"
        raise click.UsageError(message)
    if options["jaccards"] and options["corpus"]:
        message = "give --jaccards or --corpus, not both: either tells the bands"
        raise click.UsageError(message)
    from dedup.evaluate import (  # noqa: PLC0415 - heavy
        as_markdown,
        as_text,
        read_labels,
        read_output,
        score,
    )
    from dedup.evaluate.jaccards import read_jaccards  # noqa: PLC0415
    from dedup.evaluate.scorecard import records_of_bands  # noqa: PLC0415

    said, labels = read_output(output), read_labels(options["labels"])
    card = score(
        said,
        labels,
        unlisted=options["unlisted"],
        jaccards=read_jaccards(options["jaccards"]) if options["jaccards"] else None,
        text_of=_texts(options, records_of_bands(labels)) if options["corpus"] else None,
    )
    if options["as_json"]:
        print_json(card.to_dict())
    else:
        print_text((as_markdown if options["markdown"] else as_text)(card))


def _texts(options: dict[str, Any], records: set[str]) -> Callable[[str], str]:
    """Return a look-up by id of the texts of some records of a corpus."""
    from dedup.corpus import CorpusReader  # noqa: PLC0415
    from dedup.corpus.intake import forget  # noqa: PLC0415

    settings = build_settings(options)
    reader = CorpusReader(
        [options["corpus"]],
        settings.reading,
        batch_bytes=settings.batch_bytes,
        quarantine=forget,
        tmp_dir=settings.tmp_dir,
    )
    texts: dict[str, bytes] = {}
    for batch in reader:
        for row, record in enumerate(batch.ids.strings()):
            if record in records:
                texts[record] = batch.texts[row]
    if n_bad := sum(file.n_quarantined for file in reader.files):
        say(f"dedup: records of {options['corpus']} not readable: {n_bad}")

    def text_of(record: str) -> str:
        if record not in texts:
            message = f"the labels name {record!r}, which is not in {options['corpus']}"
            raise InputError(message)
        return texts[record].decode()

    return text_of
