"""The command line: a thin shell over the library; click is imported here only."""

from __future__ import annotations

from dedup.cli.main import main

__all__ = ["main"]
