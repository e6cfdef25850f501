"""What commands tell and the library takes, where telling it must load nothing else."""

from __future__ import annotations

from typing import Final

SURVIVOR_RULES: Final = (
    "fullest",
    "oldest",
    "newest",
    "longest",
    "most-complete",
    "first",
    "source:A>B",
    "field:NAME:max",
)
"""The rules of survivor policies, as a user writes them."""
REMOVABLE_LINKS: Final = ("contained", "near", "rewrite", "template")
"""Verdicts of links whose lesser side `dedup apply` removes when asked to."""
AUDITED_TEXTS: Final = 500
"""Texts that `dedup audit` compares with all others."""
ASKED_PAIRS: Final = 30
"""Pairs that `dedup calibrate` asks about."""
