"""Short stories in long frames: ``python -m benchmarks.quality.frames CORPUS.jsonl [--seed N]``.

Makes sites of some pages out of the last texts of a corpus (JSONL with ``text``): each page is the
frame of its site, lines of many texts, around a passage of one other text, which is its story. One
page of each site has a copy in which a word in twenty of the story is replaced. All are added to
the rest of the corpus. Counted are pairs of pages of one site in one cluster, which are wrong, and
copies in a cluster with their page, which are right.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations, product
from pathlib import Path
from random import Random
from typing import NamedTuple

import orjson

from dedup import Result, Rule, Settings, scan

FRAMES, STORIES, PAGES = (100, 200, 400), (15, 30, 60), (2, 10, 40)
"""Words of a frame, words of a story, pages of a site."""
SITES = {2: 12, 10: 12, 40: 4}
"""Sites of so many pages that are made of each kind."""
LINE = 10
"""Words of a frame that come from one text."""
USED = 10_000
"""Texts, the last of the corpus, of which pages are made."""


class Page(NamedTuple):
    """A page, or the copy of one: its site, its number in it, and its text."""

    site: str
    number: str
    text: str


def cut(draw: Random, texts: list[list[str]], length: int) -> list[str]:
    """Return some words in a row of any text that is long enough."""
    while len(words := draw.choice(texts)) <= length:
        pass
    start = draw.randrange(len(words) - length)
    return words[start : start + length]


def make_pages(texts: list[list[str]], seed: int) -> Iterator[Page]:
    """Yield the pages of all sites; the copy of a site's first page is called ``copy``."""
    draw = Random(seed)
    others, texts = texts[: len(texts) // 2], texts[len(texts) // 2 :]
    for n_frame, n_story, n_pages in product(FRAMES, STORIES, PAGES):
        for number in range(SITES[n_pages]):
            site = f"{n_frame}/{n_story}/{n_pages}/{number}"
            frame = [word for _ in range(n_frame // LINE) for word in cut(draw, others, LINE)]
            at = draw.randrange(n_frame // 4, n_frame * 3 // 4)
            stories = [cut(draw, texts, n_story) for _ in range(n_pages)]
            copy = list(stories[0])
            for place in draw.sample(range(n_story), max(1, n_story // 20)):
                copy[place] = cut(draw, texts, 1)[0]
            names = [*map(str, range(n_pages)), "copy"]
            for name, story in zip(names, [*stories, copy], strict=True):
                yield Page(site, name, " ".join([*frame[:at], *story, *frame[at:]]))


def count(pages: list[Page], result: Result) -> dict[str, list[int]]:
    """Count by words of frame and story: pairs of pages together, all, copies together, all."""
    cluster_of = {member.id: c.cluster for c in result.clusters for member in c.members}
    sites: defaultdict[str, list[str]] = defaultdict(list)
    for page in pages:
        sites[page.site].append(page.number)
    found: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for site, numbers in sites.items():
        counts = found[" | ".join(site.split("/")[:2])]
        clusters = {number: cluster_of.get(f"{site}/{number}", number) for number in numbers}
        copy = clusters.pop("copy")
        together = [one == other for one, other in combinations(clusters.values(), 2)]
        counts[0] += sum(together)
        counts[1] += len(together)
        counts[2] += copy == clusters["0"]
        counts[3] += 1
    found["all | "] = [sum(counts[k] for counts in found.values()) for k in range(4)]
    return found


def main() -> None:
    """Measure what the command line asks for, with passages looked at and without."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.frames")
    parser.add_argument("corpus", type=Path, metavar="CORPUS.jsonl")
    parser.add_argument("--seed", type=int, default=2)
    given = parser.parse_args()
    with given.corpus.open("rb") as file:
        texts = [orjson.loads(line)["text"] for line in file]
    pages = list(make_pages([text.split() for text in texts[-USED:]], given.seed))
    corpus = [{"id": str(row), "text": text} for row, text in enumerate(texts[:-USED])]
    corpus += [{"id": f"{page.site}/{page.number}", "text": page.text} for page in pages]
    before, now = (
        count(pages, scan(corpus, Settings(repeats=False, rule=rule)))
        for rule in (Rule(passage_share=1.0), Rule())
    )
    print("| frame | story | pairs of pages | together before | now | copies | before | now |")
    print("|--:|--:|--:|--:|--:|--:|--:|--:|")
    for kind, (pairs, n_pairs, copies, n_copies) in before.items():
        cells = (n_pairs, pairs, now[kind][0], n_copies, copies, now[kind][2])
        print(f"| {kind} | {' | '.join(map(str, cells))} |")


if __name__ == "__main__":
    main()
