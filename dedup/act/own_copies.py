"""A guard: no record goes because of itself, met again in the corpus scanned against."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import numpy as np

from dedup.act.outputs import scanned_files
from dedup.act.plan import Plan
from dedup.errors import ResultsError
from dedup.model import SourceFile
from dedup.results import Results
from dedup.results.texts import path_of

_Identity = tuple[int, int] | str


def check_no_own_copies(results: Results, plan: Plan) -> None:
    """Raise if the only reason why a record goes is that it was scanned against itself.

    A scan leaves such files out of what it is scanned against; results of earlier versions,
    or a file that was put in another's place, may still have them.

    Raises
    ------
    ResultsError
        Naming the record.
    """
    against = {file.path: _identity(results, file) for file in results.inputs if file.against}
    if not against:  # most scans: and to look at 20,000 files takes a second
        return
    scanned = {_identity(results, file): file.path for file in scanned_files(results)}
    twice = {path: scanned[identity] for path, identity in against.items() if identity in scanned}
    if not twice:
        return
    leads = plan.leads
    for row in np.flatnonzero(plan.removed & (leads >= 0)).tolist():
        record, lead = plan.about(row), plan.about(int(leads[row]))
        same_place = (lead["line"], lead["byte_offset"]) == (record["line"], record["byte_offset"])
        if lead["against"] and same_place and twice.get(lead["file"]) == record["file"]:
            message = (
                f"{record['file']}#{record['line']} would go because of itself: the file was "
                "scanned, and scanned against, too. Nothing was written. Scan again: files that "
                "are scanned are left out of --against now"
            )
            raise ResultsError(message)


def _identity(results: Results, file: SourceFile) -> _Identity:
    """Return device and inode of a source; where there are none, or no file now, its path."""
    path = os.path.realpath(Path(results.manifest["directory"], path_of(file)))
    with suppress(OSError):
        status = Path(path).stat()
        if status.st_ino:
            return status.st_dev, status.st_ino
    return path
