"""The labelled pairs of ``fixtures/pairs/``: read them, measure them, and ask the program.

A label is never written here. After a change to a text or to the rule, write the figures, what
the program says of the known failures, and the tables of ``fixtures/README.md`` anew::

    python -m tests.labelled_pairs
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dedup import Result, Settings, scan
from tests.conftest import FIXTURES
from tests.corpora import filler
from tests.written_parts import with_part

FOLDER = FIXTURES / "pairs"
README = FIXTURES / "README.md"

EVERY_PAIR = Settings(threads=1, num_perm=128, bands=128, rows=1, repeats=False)
"""Bands that miss no pair worth a verdict: the rule is looked at here, not the chance."""

SCRIPTS = {
    "en": "Latin",
    "de": "Latin",
    "ru": "Cyrillic",
    "ar": "Arabic",
    "hi": "Devanagari",
    "zh": "Han and Kana",
    "ja": "Han and Kana",
    "th": "Thai",
}
"""The script of a language; a translation counts for the language that is not English."""

FORMS = ("weather", "earnings", "match", "obituary", "job-ad", "guide")
"""Forms that stand in several scripts; a pair may have another."""

_UNSPACED = ("CJK UNIFIED", "HIRAGANA", "KATAKANA", "THAI")

Pair = dict[str, Any]


def files() -> list[Path]:
    return sorted(FOLDER.glob("*.jsonl"))


def read_pairs() -> dict[str, Pair]:
    lines = [line for path in files() for line in path.read_bytes().splitlines()]
    return {pair["id"]: pair for pair in map(json.loads, lines)}


def script_of(pair: Pair) -> str:
    return SCRIPTS[pair["lang"].rpartition("-")[2]]


# --- the yardstick: plain tokens, sets of five


def plain_tokens(text: str) -> list[str]:
    """Return lower-case runs of letters, digits and their marks, nothing normalised.

    In scripts that are written without spaces each letter with its marks is a token.
    """
    tokens: list[str] = []
    in_word = False
    for character in text.lower():
        kind = unicodedata.category(character)[0]
        if kind not in "LNM":
            in_word = False
            continue
        alone = kind == "L" and unicodedata.name(character, "").startswith(_UNSPACED)
        if tokens and (kind == "M" or (in_word and not alone)):
            tokens[-1] += character
        else:
            tokens.append(character)
        if kind != "M":
            in_word = not alone
    return tokens


def shingles(text: str, width: int = 5) -> set[tuple[str, ...]]:
    tokens = plain_tokens(text)
    if not tokens:
        return set()
    return {tuple(tokens[i : i + width]) for i in range(max(1, len(tokens) - width + 1))}


def figures(pair: Pair) -> dict[str, float]:
    """Return Jaccard and containment (of the smaller set) of a pair, to two decimals."""
    left, right = (shingles(pair[side]["text"]) for side in ("left", "right"))
    shared, smaller = len(left & right), min(len(left), len(right))
    return {
        "jaccard5": round(shared / len(left | right), 2) if left | right else 0.0,
        "containment5": round(shared / smaller, 2) if smaller else 0.0,
    }


# --- what the program says


@dataclass(frozen=True)
class Relation:
    """What a scan says two texts are to each other."""

    verdict: str = "none"
    flags: frozenset[str] = frozenset()
    inner: str | None = None


def batches(pairs: dict[str, Pair]) -> list[list[Pair]]:
    """Divide the pairs so that no two of one batch share a shingle: one scan for many."""
    divided: list[list[Pair]] = []
    taken: list[set[tuple[str, ...]]] = []
    for pair in pairs.values():
        own = shingles(pair["left"]["text"]) | shingles(pair["right"]["text"])
        free = (k for k, others in enumerate(taken) if not own & others)
        if (k := next(free, len(divided))) == len(divided):
            divided.append([])
            taken.append(set())
        divided[k].append(pair)
        taken[k] |= own
    return divided


@cache
def relations(settings: Settings = EVERY_PAIR) -> dict[str, Relation]:
    """Return what the default rule says of every pair, among other articles."""
    found: dict[str, Relation] = {}
    pairs = read_pairs()
    for batch in batches(pairs):
        records = [
            {"id": f"{pair['id']}/{side}", **pair[side]}
            for pair in batch
            for side in ("left", "right")
        ]
        found |= _relations_in(scan([*records, *filler()], settings))
    return {id: found.get(id, Relation()) for id in pairs}


def _relations_in(result: Result) -> dict[str, Relation]:
    found: dict[str, Relation] = {}

    def add(one: str, other: str, relation: Relation) -> None:
        id, _, _ = one.rpartition("/")
        if other.rpartition("/")[0] != id or id in found:
            message = f"{one} and {other} are related, and the fixtures do not say so"
            raise ValueError(message)
        found[id] = relation

    for cluster in result.clusters:
        for member in cluster.members[1:]:
            add(
                cluster.representative, member.id, Relation(member.verdict, frozenset(member.flags))
            )
    for link in result.links:
        inner = link.left if link.containment_left > link.containment_right else link.right
        side = inner.rpartition("/")[2]
        add(link.left, link.right, Relation(link.verdict, frozenset(link.flags), side))
    return found


# --- the tables of the README


def coverage_table(pairs: dict[str, Pair]) -> str:
    """Return how many pairs of each kind stand in each script."""
    scripts = list(dict.fromkeys(SCRIPTS.values()))
    counts = Counter((_kind(pair), script_of(pair)) for pair in pairs.values())
    labels = {
        kind: sorted({pair["label"] for pair in pairs.values() if _kind(pair) == kind})
        for kind in dict.fromkeys(map(_kind, pairs.values()))
    }
    lines = [f"| kind | labels | {' | '.join(scripts)} |", "|---" * (len(scripts) + 2) + "|"]
    for kind, found in labels.items():
        cells = " | ".join(str(counts[kind, script] or "") for script in scripts)
        lines.append(f"| {kind} | {', '.join(f'`{label}`' for label in found)} | {cells} |")
    return "\n".join(lines)


def _kind(pair: Pair) -> str:
    return f"{pair['kind']}: {pair['form']}" if "form" in pair else pair["kind"]


def failure_table(pairs: dict[str, Pair]) -> str:
    """Return the known failures, those of one reason and verdict in one line."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for pair in pairs.values():
        if "known_failure" in pair:
            key = pair["why"], pair["label"], pair["rule_says"]
            groups.setdefault(key, []).append(f"`{pair['id']}`")
    lines = ["| pairs | label | rule says | why |", "|---|---|---|---|"]
    for (why, label, says), ids in sorted(groups.items()):
        lines.append(f"| {', '.join(ids)} | `{label}` | `{says}` | {why} |")
    total = sum(map(len, groups.values()))
    return f"{total} of {len(pairs)} pairs.\n\n" + "\n".join(lines)


def readme_with_tables(page: str, pairs: dict[str, Pair]) -> str:
    """Return the page with both tables written anew."""
    page = with_part(page, "kinds", coverage_table(pairs))
    return with_part(page, "failures", failure_table(pairs))


def write_anew() -> list[str]:
    """Write figures, ``rule_says`` and tables; return the pairs whose marks are wrong."""
    said, wrong = relations(), []
    for path in files():
        pairs = list(map(json.loads, path.read_bytes().splitlines()))
        for pair in pairs:
            pair |= figures(pair)
            relation = said[pair["id"]]
            right = (relation.verdict, relation.flags) == (pair["label"], {*pair["flags"]})
            if "known_failure" in pair:
                pair["rule_says"] = relation.verdict
            if right == ("known_failure" in pair):
                mark = "passes now" if right else f"fails: {relation.verdict} {relation.flags}"
                wrong.append(f"{pair['id']} ({pair['label']}) {mark}")
        lines = [json.dumps(pair, ensure_ascii=False) + "\n" for pair in pairs]
        path.write_text("".join(lines), "utf-8", newline="\n")
    README.write_text(readme_with_tables(README.read_text("utf-8"), read_pairs()), "utf-8")
    return wrong


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in write_anew())
