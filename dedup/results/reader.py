"""Open a results folder: checked, typed, and with the texts it refers to."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from stat import S_ISDIR
from typing import TYPE_CHECKING, Any, TypeVar

import orjson
from msgspec import Struct

from dedup.arguments import check_made
from dedup.config import FORMAT_VERSION, Fields, Reading, Settings
from dedup.corpus_model import CorpusModel
from dedup.errors import DedupError, InputError, ResultsError
from dedup.found.findings import (
    Cluster,
    Link,
    Member,
    Merged,
    Occurrence,
    PassagePlace,
    Repeat,
    SharedPassage,
)
from dedup.inputs import Skipped
from dedup.model import SourceFile
from dedup.results.intact import check_files
from dedup.results.schema import (
    LATER_COLUMNS,
    MANIFEST,
    MODEL,
    RESULTS_FORMAT,
    arrow_schema,
    json_schema,
)
from dedup.rule import Rule

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]
S = TypeVar("S", bound=Struct)


def open_results(folder: str | Path, *, tmp_dir: str | Path | None = None) -> Results:
    """Open a results folder and check it.

    Parameters
    ----------
    folder : path
        What ``dedup scan --out`` or :func:`dedup.write_results` wrote.
    tmp_dir : path, optional
        Where what works with these results puts temporary files; None leaves it to
        :attr:`Results.tmp_dir`.

    Returns
    -------
    Results

    Raises
    ------
    InputError
        If there is no such folder, or it cannot be read.
    ResultsError
        If it holds no results, or of another format version, or if files are missing,
        damaged or changed since they were written; the message names the file.
    """
    path = Path(folder)
    if not _is_folder(path):
        message = f"{path}: there is no such folder; `dedup scan PATH --out {path}` makes one"
        raise InputError(message)
    manifest = _read_manifest(path / MANIFEST)
    check_files(path, manifest["files"], manifest.get("digests", {}))
    return Results(path, manifest, None if tmp_dir is None else str(tmp_dir))


def check_opened(results: object) -> None:
    """Raise unless results are open, where the path of their folder is given easily.

    Raises
    ------
    InputError
        Naming the call that opens a folder.
    """
    check_made("results", results, Results, "open the folder by dedup.open_results(folder)")


@dataclass(frozen=True)
class Results:
    """An open results folder; files are read as they are asked for.

    Attributes
    ----------
    folder : Path
    manifest : dict
        What ``manifest.json`` holds.
    asked_tmp_dir : str, optional
        The folder for temporary files that whoever opened them asked for.
    holder : object
        What lives as long as these results do: a temporary folder that they lie in goes with
        it. None where the folder is the user's.
    """

    folder: Path
    manifest: Row
    asked_tmp_dir: str | None = field(default=None, repr=False, compare=False)
    holder: object = field(default=None, repr=False, compare=False)

    @property
    def counts(self) -> dict[str, int]:
        """What the run counted."""
        return self.manifest["counts"]

    @cached_property
    def settings(self) -> Settings:
        """The settings of the run.

        Raises
        ------
        ResultsError
            If they name what this version does not know.
        """
        return _settings(self.manifest["settings"], self.folder / MANIFEST)

    @property
    def tmp_dir(self) -> str | None:
        """Where to put temporary files: as asked, else where the scan did, if one can.

        None, the system's choice, where the scan left it to the system, or where its folder
        is gone or cannot be written any more: a folder for temporary files need not outlast
        the scan.
        """
        if self.asked_tmp_dir is not None:
            return self.asked_tmp_dir
        chosen = self.settings.tmp_dir
        if chosen is None:
            return None
        folder = Path(self.manifest["directory"], chosen)
        return str(folder) if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK) else None

    @cached_property
    def inputs(self) -> list[SourceFile]:
        """The files that were read, in reading order."""
        known = {field.name for field in fields(SourceFile)}
        return [
            SourceFile(**{name: value for name, value in file.items() if name in known})
            for file in self.manifest["inputs"]
        ]

    @cached_property
    def skipped(self) -> list[Skipped]:
        """What was found and not read; those of early versions do not tell what is missing."""
        known = {field.name for field in fields(Skipped)}
        return [
            Skipped(**{name: value for name, value in skip.items() if name in known})
            for skip in self.manifest["skipped"]
        ]

    @property
    def stores_text(self) -> bool:
        """Whether the texts of named records are kept in the folder."""
        return bool(self.settings.store_text)

    def clusters(self) -> Iterator[Cluster]:
        """Yield the clusters, largest first."""
        for row in self._lines("clusters"):
            row["members"] = [_made(Member, member, "flags") for member in row["members"]]
            row["merged"] = _made(Merged, row["merged"], "urls", "sources")
            yield _made(Cluster, row, "members")

    def links(self) -> Iterator[Link]:
        """Yield the links, by verdict and strength."""
        return (_made(Link, row, "flags") for row in self._lines("links"))

    def repeats(self) -> Iterator[Repeat]:
        """Yield the repeats inside documents, in reading order."""
        for row in self._lines("repeats"):
            row["occurrences"] = [_made(Occurrence, place) for place in row["occurrences"]]
            yield _made(Repeat, row, "occurrences")

    def passages(self) -> Iterator[SharedPassage]:
        """Yield the passages that documents share; none unless they were looked for."""
        if "passages.jsonl" not in self.manifest["files"]:
            return
        for row in self._lines("passages"):
            row["occurrences"] = [_made(PassagePlace, place) for place in row["occurrences"]]
            yield _made(SharedPassage, row, "occurrences")

    def quarantine(self) -> Iterator[Row]:
        """Yield the records that could not be read, as ``quarantine.jsonl`` has them."""
        return self._lines("quarantine")

    def documents(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Return ``documents.parquet``, or some of its columns, as an Arrow table."""
        return self._table("documents", columns)

    def pairs(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Return ``pairs.parquet``, or some of its columns, as an Arrow table."""
        return self._table("pairs", columns)

    def sources(self) -> pa.Table:
        """Return ``sources.parquet`` as an Arrow table."""
        return self._table("sources", None)

    def model(self) -> CorpusModel:
        """Return the corpus model that the verdicts came from.

        Raises
        ------
        ResultsError
            If it is damaged, or this version hashes words otherwise.
        """
        hashes = self.manifest["hashes"]
        if hashes != FORMAT_VERSION:
            message = (
                f"{self.folder}: its words are hashed by version {hashes!r}, and this version of "
                f"dedup hashes by version {FORMAT_VERSION}, so that no pair can be scored as the "
                "scan did: scan again with --out"
            )
            raise ResultsError(message)
        try:
            return CorpusModel.load(self.folder / MODEL)
        except InputError as error:
            raise ResultsError(str(error)) from error

    def texts(self, records: Iterable[int]) -> Iterator[tuple[int, str]]:
        """Yield the raw texts of named records: stored ones, else from the source files.

        Parameters
        ----------
        records : iterable of int
            Numbers of records, as ``record`` of ``documents.parquet`` has them.

        Yields
        ------
        record, text
            File by file, each opened once, and in the order of the file.

        Raises
        ------
        ResultsError
            If a source is gone or has changed since the scan, or was a stream.
        """
        from dedup.results.texts import read_texts  # noqa: PLC0415 - brings Arrow and readers

        return read_texts(self, records)

    def _lines(self, name: str) -> Iterator[Row]:
        """Yield the lines of a JSON file; one that is no such line is damage."""
        path = self.folder / f"{name}.jsonl"
        required = json_schema(name)["required"]
        with _opened(path) as file:
            for number, line in enumerate(file, 1):
                try:
                    row: Any = orjson.loads(line)
                    missing = [field for field in required if field not in row]
                except (ValueError, TypeError) as error:
                    message = f"{path}#{number}: damaged: {error}. Scan again with --out."
                    raise ResultsError(message) from error
                if missing:
                    message = f"{path}#{number}: damaged: {missing[0]} is missing"
                    raise ResultsError(message)
                yield row

    def _table(self, name: str, columns: Sequence[str] | None) -> pa.Table:
        import pyarrow as pa  # noqa: PLC0415 - 0.1 s that most commands can do without
        import pyarrow.parquet as pq  # noqa: PLC0415

        path = self.folder / f"{name}.parquet"
        try:
            with pq.ParquetFile(path) as file:
                table = file.read(None if columns is None else list(columns))
            for later in LATER_COLUMNS.intersection(columns or ()).difference(table.column_names):
                table = table.append_column(later, pa.array([0] * len(table), pa.int64()))
        except (OSError, pa.ArrowException) as error:
            message = f"{path}: damaged: {error}. Scan again with --out."
            raise ResultsError(message) from error
        schema = arrow_schema(name)
        wanted = schema.names if columns is None else list(columns)
        optional = {"text", *LATER_COLUMNS} if columns is None else set[str]()
        missing = set(wanted) - set(table.schema.names) - optional
        if missing:
            message = f"{path}: has no column {min(missing)}: scan again with --out."
            raise ResultsError(message)
        return table


def _is_folder(path: Path) -> bool:
    try:
        return S_ISDIR(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        message = f"{path}: cannot be opened: {error.strerror}"
        raise InputError(message) from error


def _opened(path: Path) -> Any:  # noqa: ANN401 - a binary file
    try:
        return path.open("rb", buffering=1 << 20)
    except OSError as error:
        message = f"{path}: cannot be read: {error.strerror}"
        raise InputError(message) from error


def _read_manifest(path: Path) -> Row:
    try:
        manifest: Any = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        message = (
            f"{path.parent} is no results folder (it has no {MANIFEST}): name one that "
            "`dedup scan PATH --out DIR` wrote"
        )
        raise ResultsError(message) from error
    except OSError as error:
        message = f"{path}: cannot be read: {error.strerror}"
        raise InputError(message) from error
    except ValueError as error:
        message = f"{path}: damaged: {error}"
        raise ResultsError(message) from error
    if not isinstance(manifest, dict) or "dedup" not in manifest:
        message = f"{path} is not the manifest of a results folder"
        raise ResultsError(message)
    version = manifest.get("format")
    if version != RESULTS_FORMAT:
        message = (
            f"{path.parent} holds results of format {version!r}, written by dedup "
            f"{manifest['dedup']}; this version reads format {RESULTS_FORMAT}: "
            "scan again with --out"
        )
        raise ResultsError(message)
    missing = [name for name in json_schema("manifest")["required"] if name not in manifest]
    if missing:
        message = f"{path}: {missing[0]} is missing: the file is damaged, or of an older version"
        raise ResultsError(message)
    return manifest


def _settings(stored: Row, path: Path) -> Settings:
    """Make settings of what the manifest holds; what an older version lacked is default."""
    try:
        reading = dict(stored["reading"])
        reading["fields"] = Fields(**reading["fields"])
        for name in ("include", "exclude"):
            reading[name] = tuple(reading[name])
        parts: dict[str, Any] = {"reading": Reading(**reading), "rule": Rule(**stored["rule"])}
        return Settings(**{**stored, **parts})
    except (DedupError, KeyError, TypeError, ValueError) as error:
        message = f"{path}: its settings cannot be used by this version of dedup: {error}"
        raise ResultsError(message) from error


def _made(kind: type[S], row: Row, *lists: str) -> S:
    """Make a plain object of a row; fields that a newer version added are left out."""
    values = {name: row[name] for name in kind.__struct_fields__ if name in row}
    return kind(**{name: tuple(v) if name in lists else v for name, v in values.items()})
