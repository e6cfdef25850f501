"""The reference part of docs/cli.md, made from what the commands say of themselves.

Write it anew after a change to an option::

    python -m tests.docs.cli_reference
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from dedup.cli.main import group
from tests.written_parts import with_part

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"
_WIDTH = 88


def iter_commands(
    command: click.Command = group, name: str = "dedup", parent: click.Context | None = None
) -> Iterator[tuple[str, click.Command, click.Context]]:
    """Yield a command and all below it: what is typed, the command, its context."""
    shape = {"terminal_width": _WIDTH, **command.context_settings}
    context = click.Context(command, parent, info_name=name, **shape)
    yield context.command_path, command, context
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            assert found is not None, below
            yield from iter_commands(found, below, context)


def reference() -> str:
    """Return the reference: a heading and the help text of every command."""
    parts = [
        f"### {path}\n\n```text\n{command.get_help(context)}\n```\n"
        for path, command, context in iter_commands()
    ]
    return "\n".join(parts).rstrip("\n")


def page_anew() -> str:
    """Return the page as it should be."""
    return with_part(PAGE.read_text("utf-8"), "reference", reference())


if __name__ == "__main__":
    PAGE.write_text(page_anew(), "utf-8")
