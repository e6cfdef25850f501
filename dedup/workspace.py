"""Buffers that are used again for every batch.

Fresh memory costs a page fault for every 4 KiB, 1 ns and more per byte where it was
measured: as much as a whole kernel.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


class Workspace:
    """Named buffers that grow as needed and keep their memory."""

    def __init__(self) -> None:
        """Start without buffers."""
        self._buffers: dict[str, NDArray[Any]] = {}

    def take(self, name: str, size: int, dtype: DTypeLike) -> NDArray[Any]:
        """Return the first ``size`` elements of a buffer; what it holds is undefined.

        The array is valid until the same name is taken again.
        """
        buffer = self._buffers.get(name)
        if buffer is None or len(buffer) < size:
            buffer = np.empty(size + size // 4, dtype)
            self._buffers[name] = buffer
        return buffer[:size]
