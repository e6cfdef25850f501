"""Why pairs were not compared, by the buckets alone."""

from __future__ import annotations

import numpy as np

from dedup import Settings
from dedup.evaluate.misses import Cause, causes_of
from dedup.pairs import pair_codes
from dedup.parallel import InlineExecutor
from dedup.units import Buckets

SETTINGS = Settings(num_perm=8, bands=2, rows=2, max_bucket=4, anchors=1, excerpts=False)


def test_each_cause_is_told_by_the_buckets_that_two_texts_share() -> None:
    n_crowd = 10
    n = n_crowd + 3
    keys = np.array([7] * n_crowd + [1, 1, 2], np.uint64)
    names = np.arange(n, dtype=np.uint64)
    buckets = Buckets(
        signatures=np.zeros((n, 8), np.uint32),
        band_keys=[keys, names + np.uint64(100)],
        digests=np.stack((names, names), axis=1),
        units=np.arange(n),
        samples=np.empty(0, np.uint64),
        n_samples=np.zeros(n, np.int64),
    )
    left, right = np.array([4, 10, 11]), np.array([8, 11, 12])
    pairs = pair_codes(left, right)
    causes = causes_of(pairs, buckets, SETTINGS, InlineExecutor())
    assert [Cause(cause) for cause in causes] == [Cause.OVER_FULL, Cause.ESTIMATE, Cause.NO_BUCKET]
