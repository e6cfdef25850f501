"""Licences of everything that `pip install article-dedup` brings along."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PERMISSIVE = {
    "0BSD", "Apache Software License", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD",
    "BSD License", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "ISC", "MIT",
    "MIT License", "PSF-2.0", "Python Software Foundation License", "Unlicense", "Zlib",
}  # fmt: skip
FILE_LEVEL = {"MPL-2.0"}
"""Copyleft that ends at the file: nothing is asked of a program that only calls it."""
FILE_LEVEL_ACCEPTED = {"orjson"}
"""Packages for which that was looked at and accepted; docs/dependencies.md says why."""
_ROW = re.compile(r"^\| ([\w.-]+) \| (?:direct|through [^|]+) \| ([^|]+) \|$", re.M)


def name_of(text: str) -> str:
    return re.sub(r"[-_.]+", "-", text).lower()


def runtime() -> dict[str, Distribution]:
    """Return the installed runtime dependencies, those of dependencies included."""
    about = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    waiting = [Requirement(line) for line in about["project"]["dependencies"]]
    found: dict[str, Distribution] = {}
    while waiting:
        wanted = waiting.pop()
        if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
            continue
        if name_of(wanted.name) not in found:
            found[name_of(wanted.name)] = installed = distribution(wanted.name)
            waiting += [Requirement(line) for line in installed.requires or ()]
    return found


def declared(package: Distribution) -> str:
    """Return the licence in the package's own words, the most exact ones it has."""
    about = package.metadata
    if expression := about.get("License-Expression"):
        return expression
    classifiers = [line for line in about.get_all("Classifier", []) if line.startswith("License")]
    if classifiers:
        return " AND ".join(line.rpartition(" :: ")[2] for line in classifiers)
    return (about.get("License") or "unknown").splitlines()[0]


def is_accepted(package: str, licence: str) -> bool:
    """Whether one of the choices of every part of a licence is accepted.

    >>> is_accepted("x", "MIT AND (GPL-3.0-only OR Apache-2.0)")
    True
    >>> is_accepted("x", "MIT AND GPL-3.0-only"), is_accepted("x", "unknown")
    (False, False)
    """
    accepted = PERMISSIVE | (FILE_LEVEL if package in FILE_LEVEL_ACCEPTED else set())
    parts = re.split(r"\s+AND\s+", licence)
    return all(
        any(choice in accepted for choice in re.split(r"\s+OR\s+", part.strip("() ")))
        for part in parts
    )


def table() -> dict[str, str]:
    return dict(_ROW.findall((ROOT / "docs" / "dependencies.md").read_text("utf-8")))


@pytest.mark.parametrize(("name", "package"), list(runtime().items()), ids=list(runtime()))
def test_licence_is_accepted_and_listed(name: str, package: Distribution) -> None:
    licence = declared(package)
    assert is_accepted(name, licence), f"{name}: {licence}"
    assert table().get(name) == licence, f"docs/dependencies.md must say | {name} | {licence} |"


def test_the_list_has_no_package_too_many() -> None:
    extra = set(table()) - set(runtime())
    for name in extra:
        with pytest.raises(PackageNotFoundError):  # fine where only other platforms need it
            distribution(name)


def test_copyleft_and_unknown_licences_are_refused() -> None:
    for licence in ("GPL-3.0-only", "LGPL-2.1-or-later", "MIT AND AGPL-3.0-only", "unknown"):
        assert not is_accepted("anything", licence)
    assert not is_accepted("anything", "MPL-2.0")
