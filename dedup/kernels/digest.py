"""128-bit digests of texts; plainly in ``dedup/text/digest.py``."""

from __future__ import annotations

import numpy as np

from dedup.kernels import kernel
from dedup.kernels.words import ALL_ONES, FINAL, MULTIPLIER, finish, load_word, low_bytes, rotate

U = np.uintp


@kernel
def digest(data, offsets, digests):
    """128-bit digest of each text, four independent lanes of eight bytes.

    Not a cryptographic hash: it keeps apart what was not made to collide.

    Parameters
    ----------
    data : uint8 array
        Reaches 8 bytes past the last text.
    offsets : int64 array, shape (n + 1,)
    digests : uint64 array, shape (n, 2)
        Filled.
    """
    for u in range(len(offsets) - 1):
        i, end = U(offsets[u]), U(offsets[u + 1])
        length = np.uint64(end - i)
        a, b, c, d = MULTIPLIER, FINAL, ~MULTIPLIER, ~FINAL
        while i + U(32) <= end:
            a = rotate(a ^ (load_word(data, i) * FINAL), 31) * MULTIPLIER
            b = rotate(b ^ (load_word(data, i + U(8)) * FINAL), 31) * MULTIPLIER
            c = rotate(c ^ (load_word(data, i + U(16)) * FINAL), 31) * MULTIPLIER
            d = rotate(d ^ (load_word(data, i + U(24)) * FINAL), 31) * MULTIPLIER
            i += U(32)
        while i < end:
            left = end - i
            word = load_word(data, i) if left >= U(8) else low_bytes(load_word(data, i), left)
            carry = a
            a = rotate(b ^ (word * FINAL), 31) * MULTIPLIER
            b, c, d = c, d, carry
            i += U(8)
        x = rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)
        y = finish(a ^ rotate(c, 27)) + finish(b ^ rotate(d, 39)) * MULTIPLIER
        digests[u, 0] = finish(finish(x ^ length) + finish(y) & ALL_ONES)
        digests[u, 1] = finish(finish(y + length) ^ rotate(finish(x), 32))
