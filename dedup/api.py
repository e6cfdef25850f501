"""``scan``: from paths or documents to a result."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from dedup.arguments import check_documents
from dedup.config import Reading, Settings, chosen_settings
from dedup.corpus import CorpusReader, Source, read_documents
from dedup.corpus.fields import unmet_fields
from dedup.corpus.refusals import NOT_THERE, why_unseen
from dedup.corpus_model import CorpusModel, check_model
from dedup.errors import InputError, MissingExtraError
from dedup.found.outcome import Found
from dedup.found.result import Inputs, Result
from dedup.inputs import Skipped, first_of
from dedup.metadata.survivors import parse_policy, policy_fields
from dedup.model import Batch, Document, Quarantined, SourceFile, well_formed
from dedup.storage.quarantine import Quarantine
from dedup.storage.space import SpaceForecast
from dedup.storage.spill import Spill, remove_abandoned

_LONGEST_NAME = 255  # bytes of the name of a file, wherever files lie
_SHOWN = 60  # characters of what was taken for a path
Documents = Iterable[Document | str | Mapping[str, object]]


class Progress(Protocol):
    """What a scan tells while it runs: pass an object with these methods."""

    def stage(self, name: str) -> None:
        """Tell that a stage begins."""

    def reading(self, n_bytes: int, total: int) -> None:
        """Tell how many bytes of how many have been read."""

    def notice(self, message: str) -> None:
        """Tell something a person should know."""


class Silence:
    """Progress that tells nobody."""

    def stage(self, name: str) -> None:
        """Do nothing."""

    def reading(self, n_bytes: int, total: int) -> None:
        """Do nothing."""

    def notice(self, message: str) -> None:
        """Do nothing."""


def scan(
    source: str | Path | Sequence[str | Path] | Documents,
    settings: Settings | None = None,
    *,
    against: str | Path | Sequence[str | Path] | Documents | None = None,
    model: CorpusModel | None = None,
    progress: Progress | None = None,
) -> Result:
    """Find duplicate and near-duplicate documents, and repeats inside each document.

    Parameters
    ----------
    source : path, sequence of paths, or iterable of documents
        Paths are files, folders, glob patterns or ``-``. Documents are texts,
        mappings with ``text`` and optional ``id``, ``title``, ``url``, ``date`` and
        ``source``, or :class:`dedup.Document`. A list of strings is a list of paths
        if all of them exist as files or folders, and a list of texts otherwise.
    settings : Settings, optional
    against : like ``source``, optional
        Report only what the scanned corpus shares with this one.
    model : CorpusModel, optional
        Judge by these statistics rather than the corpus's own.
    progress : Progress, optional

    Returns
    -------
    Result

    Raises
    ------
    InputError
        If a path cannot be read, or documents are one string, a table or an Arrow array, or
        none of them can be read.
    SettingsError
        If settings contradict each other.

    Examples
    --------
    >>> story = "The harbour board will meet on Tuesday to vote on the new ferry line."
    >>> result = scan([story, story.upper(), "Nothing of the kind happened anywhere."])
    >>> [(m.id, m.verdict) for m in result.clusters[0].members]
    [('1', 'exact'), ('0', 'normalised')]
    """
    settings = chosen_settings(settings)
    check_model(model)
    progress = progress or Silence()
    parse_policy(settings.keep)  # a wrong name is said before the corpus is read
    _tidy(settings.tmp_dir, progress)
    spill = Spill(settings.tmp_dir)
    inputs = _InputReader(settings, spill, progress)
    whole = replace(settings.reading, limit=None)  # --limit is for the scanned corpus
    scanned = inputs.batches(source, settings.reading, against=False)
    archive = () if against is None else inputs.batches(against, whole, against=True)
    found = _engine(settings, progress)(
        scanned,
        settings,
        spill,
        against=archive,
        model=model,
        announce=progress.stage,
    )
    return Result(found, settings, inputs.summary(), spill)


def _tidy(tmp_dir: str | None, progress: Progress) -> None:
    """Remove what earlier runs that were killed left behind, and say so."""
    n_folders, n_bytes = remove_abandoned(tmp_dir)
    if n_folders:
        what = "a temporary folder" if n_folders == 1 else f"{n_folders:,} temporary folders"
        progress.notice(
            f"removed {what} ({n_bytes / 1e6:,.1f} MB) of earlier runs that were killed"
        )


class _InputReader:
    """Reads paths or documents, and keeps account of files and bad records."""

    def __init__(self, settings: Settings, spill: Spill, progress: Progress) -> None:
        self._settings = settings
        self._further = tuple(policy_fields(settings.keep))
        self._spill = spill
        self._progress = progress
        self._space = SpaceForecast(spill, progress.notice)
        self._files: list[SourceFile] = []
        self._skipped: list[Skipped] = []
        self._scanned: Sequence[Source] = ()
        self._documents_scanned: Any = None
        self.quarantine = Quarantine(spill)
        self.put_aside = Quarantine(spill)
        """Bad records of the corpus that is scanned against."""

    def batches(self, of: Any, reading: Reading, *, against: bool) -> Iterator[Batch]:  # noqa: ANN401
        """Return batches whose ``files`` are rows of one list over all inputs.

        Paths are looked up at once, those of the scanned corpus first: its files are no part
        of the corpus that is scanned against.
        """
        kept = self.put_aside if against else self.quarantine
        of = [of] if isinstance(of, (Document, Mapping)) else of
        paths = _as_paths(of)
        if paths is None:
            check_documents(of)
            if against and of is self._documents_scanned:
                message = "the documents are both scanned and scanned against: leave against away"
                raise InputError(message)
            self._documents_scanned = of
            return self._documents(islice(of, reading.limit), kept, against=against)
        reader = CorpusReader(
            paths,
            reading,
            batch_bytes=self._settings.batch_bytes,
            quarantine=kept.append,
            tmp_dir=str(self._spill.path),  # what is spooled goes with the folder
            skip_paths=[str(self._spill.path)],
        )
        if against:
            self._tell_left_out(reader.leave_out(self._scanned))
        else:
            self._scanned = reader.sources
        return self._read(reader, reading, against=against)

    def _tell_left_out(self, left_out: Sequence[Skipped]) -> None:
        if left_out:
            told = well_formed(first_of(left_out))
            self._progress.notice(f"left out of what is scanned against: {told}")

    def _read(self, reader: CorpusReader, reading: Reading, *, against: bool) -> Iterator[Batch]:
        first = len(self._files)
        self._space.begin()
        for batch in reader.batches(self._further):
            if first:
                batch.files = batch.files + np.int32(first)
            done, total = reader.bytes_read, reader.total_bytes
            self._progress.reading(done, total)
            if reading.limit is None:  # how much of the files is read, nobody knows otherwise
                self._space.take(int(batch.texts.offsets[-1]), done, total)
            yield batch
        for file in reader.files:
            file.against = against
        self._files.extend(reader.files)
        if not against:  # and the other corpus, if there is one, has been read before
            for message in unmet_fields(reading.fields, self._files):
                self._progress.notice(message)
        self._skipped.extend(replace(skip, against=against) for skip in reader.skipped)

    def _documents(
        self, documents: Documents, kept: Quarantine, *, against: bool
    ) -> Iterator[Batch]:
        file = SourceFile("documents", "memory", against=against)
        row = np.int32(len(self._files))
        self._files.append(file)
        first: list[Quarantined] = []

        def count_and_keep(bad: Quarantined) -> None:
            if not first:
                first.append(bad)
            file.n_records += 1
            file.n_quarantined += 1
            kept.append(bad)

        n_bytes = self._settings.batch_bytes
        for batch in read_documents(
            documents, batch_bytes=n_bytes, quarantine=count_and_keep, further=self._further
        ):
            batch.files = batch.files + row
            file.n_records += len(batch)
            yield batch
        if first:
            self._tell_quarantined(file, first[0].reason)

    def _tell_quarantined(self, file: SourceFile, reason: str) -> None:
        """Say that documents of one side cannot be read; raise if none can."""
        n = file.n_records
        if n == file.n_quarantined:
            of = "the document cannot" if n == 1 else f"none of the {n:,} documents can"
            message = f"{of} be read{'; the first' if n > 1 else ''}: {reason}"
            raise InputError(message)
        side = "documents of against" if file.against else "documents"
        self._progress.notice(
            f"{file.n_quarantined:,} of {n:,} {side} cannot be read; the first: {reason}. "
            "result.iter_quarantine() tells of all"
        )

    def summary(self) -> Inputs:
        """Return the account."""
        for file in self._files:
            file.path = well_formed(file.path)
        skipped = [
            replace(skip, path=well_formed(skip.path), reason=well_formed(skip.reason))
            for skip in self._skipped
        ]
        return Inputs(self._files, skipped, self.quarantine, self.put_aside)


class Paths(tuple[str, ...]):
    """Names that are paths for certain, whatever they look like."""

    __slots__ = ()


def _as_paths(source: Any) -> list[str] | None:  # noqa: ANN401 - decided here
    """Return the paths that a source names, or None if it is documents."""
    if isinstance(source, Paths):
        if "" in source:
            message = "a path is empty: name a file, a folder, a pattern, or - for standard input"
            raise InputError(message)
        return list(source)
    if isinstance(source, str):
        _check_path(source)
    if isinstance(source, (str, Path)):
        return [str(source)]
    if not isinstance(source, (list, tuple)) or not source:
        return None
    if not all(isinstance(item, (str, Path)) for item in source):
        return None
    names = [str(item) for item in source]
    exist = [_is_path(name) for name in names]
    if any(isinstance(item, Path) for item in source) or all(exist):
        return names
    if any(exist):
        message = (
            f"{names[exist.index(False)]!r} is no existing path, but {names[exist.index(True)]!r} "
            "is: pass only paths, or only texts"
        )
        raise InputError(message)
    return None


def _check_path(source: str) -> None:
    """Raise where one string is no path: it may be meant as a text."""
    if _is_path(source) or (_could_be_name(source) and _may_lead_somewhere(source)):
        return
    begins = source if len(source) <= _SHOWN else f"{source[:_SHOWN]}…"
    message = (
        f"{begins!r}: there is no such file or folder. If this is a text, pass a list of texts: "
        "dedup.scan([text])"
    )
    raise InputError(message)


def _may_lead_somewhere(source: str) -> bool:
    """Whether the reader finds something, or knows better what is wrong."""
    if not glob.has_magic(source):
        return why_unseen(source) != NOT_THERE
    return " " not in source or next(glob.iglob(source, recursive=True), None) is not None  # noqa: PTH207


def _could_be_name(source: str) -> bool:
    """Whether a string can be a path or a pattern; nothing of that name need be there."""
    parts = (part.encode("utf-8", "surrogatepass") for part in source.split("/"))
    return "\n" not in source and "\0" not in source and max(map(len, parts)) <= _LONGEST_NAME


def _is_path(name: str) -> bool:
    try:
        return name == "-" or os.path.exists(name)  # noqa: PTH110 - Path raises on long texts
    except ValueError:  # a NUL inside: a text
        return False


def _engine(settings: Settings, progress: Progress) -> Callable[..., Found]:
    """Return the ``find`` of the chosen engine."""
    if settings.engine == "reference":
        from dedup import reference  # noqa: PLC0415 - without numba, and slow to import

        return reference.find
    try:
        from dedup import first_run  # noqa: PLC0415 - numba takes half a second
    except ImportError as error:
        message = (
            f"the kernels cannot be loaded ({error}). Install numba again (`pip install "
            "--force-reinstall numba`), or scan without it (--engine reference, or in Python "
            'Settings(engine="reference")), which is slower and finds the same.'
        )
        raise MissingExtraError(message) from error
    return partial(first_run.find, progress.notice)
