"""What other inputs and small calls take: ``python -m benchmarks.calls``.

Processor time on one thread, of the fastest of some rounds, in a process that has scanned before:
start-up and compiled kernels are no part of it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import Any

import dedup
from benchmarks.generate import write_corpus

SETTINGS = dedup.Settings(threads=1)
Record = dict[str, Any]


def write_pages(records: list[Record], folder: Path) -> None:
    """Write records as pages of HTML, with a menu and a footer around each text."""
    menu = "".join(f'<li><a href="/{n}">Section {n} of the paper</a></li>' for n in range(20))
    for number, record in enumerate(records):
        title = escape(record["title"])
        story = "".join(f"<p>{escape(part)}</p>\n" for part in record["text"].split("\n\n"))
        page = (
            f"<html><head><title>{title}</title></head><body><nav><ul>{menu}</ul></nav>"
            f"<article><h1>{title}</h1>{story}</article><footer>Printed here</footer></body></html>"
        )
        (folder / f"{number}.html").write_text(page, "utf-8")


def seconds_of(call: Callable[[], object], rounds: int) -> float:
    """Return the processor time of the fastest of some rounds; one more goes before."""
    call()
    spent: list[float] = []
    for _ in range(rounds):
        started = time.process_time()
        call()
        spent.append(time.process_time() - started)
    return min(spent)


def rows(n_records: int, n_pages: int, rounds: int) -> Iterator[tuple[str, float]]:
    """Yield what is called, and the seconds that it takes."""
    with tempfile.TemporaryDirectory() as folder:
        corpus, pages = Path(folder, "corpus.jsonl"), Path(folder, "pages")
        write_corpus(corpus, "articles", seed=1, n_documents=n_records)
        lines = corpus.read_text("utf-8").splitlines()
        records: list[Record] = [json.loads(line) for line in lines]
        pages.mkdir()
        write_pages(records[:n_pages], pages)
        texts = [record["text"] for record in records]
        calls: dict[str, Any] = {
            "two short texts": ["a text of a few words", "another text of a few words"],
            f"{n_records:,} mappings": records,
            f"{n_records:,} texts, those of the mappings": texts,
            f"{n_pages:,} pages of HTML": pages,
        }
        for name, source in calls.items():
            yield name, seconds_of(lambda source=source: dedup.scan(source, SETTINGS), rounds)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calls", description=__doc__)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--pages", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print("| scan of | milliseconds |\n|---|--:|")
    for name, seconds in rows(options.records, options.pages, options.rounds):
        print(f"| {name} | {seconds * 1e3:,.0f} |")


if __name__ == "__main__":
    main()
