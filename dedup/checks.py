"""What settings and options may be: their kinds and ranges, told in one form of words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from math import inf
from numbers import Integral, Real
from os import PathLike, fspath
from typing import Any, Final, NoReturn, cast

from dedup.errors import SettingsError

_PLAIN: Final = (bool, int, float, str, tuple, type(None))


def make_plain(settings: object) -> None:
    """Put plain numbers and strings in the place of numpy's and of paths: those are JSON."""
    for constant in fields(cast("Any", settings)):
        value = getattr(settings, constant.name)
        if type(value) in _PLAIN:
            continue
        if isinstance(value, PathLike):
            object.__setattr__(settings, constant.name, fspath(value))
        elif isinstance(value, Integral):
            object.__setattr__(settings, constant.name, int(value))
        elif isinstance(value, Real):
            object.__setattr__(settings, constant.name, float(value))


def check_number(name: str, value: object, low: float, high: float) -> None:
    """Raise unless a value is a number of a range; a truth value is none."""
    if not _is(value, Real) or not low <= cast("float", value) <= high:
        _refuse(name, value, _range("", low, high))


def check_whole(name: str, value: object, low: int, high: int) -> None:
    """Raise unless a value is a whole number of a range; a truth value is none."""
    if not _is(value, Integral) or not low <= cast("int", value) <= high:
        _refuse(name, value, _range("a whole number ", low, high))


def check_count(name: str, value: object, kind: type[Real], most: int) -> None:
    """Raise unless a value can be a count, or with ``Real`` a mean of counts."""
    if not _is(value, kind) or not 0 <= cast("float", value) <= most:
        what = "a whole number" if kind is Integral else "a number"
        _refuse(name, value, f"{what} from 0 to {most}")


def check_flag(name: str, value: object) -> None:
    """Raise unless a value is True or False: ``"no"`` would be taken for yes."""
    if not isinstance(value, bool):
        _refuse(name, value, "True or False")


def check_text(name: str, value: object, example: str = "", *, optional: bool = False) -> None:
    """Raise unless a value is a string, or None where that is allowed."""
    if isinstance(value, str) or (optional and value is None):
        return
    _refuse(name, value, f"a string{example and f' such as {example}'}{' or None' * optional}")


def check_choice(name: str, value: object, choices: Sequence[str]) -> None:
    """Raise unless a value is one of some words."""
    if value not in choices:
        _refuse(name, value, f"one of {', '.join(choices)}")


def check_texts(name: str, value: object, example: str, choices: Sequence[str] = ()) -> None:
    """Raise unless a value is a tuple or list of strings, all of them of ``choices`` if given.

    A single string is none: it would be walked by its characters.
    """
    if not isinstance(value, tuple | list):
        _refuse(name, value, f"a tuple or list of strings, such as {example}")
    for item in cast("Sequence[object]", value):
        if not isinstance(item, str):
            _refuse(name, value, f"a tuple or list of strings, such as {example}")
        if choices and item not in choices:
            message = f"{name} has {item!r}; it may have {', '.join(choices)}"
            raise SettingsError(message)


def check_kind(name: str, value: object, kind: type, example: str) -> None:
    """Raise unless a value is an object of a class of this package."""
    if not isinstance(value, kind):
        _refuse(name, value, f"a dedup.{kind.__name__}, such as {example}")


def _is(value: object, kind: type[Real]) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def _range(what: str, low: float, high: float) -> str:
    return f"{what}from {low} up" if high == inf else f"{what}from {low} to {high}"


def _refuse(name: str, value: object, what: str) -> NoReturn:
    message = f"{name} is {value!r}; it must be {what}"
    raise SettingsError(message)
