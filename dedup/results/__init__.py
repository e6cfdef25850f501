"""The results folder: what a scan leaves for other commands and other programs."""

from __future__ import annotations

from dedup.results.reader import Results, check_opened, open_results
from dedup.results.writer import check_target, write_results

__all__ = ["Results", "check_opened", "check_target", "open_results", "write_results"]
