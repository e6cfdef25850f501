"""Reading eight bytes at once, and the arithmetic that all hashes here share."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
FINAL = np.uint64(0xC2B2AE3D27D4EB4F)
ALL_ONES = np.uint64(0xFFFFFFFFFFFFFFFF)


@intrinsic
def load_word(_typing: Any, array: Any, _index: Any) -> Any:
    """Load ``array[index:index + 8]`` of a contiguous uint8 array as a uint64.

    No alignment is needed. The array must reach at least eight bytes past ``index``:
    assembling the word from single loads costs three times as much.
    """
    signature = types.uint64(array, types.uintp)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        pointer = builder.gep(data, [args[1]])
        word = builder.load(builder.bitcast(pointer, ir.IntType(64).as_pointer()))
        word.align = 1
        return word

    return signature, codegen


@njit(inline="always")
def low_bytes(word: Any, count: Any) -> Any:
    """Keep the first ``count`` (1 to 8) bytes of a word."""
    return word & (ALL_ONES >> np.uint64(np.uint64(64) - np.uint64(8) * np.uint64(count)))


@njit(inline="always")
def rotate(value: Any, bits: Any) -> Any:
    """Rotate a uint64 to the left."""
    return (value << np.uint64(bits)) | (value >> np.uint64(np.uint64(64) - np.uint64(bits)))


@njit(inline="always")
def finish(state: Any) -> Any:
    """Spread the entropy of a 64-bit state over all bits (a bijection)."""
    state ^= state >> np.uint64(32)
    state *= FINAL
    return state ^ (state >> np.uint64(29))


@njit(inline="always")
def shingle_state(state: Any, value: Any) -> Any:
    """Take one more 32-bit value into a running 64-bit hash."""
    return (state + np.uint64(value)) * MULTIPLIER
