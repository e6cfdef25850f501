"""Texts that are linked go only because of what stays."""

from __future__ import annotations

import json
from pathlib import Path

from dedup import open_results, scan, write_results
from dedup.act.apply import plan_apply
from dedup.act.options import ApplyOptions
from tests.act.formats import SETTINGS, lines_of, scanned
from tests.corpora import article, edited, filler


def test_contained_texts_go_only_because_of_what_stays(tmp_path: Path) -> None:
    results = scanned(tmp_path, "a.jsonl")
    options = ApplyOptions(remove_links=("contained",))
    application = plan_apply(results, options)
    out = application.write(tmp_path / "clean")
    removed = {row["id"]: row for row in lines_of(out / "removed.jsonl")}
    linked = [row for row in removed.values() if row["verdict"] == "contained"]
    assert len(linked) == application.counts["linked"] > 0
    links = [link for link in results.links() if link.verdict == "contained"]
    pairs = {frozenset((link.left, link.right)): link for link in links}
    for row in removed.values():
        assert row["survivor"]["id"] not in removed
    for row in linked:
        link = pairs[frozenset((row["id"], row["survivor"]["id"]))]
        inner = link.left if link.containment_left > link.containment_right else link.right
        assert inner == row["id"]
        assert row["containment"] == max(link.containment_left, link.containment_right)


def test_of_two_rewrites_the_one_goes_that_comes_later_in_survivor_order(tmp_path: Path) -> None:
    results = scanned(tmp_path, "a.jsonl")
    verdicts = ("rewrite", "template")
    links = {frozenset((x.left, x.right)): x for x in results.links() if x.verdict in verdicts}
    out = plan_apply(results, ApplyOptions(remove_links=verdicts)).write(tmp_path / "clean")
    gone = [row for row in lines_of(out / "removed.jsonl") if row["verdict"] in verdicts]
    assert gone
    for row in gone:
        link = links[frozenset((row["id"], row["survivor"]["id"]))]
        assert (row["survivor"]["id"], row["id"]) == (link.left, link.right)
        assert row["containment"] == link.containment_right


def test_links_stay_unless_they_are_named(tmp_path: Path) -> None:
    results = scanned(tmp_path, "a.jsonl")
    plain = plan_apply(results)
    assert plain.counts["removed"] == results.counts["removable"]
    every = plan_apply(results, ApplyOptions(remove_links=("contained", "rewrite", "template")))
    assert every.counts["removed"] > plain.counts["removed"]


def test_nothing_goes_because_of_what_goes_itself(tmp_path: Path) -> None:
    story = article(300, "long")
    words = story.split(" ")
    records = [
        {"id": "whole", "text": story},
        {"id": "half", "text": " ".join(words[:160])},
        {"id": "part", "text": " ".join(words[:90])},
        *filler(30),
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in records), "utf-8")
    results = open_results(write_results(scan(path, SETTINGS), tmp_path / "found"))
    application = plan_apply(results, ApplyOptions(remove_links=("contained",)))
    out = application.write(tmp_path / "clean")
    removed = {row["id"]: row["survivor"]["id"] for row in lines_of(out / "removed.jsonl")}
    assert removed == {"part": "half"}
    assert application.counts["linked"] == 1
    assert application.counts["needed"] == 1  # half stands in whole, and stays for part


def test_an_excerpt_in_the_other_corpus_is_not_counted_as_going(tmp_path: Path) -> None:
    parts = [article(60, seed) for seed in (1, 2, 3)]
    for name, text in (("new.jsonl", " ".join(parts)), ("archive.jsonl", parts[1])):
        (tmp_path / name).write_text(json.dumps({"id": name, "text": text}) + "\n", "utf-8")
    found = scan(tmp_path / "new.jsonl", SETTINGS, against=tmp_path / "archive.jsonl")
    assert [link.verdict for link in found.links] == ["contained"]
    results = open_results(write_results(found, tmp_path / "found"))
    options = ApplyOptions(remove_links=("contained",))
    application = plan_apply(results, options)
    assert application.counts["removed"] == 0
    out = application.write(tmp_path / "clean")
    assert [row["id"] for row in lines_of(out / "corpus" / "new.jsonl")] == ["new.jsonl"]
    assert (out / "removed.jsonl").read_bytes() == b""


def test_a_contained_text_never_goes_because_of_a_removed_copy(tmp_path: Path) -> None:
    story = article(160, "held")
    copy = edited(story, 3, "held")
    part = " ".join(copy.split(" ")[:80])
    records = [
        {"id": "lead", "text": story, "date": "2031-01-01"},
        {"id": "copy", "text": copy, "date": "2031-01-02"},
        {"id": "part", "text": part, "date": "2031-01-03"},
        *filler(30),
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in records), "utf-8")
    results = open_results(write_results(scan(path, SETTINGS), tmp_path / "found"))
    held = {(link.left, link.right) for link in results.links() if link.verdict == "contained"}
    assert ("copy", "part") in held
    out = plan_apply(results, ApplyOptions(remove_links=("contained",))).write(tmp_path / "clean")
    removed = {row["id"]: row["survivor"]["id"] for row in lines_of(out / "removed.jsonl")}
    assert removed["copy"] == "lead"
    assert removed.get("part", "lead") == "lead"
