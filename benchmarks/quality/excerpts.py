"""Recall of excerpts: ``python -m benchmarks.quality.excerpts [--articles N | --corpus FILE]``.

Cuts excerpts of some lengths out of articles, changes a word here and there in some of them,
adds them to the corpus, and counts how many a scan links with the article they were cut from.
Made-up articles by default (``benchmarks.generate``), or a JSONL file with ``text``.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

import orjson

from benchmarks.generate import write_corpus
from dedup import Settings, scan

CASES = ((30, 0), (45, 0), (60, 0), (60, 1), (60, 2), (100, 0), (100, 3), (200, 0), (200, 6))
"""Words of an excerpt, and words of it that are replaced."""
EACH = 300
LONGEST_SHARE = 0.34
"""An excerpt is no longer than this share of its article."""


def read(path: Path, most: int) -> list[str]:
    """Return the texts of the first records of a file."""
    with path.open("rb") as lines:
        return [orjson.loads(line)["text"] for _, line in zip(range(most), lines, strict=False)]


def plant(texts: list[str], seed: int) -> Iterator[tuple[str, int, str]]:
    """Yield the name of each excerpt, the row of its article, and its text."""
    draw = Random(seed)
    words = [text.split() for text in texts]
    for length, n_changes in CASES:
        long_enough = [
            row for row, found in enumerate(words) if len(found) * LONGEST_SHARE >= length
        ]
        for number in range(EACH if long_enough else 0):
            row = draw.choice(long_enough)
            start = draw.randrange(len(words[row]) - length)
            part = words[row][start : start + length]
            for place in draw.sample(range(length), n_changes):
                part[place] = f"{part[place][:2]}{draw.randrange(10**5)}word"
            yield f"{length}/{n_changes}/{number}", row, " ".join(part)


def measure(texts: list[str], seed: int, settings: Settings) -> None:
    """Scan texts and excerpts together, and print the share that was found."""
    excerpts = list(plant(texts, seed))
    corpus = [{"id": str(row), "text": text} for row, text in enumerate(texts)]
    corpus += [{"id": name, "text": text} for name, _, text in excerpts]
    result = scan(corpus, settings)
    linked: dict[str, set[str]] = {}
    for link in result.iter_links():
        if link.verdict == "contained":
            linked.setdefault(link.left, set()).add(link.right)
            linked.setdefault(link.right, set()).add(link.left)
    n_candidates = result.counts["excerpt_candidates"]
    print(f"{len(texts):,} articles, {len(excerpts):,} excerpts, {n_candidates:,} by samples")
    print("words  replaced  contained in its article  contained in any")
    for length, n_changes in CASES:
        here = [case for case in excerpts if case[0].startswith(f"{length}/{n_changes}/")]
        if here:
            own = sum(str(row) in linked.get(name, ()) for name, row, _ in here) / len(here)
            some = sum(bool(linked.get(name)) for name, _, _ in here) / len(here)
            print(f"{length:>5}  {n_changes:>8}  {own:>24.3f}  {some:>16.3f}")


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--corpus", type=Path, help="JSONL with texts, instead of made-up articles")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    settings = Settings(threads=given.threads, repeats=False)
    if given.corpus:
        measure(read(given.corpus, given.articles), given.seed, settings)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "articles.jsonl")
        write_corpus(path, "articles", given.seed, n_documents=given.articles)
        measure(read(path, given.articles), given.seed, settings)


if __name__ == "__main__":
    main()
