"""A cleaned corpus from results: written beside the sources, which are never touched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from dedup.act.marks import Marks, find_fixes, find_merged, mark_of
from dedup.act.options import ApplyOptions
from dedup.act.outputs import CORPUS, check_source, file_row, outputs_of, scanned_files
from dedup.act.own_copies import check_no_own_copies
from dedup.act.plan import Plan, check_losses, choose_removals
from dedup.act.rewrite import Job, Rewriter
from dedup.checks import check_kind
from dedup.corpus.sources import shown
from dedup.errors import CountsError, OutputError, ResultsError
from dedup.inputs import Skipped
from dedup.results import Results, check_opened, open_results
from dedup.results.folders import FolderKind, check_free, write_folder, write_marker
from dedup.results.texts import source_path
from dedup.storage.own_folders import ANNOTATIONS, APPLIED, BESIDE_CORPUS, REMOVED, REMOVED_RECORDS
from dedup.storage.spill import Spill
from dedup.version import __version__

_KIND = FolderKind("applied results", APPLIED, frozenset({CORPUS, *BESIDE_CORPUS}))
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Application:
    """Results and what is to be done with them, decided and checked.

    Attributes
    ----------
    results : Results
        Those that were given, or the ones with other survivors that were made of them.
    outputs : dict of str to str
        Where each source file goes, as :func:`dedup.act.outputs.outputs_of` says.
    options : ApplyOptions
    plan : Plan
    marks : Marks
    counts : dict of str to int
        ``read``, ``removed``, ``kept`` (quarantined records included), ``clusters``,
        ``linked`` (removed because of a link), ``with_own_words`` (removed records with
        passages that their survivor lacks), ``own_words`` (words of these), ``needed`` (linked
        records that stay because another goes because of them), ``fixed`` (texts whose repeats
        are fixed), ``passages_removed``, ``unread_files`` (files and folders that the scan could
        not read, so that they are not in what is written); with ``merge`` also ``merged``
        (survivors that say what their clusters do).
    given : Path
        The folder of the results that were given.
    """

    results: Results
    outputs: dict[str, str]
    options: ApplyOptions
    plan: Plan
    marks: Marks
    counts: dict[str, int]
    given: Path

    @property
    def unread(self) -> list[Skipped]:
        """What the scan could not read of the scanned corpus, and writing leaves out."""
        return [skip for skip in self.results.skipped if skip.unread and not skip.against]

    def write(self, folder: str | Path, *, force: bool = False) -> Path:
        """Write the cleaned corpus: the folder is there whole or not at all.

        Raises
        ------
        OutputError
            If the folder cannot be written, or something else stands there.
        ResultsError
            If a source is not what was scanned, or cannot be rewritten.
        """
        target = Path(folder)
        check_free(target, _KIND, force=force)
        write_folder(target, _KIND, self._fill, force=force)
        return target

    def _fill(self, partial: Path) -> None:
        rewriter = Rewriter(self.plan, self.marks, self.results.settings.reading)
        bad_lines = _bad_lines(self.results)
        outputs = self.outputs
        made: set[Path] = set()
        by_file = self.plan.rows_by_file()
        columns = [self.plan.documents[name].to_numpy() for name in ("line", "byte_offset")]
        for source in scanned_files(self.results):
            target = partial / CORPUS / outputs[source.path]
            removed = partial / REMOVED_RECORDS / outputs[source.path]
            if target.parent not in made:
                target.parent.mkdir(parents=True, exist_ok=True)
                made.add(target.parent)
            rows = by_file.get(source.path, [])
            places = zip(*(column[rows].tolist() for column in columns), strict=True)
            job = Job(
                source,
                source_path(self.results, source),
                target,
                dict(zip(places, rows, strict=True)),
                bad_lines.get(source.path, set()),
                removed if self.options.keep_removed else None,
            )
            if len(job.rows) != len(rows):
                message = f"{source.path}: two records stand in one place: scan again"
                raise ResultsError(message)
            rewriter.write(job)
        if not self.options.annotate:
            _write_lines(partial / REMOVED, self._removed())
        if pages := list(self._annotated_pages()):
            _write_lines(partial / ANNOTATIONS, iter(pages))
        said = orjson.dumps(self._marker(), option=_PRETTY) + b"\n"
        write_marker(partial / APPLIED.name, said)

    def _removed(self) -> Iterator[Row]:
        """Yield a row for each removed record, in reading order."""
        plan = self.plan
        lines = _kept_lines(self)
        numbers = plan.documents["record"].to_numpy()
        rows = np.flatnonzero(plan.removed)
        for row in rows[np.argsort(numbers[rows])].tolist():
            about = plan.about(row)
            survivor = None
            if plan.because[row] >= 0:
                lead = plan.about(int(plan.because[row]))
                output = None
                if not lead["against"]:
                    output = shown(f"{CORPUS}/{self.outputs[lead['file']]}")
                line = lines(lead) if output else None
                survivor = {
                    "id": lead["id"],
                    "ref": f"{lead['file']}#{lead['line']}",
                    "output": f"{output}#{line}" if line else output,
                }
            yield {
                "id": about["id"],
                "file": about["file"],
                "line": about["line"],
                "ref": f"{about['file']}#{about['line']}",
                **plan.judgement(row),
                "survivor": survivor,
            }

    def _annotated_pages(self) -> Iterator[Row]:
        """Yield the annotations of pages: files that cannot hold any."""
        pages = {s.path for s in scanned_files(self.results) if s.format in ("text", "html")}
        for row, file, _ in self.plan.places():
            if file in pages and self.marks.adds_to(row):
                said = mark_of(self.plan, self.marks, row)
                yield {"id": self.plan.about(row)["id"], **said}

    def _marker(self) -> Row:
        manifest = self.results.manifest
        return {
            APPLIED.key: __version__,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "results": str(self.given),
            "fingerprint": manifest["fingerprint"],
            "directory": manifest["directory"],
            "options": {n: getattr(self.options, n) for n in ApplyOptions.__dataclass_fields__},
            "counts": self.counts,
            "files": [
                file_row(source, self.outputs[source.path])
                for source in scanned_files(self.results)
                if source.path in self.outputs
            ],
            "unread": [{"path": skip.path, "reason": skip.reason} for skip in self.unread],
        }


_PRETTY = orjson.OPT_INDENT_2


def plan_apply(results: Results, options: ApplyOptions | None = None) -> Application:
    """Decide what becomes of every record, and check that it may.

    Parameters
    ----------
    results : Results
    options : ApplyOptions, optional

    Returns
    -------
    Application
        Its ``counts`` are those that writing gives.

    Raises
    ------
    InputError
        If ``results`` are none, such as the path of their folder.
    ResultsError
        If records came from a stream, sources changed, were read in part only, were scanned
        against themselves, or would lose more than ``max_loss``.
    SettingsError
        If options are none.
    """
    check_opened(results)
    options = ApplyOptions() if options is None else options
    check_kind("options", options, ApplyOptions, "ApplyOptions(keep=2)")
    for source in scanned_files(results):
        check_source(results, source)
    outputs = outputs_of(results)
    given = results.folder
    if options.policy:
        results = _choose_anew(results, options.policy)
    plan = choose_removals(results, options.keep, options.remove_links)
    check_no_own_copies(results, plan)
    if not options.annotate:
        check_losses(plan, results, options.max_loss)
    marks = Marks(options.field, options.annotate, options.merge)
    if options.annotate or options.merge:
        marks.merged.update(find_merged(results, plan))
    if options.fix_repeats:
        marks.spans.update(find_fixes(results, plan))
    counts = _count(results, plan, marks)
    return Application(results, outputs, options, plan, marks, counts, given)


def _choose_anew(results: Results, policy: str) -> Results:
    """Return the results with the survivors of another policy, in a temporary folder of theirs."""
    from dedup.act.threshold import (  # noqa: PLC0415 - imports numba, and not always needed
        rethreshold,
        write_rethresholded,
    )

    spill = Spill(results.tmp_dir)
    chosen = rethreshold(results, keep=policy)
    try:
        folder = write_rethresholded(chosen, spill.path / "results")
    except OutputError as error:
        message = f"{error}. Name a folder on a larger disk with --tmp-dir."
        raise OutputError(message) from error
    return replace(open_results(folder), holder=spill)


def _count(results: Results, plan: Plan, marks: Marks) -> dict[str, int]:
    n_read = results.counts["read"]
    n_removed = 0 if marks.annotates else int(plan.removed.sum())
    if sum(source.n_records for source in scanned_files(results)) != n_read:
        message = (
            f"the files of {results.folder} hold another number of records than its counts say. "
            "Nothing was written."
        )
        raise CountsError(message)
    own_words = np.zeros(0, np.int64) if marks.annotates else plan.own_words()
    return {
        "read": n_read,
        "removed": n_removed,
        "kept": n_read - n_removed,
        "clusters": results.counts["clusters"],
        "linked": len(plan.links),
        "with_own_words": int(np.count_nonzero(own_words)),
        "own_words": int(own_words.sum()),
        "needed": plan.n_needed,
        "fixed": len(marks.spans),
        "passages_removed": sum(map(len, marks.spans.values())),
        "unread_files": results.counts.get("unread_files", 0),  # unknown to early versions
        **({"merged": len(marks.merged)} if marks.merges else {}),
    }


def _bad_lines(results: Results) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for bad in results.quarantine():
        if not bad["against"]:
            found.setdefault(bad["file"], set()).add(bad["line"])
    return found


def _kept_lines(application: Application) -> Any:  # noqa: ANN401 - a function
    """Return a function from a kept record to its line in the new file, where lines count."""
    plan = application.plan
    files = plan.documents["file"].to_numpy(zero_copy_only=False)
    lines = plan.documents["line"].to_numpy()
    formats = {source.path: source.format for source in scanned_files(application.results)}
    gone: dict[str, Any] = {}

    def line_of(about: Row) -> int | None:
        file = about["file"]
        if formats[file] not in ("jsonl", "parquet", "text", "html"):
            return None
        if file not in gone:
            gone[file] = np.sort(lines[plan.removed & (files == file)])
        return int(about["line"] - np.searchsorted(gone[file], about["line"]))

    return line_of


def _write_lines(path: Path, rows: Iterator[Row]) -> None:
    with path.open("wb", buffering=1 << 20) as file:
        file.writelines(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
