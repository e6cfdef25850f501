"""``dedup report``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedup.cli.deliveries import expect
from dedup.cli.output import Command, print_bytes, print_text
from dedup.errors import SettingsError

if TYPE_CHECKING:
    from dedup.results import Results

FORMATS = ("html", "md", "csv", "jsonl", "text")
_OTHER_SPELLINGS = {"markdown": "md"}
_STDOUT = frozenset({"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"})


@click.command("report", cls=Command)
@click.argument("results", type=click.Path(path_type=Path), metavar="RESULTS")
@click.option(
    "--format",
    "form",
    type=click.Choice((*FORMATS, *_OTHER_SPELLINGS)),
    metavar=f"[{'|'.join(FORMATS)}]",
    default="html",
    show_default=True,
    help="What to write; markdown is md.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where to: a file, a folder with --full, or - for standard output.",
)
@click.option("--full", is_flag=True, help="Write everything, as a folder of HTML pages.")
@click.option("--force", is_flag=True, help="Replace what stands at --out.")
def command(*, results: Path, form: str, out: Path | None, full: bool, force: bool) -> None:
    """Write a report of RESULTS, the folder of a scan, for people to read.

    HTML goes to RESULTS/report.html: one file under 5 MB that opens without a network and
    says what it leaves out. --full writes all of it to RESULTS-report or another folder.
    The other formats go to standard output: Markdown, CSV (one row for each record of a
    cluster, safe to open in a spreadsheet), JSON lines, or plain text.

    Exit codes: 0 done, 2 usage, 4 RESULTS is damaged, 5 input or output, 130 interrupted,
    143 ended by SIGTERM.
    """
    from dedup.results import open_results  # noqa: PLC0415 - imports numpy

    if full and form != "html":
        message = f"--full writes HTML pages; --format {form} is whole already"
        raise SettingsError(message)
    form = _OTHER_SPELLINGS.get(form, form)
    if str(out) in _STDOUT:  # where the place of the report would stand behind it
        out = Path("-")
    opened = open_results(results)
    if full:
        beside = results.absolute().with_name(f"{results.absolute().name}-report")
        _write_pages(opened, out or beside, force=force)
        return
    if form == "html":
        _write_html(opened, out or results / "report.html", force=force or out is None)
        return
    lines = _lines(opened, form)
    if out is None or str(out) == "-":
        for line in lines:
            print_bytes(line.encode("utf-8", "backslashreplace"))
    else:
        _write(opened, out, lines, force=force)


def _write_pages(results: Results, folder: Path, *, force: bool) -> None:
    from dedup.report.pages import write_pages  # noqa: PLC0415

    if str(folder) == "-":
        message = "--full writes a folder: name one with --out"
        raise SettingsError(message)
    expect(folder)
    print_text(f"{write_pages(results, folder, force=force)}\n")


def _write_html(results: Results, path: Path, *, force: bool) -> None:
    from dedup.report.files import write_file  # noqa: PLC0415
    from dedup.report.one_file import html_file  # noqa: PLC0415

    if str(path) == "-":
        print_bytes(html_file(results).encode())
        return
    _check(results, path, force=force)
    inside = path.absolute().parent == results.folder.absolute()
    write_file(path, html_file(results), beside=results.folder if inside else None)
    print_text(f"{path}\n")


def _lines(results: Results, form: str) -> Iterator[str]:
    if form == "csv":
        from dedup.report.tables import csv_rows  # noqa: PLC0415

        yield from csv_rows(results)
    elif form == "jsonl":
        import orjson  # noqa: PLC0415

        from dedup.report.tables import json_rows  # noqa: PLC0415

        for row in json_rows(results):
            yield orjson.dumps(row).decode() + "\n"
    elif form == "md":
        from dedup.report.markdown import markdown_lines  # noqa: PLC0415

        yield from (f"{line}\n" for line in markdown_lines(results))
    else:
        from dedup.report.plain import text_lines  # noqa: PLC0415

        yield from (f"{line}\n" for line in text_lines(results))


def _write(results: Results, path: Path, lines: Iterable[str], *, force: bool) -> None:
    from dedup.report.files import write_file  # noqa: PLC0415

    _check(results, path, force=force)
    write_file(path, lines)
    print_text(f"{path}\n")


def _check(results: Results, path: Path, *, force: bool) -> None:
    from dedup.report.files import check_file, check_outside  # noqa: PLC0415
    from dedup.results.schema import MANIFEST  # noqa: PLC0415

    check_outside(path, results.folder, (MANIFEST, *results.manifest["files"]))
    check_file(path, force=force)
    expect(path)
