"""A batch of raw texts to normalised texts and token hashes, by the kernels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.digest import digest
from dedup.kernels.normalise import EXPANSION, normalise
from dedup.kernels.normalise import trace as trace_bytes
from dedup.kernels.tokens import tokenise as tokenise_bytes
from dedup.model import PADDING, Bytes, Int64s, Ragged, UInt32s, UInt64s
from dedup.text.number_words import meanings, number_table
from dedup.text.tables import Tables, load_tables
from dedup.workspace import Workspace


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """Tokens of a batch of texts, and what normalisation learned on the way.

    Attributes
    ----------
    tokens : uint32 array
        Token hashes of all texts, one after the other.
    starts, ends : int32 arrays
        Range of each token in ``normalised``.
    offsets : int64 array, shape (n + 1,)
        Tokens of text ``i`` are ``tokens[offsets[i]:offsets[i + 1]]``.
    normalised : uint8 array
        Normalised texts (UTF-8), followed by ``PADDING`` bytes.
    normalised_offsets : int64 array, shape (n + 1,)
    raw_digests, digests : uint64 arrays, shape (n, 2)
        128-bit digests of the raw and of the normalised texts.
    n_chars : int64 array, shape (n,)
        Length of each raw text in code points.
    n_unspaced : int64 array, shape (n,)
        Tokens that are one character of a script written without spaces.
    """

    tokens: UInt32s
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    offsets: Int64s
    normalised: Bytes
    normalised_offsets: Int64s
    raw_digests: UInt64s
    digests: UInt64s
    n_chars: Int64s
    n_unspaced: Int64s


@cache
def kernel_tables() -> tuple[Any, ...]:
    """Return the character tables as the kernels take them, ASCII in tables of its own."""
    tables = load_tables()
    ascii_entries = np.array([tables.entry(code) for code in range(128)], np.uint32)
    targets = ascii_entries & 0x1FFFFF
    fold256 = np.zeros(256, np.uint8)
    fold256[:128] = np.where(targets == 0, np.arange(128), targets)
    class256 = np.zeros(256, np.uint8)
    class256[:128] = ascii_entries >> Tables.CLASS_SHIFT
    return (
        fold256,
        class256,
        tables.pages,
        tables.entries,
        tables.pool,
        tables.combining_pages,
        tables.combining,
    )


@cache
def kernel_number_words() -> UInt32s:
    """Return the table of number words as the kernels take it.

    Their tokenizer hashes the words: plain Python would take 20 ms of each start.
    """
    said, digits, bits = zip(*meanings(), strict=True)
    pairs = [f"{word} {number}".encode() for word, number in zip(said, digits, strict=True)]
    workspace = Workspace()
    hashes = tokenise(padded(Ragged.from_bytes(pairs), workspace), workspace).tokens
    return number_table(hashes[::2], hashes[1::2] | np.array(bits, np.uint32))


def padded(texts: Ragged, workspace: Workspace) -> Ragged:
    """Return the same texts in a buffer that kernels may read ``PADDING`` bytes beyond."""
    end = int(texts.offsets[-1])
    if len(texts.data) >= end + PADDING:
        return texts
    data = workspace.take("raw", end + PADDING, np.uint8)
    data[:end] = texts.data[:end]
    return Ragged(data, texts.offsets)


def tokenise(texts: Ragged, workspace: Workspace) -> TokenBatch:
    """Normalise and tokenise a batch of raw texts.

    Parameters
    ----------
    texts : Ragged
        Valid UTF-8, as :func:`padded` returns it.
    workspace : Workspace
        Holds the arrays of the result: they are valid until it is used again.
    """
    n = len(texts)
    n_chars, has_chars = np.empty(n, np.int64), np.empty(n, np.bool_)
    folded = _fold(texts, workspace, n_chars, has_chars)
    normalised, _, normalised_offsets = folded
    end = int(normalised_offsets[-1])
    # a token has at least one byte
    hashes = workspace.take("tokens", end, np.uint32)
    starts, ends = (workspace.take(name, end, np.int32) for name in ("starts", "ends"))
    offsets, n_unspaced = np.empty(n + 1, np.int64), np.empty(n, np.int64)
    tokenise_bytes(*folded, has_chars, (hashes, starts, ends), offsets, n_unspaced)
    raw_digests, digests = np.empty((n, 2), np.uint64), np.empty((n, 2), np.uint64)
    digest(texts.data, texts.offsets, raw_digests)
    digest(normalised, normalised_offsets, digests)
    n_tokens = int(offsets[-1])
    return TokenBatch(
        tokens=hashes[:n_tokens],
        starts=starts[:n_tokens],
        ends=ends[:n_tokens],
        offsets=offsets,
        normalised=normalised,
        normalised_offsets=normalised_offsets,
        raw_digests=raw_digests,
        digests=digests,
        n_chars=n_chars,
        n_unspaced=n_unspaced,
    )


def _fold(
    texts: Ragged, workspace: Workspace, n_chars: Int64s, has_chars: NDArray[np.bool_]
) -> tuple[Bytes, Bytes, Int64s]:
    """Return normalised texts, the class of each byte, both padded, and offsets; fill the rest."""
    room = int(texts.offsets[-1]) * EXPANSION + PADDING
    normalised, classes = (workspace.take(x, room, np.uint8) for x in ("normalised", "classes"))
    offsets = np.empty(len(texts) + 1, np.int64)
    raw = texts.data, texts.offsets
    normalise(raw, kernel_tables(), normalised, classes, offsets, n_chars, has_chars)
    end = int(offsets[-1])
    classes[end : end + PADDING] = 0
    normalised[end : end + PADDING] = 0
    return normalised, classes, offsets


def trace(texts: Ragged, batch: TokenBatch) -> NDArray[np.int32]:
    """Find the raw byte that each normalised byte of a batch came from.

    Parameters
    ----------
    texts : Ragged
        As given to :func:`tokenise`.
    batch : TokenBatch
        What it returned.

    Returns
    -------
    int32 array like ``batch.normalised``
    """
    room = int(np.diff(texts.offsets).max(initial=0)) * EXPANSION + PADDING
    scratch = np.empty(room, np.uint8), np.empty(room, np.uint8)
    positions = np.empty(len(batch.normalised), np.int32)
    trace_bytes(
        (texts.data, texts.offsets), kernel_tables(), batch.normalised_offsets, scratch, positions
    )
    return positions
