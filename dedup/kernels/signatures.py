"""Distinct shingles to signatures and band keys."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from dedup.kernels import kernel
from dedup.kernels.shingles import shingle_at

U = np.uintp
LANES = 16
"""Signature values that are worked on at once."""
MIXED_AT_ONCE = 1 << 11
"""Shingles that are gone over once for every sixteen values: they stay in the nearest cache."""


@intrinsic
def _least_products(
    _typing: Any, row: Any, multipliers: Any, addends: Any, _place: Any, values: Any, _count: Any
) -> Any:
    """Lower sixteen minima at once: ``row[p] = min(row[p], multipliers[p] * v + addends[p])``.

    For ``p`` from ``place`` to ``place + 15`` and every ``v`` of ``values[:count]``, all of
    them uint32. The minima stay in a register: a loop over permutations that the compiler
    vectorises itself, in narrower registers, takes half as long again.
    """
    signature = types.void(row, multipliers, addends, types.uintp, values, types.uintp)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vector = ir.VectorType(ir.IntType(32), LANES)

        def at(array: int, index: Any) -> Any:
            data = context.make_array(signature.args[array])(context, builder, args[array]).data
            return builder.gep(data, [index])

        def load(array: int) -> Any:
            values = builder.load(builder.bitcast(at(array, args[3]), vector.as_pointer()))
            values.align = 4
            return values

        multiplier, addend = load(1), load(2)
        least = cgutils.alloca_once_value(builder, load(0))
        with cgutils.for_range(builder, args[5]) as loop:
            one = builder.insert_element(
                ir.Constant(vector, ir.Undefined),
                builder.load(at(4, loop.index)),
                ir.Constant(ir.IntType(32), 0),
            )
            every = builder.shuffle_vector(one, one, ir.Constant(vector, [0] * LANES))
            products = builder.add(builder.mul(every, multiplier), addend)
            known = builder.load(least)
            smaller = builder.icmp_unsigned("<", products, known)
            builder.store(builder.select(smaller, products, known), least)
        pointer = builder.bitcast(at(0, args[3]), vector.as_pointer())
        builder.store(builder.load(least), pointer).align = 4
        return context.get_dummy_value()

    return signature, codegen


@njit(inline="always")
def _mix32(value):
    """MurmurHash3's 32-bit finaliser: what datasketch applies to each hash first."""
    value = np.uint32(value ^ (value >> np.uint32(16)))
    value = np.uint32(value * np.uint32(0x85EBCA6B))
    value = np.uint32(value ^ (value >> np.uint32(13)))
    value = np.uint32(value * np.uint32(0xC2B2AE35))
    return np.uint32(value ^ (value >> np.uint32(16)))


@kernel
def sign(shingles, offsets, permutations, signatures):
    """MinHash signatures in datasketch's scheme ``affine32``.

    Parameters
    ----------
    shingles : uint64 array
        Distinct shingles; the upper 32 bits are what is permuted.
    offsets : int64 array, shape (m + 1,)
    permutations : (uint32 array, uint32 array)
        Multipliers (odd) and addends, one of each per signature value.
    signatures : uint32 array, shape (m, num_perm)
        Filled.
    """
    multipliers, addends = permutations
    n_perm = U(len(multipliers))
    in_lanes = n_perm - n_perm % U(LANES)
    mixed = np.empty(MIXED_AT_ONCE, np.uint32)
    for m in range(len(offsets) - 1):
        row = signatures[m]
        for p in range(n_perm):
            row[p] = np.uint32(0xFFFFFFFF)
        i, end = U(offsets[m]), U(offsets[m + 1])
        while i < end:
            n = min(end - i, U(MIXED_AT_ONCE))
            for k in range(n):
                mixed[k] = _mix32(np.uint32(shingles[i + k] >> np.uint64(32)))
            for p in range(U(0), in_lanes, U(LANES)):
                _least_products(row, multipliers, addends, p, mixed, n)
            for p in range(in_lanes, n_perm):
                for k in range(n):
                    row[p] = min(row[p], np.uint32(mixed[k] * multipliers[p] + addends[p]))
            i += n


@kernel
def band(signatures, n_rows, keys):
    """64-bit band keys.

    Parameters
    ----------
    signatures : uint32 array, shape (m, num_perm)
    n_rows : int
        Signature values per band.
    keys : uint64 array, shape (bands, m)
        Filled: band ``b`` hashes the values ``b * n_rows .. (b + 1) * n_rows - 1``.
    """
    for m in range(len(signatures)):
        for b in range(len(keys)):
            keys[b, m] = shingle_at(signatures[m], U(b * n_rows), n_rows)
