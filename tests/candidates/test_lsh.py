"""Bands and buckets: every pair of a small bucket, and bounded work in a full one."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from dedup.candidates.bands import candidate_probability, choose_bands
from dedup.candidates.lsh import PairSet, find_candidates
from dedup.config import BAND_PRESETS, Settings
from dedup.errors import SettingsError
from dedup.found.outcome import CandidateCounts
from dedup.pairs import pair_codes, split_codes
from dedup.parallel import InlineExecutor
from dedup.units import Buckets

ALGORITHM = Path(__file__).parents[2] / "docs" / "algorithm.md"
SMALL = Settings(num_perm=8, bands=2, rows=2, max_bucket=6, anchors=2)
Pair = tuple[int, int]


def buckets_of(
    signatures: NDArray[np.uint32],
    keys: list[list[int]],
    digests: list[int] | None = None,
    units: list[int] | None = None,
) -> Buckets:
    n = len(signatures)
    names = np.arange(n) if digests is None else np.array(digests)
    return Buckets(
        signatures=signatures,
        band_keys=[np.array(band, np.uint64) for band in keys],
        digests=np.stack((names, names), axis=1).astype(np.uint64),
        units=np.arange(n) if units is None else np.array(units),
        samples=np.empty(0, np.uint64),
        n_samples=np.zeros(n, np.int64),
    )


def candidates(
    buckets: Buckets, settings: Settings = SMALL, kept: bool = True
) -> tuple[list[Pair], CandidateCounts]:
    counts = CandidateCounts()

    def keep(pairs: NDArray[np.uint64]) -> NDArray[np.bool_]:
        return np.full(len(pairs), kept, np.bool_)

    codes = find_candidates(buckets, settings, keep, InlineExecutor(), counts)
    assert (np.diff(codes.astype(object)) > 0).all(), "each pair once, in ascending order"
    left, right = split_codes(codes)
    return list(zip(left.tolist(), right.tolist(), strict=True)), counts


def signatures(n: int, *, same: bool) -> NDArray[np.uint32]:
    values = np.arange(n * 8, dtype=np.uint32).reshape(n, 8)
    return np.zeros_like(values) if same else values


def test_all_pairs_of_a_bucket_are_candidates() -> None:
    found, counts = candidates(buckets_of(signatures(6, same=False), [[7] * 6, [*range(6)]]))
    assert found == list(combinations(range(6), 2))
    assert counts == CandidateCounts(n_candidates=15)


def test_units_that_share_no_bucket_are_no_candidates() -> None:
    found, counts = candidates(buckets_of(signatures(4, same=False), [[1, 2, 3, 4]] * 2))
    assert found == []
    assert counts == CandidateCounts()


def test_a_pair_that_meets_in_every_band_counts_once() -> None:
    found, counts = candidates(buckets_of(signatures(3, same=False), [[5, 5, 9]] * 2))
    assert found == [(0, 1)]
    assert counts.n_candidates == 1


def test_units_that_take_no_part_meet_nobody() -> None:
    buckets = buckets_of(signatures(4, same=False), [[5] * 4] * 2, units=[0, 3])
    assert candidates(buckets)[0] == [(0, 3)]


def test_what_the_filter_rules_out_is_counted() -> None:
    buckets = buckets_of(signatures(4, same=False), [[5] * 4, [1, 2, 3, 4]])
    found, counts = candidates(buckets, kept=False)
    assert found == []
    assert counts == CandidateCounts(n_candidates=6, n_filtered=6)


def test_an_over_full_bucket_is_split_by_further_rows() -> None:
    values = signatures(8, same=True)
    values[::2, 2:4] = 1  # two groups of four that differ in the rows of the next band only
    found, counts = candidates(buckets_of(values, [[5] * 8, [*range(8)]]))
    even, odd = range(0, 8, 2), range(1, 8, 2)
    assert found == sorted([*combinations(even, 2), *combinations(odd, 2)])
    assert counts.n_full_buckets == 1
    assert counts.n_anchored_units == 0


def test_in_what_stays_over_full_each_unit_meets_the_anchors() -> None:
    digests = [50, 10, 40, 20, 30, 60, 70, 5, 80]
    buckets = buckets_of(signatures(9, same=True), [[5] * 9, [*range(9)]], digests)
    found, counts = candidates(buckets)
    anchors = {7, 1}  # the two smallest digests
    assert found == sorted(pair for pair in combinations(range(9), 2) if set(pair) & anchors)
    assert counts.n_anchored_units == 9


def test_work_in_one_bucket_grows_with_its_size_and_not_with_its_square() -> None:
    settings = Settings(threads=1)
    n = 5000
    values = np.zeros((n, settings.num_perm), np.uint32)
    one_bucket = buckets_of(values, [[1] * n] * settings.bands)
    found, counts = candidates(one_bucket, settings)
    assert len(found) <= settings.anchors * n
    assert counts.n_anchored_units == n * settings.bands


@given(st.permutations(range(12)), st.integers(1, 3))
def test_anchors_are_chosen_by_digest_and_never_by_row(order: list[int], n_groups: int) -> None:
    def pairs_of(rows: list[int]) -> set[frozenset[int]]:
        values = np.zeros((12, 8), np.uint32)
        values[:, 4:] = np.array([row % n_groups for row in rows])[:, None]
        band = [[9] * 12, [row % 5 for row in rows]]
        found, _ = candidates(buckets_of(values, band, [digest * 7 % 13 for digest in rows]))
        return {frozenset((rows[left], rows[right])) for left, right in found}

    assert pairs_of(order) == pairs_of(list(range(12)))


codes = st.lists(st.integers(0, 2**64 - 2), max_size=200)


@given(st.lists(codes, max_size=5))
def test_a_pair_set_gives_back_what_is_new(parts: list[list[int]]) -> None:
    known: set[int] = set()
    pairs = PairSet()
    for part in parts:
        fresh = pairs.add(np.array(part, np.uint64)).tolist()
        assert fresh == list(dict.fromkeys(code for code in part if code not in known))
        known.update(part)


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_a_pair_keeps_its_units(one: int, other: int) -> None:
    code = pair_codes(np.array([one]), np.array([other]))
    left, right = split_codes(code)
    assert (left[0], right[0]) == (min(one, other), max(one, other))
    assert code == pair_codes(np.array([other]), np.array([one]))


# --- the curve


@pytest.mark.parametrize(
    ("jaccard", "bands", "rows", "probability"),
    [(0.0, 42, 3, 0.0), (1.0, 42, 3, 1.0), (0.5, 1, 1, 0.5), (0.5, 2, 2, 0.4375)],
)
def test_the_curve_goes_through_what_can_be_reckoned_by_hand(
    jaccard: float, bands: int, rows: int, probability: float
) -> None:
    assert candidate_probability(jaccard, bands, rows) == probability


@pytest.mark.parametrize("preset", BAND_PRESETS)
def test_presets_keep_the_promise_of_their_documentation(preset: str) -> None:
    num_perm, bands, rows = BAND_PRESETS[preset]
    assert bands * rows <= num_perm
    row = rf"^\| `{preset}`.* \| {num_perm} \| {bands} × {rows} \| (\.\d\d) \|$"
    [promised] = re.findall(row, ALGORITHM.read_text("utf-8"), re.M)
    assert round(candidate_probability(float(promised), bands, rows), 3) >= 0.99
    assert round(candidate_probability(float(promised) - 0.01, bands, rows), 3) < 0.99


def test_the_defaults_are_the_balanced_preset() -> None:
    settings = Settings()
    assert (settings.num_perm, settings.bands, settings.rows) == BAND_PRESETS["balanced"]


@given(st.floats(0.1, 0.99), st.sampled_from([64, 128, 256]))
def test_chosen_bands_find_what_was_asked_for_with_the_most_rows(
    jaccard: float, num_perm: int
) -> None:
    try:
        bands, rows = choose_bands(jaccard, num_perm)
    except SettingsError:
        assert candidate_probability(jaccard, num_perm, 1) < 0.99
        return
    assert bands * rows <= num_perm
    assert candidate_probability(jaccard, bands, rows) >= 0.99
    if rows < num_perm:
        assert candidate_probability(jaccard, num_perm // (rows + 1), rows + 1) < 0.99


def test_what_cannot_be_promised_is_said() -> None:
    with pytest.raises(SettingsError, match="ask for more values or a higher similarity"):
        choose_bands(0.01, 128)
