"""Signatures: MinHash values in datasketch's scheme, and the way back to datasketch."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from dedup.config import Settings
from dedup.kernels import signatures as kernels
from dedup.model import Int64s, UInt32s, UInt64s

if TYPE_CHECKING:
    import datasketch

SCHEME = "affine32"
"""datasketch's name for ``(a * mix(hash) + b) mod 2**32`` with odd ``a``."""


@cache
def permutations(num_perm: int, seed: int) -> tuple[UInt32s, UInt32s]:
    """Return multipliers and addends as ``datasketch.MinHash(num_perm, seed)`` draws them.

    Returns
    -------
    uint32 array, uint32 array, each of shape (num_perm,)
    """
    generator = np.random.RandomState(seed)
    halves = generator.randint(0, 1 << 31, num_perm, dtype=np.uint32)
    multipliers = halves * np.uint32(2) + np.uint32(1)
    addends = generator.randint(0, 1 << 32, num_perm, dtype=np.uint32)
    return multipliers, addends


def sign(shingles: UInt64s, offsets: Int64s, settings: Settings) -> tuple[UInt32s, UInt64s]:
    """Return the signatures of texts and the keys of their bands.

    Parameters
    ----------
    shingles : uint64 array
        Distinct shingles of all texts, one text after the other.
    offsets : int64 array, shape (m + 1,)
    settings : Settings

    Returns
    -------
    uint32 array, shape (m, num_perm)
    uint64 array, shape (bands, m)
    """
    n_texts = len(offsets) - 1
    signatures = np.empty((n_texts, settings.num_perm), np.uint32)
    chosen = permutations(settings.num_perm, settings.seed)
    kernels.sign(shingles, offsets, chosen, signatures)
    keys = np.empty((settings.bands, n_texts), np.uint64)
    kernels.band(signatures, settings.rows, keys)
    return signatures, keys


def to_datasketch(signature: UInt32s, seed: int = 1) -> datasketch.MinHash:
    """Wrap one signature as a datasketch object.

    Parameters
    ----------
    signature : uint32 array, shape (num_perm,)
    seed : int
        The seed the signature was made with.

    Returns
    -------
    datasketch.MinHash
        Comparable with any other of the same seed and ``hashfunc=dedup.hashfunc``.
    """
    import datasketch  # noqa: PLC0415 - imports scipy, which a scan never needs

    from dedup.text.tokens import hashfunc  # noqa: PLC0415

    made: Any = datasketch.MinHash(
        num_perm=len(signature),
        seed=seed,
        hashfunc=hashfunc,
        hashvalues=np.array(signature, np.uint32),
        scheme=SCHEME,
    )
    return made
