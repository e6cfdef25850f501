"""Settings from ``dedup.toml`` and ``pyproject.toml``."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from dedup.rule import RULES
from tests.cli.command import DEMO, PAGE, Run, clusters, write


def test_settings_come_from_dedup_toml(dedup: Run) -> None:
    Path("dedup.toml").write_text("repeats = false\nseed = 9\n[rule]\nnear-jaccard = 0.99\n")
    done = dedup("scan", DEMO, "--out", "found", "--json")
    assert done.counts["repeats"] == 0
    settings = json.loads(Path("found/manifest.json").read_bytes())["settings"]
    assert (settings["seed"], settings["rule"]["near_jaccard"]) == (9, 0.99)
    assert ["viaduct-wire", "viaduct-edited"] not in clusters(done)


def test_settings_come_from_pyproject_too(dedup: Run) -> None:
    Path("pyproject.toml").write_text("[tool.dedup]\nrepeats = false\n[tool.other]\nx = 1\n")
    assert dedup("scan", PAGE, "--json").counts["repeats"] == 0


def test_dedup_toml_wins_over_pyproject(dedup: Run) -> None:
    Path("pyproject.toml").write_text("[tool.dedup]\nrepeats = false\n")
    Path("dedup.toml").write_text("repeats = true\n")
    assert dedup("scan", PAGE, "--json").counts["repeats"] == 2


def test_the_command_line_wins_over_the_file(dedup: Run) -> None:
    Path("dedup.toml").write_text("repeats = false\n[reading]\nlimit = 3\n")
    done = dedup("scan", DEMO, "--json", "--repeats", "--limit", "30")
    assert (done.counts["repeats"], done.counts["read"]) == (2, 30)


def test_a_flag_that_was_not_given_leaves_the_file_alone(dedup: Run) -> None:
    Path("dedup.toml").write_text("store_text = true\n")
    dedup("scan", PAGE, "--out", "found", "--quiet")
    assert json.loads(Path("found/manifest.json").read_bytes())["settings"]["store_text"] is True


def test_fields_may_be_named_in_the_file(dedup: Run) -> None:
    Path("dedup.toml").write_text('[reading.fields]\ntext = "story"\nid = "nr"\n')
    write(Path("corpus.jsonl"), [{"nr": n, "story": "one and the same"} for n in (7, 8)])
    assert sorted(clusters(dedup("scan", "corpus.jsonl", "--json"))[0]) == ["7", "8"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("similarty = 0.5\n", "unknown setting 'similarty'"),
        ("[rule]\nnear = 0.5\n", "unknown setting 'near'"),
        ("seed = 'one'\n", 'dedup.toml: seed must be a whole number, not "one"'),
        ("threads = true\n", "threads must be a whole number, not true"),
        ("repeats = 1\n", "repeats must be true or false, not 1"),
        ("keep = ['newest']\n", 'keep must be a string in quotes, not ["newest"]'),
        ("rule = 5\n", "rule must be a table, [rule], or one of strict, balanced, loose"),
        ("reading = 5\n", "reading must be a table, [reading], not 5"),
        ("[reading]\nfields = 'x'\n", "fields must be a table, [reading.fields]"),
        ("[reading]\ninclude = '*.jsonl'\n", 'must be a list of strings, such as ["*.jsonl"], not'),
        ("[reading]\nlimit = 2031-05-02\n", 'limit must be a whole number, not "2031-05-02"'),
        ("[rule]\nmin-cosine = 'x'\n", 'min_cosine must be a number, not "x"'),
        ("[rule]\nmin-cosine = 7\n", "dedup.toml [rule]: min_cosine is 7.0; it must be from 0"),
        ("min-tokens = 3\nmin_tokens = 4\n", "'min-tokens' and 'min_tokens' are one setting"),
        ("min_tokens = 3\nmin-tokens = 4\n", "'min_tokens' and 'min-tokens' are one setting"),
        ("bands = 99\n", "99 bands of 3 rows"),
        ("threads = -1\n", "dedup.toml: threads is -1"),
        (
            "seed = \n",
            "dedup.toml is no TOML: Invalid value (at line 1, column 8). A line of it is",
        ),
        ("keep = newest\n", 'a name and a value, such as keep = "newest"'),
    ],
)
def test_a_wrong_setting_is_named_with_its_file(dedup: Run, content: str, said: str) -> None:
    Path("dedup.toml").write_text(content)
    done = dedup("scan", PAGE)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


@pytest.mark.parametrize(
    "content",
    [
        "tmp_dir = 5\n",
        "engine = 'kernal'\n",
        "unit = 'word'\n",
        "[reading]\nlimit = 'x'\n",
        "[reading.fields]\ntext = 5\n",
        "[reading]\nlimit = 0\n",
        "[reading]\ninclude = [1]\n",
    ],
)
def test_a_setting_of_the_wrong_kind_is_refused(dedup: Run, content: str) -> None:
    Path("dedup.toml").write_text(content)
    assert dedup("scan", PAGE, "--quiet").code == 2


@pytest.mark.parametrize("content", ["tool = 5\n", "[tool]\ndedup = 5\n"])
def test_a_pyproject_of_another_shape_is_survived(dedup: Run, content: str) -> None:
    Path("pyproject.toml").write_text(content)
    assert dedup("scan", PAGE, "--quiet").code in (0, 2)


def test_a_broken_pyproject_is_somebody_elses_trouble(dedup: Run) -> None:
    Path("pyproject.toml").write_text("[tool.dedup\n")
    assert dedup("scan", PAGE, "--quiet").code == 0


def test_a_settings_file_may_name_a_rule(dedup: Run, tmp_path: Path) -> None:
    Path("dedup.toml").write_text('rule = "strict"\n')
    assert dedup("scan", DEMO, "--quiet", "--out", tmp_path / "found").code == 0
    settings = json.loads((tmp_path / "found/manifest.json").read_text())["settings"]
    assert settings["rule"] == asdict(RULES["strict"])
    Path("dedup.toml").write_text('rule = "lenient"\n')
    done = dedup("scan", DEMO)
    assert (done.code, "unknown rule 'lenient'" in done.err) == (2, True)
