"""Signatures and hashes that datasketch goes on with."""

from __future__ import annotations

from pathlib import Path

import datasketch
import numpy as np

import dedup
from dedup import Settings
from dedup.text.normalise import normalise
from dedup.text.tokens import tokens
from tests.corpora import COPY, STORY

ONE_THREAD = Settings(threads=1)


def shingles_of(text: str) -> list[bytes]:
    found = tokens(normalise(text))
    return [" ".join(found[n : n + 5]).encode() for n in range(len(found) - 4)]


def minhash_of(text: str, num_perm: int = 128) -> datasketch.MinHash:
    made = datasketch.MinHash(num_perm=num_perm, seed=1, hashfunc=dedup.hashfunc)
    made.update_batch(shingles_of(text))
    return made


def test_signatures_of_datasketch_and_ours_are_the_same(tmp_path: Path) -> None:
    from dedup.minhash import sign
    from dedup.text.tokens import shingle_hash, token_hash

    words = [token_hash(token) for token in tokens(normalise(STORY))]
    hashes = {shingle_hash(words[n : n + 5]) for n in range(len(words) - 4)}
    ours, _ = sign(
        np.array(sorted(hashes), np.uint64), np.array([0, len(hashes)], np.int64), ONE_THREAD
    )
    theirs = minhash_of(STORY)
    assert ours[0].tolist() == theirs.hashvalues.tolist()
    assert dedup.to_datasketch(ours[0]).jaccard(minhash_of(STORY)) == 1.0
    assert dedup.to_datasketch(ours[0]).jaccard(minhash_of(COPY)) == theirs.jaccard(
        minhash_of(COPY)
    )


def test_a_signature_handed_over_goes_on_as_datasketchs_own() -> None:
    half, whole = shingles_of(STORY)[::2], minhash_of(STORY)
    begun = datasketch.MinHash(num_perm=128, seed=1, hashfunc=dedup.hashfunc)
    begun.update_batch(half)
    handed = dedup.to_datasketch(np.array(begun.hashvalues, np.uint32))
    handed.update_batch(shingles_of(STORY)[1::2])
    assert handed.hashvalues.tolist() == whole.hashvalues.tolist()
    lsh = datasketch.MinHashLSH(threshold=0.5, num_perm=128)
    lsh.insert("story", handed)
    assert lsh.query(minhash_of(STORY)) == ["story"]


def test_the_hash_of_a_shingle_looks_at_its_tokens_only() -> None:
    assert dedup.hashfunc("It’s A  fine—day".encode()) == dedup.hashfunc(b"it's a fine day")
    assert dedup.hashfunc(b"it's a fine day") != dedup.hashfunc(b"a fine day it's")
    assert 0 <= dedup.hashfunc(b"") < 2**32
