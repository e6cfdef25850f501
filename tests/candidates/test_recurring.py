"""What recurs is kept, and little else."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dedup.candidates.recurring import counters_for, keep_recurring
from dedup.kernels.recurring import keep_samples, note_samples

KEYS = st.lists(st.integers(0, 2**64 - 1) | st.sampled_from([0, 1 << 60, 2**64 - 1]))


@given(KEYS, st.data())
@hypothesis_settings(max_examples=100)
def test_every_key_that_stands_twice_is_kept_in_the_order_given(
    keys: list[int], draw: st.DataObject
) -> None:
    units = draw.draw(st.permutations(range(len(keys))))[: draw.draw(st.integers(0, len(keys)))]
    kept_keys, kept_units = keep_recurring(np.array(keys, np.uint64), np.array(units, np.int64))
    stands = Counter(keys[unit] for unit in units)
    assert kept_keys.tolist() == [keys[unit] for unit in kept_units.tolist()]
    assert [unit for unit in units if unit in set(kept_units.tolist())] == kept_units.tolist()
    assert {unit for unit in units if stands[keys[unit]] > 1} <= set(kept_units.tolist())


def test_of_different_keys_one_in_nine_is_kept() -> None:
    keys = np.random.default_rng(1).integers(0, 2**64, 1 << 16, np.uint64)
    kept, _ = keep_recurring(keys, np.arange(len(keys)))
    assert 0.08 < len(kept) / len(keys) < 0.13


@given(st.lists(st.lists(st.integers(0, 30), max_size=12), max_size=8), st.integers(1, 4))
@hypothesis_settings(max_examples=100)
def test_samples_that_two_units_hold_are_in_one_of_the_shares(
    units: list[list[int]], n_shares: int
) -> None:
    spread = [[n * 0x9E3779B97F4A7C15 % 2**64 for n in unit] for unit in units]
    samples = np.array([key for unit in spread for key in unit], np.uint64)
    bounds = np.cumsum([0, *map(len, spread)])
    takes_part = np.arange(len(spread)) % 3 != 2
    table = samples, bounds, takes_part, counters_for(len(samples))
    most = 2 * note_samples(*table)
    found: list[tuple[int, int]] = []
    for share in range(n_shares):
        keys, owners = np.empty(len(samples), np.uint64), np.empty(len(samples), np.int64)
        n_kept = keep_samples(*table, (share, n_shares), keys, owners)
        assert set((keys[:n_kept] % np.uint64(n_shares)).tolist()) <= {share}
        found.extend(zip(keys[:n_kept].tolist(), owners[:n_kept].tolist(), strict=True))
    taking = [(key, u) for u, unit in enumerate(spread) if takes_part[u] for key in unit]
    stands = Counter(key for key, _ in taking)
    assert Counter(pair for pair in taking if stands[pair[0]] > 1) <= Counter(found)
    assert Counter(found) <= Counter(taking)
    assert len(found) <= most
