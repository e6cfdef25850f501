"""The store of units: what later stages need of each distinct text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.config import Settings
from dedup.model import Floats, Int64s, UInt32s, UInt64s
from dedup.storage.spill import Column, Spill

UNSPACED_SCALE = 1.6
"""Factor of token thresholds in texts of scripts without spaces."""
SHORT_WORDS = 16
"""Two texts of fewer words each are compared ..."""
SHORT_WIDTH = 2
"""... by shingles of so many tokens."""


def word_lengths(n_tokens: NDArray[Any], n_unspaced: NDArray[Any]) -> Floats:
    """Return token counts, those of unspaced scripts brought to the scale of words.

    Examples
    --------
    >>> word_lengths(np.array([20, 16]), np.array([0, 16])).tolist()
    [20.0, 10.0]
    """
    return n_tokens - n_unspaced + n_unspaced / UNSPACED_SCALE


@dataclass(frozen=True, slots=True)
class Units:
    """What exact scores are computed from.

    Attributes
    ----------
    tokens : uint32 array
        Token hashes of all units.
    offsets : int64 array, shape (n_units + 1,)
    n_distinct : int32 array, shape (n_units,)
        Distinct shingles.
    n_unspaced : int32 array, shape (n_units,)
        Tokens that are one character of a script without spaces.
    signatures : uint32 array, shape (n_units, num_perm)
    digests : uint64 array, shape (n_units, 2)
        Content digests: the order in which one text is followed through another.
    """

    tokens: UInt32s
    offsets: Int64s
    n_distinct: NDArray[np.int32]
    n_unspaced: NDArray[np.int32]
    signatures: UInt32s
    digests: UInt64s

    def word_lengths(self, units: Int64s) -> Floats:
        """Return the lengths of some units in words."""
        n_tokens = self.offsets[units + 1] - self.offsets[units]
        return word_lengths(n_tokens, self.n_unspaced[units])

    def are_short(self) -> NDArray[np.bool_]:
        """Return which units are compared with one another by narrower shingles."""
        return self.word_lengths(np.arange(len(self.offsets) - 1)) < SHORT_WORDS


@dataclass(frozen=True, slots=True)
class Buckets:
    """What candidates are found from.

    Attributes
    ----------
    signatures : uint32 array, shape (n_units, num_perm)
    band_keys : sequence of uint64 arrays of shape (n_units,), one per band
    digests : uint64 array, shape (n_units, 2)
        Content digests: the order in which anchors are chosen.
    units : int64 array
        The units that take part, ascending.
    samples : uint64 array
        Sampled shingles of all units, one unit after the other (:mod:`dedup.candidates.excerpts`).
    n_samples : int64 array, shape (n_units,)
        Samples of each unit; 0 where excerpts are not looked for.
    """

    signatures: UInt32s
    band_keys: Sequence[UInt64s]
    digests: UInt64s
    units: Int64s
    samples: UInt64s
    n_samples: Int64s


@dataclass(frozen=True, slots=True)
class SignedUnits:
    """New units of one batch; arrays may lie in a workspace.

    Attributes
    ----------
    tokens : uint32 array
    lengths, n_distinct, n_unspaced : int64 arrays, shape (m,)
    signatures : uint32 array, shape (m, num_perm)
    band_keys : uint64 array, shape (bands, m)
    samples : uint64 array
    n_samples : int64 array, shape (m,)
    """

    tokens: UInt32s
    lengths: Int64s
    n_distinct: Int64s
    n_unspaced: Int64s
    signatures: UInt32s
    band_keys: UInt64s
    samples: UInt64s
    n_samples: Int64s


class UnitWriter:
    """Takes units batch by batch, in unit order."""

    def __init__(self, spill: Spill, settings: Settings) -> None:
        """Open the columns."""
        self._settings = settings
        self._tokens = spill.column("tokens", np.uint32)
        self._lengths = spill.column("lengths", np.int64)
        self._n_distinct = spill.column("n_distinct", np.int32)
        self._n_unspaced = spill.column("n_unspaced", np.int32)
        self._signatures = spill.column("signatures", np.uint32, settings.num_perm)
        self._samples = spill.column("samples", np.uint64)
        self._n_samples = spill.column("n_samples", np.int64)
        self._bands = [spill.column(f"band-{b}", np.uint64) for b in range(settings.bands)]

    def append(self, units: SignedUnits) -> None:
        """Take the new units of one batch."""
        self._tokens.append(units.tokens)
        self._lengths.append(units.lengths)
        self._n_distinct.append(units.n_distinct.astype(np.int32))
        self._n_unspaced.append(units.n_unspaced.astype(np.int32))
        self._signatures.append(units.signatures)
        self._samples.append(units.samples)
        self._n_samples.append(units.n_samples)
        for column, keys in zip(self._bands, units.band_keys, strict=True):
            column.append(keys)

    def finish(self, digests: UInt64s) -> tuple[Units, Buckets]:
        """Close the columns; return what is scored and what candidates come from."""
        units = self._units(Column.finish, digests)
        lengths = np.diff(units.offsets)
        buckets = Buckets(
            signatures=units.signatures,
            band_keys=[column.finish() for column in self._bands],
            digests=digests,
            units=np.flatnonzero(lengths >= max(1, self._settings.min_tokens)),
            samples=self._samples.finish(),
            n_samples=self._n_samples.finish(),
        )
        return units, buckets

    def so_far(self, digests: UInt64s) -> Units:
        """Return what is scored of the units taken until now; more may follow."""
        return self._units(Column.so_far, digests)

    def _units(self, rows_of: Callable[[Column], NDArray[Any]], digests: UInt64s) -> Units:
        lengths = rows_of(self._lengths)
        offsets = np.zeros(len(lengths) + 1, np.int64)
        np.cumsum(lengths, out=offsets[1:])
        return Units(
            tokens=rows_of(self._tokens),
            offsets=offsets,
            n_distinct=rows_of(self._n_distinct),
            n_unspaced=rows_of(self._n_unspaced),
            signatures=rows_of(self._signatures),
            digests=digests,
        )
