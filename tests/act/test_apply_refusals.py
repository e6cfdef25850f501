"""What is refused before, and while, a corpus is cleaned."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dedup import Reading, Verdict, open_results, scan, write_results
from dedup.act.apply import plan_apply
from dedup.act.options import ApplyOptions
from dedup.act.plan import parse_keep
from dedup.corpus import CorpusReader
from dedup.errors import OutputError, ResultsError, SettingsError
from tests.act.formats import CORPUS, FORMS, SETTINGS, jsonl_of, scanned
from tests.corpora import article


def test_what_is_neither_a_number_nor_a_policy_is_refused() -> None:
    for text in ("eldest", "0", "-1", "1.5", ""):
        with pytest.raises(SettingsError, match=r"give none, or how many.*oldest, newest"):
            parse_keep(text)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"keep": -1}, "keep is -1; it must be a whole number from 0 to"),
        ({"keep": 10**20}, "keep is 1.*; it must be a whole number"),
        ({"keep": True}, "keep is True"),
        ({"keep": 1.5}, "keep is 1.5"),
        ({"keep": "none"}, "keep is 'none'; it must be how many .*, 0 for none"),
        ({"keep": "newest"}, r"ApplyOptions\(policy='newest'\)"),
        ({"policy": "eldest"}, "eldest"),
        ({"policy": ["newest"]}, "policy is .'newest'.; it must be a string"),
        ({"max_loss": 90}, "max_loss is 90; it must be from 0 to 1"),
        ({"max_loss": "90%"}, "max_loss is '90%'"),
        ({"max_loss": float("nan")}, "max_loss is nan"),
        ({"remove_links": "contained"}, "it must be a tuple or list of strings"),
        ({"remove_links": (Verdict.CONTAINED,)}, "it must be a tuple or list of strings"),
        ({"remove_links": ("Contained",)}, "remove_links has 'Contained'; it may have contained,"),
        ({"annotate": "no"}, "annotate is 'no'; it must be True or False"),
        ({"merge": 1}, "merge is 1; it must be True or False"),
        ({"annotate": True, "fix_repeats": True}, "leave remove_links and fix_repeats away"),
        ({"annotate": True, "remove_links": ("near",)}, "leave remove_links and fix_repeats away"),
        ({"fix_repeats": "fix"}, "fix_repeats is 'fix'"),
        ({"keep_removed": 1}, "keep_removed is 1; it must be True or False"),
        ({"annotate": True, "keep_removed": True}, "leave keep_removed away"),
        ({"field": None}, "field is None; it must be a string"),
    ],
    ids=str,
)
def test_an_option_that_could_let_everything_go_is_refused_by_name(
    wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        ApplyOptions(**wrong)


def test_options_that_are_none_are_refused(tmp_path: Path) -> None:
    given: Any = {"keep": 2}
    with pytest.raises(SettingsError, match=r"it must be a dedup\.ApplyOptions, such as"):
        plan_apply(scanned(tmp_path, "a.jsonl"), given)


def test_sources_that_changed_are_refused_by_name(tmp_path: Path) -> None:
    results = scanned(tmp_path, "a.jsonl")
    path = tmp_path / "a.jsonl"
    content = path.read_bytes()
    path.write_bytes(content.replace(b"Osmere", b"Osmore"))
    with pytest.raises(ResultsError, match=r"a\.jsonl has changed .*digest"):
        plan_apply(results).write(tmp_path / "clean")
    path.write_bytes(content + b"\n")
    with pytest.raises(ResultsError, match=r"a\.jsonl has changed .*bytes"):
        plan_apply(results)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.jsonl", "found"]


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.csv", "a.json", "a.parquet"])
def test_other_formats_check_the_digest_too(name: str, tmp_path: Path) -> None:
    results = scanned(tmp_path, name)
    content = bytearray((tmp_path / name).read_bytes())
    at = 4 if name.endswith(".gz") else len(content) // 2  # the time in the header
    content[at] ^= 1
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ResultsError, match="has changed"):
        plan_apply(results).write(tmp_path / "clean")
    assert not (tmp_path / "clean").exists()


def test_results_of_documents_in_memory_are_refused(tmp_path: Path) -> None:
    results = open_results(write_results(scan(CORPUS, SETTINGS), tmp_path / "found"))
    with pytest.raises(ResultsError, match="documents in memory"):
        plan_apply(results)


def test_a_file_that_was_read_in_part_is_refused(tmp_path: Path) -> None:
    settings = replace(SETTINGS, reading=Reading(limit=20))
    with pytest.raises(ResultsError, match=r"read in part only \(--limit"):
        plan_apply(scanned(tmp_path, "a.jsonl", settings))


def test_an_encoding_without_single_byte_lines_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl_of(CORPUS).decode().encode("utf-16"))
    settings = replace(SETTINGS, reading=Reading(encoding="utf-16"))
    results = open_results(write_results(scan(path, settings), tmp_path / "found"))
    with pytest.raises(ResultsError, match="written in utf-16 and cannot be rewritten"):
        plan_apply(results).write(tmp_path / "clean")


def test_a_source_that_would_lose_too_much_is_named(tmp_path: Path) -> None:
    texts = [article(40, n) for n in range(12)]
    records = [
        {"id": f"{source}{n}", "text": text, "source": source, "date": date}
        for source, date in (("Wire", "2031-01-01"), ("Mirror", "2031-01-02"))
        for n, text in enumerate(texts)
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in records), "utf-8")
    results = open_results(write_results(scan(path, SETTINGS), tmp_path / "found"))
    with pytest.raises(ResultsError, match=r"'Mirror' would lose 12 of its 12 .*--max-loss 100%"):
        plan_apply(results)
    assert plan_apply(results, ApplyOptions(max_loss=1.0)).counts["removed"] == 12
    assert plan_apply(results, ApplyOptions(annotate=True)).counts["removed"] == 0


def test_a_source_may_lose_all_that_stands_in_the_corpus_scanned_against(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    for name in ("a.jsonl", "archive.jsonl"):
        pages = jsonl_of([{"id": n, "text": article(40, n)} for n in range(12)])
        (tmp_path / name).write_bytes(pages)
    found = scan(path, SETTINGS, against=tmp_path / "archive.jsonl")
    results = open_results(write_results(found, tmp_path / "found"))
    assert plan_apply(results).counts["removed"] == 12


@pytest.mark.parametrize(
    "options", [ApplyOptions(), ApplyOptions(keep=0), ApplyOptions(annotate=True)]
)
def test_no_record_goes_because_of_itself(
    options: ApplyOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "today").mkdir()
    for name, seeds in (("today/new.jsonl", "ab"), ("old.jsonl", "bc")):
        rows = ({"id": f"{name}-{seed}", "text": article(60, seed)} for seed in seeds)
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    (tmp_path / "link.jsonl").symlink_to("today/new.jsonl")
    # earlier versions scanned files against themselves
    monkeypatch.setattr(CorpusReader, "leave_out", lambda _reader, _scanned: [])
    for n, path in enumerate((tmp_path, tmp_path / "link.jsonl")):
        found = scan(tmp_path / "today", SETTINGS, against=path)
        assert found.counts["removable"] == 2
        results = open_results(write_results(found, tmp_path / f"found-{n}"))
        with pytest.raises(ResultsError, match=r"new\.jsonl#\d would go because of itself"):
            plan_apply(results, options)
    found = scan(tmp_path / "today", SETTINGS, against=tmp_path / "old.jsonl")
    results = open_results(write_results(found, tmp_path / "found"))
    assert plan_apply(results).counts["removed"] == 1


def test_what_stands_in_the_way_is_left_alone(tmp_path: Path) -> None:
    application = plan_apply(scanned(tmp_path, "a.jsonl"))
    out = application.write(tmp_path / "clean")
    with pytest.raises(OutputError, match="--force"):
        application.write(out)
    (out / "corpus" / "a.jsonl").write_bytes(b"")
    application.write(out, force=True)
    assert (out / "corpus" / "a.jsonl").stat().st_size > 0
    with pytest.raises(OutputError, match="is no folder of applied results"):
        application.write(tmp_path / "found", force=True)


def test_files_that_are_shown_alike_are_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in (os.fsdecode(b"caf\xe9.jsonl"), "caf\\xe9.jsonl"):
        (tmp_path / "in" / name).write_bytes(FORMS["a.jsonl"](CORPUS))
    results = open_results(write_results(scan(tmp_path / "in", SETTINGS), tmp_path / "found"))
    with pytest.raises(ResultsError, match=r"two files are shown as .*caf\\xe9\.jsonl"):
        plan_apply(results)
