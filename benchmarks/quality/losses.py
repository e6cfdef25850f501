"""Text that removals would lose: ``python -m benchmarks.quality.losses RELEASES.jsonl``.

Scans releases, dated by their ids, under survivor policies, and looks for passages of removable
near copies that stand nowhere in the record that is kept: runs of words of which no five in a row
are in the kept text. Words and sets of five are plain Python, and not what the scan compares.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path

from benchmarks.quality.releases import read_id
from dedup import Document, Result, Settings, scan

POLICIES = ("oldest,longest", "fullest,oldest,longest")
LENGTHS = (12, 25, 50, 100)
WIDTH = 5
_words = re.compile(r"\w+").findall


def lost_passages(removed: str, kept: str) -> list[int]:
    """Return the words of each passage of a text that stands nowhere in another.

    Examples
    --------
    >>> lost_passages("a b c d e f g h", "a b c d e")
    [3]
    """
    words, others = _words(removed.lower()), _words(kept.lower())
    known = {tuple(others[at : at + WIDTH]) for at in range(len(others) - WIDTH + 1)}
    held = [False] * len(words)
    for at in range(len(words) - WIDTH + 1):
        if tuple(words[at : at + WIDTH]) in known:
            held[at : at + WIDTH] = [True] * WIDTH
    return list(map(len, "".join(" " if here else "x" for here in held).split()))


def read(corpus: Path) -> Iterator[Document]:
    """Yield the releases, with the day that their ids tell."""
    with corpus.open("rb") as lines:
        for line in lines:
            record = json.loads(line)
            _, day = read_id(record["id"])
            yield Document(record["text"], id=record["id"], date=day and day.isoformat())


def losses(result: Result, texts: dict[str, str]) -> list[list[int]]:
    """Return the lost passages of each near copy that could go."""
    return [
        lost_passages(texts[member.id], texts[cluster.representative])
        for cluster in result.iter_clusters()
        for member in cluster.members
        if member.verdict == "near"
    ]


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.losses")
    parser.add_argument("corpus", type=Path, metavar="RELEASES.jsonl")
    documents = list(read(parser.parse_args().corpus))
    texts = {document.id or "": document.text for document in documents}
    print("| policy | near copies | " + " | ".join(f"lose {n} words" for n in LENGTHS), end="")
    print(f" | words in passages of {LENGTHS[0]} |\n|---" + "|--:" * (len(LENGTHS) + 2) + "|")
    for keep in POLICIES:
        found = losses(scan(documents, Settings(repeats=False, keep=keep)), texts)
        counts = [sum(max(copy, default=0) >= n for copy in found) for n in LENGTHS]
        words = sum(n for copy in found for n in copy if n >= LENGTHS[0])
        print(f"| `{keep}` | {len(found)} | " + " | ".join(map(str, (*counts, words))) + " |")


if __name__ == "__main__":
    main()
