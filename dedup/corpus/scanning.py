"""What kernels say of bytes: whether they are UTF-8, where lines end, what strings read.

Where numba cannot be imported, Python says the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from typing import Any

import msgspec
import numpy as np

from dedup.corpus.values import utf8_fault
from dedup.model import PADDING, Int64s, Ragged

_PADDING = bytes(PADDING)
_LINES_EXPECTED = 1 << 14


@cache
def _kernels() -> Any:  # noqa: ANN401 - a module, or None
    """Return the kernels, or None where numba cannot be imported."""
    try:
        from dedup.kernels import json_strings  # noqa: PLC0415 - numba is heavy, and may be absent
    except ImportError:
        return None
    return json_strings


def is_utf8(data: bytes) -> bool:
    """Whether bytes are UTF-8."""
    if data.isascii():
        return True
    kernels = _kernels()
    if kernels is None:
        return utf8_fault(data) is None
    return bool(kernels.is_utf8(np.frombuffer(data, np.uint8)))


def line_ends(data: bytes) -> Int64s:
    """Return the places behind each line, of the last one also where it has no line feed."""
    kernels = _kernels()
    if kernels is None:
        raws = BytesIO(data).readlines()
        return np.cumsum(np.fromiter(map(len, raws), np.int64, len(raws)))
    ends = np.empty(_LINES_EXPECTED, np.int64)
    n_lines = kernels.find_line_ends(np.frombuffer(data, np.uint8), ends)
    if n_lines > len(ends):
        ends = np.empty(n_lines, np.int64)
        kernels.find_line_ends(np.frombuffer(data, np.uint8), ends)
    return ends[:n_lines]


def are_bracketed(data: bytes, ends: Int64s) -> bool:
    """Whether every line begins with an opening and ends with a closing curly bracket."""
    kernels = _kernels()
    if kernels is None:
        lines = BytesIO(data).readlines()
        return all(line.startswith(b"{") and line.endswith((b"}\n", b"}")) for line in lines)
    return bool(kernels.are_bracketed(np.frombuffer(data, np.uint8), ends))


def read_strings(strings: Sequence[msgspec.Raw]) -> Ragged | None:
    """Return the texts that JSON strings stand for; None if one is no string."""
    kernels = _kernels()
    if kernels is None:
        if not all(bytes(string).startswith(b'"') for string in strings):
            return None
        return Ragged.from_bytes([msgspec.json.decode(s, type=str).encode() for s in strings])
    offsets = np.zeros(len(strings) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, strings), np.int64, len(strings)), out=offsets[1:])
    data = np.frombuffer(b"".join([*strings, _PADDING]), np.uint8)
    out, out_offsets = np.empty_like(data), np.empty_like(offsets)
    if not kernels.read_strings(data, offsets, out, out_offsets):
        return None
    return Ragged(out, out_offsets)
