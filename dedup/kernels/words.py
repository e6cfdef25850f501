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


@intrinsic
def range_mask(_typing: Any, array: Any, _index: Any, _low: Any, _count: Any) -> Any:
    """Compare 64 bytes at once: bit j says whether ``array[index + j] - low < count``.

    Written as vector instructions that every processor's compiler knows how to lower;
    a loop over bytes is four times slower. The array must reach 64 bytes past ``index``.
    """
    signature = types.uint64(array, types.uintp, types.uint8, types.uint8)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        vector = ir.VectorType(ir.IntType(8), 64)
        pointer = builder.gep(data, [args[1]])
        values = builder.load(builder.bitcast(pointer, vector.as_pointer()))
        values.align = 1

        def spread(value: Any) -> Any:
            one = builder.insert_element(
                ir.Constant(vector, ir.Undefined), value, ir.Constant(ir.IntType(32), 0)
            )
            zeros = ir.Constant(ir.VectorType(ir.IntType(32), 64), [0] * 64)
            return builder.shuffle_vector(one, one, zeros)

        inside = builder.icmp_unsigned("<", builder.sub(values, spread(args[2])), spread(args[3]))
        return builder.bitcast(inside, ir.IntType(64))

    return signature, codegen


@intrinsic
def trailing_zeros(_typing: Any, _word: Any) -> Any:
    """Count the zero bits below the lowest set one; undefined for 0."""
    signature = types.uint64(types.uint64)

    def codegen(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return signature, codegen


@intrinsic
def count_ones(_typing: Any, _word: Any) -> Any:
    """Count the set bits."""
    signature = types.uint64(types.uint64)

    def codegen(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.ctpop(args[0])

    return signature, codegen


@njit(inline="always")
def low_bytes(word: Any, count: Any) -> Any:
    """Keep the first ``count`` (1 to 8) bytes of a word."""
    return word & (ALL_ONES >> np.uint64(np.uint64(64) - np.uint64(8) * np.uint64(count)))


@njit
def fill(array: Any, start: Any, end: Any, value: Any) -> None:
    """Set ``array[start:end]``: a slice assignment takes a second more to compile."""
    for i in range(start, end):
        array[i] = value


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


@njit(inline="always")
def sequence_length(lead: Any) -> Any:
    """Bytes of the UTF-8 sequence that starts with ``lead``."""
    if lead < 0x80:
        return np.uintp(1)
    if lead < 0xE0:
        return np.uintp(2)
    return np.uintp(3) if lead < 0xF0 else np.uintp(4)
