"""Numbers that options take: what is none is refused with the range, in words."""

from __future__ import annotations

from typing import Any

import click


class WholeNumber(click.IntRange):
    """A whole number of a range."""

    def convert(
        self,
        value: Any,  # noqa: ANN401 - what was typed, or a default
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> int:
        """Return the number; click would call it an integer range."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(_asked("a whole number", self, value), param, ctx)


class Number(click.FloatRange):
    """A number of a range."""

    def convert(
        self,
        value: Any,  # noqa: ANN401
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> float:
        """Return the number; click would call it a float range."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(_asked("a number", self, value), param, ctx)


def _asked(what: str, of: click.IntRange | click.FloatRange, value: object) -> str:
    to = "up" if of.max is None else f"to {of.max:g}"
    return f"give {what} from {of.min:g} {to}, not {str(value)!r}."
