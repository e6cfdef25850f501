"""The tables of reasons and constants in docs/, made from the code that has them.

Write them anew after a change to ``report/reasons.py`` or ``config.Rule``::

    python -m tests.docs.tables
"""

from __future__ import annotations

import ast
import inspect
from dataclasses import fields
from pathlib import Path

from dedup.model import Verdict
from dedup.report.reasons import WHY
from dedup.rule import Rule
from tests.written_parts import with_part

DOCS = Path(__file__).parents[2] / "docs"
_VERDICTS = (
    Verdict.EXACT, Verdict.NORMALISED, Verdict.NEAR, Verdict.TEMPLATE, Verdict.REWRITE,
    Verdict.CONTAINED, Verdict.NONE,
)  # fmt: skip


def table_of_reasons() -> str:
    """Return every reason with its verdict and what it means."""
    lines = ["| reason | verdict | what decided |", "|---|---|---|"]
    for reason, why in sorted(WHY.items(), key=lambda item: _VERDICTS.index(item[0].verdict)):
        lines.append(f"| `{reason.label}` | `{reason.verdict.label}` | {why} |")
    return "\n".join(lines)


def table_of_constants() -> str:
    """Return every constant of the rule with its default and what is said of it in the code."""
    said = docstrings_of_fields(Rule)
    lines = ["| constant | default | meaning |", "|---|---|---|"]
    for constant in fields(Rule):
        text = said[constant.name].removesuffix(".").replace("``", "`")
        text = text if text[1].isupper() else text[0].lower() + text[1:]
        lines.append(f"| `{constant.name}` | {constant.default} | {text} |")
    return "\n".join(lines)


def docstrings_of_fields(kind: type) -> dict[str, str]:
    """Return the strings that stand under the fields of a class, each in one line."""
    [made] = ast.parse(inspect.getsource(kind)).body
    assert isinstance(made, ast.ClassDef)
    found: dict[str, str] = {}
    for field, below in zip(made.body, made.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr):
            assert isinstance(field.target, ast.Name)
            found[field.target.id] = " ".join(str(ast.literal_eval(below.value)).split())
    return found


def pages_anew() -> dict[Path, str]:
    """Return the pages as they should be."""
    parts = (("results.md", "reasons", table_of_reasons()),
             ("algorithm.md", "constants", table_of_constants()))  # fmt: skip
    return {
        DOCS / page: with_part((DOCS / page).read_text("utf-8"), name, table)
        for page, name, table in parts
    }


if __name__ == "__main__":
    for path, page in pages_anew().items():
        path.write_text(page, "utf-8")
