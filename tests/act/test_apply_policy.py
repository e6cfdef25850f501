"""Applying with another survivor policy: as a threshold chooses, and then apply."""

from __future__ import annotations

import gc
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dedup import Results, Settings, open_results, scan, write_results
from dedup.act.apply import plan_apply
from dedup.act.options import ApplyOptions
from dedup.act.threshold import rethreshold, write_rethresholded
from dedup.errors import SettingsError
from tests.corpora import filler, planted

SETTINGS = Settings(threads=1)
CORPUS: list[dict[str, Any]] = [*planted(40), *filler(20)]
OPTIONS: list[dict[str, Any]] = [
    {},
    {"keep": 2},
    {"remove_links": ("contained",)},
    {"annotate": True},
    {"merge": True},
]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    folder = tmp_path_factory.mktemp("policy")
    rows = [json.dumps({**r, "score": 7 * n % 31}) + "\n" for n, r in enumerate(CORPUS)]
    (folder / "a.jsonl").write_text("".join(rows), "utf-8")
    return open_results(write_results(scan(folder / "a.jsonl", SETTINGS), folder / "found"))


def files(folder: Path) -> dict[str, bytes]:
    found = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    del found["apply.json"]
    return found


@pytest.mark.parametrize("policy", ["newest", "longest,oldest", "field:score:max", "first"])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_it_writes_what_a_threshold_and_then_apply_write(
    policy: str, options: dict[str, Any], results: Results, tmp_path: Path
) -> None:
    at_once = plan_apply(results, ApplyOptions(policy=policy, **options))
    folder = write_rethresholded(rethreshold(results, keep=policy), tmp_path / "chosen")
    in_steps = plan_apply(open_results(folder), ApplyOptions(**options))
    assert at_once.counts == in_steps.counts
    one, other = at_once.write(tmp_path / "one"), in_steps.write(tmp_path / "other")
    assert files(one) == files(other)
    as_scanned = plan_apply(results, ApplyOptions(**options)).write(tmp_path / "as-scanned")
    assert files(one) != files(as_scanned)


def test_it_names_the_results_it_was_given_and_leaves_nothing_else(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files_of(results.folder)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    application = plan_apply(results, ApplyOptions(policy="newest"))
    out = application.write(tmp_path / "clean")
    marker = json.loads((out / "apply.json").read_bytes())
    assert marker["results"] == str(results.folder)
    assert marker["options"]["policy"] == "newest"
    del application
    gc.collect()
    assert [path.name for path in tmp_path.iterdir()] == ["clean"]
    assert files_of(results.folder) == before


def test_the_results_it_made_last_as_long_as_somebody_has_them(results: Results) -> None:
    made = plan_apply(results, ApplyOptions(policy="newest")).results
    gc.collect()
    assert made.folder != results.folder
    assert len(list(made.clusters())) == made.counts["clusters"] > 0
    folder = made.folder
    del made
    gc.collect()
    assert not folder.exists()


def test_the_temporary_folder_of_the_scan_may_be_gone(results: Results, tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    settings = replace(SETTINGS, tmp_dir=str(place))
    source = results.folder.parent / "a.jsonl"
    found = open_results(write_results(scan(source, settings), tmp_path / "found"))
    assert plan_apply(found, ApplyOptions(policy="newest")).results.folder.is_relative_to(place)
    gc.collect()
    place.rmdir()
    applied = plan_apply(found, ApplyOptions(policy="newest"))
    expected = plan_apply(results, ApplyOptions(policy="newest"))
    assert applied.counts == expected.counts
    assert rethreshold(found, keep="newest").counts["clusters"] == applied.counts["clusters"]
    assert found.settings.tmp_dir == str(place)


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_policy_that_cannot_be_followed_is_refused_before_anything_is_written(
    results: Results,
) -> None:
    with pytest.raises(SettingsError, match="has a number in a field 'rank'"):
        plan_apply(results, ApplyOptions(policy="field:rank:max"))
