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
_ASCII_CLASSES = (
    (2, 97, 26),  # letters
    (3, 48, 10),  # digits
    (7, 39, 1),  # joins: ' , . / :
    (7, 44, 1),
    (7, 46, 2),
    (7, 58, 1),
    (8, 43, 1),  # signs: + -
    (8, 45, 1),
    (9, 36, 1),  # $
    (10, 37, 1),  # %
)
"""Class, first folded byte, number of bytes (see ``dedup.text.tables.CharClass``)."""


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


def _vector(bits: int) -> ir.VectorType:
    return ir.VectorType(ir.IntType(bits), 64)


def _every(value: int) -> Any:
    """Return the same byte 64 times."""
    return ir.Constant(_vector(8), [value] * 64)


@intrinsic
def fold_ascii(_typing: Any, source: Any, _index: Any, out: Any, classes: Any, _place: Any) -> Any:
    """Fold and classify 64 bytes at once, as if all of them were ASCII.

    Writes ``out[place:place + 64]`` and ``classes[place:place + 64]`` from
    ``source[index:index + 64]``. The ranges are those of the ASCII part of the frozen
    tables (``dedup/text/tables.py``; a test holds the two together): looking each byte
    up in a table takes six times as long.

    Returns
    -------
    uint64, uint64
        Bit j: whether byte j became a space; whether it is no ASCII, so that what was
        written for it means nothing.
    """
    signature = types.UniTuple(types.uint64, 2)(source, types.uintp, out, classes, types.uintp)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        def at(array: int, index: int) -> Any:
            data = context.make_array(signature.args[array])(context, builder, args[array]).data
            pointer = builder.gep(data, [args[index]])
            return builder.bitcast(pointer, _vector(8).as_pointer())

        def within(values: Any, low: int, count: int) -> Any:
            return builder.icmp_unsigned("<", builder.sub(values, _every(low)), _every(count))

        def store(values: Any, pointer: Any) -> None:
            builder.store(values, pointer).align = 1

        raw = builder.load(at(0, 1))
        raw.align = 1
        lower = builder.select(within(raw, 65, 26), builder.or_(raw, _every(32)), raw)
        lower = builder.select(builder.icmp_unsigned("==", raw, _every(96)), _every(39), lower)
        space = builder.or_(
            builder.icmp_unsigned("<", raw, _every(33)),
            builder.icmp_unsigned("==", raw, _every(127)),
        )
        store(builder.select(space, _every(32), lower), at(2, 4))
        kinds = builder.select(space, _every(1), _every(0))
        for kind, low, count in _ASCII_CLASSES:
            kinds = builder.select(within(lower, low, count), _every(kind), kinds)
        store(kinds, at(3, 4))
        foreign = builder.icmp_signed("<", raw, _every(0))
        masks = [builder.bitcast(mask, ir.IntType(64)) for mask in (space, foreign)]
        return context.make_tuple(builder, signature.return_type, masks)

    return signature, codegen


@intrinsic
def copy_block(_typing: Any, source: Any, _index: Any, out: Any, _place: Any, _sought: Any) -> Any:
    """Copy 64 bytes to ``out[place:]``; bit j of what is returned: byte j is the sought one.

    Both arrays must reach 64 bytes past the place.
    """
    signature = types.uint64(source, types.uintp, out, types.uintp, types.uint8)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        def at(array: int, index: int) -> Any:
            data = context.make_array(signature.args[array])(context, builder, args[array]).data
            pointer = builder.gep(data, [args[index]])
            return builder.bitcast(pointer, _vector(8).as_pointer())

        values = builder.load(at(0, 1))
        values.align = 1
        builder.store(values, at(2, 3)).align = 1
        one = builder.insert_element(
            ir.Constant(_vector(8), ir.Undefined), args[4], ir.Constant(ir.IntType(32), 0)
        )
        zeros = ir.Constant(_vector(32), [0] * 64)
        found = builder.icmp_unsigned("==", values, builder.shuffle_vector(one, one, zeros))
        return builder.bitcast(found, ir.IntType(64))

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
