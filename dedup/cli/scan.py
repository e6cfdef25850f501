"""``dedup scan``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dedup.cli.deliveries import expect
from dedup.cli.options import matching_options, not_empty, parse_bad, reading_options
from dedup.cli.output import Command, print_json, print_text, say
from dedup.cli.settings import build_settings
from dedup.config import Settings
from dedup.corpus.sources import shown
from dedup.errors import OutputError, SettingsError
from dedup.report.amounts import files_or_folders
from dedup.report.lines import safe

if TYPE_CHECKING:
    from dedup.evaluate.audit import Audit
    from dedup.found.result import Result

DUPLICATES_FOUND = 1
TOO_MANY_BAD = 3
_OF_THE_FOLDER = {
    "report": "writes into the results folder",
    "store_text": "keeps texts in the results folder",
    "force": "replaces an earlier results folder",
}


@click.command("scan", cls=Command)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@reading_options
@matching_options
@click.option(
    "--against",
    multiple=True,
    metavar="PATH",
    help="Report only what the scanned corpus shares with this one, which is read whole "
    "(repeatable).",
)
@click.option("--model", "model_path", metavar="FILE", help="Judge by the statistics in FILE.")
@click.option("--save-model", metavar="FILE", help="Write the corpus's statistics to FILE.")
@click.option("--out", metavar="DIR", callback=not_empty, help="Write the results folder.")
@click.option("--force", is_flag=True, help="Replace earlier results in DIR.")
@click.option(
    "--store-text", is_flag=True, default=None, help="Keep the texts of named records in DIR."
)
@click.option("--report", is_flag=True, help="Write report.html into DIR, too.")
@click.option(
    "--audit",
    is_flag=True,
    help="Compare a sample with all texts by brute force, and tell what was missed.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--quiet", is_flag=True, help="Print no summary.")
@click.option(
    "--fail-on-duplicates",
    is_flag=True,
    help="End with exit code 1 when there are clusters or repeats.",
)
@click.option(
    "--max-bad",
    default="0",
    metavar="N|P%",
    show_default=True,
    help="Quarantined records, and files that cannot be read, that are tolerated; more end with "
    "exit code 3.",
)
def command(paths: tuple[str, ...], **options: Any) -> int:  # noqa: ANN401 - click's values
    """Find duplicate documents, and passages that stand twice inside one page.

    PATH is a file, a folder, a glob pattern, or - for standard input: JSONL, JSON, CSV,
    TSV, Parquet, text or HTML, also compressed by gzip or zstd.

    Exit codes: 0 done, 1 duplicates found (with --fail-on-duplicates), 2 usage,
    3 more quarantined records and unreadable files than --max-bad, 4 results damaged,
    5 input or output, 70 a defect of dedup, 130 interrupted, 143 ended by SIGTERM.
    """
    tolerated = parse_bad(options.pop("max_bad"))
    settings = build_settings(options)
    started = time.perf_counter()
    if options["save_model"]:
        _check_model_place(Path(options["save_model"]))
    if not options["out"]:
        _check_needs_no_folder(options)
    if options["out"]:
        from dedup.results import check_target  # noqa: PLC0415 - heavy, and not always needed

        check_target(Path(options["out"]), force=options["force"])
    result = _scan(paths, options, settings)
    _deliver(result, options, time.perf_counter() - started)
    _say_skipped(result, {*paths, *options["against"]})
    if options["against"] and not result.counts["against"]:
        say("dedup: nothing was scanned against: there are no records in what --against names")
    return _exit_code(result, tolerated, fail=options["fail_on_duplicates"])


def _check_needs_no_folder(options: dict[str, Any]) -> None:
    """Raise where an option is about the results folder, and none is named."""
    for name, what in _OF_THE_FOLDER.items():
        if options[name]:
            message = f"--{name.replace('_', '-')} {what}: name one with --out DIR"
            raise SettingsError(message)


def _check_model_place(path: Path) -> None:
    if not path.absolute().parent.is_dir():
        message = f"cannot write the model to {path}: there is no such folder"
        raise OutputError(message)
    if path.is_dir():
        message = f"cannot write the model to {path}: it is a folder"
        raise OutputError(message)


def _scan(paths: tuple[str, ...], options: dict[str, Any], settings: Settings) -> Result:
    from dedup.api import Paths, scan  # noqa: PLC0415 - imports numpy
    from dedup.cli.progress import ConsoleProgress  # noqa: PLC0415
    from dedup.corpus_model import CorpusModel  # noqa: PLC0415

    model = CorpusModel.load(Path(options["model_path"])) if options["model_path"] else None
    with ConsoleProgress() as progress:
        return scan(
            Paths(paths),
            settings,
            against=Paths(options["against"]) or None,
            model=model,
            progress=progress,
        )


def _deliver(result: Result, options: dict[str, Any], seconds: float) -> None:
    """Write what was asked for: the model, the folder, JSON, or the summary."""
    if options["save_model"]:
        expect(options["save_model"])
        result.model.save(Path(options["save_model"]))
    if options["out"]:
        from dedup.results import write_results  # noqa: PLC0415

        expect(options["out"])
        if options["report"]:
            expect(Path(options["out"]) / "report.html")
        write_results(result, options["out"], force=options["force"])
    if options["report"]:
        _write_report(Path(options["out"]))
    audit = _audit(result) if options["audit"] else None
    if options["as_json"]:
        audited = {"audit": audit.to_dict()} if audit else {}
        print_json(result.to_dict() | audited)
    elif not options["quiet"]:
        from dedup.report.terminal import summary  # noqa: PLC0415

        text = summary(result, seconds, written=bool(options["out"])) + (
            _where(options) if options["out"] else ""
        )
        if audit:
            from dedup.evaluate.audit_text import as_text  # noqa: PLC0415

            text += "\n" + as_text(audit)
        print_text(text)


def _audit(result: Result) -> Audit:
    from dedup.evaluate.audit import audit_scan  # noqa: PLC0415 - heavy, and asked for seldom

    return audit_scan(result)


def _write_report(folder: Path) -> None:
    from dedup.report.files import write_file  # noqa: PLC0415
    from dedup.report.one_file import html_file  # noqa: PLC0415
    from dedup.results import open_results  # noqa: PLC0415

    write_file(folder / "report.html", html_file(open_results(folder)), beside=folder)


def _where(options: dict[str, Any]) -> str:
    out = options["out"]
    if options["report"]:
        return f"\nResults are in {out}, the report is {Path(out) / 'report.html'}\n"
    return f"\nResults are in {out}; to read them in a browser: dedup report {out}\n"


def _say_skipped(result: Result, named: set[str]) -> None:
    """Say what could not be read; what else was named and not read, or that nothing was."""
    from dedup.inputs import first_of  # noqa: PLC0415 - imports numpy

    unread = result.inputs.unread
    if unread:
        say(f"dedup: {files_or_folders(len(unread))} could not be read: {safe(first_of(unread))}")
    read = {file.path for file in result.inputs.files}
    wanted = {shown(path) for path in named} - read
    others = (skip for skip in result.inputs.skipped if not skip.unread)
    skipped = [skip for skip in others if not read or skip.path in wanted]
    counts = result.counts
    if read and counts["read"] == counts["empty"] + counts["quarantined"]:
        n = "there are no records" if not counts["read"] else "no record has a text"
        say(f"dedup: nothing was compared: {n} in what was scanned")
    if skipped:
        what = "not read, though named" if read else "nothing was read; skipped"
        say(f"dedup: {what}: {safe(first_of(skipped))}")


def _first_bad(result: Result) -> str:
    """Return place and reason of the first bad record, and how many more there are."""
    from dedup.report.troubles import short_reason  # noqa: PLC0415 - only where there is one

    n_bad = len(result.quarantine) + len(result.inputs.put_aside)
    bad = (result.quarantine or result.inputs.put_aside)[0]
    more = f" and {n_bad - 1:,} more" if n_bad > 1 else ""
    return f"{safe(bad.file)}:{bad.line} ({safe(short_reason(bad.reason))}){more}"


def _exit_code(result: Result, tolerated: tuple[float, bool], *, fail: bool) -> int:
    """Say what was lost from view, and choose the exit code."""
    counts = result.counts
    bad = counts["quarantined"] + counts["against_quarantined"]
    # a file that cannot be read counts as one record, as what breaks off does
    n_unread = counts["unread_files"] + counts["against_unread_files"]
    n_read = counts["read"] + counts["against"] + counts["against_quarantined"] + n_unread
    limit = tolerated[0] * n_read if tolerated[1] else tolerated[0]
    if bad:
        what = "1 record" if bad == 1 else f"{bad:,} records"
        stand = "stands" if bad == 1 else "stand"
        first = _first_bad(result)
        say(f"dedup: {what} could not be read and {stand} in quarantine: {first}")
    if bad + n_unread > limit:
        return TOO_MANY_BAD
    found = counts["clusters"] or counts["repeats"]
    return DUPLICATES_FOUND if fail and found else 0
