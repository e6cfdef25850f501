"""Records that could not be read: kept in a file, so that a bad corpus fits in memory."""

from __future__ import annotations

from array import array
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import overload

import orjson

from dedup.errors import OutputError
from dedup.model import Quarantined, well_formed
from dedup.storage.spill import Spill


class Quarantine(Sequence[Quarantined]):
    """A growing sequence of quarantined records, in a temporary file.

    Parameters
    ----------
    spill : Spill
        Where the file lies.
    """

    def __init__(self, spill: Spill) -> None:
        self._file = spill.open("quarantine")
        self._starts = array("q")

    def append(self, bad: Quarantined) -> None:
        """Keep one more record."""
        file, reason = well_formed(bad.file), well_formed(bad.reason)
        row = (file, bad.line, bad.byte_offset, reason, b64encode(bad.raw).decode())
        try:
            self._starts.append(self._file.seek(0, 2))
            self._file.write(orjson.dumps((*row, bad.raw_length)) + b"\n")
        except OSError as error:
            message = f"cannot keep quarantined records: {error.strerror}. Try another --tmp-dir."
            raise OutputError(message) from error

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self._starts)

    @overload
    def __getitem__(self, index: int) -> Quarantined: ...
    @overload
    def __getitem__(self, index: slice) -> list[Quarantined]: ...
    def __getitem__(self, index: int | slice) -> Quarantined | list[Quarantined]:
        """Read one record, or several, back."""
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        self._file.seek(self._starts[index])
        file, line, byte_offset, reason, raw, raw_length = orjson.loads(self._file.readline())
        return Quarantined(file, line, byte_offset, reason, b64decode(raw), raw_length)
