"""Arrow columns made of arrays and of strings, through Arrow's own buffers.

``pyarrow.array`` looks at every value on the way, and imports pandas where that is
installed, which takes 0.2 s.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dedup.model import Floats, Int64s, Ragged

if TYPE_CHECKING:
    import pyarrow as pa

Column: TypeAlias = "pa.Array | pa.ChunkedArray"

MOST_BYTES = np.iinfo(np.int32).max
"""Arrow counts the bytes of a string array in 32 bits; more text makes several arrays."""


def number_column(values: NDArray[Any]) -> pa.Array:
    """Return a column of the numbers of an array, of the array's own type."""
    import pyarrow as pa  # noqa: PLC0415 - needed only when tables are made

    kind = pa.from_numpy_dtype(values.dtype)
    return pa.Array.from_buffers(kind, len(values), [None, _buffer(values)])


def optional_number_column(values: Floats) -> pa.Array:
    """Return a column of numbers in which nan is null."""
    import pyarrow as pa  # noqa: PLC0415

    return pa.array(values, from_pandas=True)


def time_column(microseconds: Int64s, missing: NDArray[np.bool_]) -> pa.Array:
    """Return a column of moments, given as microseconds since 1970 in UTC."""
    import pyarrow as pa  # noqa: PLC0415

    kind = pa.timestamp("us", "UTC")
    buffers = [_bits(~missing), _buffer(microseconds)]
    return pa.Array.from_buffers(kind, len(microseconds), buffers)


def bool_column(values: NDArray[np.bool_]) -> pa.Array:
    """Return a column of truth values."""
    import pyarrow as pa  # noqa: PLC0415

    return pa.Array.from_buffers(pa.bool_(), len(values), [None, _bits(values)])


def text_column(texts: Sequence[str | None]) -> Column:
    """Return a column of strings, None being null.

    Examples
    --------
    >>> text_column(["a", None, "ü"]).to_pylist()
    ['a', None, 'ü']
    """
    import pyarrow as pa  # noqa: PLC0415

    n_missing = texts.count(None)
    if n_missing == len(texts):
        return pa.nulls(len(texts), pa.string())
    filled = [text or "" for text in texts]
    joined = "".join(filled)
    # where all is ASCII, characters are bytes
    pieces = filled if joined.isascii() else list(map(str.encode, filled))
    lengths = _lengths(pieces)
    if _too_long(lengths):
        return _in_halves(text_column, texts)
    present = None
    if n_missing:
        present = np.array([text is not None for text in texts])
    return _strings(joined.encode(), lengths, present)


def ragged_column(texts: Ragged | None, rows: Int64s) -> Column:
    """Return a column of some texts, empty ones and all of None being null.

    Examples
    --------
    >>> ragged_column(Ragged.from_strings(["a", "", "b"]), np.array([2, 1])).to_pylist()
    ['b', None]
    """
    import pyarrow as pa  # noqa: PLC0415

    chosen = Ragged.blank(len(rows)) if texts is None else texts.take(rows)
    lengths = np.diff(chosen.offsets)
    if not lengths.any():
        return pa.nulls(len(rows), pa.string())
    if _too_long(lengths):
        return _in_halves(partial(ragged_column, texts), rows)
    return _strings(chosen.data.tobytes(), lengths, None if lengths.all() else lengths > 0)


def chosen_text_column(choices: Sequence[str], places: NDArray[np.integer[Any]]) -> Column:
    """Return a column of strings that recur: ``choices[place]`` for each of ``places``.

    Examples
    --------
    >>> chosen_text_column(["no", "yes"], np.array([1, 0, 1])).to_pylist()
    ['yes', 'no', 'yes']
    """
    pieces = list(map(str.encode, choices))
    lengths = _lengths(pieces)[places]
    if _too_long(lengths):
        return _in_halves(partial(chosen_text_column, choices), places)
    # an array of objects is gathered in a third of the time of a list
    return _strings(b"".join(np.array(pieces, object)[places].tolist()), lengths)


def even_text_column(joined: str, n: int) -> Column:
    """Return a column of ``n`` strings of ASCII, all of one length, given one after the other.

    Examples
    --------
    >>> even_text_column("abcd", 2).to_pylist()
    ['ab', 'cd']
    """
    return _strings(joined.encode(), np.full(n, len(joined) // max(n, 1)))


def bytes_column(pieces: Sequence[bytes | memoryview]) -> Column:
    """Return a column of strings that are UTF-8 already."""
    lengths = _lengths(pieces)
    if _too_long(lengths):
        return _in_halves(bytes_column, pieces)
    return _strings(b"".join(pieces), lengths)


def _too_long(lengths: Int64s) -> bool:
    return len(lengths) > 1 and int(lengths.sum()) > MOST_BYTES


def _in_halves(
    make: Callable[[Any], Column],
    values: Any,  # noqa: ANN401 - a list or an array
) -> pa.ChunkedArray:
    import pyarrow as pa  # noqa: PLC0415

    half = len(values) // 2
    halves = [make(part) for part in (values[:half], values[half:])]
    parts = [part.chunks if isinstance(part, pa.ChunkedArray) else [part] for part in halves]
    return pa.chunked_array([chunk for part in parts for chunk in part])


def _strings(data: bytes, lengths: Int64s, present: NDArray[np.bool_] | None = None) -> pa.Array:
    import pyarrow as pa  # noqa: PLC0415

    offsets = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    buffers = [None if present is None else _bits(present), _buffer(offsets), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.string(), len(lengths), buffers)


def _lengths(pieces: Sequence[str | bytes | memoryview]) -> Int64s:
    return np.fromiter(map(len, pieces), np.int64, len(pieces))


def _bits(values: NDArray[np.bool_]) -> pa.Buffer:
    import pyarrow as pa  # noqa: PLC0415

    return pa.py_buffer(np.packbits(values, bitorder="little"))


def _buffer(values: NDArray[Any]) -> pa.Buffer:
    import pyarrow as pa  # noqa: PLC0415

    return pa.py_buffer(np.ascontiguousarray(values))
