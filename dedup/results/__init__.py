"""The results folder: what a scan leaves for other commands and other programs."""

from __future__ import annotations

from dedup.results.writer import check_target, write_results

__all__ = ["check_target", "write_results"]
