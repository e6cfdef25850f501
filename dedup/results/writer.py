"""Write a results folder: complete under a temporary name first, then renamed."""

from __future__ import annotations

import platform
import shutil
import sys
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from dedup.arguments import check_made
from dedup.candidates.bands import candidate_probability
from dedup.config import FORMAT_VERSION
from dedup.found.columns import ROWS_AT_ONCE
from dedup.found.result import Result
from dedup.model import SourceFile, well_formed
from dedup.parallel import count_threads, open_executor
from dedup.results.documents import count_sources, count_sources_again, iter_documents
from dedup.results.folders import check_free, write_folder, write_marker
from dedup.results.intact import accounts_of
from dedup.results.lines import cluster_lines, lines_of
from dedup.results.reader import Results
from dedup.results.schema import (
    MANIFEST,
    MODEL,
    RESULTS,
    RESULTS_FORMAT,
    arrow_schema,
    field_column,
)
from dedup.rule import FLOOR_CERTAIN, FLOOR_CONTAINMENT, FLOOR_DISTINCTIVE, FLOOR_JACCARD
from dedup.version import __version__

if TYPE_CHECKING:
    import pyarrow as pa

_RECURRING = ("verdict", "reason", "file", "source")
"""Columns that Parquet keeps a dictionary for: of other columns it takes time and room."""
_PACKAGES = ("numpy", "numba", "msgspec", "orjson", "pyarrow", "datasketch", "scikit-learn")


def check_target(folder: Path, *, force: bool) -> None:
    """Raise unless results may be written to ``folder``; see :func:`check_free`."""
    check_free(folder, RESULTS, force=force)


def write_results(result: Result, folder: str | Path, *, force: bool = False) -> Path:
    """Write the results folder.

    Everything is written beside the target first and takes its name at the end, so
    that the folder is there whole or not at all.

    Parameters
    ----------
    result : Result
    folder : path
    force : bool
        Whether earlier results may be replaced.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If ``result`` is none.
    OutputError
        If the folder cannot be written, or something else stands there.
    """
    check_made("result", result, Result, "pass what dedup.scan returns")
    target = Path(folder)
    check_target(target, force=force)
    write_folder(target, RESULTS, lambda partial: _write_files(result, partial), force=force)
    return target


def write_again(
    result: Result, earlier: Results, folder: str | Path, *, force: bool = False
) -> Path:
    """Write results whose clusters were chosen anew from those of an earlier folder.

    What does not depend on clusters is taken over from there.

    Raises
    ------
    OutputError
        If the folder cannot be written, or something else stands there.
    """
    target = Path(folder)
    check_target(target, force=force)

    def fill(partial: Path) -> None:
        _write_clusters(result, partial)
        for name in ("repeats.jsonl", "passages.jsonl", "quarantine.jsonl", MODEL):
            if name in earlier.manifest["files"]:
                shutil.copyfile(earlier.folder / name, partial / name)
        sources = count_sources_again(result, earlier.sources())
        _write_table(partial / "sources.parquet", arrow_schema("sources"), [sources])
        scan = {name: earlier.manifest[name] for name in ("created", "command", "fingerprint")}
        manifest = manifest_of(result, partial) | {
            "directory": earlier.manifest["directory"],
            "floor": earlier.manifest["floor"],
            "scan": earlier.manifest.get("scan", scan),
        }
        _write_manifest(partial, manifest)

    write_folder(target, RESULTS, fill, force=force)
    return target


def _write_files(result: Result, folder: Path) -> None:
    model = result.found.judged_by
    with open_executor(count_threads(result.settings.threads)) as executor:
        # compressing takes no interpreter: it goes on while lines are made
        waiting = [
            executor.submit(model.save, folder / MODEL),
            executor.submit(_write_pairs, result, folder / "pairs.parquet"),
            executor.submit(_write_documents, result, folder / "documents.parquet"),
        ]
        _write_all_lines(result, folder)
        for written in waiting:
            written.result()
    _write_table(folder / "sources.parquet", arrow_schema("sources"), [count_sources(result)])
    _write_manifest(folder, manifest_of(result, folder))


def _write_all_lines(result: Result, folder: Path) -> None:
    _write_lines(folder / "clusters.jsonl", cluster_lines(result.rows))
    _write_lines(folder / "links.jsonl", lines_of(result.rows.links()))
    _write_lines(folder / "repeats.jsonl", lines_of(result.rows.repeats()))
    if result.found.passages is not None:
        _write_lines(folder / "passages.jsonl", lines_of(result.iter_passages()))
    _write_lines(folder / "quarantine.jsonl", lines_of(_quarantine_rows(result)))


def _write_clusters(result: Result, folder: Path) -> None:
    _write_lines(folder / "clusters.jsonl", cluster_lines(result.rows))
    _write_lines(folder / "links.jsonl", lines_of(result.rows.links()))
    _write_pairs(result, folder / "pairs.parquet")
    _write_documents(result, folder / "documents.parquet")


def _write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    content = orjson.dumps(manifest, option=orjson.OPT_INDENT_2)
    write_marker(folder / MANIFEST, content + b"\n")


def _write_lines(path: Path, lines: Iterable[bytes]) -> None:
    with path.open("wb", buffering=1 << 20) as file:
        file.writelines(lines)


def _quarantine_rows(result: Result) -> Iterator[dict[str, Any]]:
    inputs = result.inputs
    for against, records in ((False, inputs.quarantine), (True, inputs.put_aside)):
        for record in records:
            raw = b64encode(record.raw).decode()
            yield {**asdict(record), "raw": raw, "against": against}


def _write_pairs(result: Result, path: Path) -> None:
    starts = range(0, len(result.found.pairs), ROWS_AT_ONCE)
    parts = (result.pair_columns(slice(start, start + ROWS_AT_ONCE)) for start in starts)
    _write_table(path, arrow_schema("pairs"), parts)


def _write_documents(result: Result, path: Path) -> None:
    import pyarrow as pa  # noqa: PLC0415 - needed only when results are written

    schema = arrow_schema("documents")
    if not result.settings.store_text:
        schema = schema.remove(schema.get_field_index("text"))
    for name in result.kept_fields:
        schema = schema.append(pa.field(field_column(name), pa.float64()))
    _write_table(path, schema, iter_documents(result))


def _write_table(path: Path, schema: pa.Schema, parts: Iterable[dict[str, Any]]) -> None:
    import pyarrow as pa  # noqa: PLC0415 - needed only when results are written
    import pyarrow.parquet as pq  # noqa: PLC0415

    recurring: Any = [name for name in schema.names if name in _RECURRING]
    with pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=recurring) as writer:
        for columns in parts:
            arrays = [columns[name] for name in schema.names]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def manifest_of(result: Result, folder: Path) -> dict[str, Any]:
    """Return what ``manifest.json`` holds."""
    settings = result.settings
    curve = {
        f"0.{tenth}": round(candidate_probability(tenth / 10, settings.bands, settings.rows), 4)
        for tenth in range(1, 10)
    }
    return {
        "dedup": __version__,
        "format": RESULTS_FORMAT,
        "hashes": FORMAT_VERSION,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": [well_formed(word) for word in sys.argv],
        "directory": well_formed(str(Path.cwd())),
        "fingerprint": settings.fingerprint(),
        "settings": settings.to_dict(),
        "floor": {
            "jaccard": FLOOR_JACCARD,
            "containment": FLOOR_CONTAINMENT,
            "distinctive_containment": FLOOR_DISTINCTIVE,
            "certain_jaccard": FLOOR_CERTAIN,
        },
        "candidate_probability": curve,
        "counts": result.counts,
        "inputs": [_about_file(file) for file in result.inputs.files],
        "skipped": [asdict(skip) for skip in result.inputs.skipped],
        **accounts_of(folder),
        "versions": {"python": platform.python_version(), **_versions()},
    }


def _about_file(file: SourceFile) -> dict[str, Any]:
    about = asdict(file)
    if not file.path_bytes:
        del about["path_bytes"]
    return about


def _versions() -> dict[str, str]:
    found: dict[str, str] = {}
    for package in _PACKAGES:
        # a module that is there tells in no time, looking it up takes half a millisecond
        known: str | None = getattr(sys.modules.get(package), "__version__", None)
        with suppress(PackageNotFoundError):
            found[package] = known or version(package)
    return found
