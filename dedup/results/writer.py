"""Write a results folder: complete under a temporary name first, then renamed."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import sys
import tempfile
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import orjson

from dedup.bands import candidate_probability
from dedup.config import (
    FLOOR_CERTAIN,
    FLOOR_CONTAINMENT,
    FLOOR_DISTINCTIVE,
    FLOOR_JACCARD,
    FORMAT_VERSION,
)
from dedup.errors import OutputError
from dedup.result import Result
from dedup.rows import ROWS_AT_ONCE
from dedup.version import __version__

MANIFEST = "manifest.json"
_OURS = frozenset(
    {MANIFEST, "clusters.jsonl", "links.jsonl", "repeats.jsonl", "passages.jsonl"}
    | {"quarantine.jsonl", "pairs.parquet", "documents.parquet"}
)
_RANDOM = "[a-z0-9_]+"  # what mkdtemp adds to a name
_PACKAGES = ("numpy", "numba", "orjson", "pyarrow", "datasketch", "scikit-learn")


def check_target(folder: Path, *, force: bool) -> None:
    """Raise unless results may be written to ``folder``; clear up after a killed process.

    Raises
    ------
    OutputError
        If something stands there that is not an empty folder, or not results that
        ``force`` allows to replace. Other people's files are never overwritten.
    """
    _recover(folder)
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        parent = folder.absolute().parent
        if not parent.is_dir():
            message = f"cannot write results to {folder}: there is no folder {parent}"
            raise OutputError(message)
        return
    if not _holds_results(folder):
        message = (
            f"{folder} exists and is no results folder: choose another name for --out "
            "(--force replaces earlier results only)"
        )
        raise OutputError(message)
    strangers = sorted(path.name for path in folder.iterdir() if path.name not in _OURS)
    if strangers:
        message = f"{folder} holds more than results ({strangers[0]}): move that away first"
        raise OutputError(message)
    if not force:
        message = (
            f"{folder} holds earlier results: replace them with --force, or choose another name"
        )
        raise OutputError(message)


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
    OutputError
        If the folder cannot be written, or something else stands there.
    """
    target = Path(folder)
    check_target(target, force=force)
    try:
        parent = target.absolute().parent
        prefix = f".{target.name}-partial-{os.getpid()}-"
        partial = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        try:
            _write_files(result, partial)
            partial.chmod(0o777 & ~_umask())
            _take_name(partial, target)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    except OSError as error:
        message = f"cannot write results to {target}: {error.strerror or error}"
        raise OutputError(message) from error
    return target


def _holds_results(folder: Path) -> bool:
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and "dedup" in manifest


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _take_name(partial: Path, target: Path) -> None:
    """Rename the finished folder; earlier results make way first, and are removed last.

    A process that is killed between the two renames leaves the earlier results under
    their other name; :func:`_recover` gives it back.
    """
    if not _holds_results(target):
        partial.rename(target)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.absolute().parent))
    target.rename(old / "results")
    partial.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _recover(target: Path) -> None:
    """Undo what a killed process left: give earlier results back, remove its rest."""
    parent = target.absolute().parent
    if not parent.is_dir():
        return
    names = [path.name for path in parent.iterdir()]
    own = re.escape(f".{target.name}-")
    for old in (
        parent / name for name in sorted(names) if re.fullmatch(f"{own}old-{_RANDOM}", name)
    ):
        if not target.exists() and (old / "results").is_dir():
            (old / "results").rename(target)
        shutil.rmtree(old, ignore_errors=True)
    for name in names:
        partial = re.fullmatch(f"{own}partial-([0-9]+)-{_RANDOM}", name)
        if partial and not _runs(int(partial[1])):
            shutil.rmtree(parent / name, ignore_errors=True)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _write_files(result: Result, folder: Path) -> None:
    _write_lines(folder / "clusters.jsonl", result.rows.clusters())
    _write_lines(folder / "links.jsonl", result.rows.links())
    _write_lines(folder / "repeats.jsonl", result.rows.repeats())
    if result.found.passages is not None:
        _write_lines(folder / "passages.jsonl", result.iter_passages())
    _write_lines(folder / "quarantine.jsonl", _quarantine_rows(result))
    _write_pairs(result, folder / "pairs.parquet")
    _write_documents(result, folder / "documents.parquet")
    manifest = orjson.dumps(manifest_of(result, folder), option=orjson.OPT_INDENT_2)
    with (folder / MANIFEST).open("wb") as file:
        file.write(manifest + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _write_lines(path: Path, rows: Iterable[Any]) -> None:
    with path.open("wb", buffering=1 << 20) as file:
        file.writelines(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)


def _quarantine_rows(result: Result) -> Iterator[dict[str, Any]]:
    inputs = result.inputs
    for against, records in ((False, inputs.quarantine), (True, inputs.put_aside)):
        for record in records:
            raw = b64encode(record.raw).decode()
            yield {**asdict(record), "raw": raw, "against": against}


def _write_pairs(result: Result, path: Path) -> None:
    import pyarrow as pa  # noqa: PLC0415 - needed only when results are written
    import pyarrow.parquet as pq  # noqa: PLC0415

    schema = pa.table(result.pair_columns(slice(0, 0))).schema
    schema = pa.schema(
        [
            pa.field(field.name, pa.string() if pa.types.is_null(field.type) else field.type)
            for field in schema
        ]
    )
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for start in range(0, len(result.found.pairs), ROWS_AT_ONCE):
            columns = result.pair_columns(slice(start, start + ROWS_AT_ONCE))
            writer.write_table(pa.table(columns, schema=schema))


def _write_documents(result: Result, path: Path) -> None:
    """Write the records that clusters, links or repeats name."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    number = {"record", "line", "byte_offset", "n_chars", "cluster"}
    order = "record id file line byte_offset digest n_chars title url date source cluster text"
    names = [name for name in order.split() if name != "text" or result.settings.store_text]
    schema = pa.schema([(name, pa.int64() if name in number else pa.string()) for name in names])
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for rows, clusters in result.named_records():
            columns = result.rows.documents(rows, clusters)
            writer.write_table(pa.table({name: columns[name] for name in names}, schema))


def manifest_of(result: Result, folder: Path) -> dict[str, Any]:
    """Return what ``manifest.json`` holds."""
    settings = result.settings
    curve = {
        f"0.{tenth}": round(candidate_probability(tenth / 10, settings.bands, settings.rows), 4)
        for tenth in range(1, 10)
    }
    return {
        "dedup": __version__,
        "format": FORMAT_VERSION,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": sys.argv,
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
        "inputs": [asdict(file) for file in result.inputs.files],
        "skipped": [{"path": path, "reason": why} for path, why in result.inputs.skipped],
        "files": {path.name: path.stat().st_size for path in sorted(folder.iterdir())},
        "versions": {"python": platform.python_version(), **_versions()},
    }


def _versions() -> dict[str, str]:
    found: dict[str, str] = {}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
