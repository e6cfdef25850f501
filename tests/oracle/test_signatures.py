"""Signatures are datasketch's, bit by bit, and estimate what they promise."""

from __future__ import annotations

import math
from itertools import pairwise

import datasketch
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dedup.config import Settings
from dedup.kernels import candidates
from dedup.kernels import signatures as kernels
from dedup.minhash import permutations, sign, to_datasketch
from dedup.model import Ragged, UInt32s, UInt64s
from dedup.shingles import Shingler
from dedup.text.batch import padded, tokenise
from dedup.text.normalise import normalise
from dedup.text.tokens import hashfunc, shingle_hash, token_hash, tokens
from dedup.workspace import Workspace

SEEDS = (0, 1, 7, 2**32 - 1)
TEXTS = st.text(st.sampled_from("ab12. ,-é漢") | st.characters(exclude_categories=["Cs"]))


def signed(texts: list[str], settings: Settings) -> tuple[UInt32s, UInt64s, list[list[int]]]:
    """Sign texts by the kernels; return signatures, band keys and shingles."""
    workspace = Workspace()
    ragged = padded(Ragged.from_bytes([text.encode() for text in texts]), workspace)
    batch = tokenise(ragged, workspace)
    shingled = Shingler(settings.shingle_width, workspace).shingle(batch, np.arange(len(texts)))
    signatures, keys = sign(shingled.shingles, shingled.offsets, settings)
    bounds = shingled.offsets.tolist()
    shingles = [shingled.shingles[a:b].tolist() for a, b in pairwise(bounds)]
    return signatures, keys, shingles


def shingle_texts(text: str, width: int) -> list[list[str]]:
    words = tokens(normalise(text))
    if len(words) < width:
        return [words] if words else []
    return [words[i : i + width] for i in range(len(words) - width + 1)]


@given(
    st.lists(TEXTS, min_size=1, max_size=6),
    st.sampled_from(SEEDS),
    st.sampled_from((8, 64, 128, 200)),
    st.sampled_from((1, 2, 5, 9)),
)
@hypothesis_settings(max_examples=80, deadline=None)
def test_signatures_equal_those_of_datasketch(
    texts: list[str], seed: int, num_perm: int, width: int
) -> None:
    settings = Settings(
        seed=seed, num_perm=num_perm, shingle_width=width, repeat_min_tokens=12, bands=4, rows=2
    )
    signatures, _, shingles = signed(texts, settings)
    for text, signature, found in zip(texts, signatures, shingles, strict=True):
        minhash = datasketch.MinHash(num_perm, seed, hashfunc=hashfunc)
        expected = shingle_texts(text, width)
        for words in expected:
            minhash.update(" ".join(words).encode())
        assert signature.tolist() == minhash.hashvalues.tolist()
        assert sorted(found) == sorted(
            {shingle_hash([token_hash(word) for word in words]) for words in expected}
        )


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("num_perm", [8, 128, 1000])
def test_permutations_are_drawn_as_datasketch_draws_them(seed: int, num_perm: int) -> None:
    theirs = datasketch.MinHash(num_perm, seed).permutations
    assert np.array_equal(np.array(permutations(num_perm, seed)), np.array(theirs))


def test_a_wrapped_signature_works_with_datasketch() -> None:
    settings = Settings(seed=3)
    one = "the council voted on monday to repair the bridge over the river"
    other = one + " and the harbour road"
    ours = to_datasketch(signed([one], settings)[0][0], seed=3)
    theirs = datasketch.MinHash(128, 3, hashfunc=hashfunc)
    theirs.update_batch(" ".join(words).encode() for words in shingle_texts(other, 5))
    equal = np.count_nonzero(ours.hashvalues == theirs.hashvalues)
    assert ours.jaccard(theirs) == equal / 128
    assert 0 < equal < 128
    ours.update_batch(" ".join(words).encode() for words in shingle_texts(other, 5))
    assert ours == theirs
    index = datasketch.MinHashLSH(num_perm=128, params=(42, 3))
    index.insert("one", to_datasketch(signed([one], settings)[0][0], seed=3))
    assert index.query(theirs) == ["one"]


@given(st.integers(1, 6), st.integers(0, 2**32 - 1))
@hypothesis_settings(max_examples=60, deadline=None)
def test_band_keys_are_equal_exactly_where_the_rows_are(n_rows: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    signatures = generator.integers(0, 2, (30, 24), np.uint32)
    keys = np.empty((24 // n_rows, 30), np.uint64)
    kernels.band(signatures, n_rows, keys)
    for band, of_band in enumerate(keys):
        rows = signatures[:, band * n_rows : (band + 1) * n_rows]
        same_rows = (rows[:, None] == rows[None]).all(axis=2)
        assert np.array_equal(of_band[:, None] == of_band[None], same_rows)


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=40, unique=True), st.data())
@hypothesis_settings(max_examples=60, deadline=None)
def test_a_signature_does_not_depend_on_the_order_of_shingles(
    shingles: list[int], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(shingles))
    assume(shuffled != shingles or len(shingles) == 1)
    offsets = np.array([0, len(shingles)])
    first, keys = sign(np.array(shingles, np.uint64), offsets, Settings())
    second, same_keys = sign(np.array(shuffled, np.uint64), offsets, Settings())
    assert np.array_equal(first, second)
    assert np.array_equal(keys, same_keys)


@pytest.mark.parametrize("jaccard", [0.1, 0.3, 0.5, 0.7, 0.9, 0.97])
@pytest.mark.parametrize("size", [100, 3000])
def test_the_estimate_lies_within_four_standard_errors(jaccard: float, size: int) -> None:
    n_shared, settings = round(jaccard * size), Settings()
    generator = np.random.default_rng(size)
    estimates: list[float] = []
    for _ in range(40):
        pool = generator.integers(0, 2**64, size, np.uint64)
        half = n_shared + (size - n_shared) // 2
        both = np.concatenate((pool[:half], pool[:n_shared], pool[half:]))
        signatures, _ = sign(both, np.array([0, half, len(both)]), settings)
        equal = np.empty(1, np.int32)
        candidates.estimate(signatures, np.array([1], np.uint64), equal)
        estimates.append(int(equal[0]) / settings.num_perm)
    error = math.sqrt(jaccard * (1 - jaccard) / settings.num_perm)
    assert max(abs(estimate - jaccard) for estimate in estimates) < 4 * error
    assert abs(np.mean(estimates) - jaccard) < 4 * error / math.sqrt(len(estimates))
