"""The metrics against plain counts of every pair, and against hand-made cases."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.evaluate import Labels, Output, score
from dedup.evaluate.labels import PairLabel, ordered
from dedup.evaluate.metrics import cluster_pairs, components, span_counts

RECORDS = [f"r{n}" for n in range(9)]
partition = st.lists(st.sampled_from("abcd"), min_size=len(RECORDS), max_size=len(RECORDS)).map(
    lambda names: dict(zip(RECORDS, names, strict=True))
)
links = st.sets(
    st.tuples(st.sampled_from(RECORDS), st.sampled_from(RECORDS))
    .filter(lambda pair: pair[0] != pair[1])
    .map(lambda pair: ordered(*pair)),
    max_size=8,
)


@given(partition, partition, links)
def test_pairs_are_counted_as_if_looked_at_one_by_one(
    truth: dict[str, str], said: dict[str, str], linked: set[tuple[str, str]]
) -> None:
    output = Output(cluster_of=dict(said), links=linked)
    card = score(output, Labels(clusters=truth))
    meant = {ordered(*p) for p in combinations(RECORDS, 2) if truth[p[0]] == truth[p[1]]}
    together = {ordered(*p) for p in combinations(RECORDS, 2) if said[p[0]] == said[p[1]]}
    for name, found in (("removable", together), ("found", together | linked)):
        counts = card.pairs[name]
        assert (counts.right, counts.said, counts.meant) == (
            len(found & meant), len(found), len(meant)
        )  # fmt: skip


@given(partition, links)
def test_labelled_pairs_of_every_pair_say_what_clusters_say(
    truth: dict[str, str], linked: set[tuple[str, str]]
) -> None:
    output = Output(links=linked)
    pairs = {
        ordered(*pair): PairLabel(truth[pair[0]] == truth[pair[1]], "")
        for pair in combinations(RECORDS, 2)
    }
    assert score(output, Labels(pairs=pairs)).pairs == score(output, Labels(clusters=truth)).pairs


def test_a_link_of_one_text_is_a_link_of_all_its_copies() -> None:
    output = Output(
        cluster_of={"a": "1", "copy": "1", "edited": "1"},
        block_of={"a": "1", "copy": "1"},
        links={("a", "b")},
    )
    card = score(output, Labels(clusters=dict.fromkeys(("a", "copy", "edited", "b"), "story")))
    assert (card.pairs["removable"].right, card.pairs["found"].right) == (3, 5)
    assert (card.pairs["found"].said, card.pairs["found"].meant) == (5, 6)
    card = score(output, Labels(clusters={"a": "story", "copy": "else", "b": "story"}))
    assert (card.pairs["found"].right, card.pairs["found"].said) == (1, 3)


def test_everything_right_scores_one_everywhere() -> None:
    clusters = {"a": "1", "b": "1", "c": "2", "d": "2", "e": "3"}
    card = score(Output(cluster_of=dict(clusters)), Labels(clusters=clusters))
    counts = card.pairs["found"]
    assert (counts.precision, counts.recall, counts.f1) == (1, 1, 1)
    assert card.adjusted_rand == {"found": 1.0, "removable": 1.0}
    assert card.exact_sets == (2, 2)


def test_nothing_said_has_no_precision() -> None:
    card = score(Output(), Labels(clusters={"a": "1", "b": "1"}))
    counts = card.pairs["found"]
    assert (counts.precision, counts.recall, counts.f1) == (None, 0, 0)


def test_records_that_the_labels_do_not_name_count_only_when_asked() -> None:
    output = Output(cluster_of={"a": "1", "b": "1", "x": "1", "y": "2", "z": "2"})
    labels = Labels(clusters={"a": "s", "b": "s"})
    assert score(output, labels).pairs["found"].said == 1
    assert score(output, labels).n_unlisted == 3
    assert score(output, labels, unlisted="different").pairs["found"].said == 4


def test_pairs_that_complete_labels_do_not_name_are_wrong() -> None:
    output = Output(
        cluster_of={"a": "1", "b": "1", "c": "1"}, block_of={"a": "1", "b": "1"}, links={("a", "d")}
    )
    labels = Labels(pairs={("a", "b"): PairLabel(duplicate=True, kind="")})
    assert score(output, labels).pairs["found"].precision == 1
    counts = score(output, labels, unlisted="different").pairs
    assert (counts["removable"].said, counts["found"].said) == (3, 5)


def test_false_positives_are_told_of_labelled_negatives() -> None:
    pairs = {
        ("a", "b"): PairLabel(duplicate=False, kind="template"),
        ("a", "c"): PairLabel(duplicate=False, kind="template"),
        ("c", "d"): PairLabel(duplicate=False, kind="other"),
        ("e", "f"): PairLabel(duplicate=True, kind="copy"),
    }
    card = score(Output(cluster_of={"a": "1", "b": "1"}, links={("a", "c")}), Labels(pairs=pairs))
    assert card.negatives
    assert (card.negatives.n_found, card.negatives.n_removable) == (2, 1)
    assert card.negatives.rate == pytest.approx(2 / 3)
    assert card.kinds["template"]["found"].said == 2
    assert card.kinds["copy"]["found"].recall == 0


def test_recall_is_told_by_exact_jaccard() -> None:
    texts = {"a": "one two three four", "b": "one two three five", "c": "One, two; three four!"}
    labels = Labels(clusters=dict.fromkeys("abc", "s"))
    card = score(Output(links={("a", "c")}), labels, text_of=texts.__getitem__)
    bands = [(band.low, band.n_pairs, band.n_found, band.n_removable) for band in card.bands]
    assert bands == [(0.9, 1, 1, 0), (0.3, 2, 0, 0)]
    known = score(Output(), labels, jaccards={("a", "c"): 0.55})
    assert [(band.low, band.n_pairs) for band in known.bands] == [(0.5, 1), (None, 2)]


def test_records_have_a_duplicate_in_a_cluster_of_two_or_by_a_link() -> None:
    output = Output(cluster_of={"a": "1", "b": "1", "alone": "2"}, links={("c", "d")})
    truth = {"a": True, "b": True, "c": True, "d": False, "alone": True, "e": False}
    counts = score(output, Labels(records=truth)).records
    assert counts
    assert (counts.right, counts.said, counts.meant) == (3, 4, 4)


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted).map(tuple)),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted).map(tuple)),
)
def test_spans_are_counted_in_characters(
    truth: list[tuple[int, int]], said: list[tuple[int, int]]
) -> None:
    meant, found = ({at for span in spans for at in range(*span)} for spans in (truth, said))
    counts = span_counts(truth, said)
    assert (counts.right, counts.said, counts.meant) == (
        len(meant & found), len(found), len(meant)
    )  # fmt: skip


def test_many_copies_are_counted_by_sums() -> None:
    n = 300_000
    counts = cluster_pairs(["story"] * n, ["cluster"] * n)
    assert counts.right == counts.said == counts.meant == n * (n - 1) // 2


def test_components_join_what_clusters_and_links_connect() -> None:
    output = Output(cluster_of={"a": "1", "b": "1", "c": "2", "d": "2"}, links={("b", "c")})
    joined = components(["a", "d", "e"], output)
    assert joined["a"] == joined["d"] != joined["e"]
