"""The documentation cannot lie: what can be compared with the code is compared here."""

from __future__ import annotations

import dataclasses
import doctest
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest

import dedup
from dedup import errors
from dedup.cli.main import INTERRUPTED, TERMINATED
from dedup.config import Fields, Reading, Settings
from dedup.rule import Rule
from tests.docs.cli_reference import PAGE, iter_commands, page_anew
from tests.docs.tables import pages_anew

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

_SKIPPED_FOLDERS = {"node_modules", "dist", "build", "data", "results"}
_FENCE = re.compile(r"^```.*?^```", re.M | re.S)
_PYTHON = re.compile(r"^```python\n(.*?)^```", re.M | re.S)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.*?) *$", re.M)


def markdown_files() -> list[Path]:
    return sorted(
        path
        for path in ROOT.rglob("*.md")
        if not any(
            part.startswith(".") or part in _SKIPPED_FOLDERS
            for part in path.relative_to(ROOT).parts[:-1]
        )
    )


def short(path: object) -> str:
    return str(path.relative_to(ROOT)) if isinstance(path, Path) else ""


def examples() -> list[Any]:
    """Return the blocks with prompts; each is run by itself."""
    found: list[Any] = []
    for path in [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]:
        text = path.read_text("utf-8")
        for block in _PYTHON.finditer(text):
            if ">>>" in block[1]:
                line = text.count("\n", 0, block.start(1))
                found.append(pytest.param(path, line, block[1], id=f"{path.name}:{line + 1}"))
    return found


@pytest.mark.parametrize(("path", "line", "source"), examples())
def test_examples_in_the_documentation_run(
    path: Path, line: int, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    example = doctest.DocTestParser().get_doctest(source, {}, path.name, str(path), line)
    told: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(example, out=told.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(told)


def test_the_command_line_page_is_what_the_commands_say() -> None:
    assert PAGE.read_text("utf-8") == page_anew(), (
        "docs/cli.md differs from --help; write it anew: python -m tests.docs.cli_reference"
    )


@pytest.mark.parametrize(
    ("path", "page"), pages_anew().items(), ids=[path.name for path in pages_anew()]
)
def test_tables_on_the_pages_are_what_the_code_says(path: Path, page: str) -> None:
    assert path.read_text("utf-8") == page, (
        f"docs/{path.name} differs from the code; write it anew: python -m tests.docs.tables"
    )


@pytest.mark.parametrize(
    ("path", "command"), [(path, command) for path, command, _ in iter_commands()]
)
def test_every_command_and_option_has_help(path: str, command: click.Command) -> None:
    assert command.help, path
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{path} {parameter.opts[0]}"
        else:
            assert (parameter.metavar or parameter.name or "").rstrip(".") in command.help, path


def test_every_exit_code_is_on_the_command_line_page_once() -> None:
    section = PAGE.read_text("utf-8").partition("\n## Exit codes\n")[2].partition("\n## ")[0]
    told = [int(code) for code in re.findall(r"^\| (\d+) \|", section, re.M)]
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    codes = {kind.exit_code for kind in kinds if issubclass(kind, errors.DedupError)}
    assert told == sorted({0, 1, 3, INTERRUPTED, TERMINATED} | codes)


@pytest.mark.parametrize(
    ("path", "command"),
    [(p, c) for p, c, _ in iter_commands() if "Exit codes" in (c.help or "")],
)
def test_every_list_of_exit_codes_has_those_of_signals(path: str, command: click.Command) -> None:
    told = (command.help or "").partition("Exit codes:")[2].partition("\n\n")[0]
    codes = [int(code) for code in re.findall(r"\d+", told)]
    assert codes == sorted(codes), path
    assert codes[-2:] == [INTERRUPTED, TERMINATED], path


@pytest.mark.parametrize("kind", [Settings, Reading, Fields, Rule])
def test_every_setting_is_on_the_command_line_page(kind: type) -> None:
    page = PAGE.read_text("utf-8")
    for field in dataclasses.fields(kind):
        assert f"`{field.name}`" in page, field.name


@pytest.mark.parametrize("kind", [Settings, Reading])
def test_the_tables_of_settings_hold_the_defaults(kind: type) -> None:
    page = PAGE.read_text("utf-8")
    for field in dataclasses.fields(kind):
        if isinstance(field.default, (bool, int, float, str)):
            default = json.dumps(field.default).replace("1000.0", "1000")
            shown = f"`{default}`" if isinstance(field.default, str) else default
            assert f"\n| `{field.name}` | {shown} |" in page, field.name


def test_every_public_name_is_on_the_library_page() -> None:
    page = (DOCS / "library.md").read_text("utf-8")
    missing = [name for name in dedup.__all__ if not re.search(rf"`(dedup\.)?{name}\b", page)]
    assert not missing


def test_every_count_is_on_the_results_page() -> None:
    page = (DOCS / "results.md").read_text("utf-8")
    table = page.partition("`counts`:")[2].partition("\n## ")[0]
    missing = [name for name in dedup.scan(["A text."]).counts if f"`{name}`" not in table]
    assert not missing


def test_every_count_of_apply_is_on_the_page_of_acting(tmp_path: Path) -> None:
    page = (DOCS / "acting.md").read_text("utf-8")
    table = page.partition("| name | counts |")[2].partition("\n\n")[0]
    (tmp_path / "a.txt").write_text("A text.", "utf-8")
    found = dedup.write_results(dedup.scan(tmp_path / "a.txt"), tmp_path / "found")
    options = dedup.ApplyOptions(merge=True)
    counts = dedup.plan_apply(dedup.open_results(found), options).counts
    assert sorted(counts) == sorted(
        re.findall(r"`(\w+)`", re.sub(r"\|[^|]*\|$", "", table, flags=re.M))
    )


def test_every_dependency_is_on_the_dependencies_page() -> None:
    about = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = list(about["project"]["dependencies"])
    for extra in about["project"]["optional-dependencies"].values():
        wanted += extra
    for group in about["dependency-groups"].values():
        wanted += group
    page = (DOCS / "dependencies.md").read_text("utf-8").partition("## Licences")[0]
    names = {re.split(r"[<>=!~;\[ ]", line)[0] for line in wanted if isinstance(line, str)}
    missing = sorted(name for name in names if f"\n| {name} |" not in page)
    assert not missing


def test_the_layers_are_on_the_design_page() -> None:
    about = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    page = (DOCS / "design.md").read_text("utf-8")
    for layer in about["tool"]["importlinter"]["contracts"][0]["layers"]:
        modules = [name.strip().removeprefix("dedup.") for name in layer.split("|")]
        assert f"| {', '.join(f'`{name}`' for name in modules)} |" in page, layer


def test_folders_of_tests_are_parts_of_the_package_or_on_the_design_page() -> None:
    page = (DOCS / "design.md").read_text("utf-8").partition("`tests/` mirrors")[2]
    apart = set(re.findall(r"`(\w+)`", page.partition("lie apart")[0]))
    packages = {path.parent.name for path in (ROOT / "dedup").glob("*/__init__.py")}
    folders = {path.parent.name for path in (ROOT / "tests").glob("*/test_*.py")}
    assert folders <= packages | apart


@pytest.mark.parametrize("path", markdown_files(), ids=short)
def test_links_lead_somewhere(path: Path) -> None:
    text = _FENCE.sub("", path.read_text("utf-8"))
    for target in _LINK.findall(text):
        if re.match(r"[a-z][a-z+.-]*:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        assert file.exists(), f"{target}: no such file"
        assert file.is_relative_to(ROOT), f"{target}: outside of the project"
        if anchor:
            assert anchor in anchors(file), f"{target}: no such heading"


def anchors(path: Path) -> set[str]:
    """Return the anchors that a page's headings make on the usual web sites."""
    headings = _HEADING.findall(_FENCE.sub("", path.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_pages_that_code_names_exist() -> None:
    named: set[str] = set()
    for path in (ROOT / "dedup").rglob("*.py"):
        named |= set(re.findall(r"docs/\w+\.md", path.read_text("utf-8")))
    assert {name for name in named if not (ROOT / name).exists()} == set()
