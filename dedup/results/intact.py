"""Whether the files of a results folder are those that were written."""

from __future__ import annotations

from hashlib import file_digest
from pathlib import Path
from typing import Any

from xxhash import xxh3_128

from dedup.errors import InputError, ResultsError
from dedup.results.schema import MANIFEST, MODEL, TABLES

_ALWAYS = frozenset(
    {"clusters.jsonl", "links.jsonl", "repeats.jsonl", "quarantine.jsonl", MODEL}
    | {f"{name}.parquet" for name in TABLES}
)


def accounts_of(folder: Path) -> dict[str, Any]:
    """Return what the manifest says of the files that lie in a folder: sizes and digests."""
    paths = sorted(folder.iterdir())
    return {
        "files": {path.name: path.stat().st_size for path in paths},
        "digests": {path.name: _digest_of(path) for path in paths},
    }


def check_files(folder: Path, sizes: dict[str, int], digests: dict[str, str]) -> None:
    """Raise unless the files of a folder are those that its manifest tells of.

    Raises
    ------
    InputError
        If one cannot be read.
    ResultsError
        If one is missing, or is of another size or digest. Results of earlier versions have
        sizes only.
    """
    for name in sorted({*_ALWAYS, *sizes}):
        if name not in sizes:
            message = f"{folder / MANIFEST} does not name {name}: scan again with --out"
            raise ResultsError(message)
        _check_size(folder / name, sizes[name])
    for name, digest in digests.items():
        _check_digest(folder / name, digest)


def _check_size(path: Path, recorded: int) -> None:
    if not path.is_file():
        message = f"{path} is missing: the results are incomplete; scan again with --out"
        raise ResultsError(message)
    size = path.stat().st_size
    if size != recorded:
        message = (
            f"{path} has {size:,} bytes where the manifest says {recorded:,}: "
            "it is damaged or was changed; scan again with --out"
        )
        raise ResultsError(message)


def _check_digest(path: Path, recorded: str) -> None:
    try:
        digest = _digest_of(path)
    except OSError as error:
        message = f"{path}: cannot be read: {error.strerror}"
        raise InputError(message) from error
    if digest != recorded:
        message = (
            f"{path} has other content than the manifest says, though as many bytes: "
            "it is damaged or was changed; scan again with --out"
        )
        raise ResultsError(message)


def _digest_of(path: Path) -> str:
    with path.open("rb", buffering=0) as file:
        return file_digest(file, xxh3_128).hexdigest()
