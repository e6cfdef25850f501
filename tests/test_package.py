"""The package: what ``import dedup`` offers."""

from __future__ import annotations

import doctest
import inspect
import subprocess
import sys
from importlib.resources import files

import pytest

import dedup


def test_every_public_name_is_there_and_documented() -> None:
    for name in dedup.__all__:
        found = getattr(dedup, name)
        if name != "__version__":
            assert inspect.getdoc(found), name
            assert found.__doc__ != object.__doc__


def test_a_shell_completes_public_names_before_they_are_used() -> None:
    listed = subprocess.run(
        [sys.executable, "-c", "import dedup; print(*dir(dedup))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert set(dedup.__all__) <= set(listed)


def test_public_methods_are_documented() -> None:
    for name in dedup.__all__:
        found = getattr(dedup, name)
        if inspect.isclass(found) and found.__module__.startswith("dedup"):
            for part, value in vars(found).items():
                if not part.startswith("_") and (callable(value) or isinstance(value, property)):
                    assert inspect.getdoc(value), f"{name}.{part}"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'deduplicate'"):
        _ = dedup.deduplicate


def test_types_are_shipped() -> None:
    assert files("dedup").joinpath("py.typed").is_file()


def test_the_first_example_of_the_package_runs() -> None:
    assert doctest.testmod(dedup).attempted >= 3
    assert doctest.testmod(dedup).failed == 0
