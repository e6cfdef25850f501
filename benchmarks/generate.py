"""Write a made-up corpus with planted duplicates: ``python -m benchmarks.generate --help``.

The corpus is one endless stream of records, made in blocks; block ``b`` draws its chance from
``(seed, kind, b)`` and copies only what earlier blocks wrote. The size asked for never enters
into it: writing just stops at the first record that reaches it. So a smaller corpus of the same
seed and kind is, byte for byte, the beginning of a larger one.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from benchmarks.corpora import truth_path
from benchmarks.edits import KINDS, RESTYLES, Kind
from benchmarks.prose import write_prose
from benchmarks.vocabulary import Codes, Vocabulary, load_vocabulary

_POOL_SIZE = 1024
"""Texts kept at hand to be copied by later blocks."""
_POOL_PER_BLOCK = 12
_REUSE = 0.25
"""How often an article that was copied may be copied again."""
_TITLE_WORDS = 7
_FIRST_DAY = date(2019, 1, 1)
_N_DAYS = 6 * 365
_PLANTED = tuple(kind for kind in KINDS if kind not in ("words-30", "inserted"))
"""What the corpus of the recorded benchmarks plants: adding to it would change the corpus."""
_SOURCES = tuple(
    f"{town}-{paper}.example"
    for town in ("northport", "eastvale", "granby", "milford", "harrow", "lowland", "sedgwick")
    for paper in ("courier", "times", "post", "herald", "gazette", "wire")
)


@dataclass(frozen=True, slots=True)
class CorpusKind:
    """The shape of one kind of corpus."""

    number: int
    """Part of the seed of every block."""
    words: tuple[int, int]
    """Fewest and most words of a text."""
    planted: tuple[str, ...] = ()
    """Kinds of copies planted, each as often as the other."""
    min_marks: int = 0
    """Fewest paragraphs, and numbers, that a text must have to be copied."""
    block: int = 64
    """New texts in a block."""
    copies: int = 8
    """Planted copies in a block."""
    shared_words: int = 0
    """Words of a block of text that stands in every document."""


CORPUS_KINDS = {
    "articles": CorpusKind(1, (100, 900), _PLANTED, min_marks=4),
    "short": CorpusKind(
        2, (20, 40), ("exact", "normalised", "words-5", "words-10"), block=512, copies=32
    ),
    "identical": CorpusKind(3, (0, 0), shared_words=400),
    "edits": CorpusKind(5, (100, 900), tuple(KINDS), min_marks=4, copies=32),
    "boilerplate": CorpusKind(4, (60, 120), shared_words=400),
}
"""Every kind of corpus by name."""


class Record(NamedTuple):
    """One line of the corpus, and where it was copied from, if it was."""

    line: bytes
    truth: bytes = b""


class Original(NamedTuple):
    """A written article that a later block may copy."""

    id: str
    title: str
    codes: Codes


@dataclass(slots=True)
class Stream:
    """The endless stream of records of one kind and seed."""

    kind: CorpusKind
    seed: int
    vocabulary: Vocabulary = field(default_factory=load_vocabulary)
    pool: list[Original] = field(default_factory=list)
    n_written: int = 0

    def records(self) -> Iterator[Record]:
        """Yield records without end."""
        make = self._shared_block if self.kind.shared_words else self._article_block
        for block in itertools.count():
            yield from make(np.random.default_rng((self.seed, self.kind.number, block)))

    def _article_block(self, rng: np.random.Generator) -> Iterator[Record]:
        low, high = self.kind.words
        # The smaller of two draws: more short articles than long ones.
        lengths = rng.integers(low, high + 1, (2, self.kind.block)).min(axis=0)
        texts = write_prose(self.vocabulary, rng, lengths)
        turns = np.zeros(self.kind.block + self.kind.copies, bool)
        turns[: self.kind.copies] = True
        rng.shuffle(turns)
        heads = self._draw_heads(rng, len(turns))
        copyable = list(self.pool)
        originals: list[Original] = []
        rows = iter(texts)
        for is_copy, head in zip(turns.tolist(), heads, strict=True):
            if is_copy:
                if copyable:
                    yield self._copy(rng, copyable, head)
                continue
            codes = next(rows)
            originals.append(Original(self._next_id(), head.title, codes))
            yield Record(head.line(originals[-1].id, self.vocabulary.spell(codes)))
        self.pool = copyable
        self._fill_pool(rng, originals)

    def _copy(self, rng: np.random.Generator, copyable: list[Original], head: Head) -> Record:
        row = int(rng.integers(len(copyable)))
        original = copyable[row]
        if rng.random() >= _REUSE:
            copyable[row] = copyable[-1]
            copyable.pop()
        kind: Kind = KINDS[self.kind.planted[int(rng.integers(len(self.kind.planted)))]]
        copy = kind.edit(self.vocabulary, rng, original.codes)
        text = RESTYLES[copy.restyle](self.vocabulary.spell(copy.codes))
        if copy.preface:
            text = f"{head.title}\nBy {head.title.rsplit(' ', 1)[-1]} Staff\n\n{text}"
        else:
            head = head._replace(title=original.title)
        identity = self._next_id()
        truth = {"left": original.id, "right": identity, "kind": kind.name}
        return Record(head.line(identity, text), orjson.dumps(truth) + b"\n")

    def _fill_pool(self, rng: np.random.Generator, originals: list[Original]) -> None:
        for original in originals[:_POOL_PER_BLOCK]:
            n_paragraphs = np.count_nonzero(self.vocabulary.is_paragraph_end(original.codes))
            n_numbers = np.count_nonzero(self.vocabulary.is_number(original.codes))
            if min(n_paragraphs, n_numbers) < self.kind.min_marks:
                continue
            if len(self.pool) < _POOL_SIZE:
                self.pool.append(original)
            else:
                self.pool[int(rng.integers(_POOL_SIZE))] = original

    def _shared_block(self, rng: np.random.Generator) -> Iterator[Record]:
        fixed = np.random.default_rng((self.seed, self.kind.number))
        shared = self._spell_all(fixed, np.array([self.kind.shared_words]))[0]
        bodies = [""] * self.kind.block
        low, high = self.kind.words
        if high:
            lengths = rng.integers(low, high + 1, self.kind.block)
            bodies = [body + "\n\n" for body in self._spell_all(rng, lengths)]
        for body, head in zip(bodies, self._draw_heads(rng, len(bodies)), strict=True):
            yield Record(head.line(self._next_id(), body + shared))

    def _spell_all(self, rng: np.random.Generator, lengths: NDArray[np.int64]) -> list[str]:
        texts = write_prose(self.vocabulary, rng, lengths)
        return [self.vocabulary.spell(codes) for codes in texts]

    def _next_id(self) -> str:
        self.n_written += 1
        return f"{self.n_written:09d}"

    def _draw_heads(self, rng: np.random.Generator, n_heads: int) -> list[Head]:
        words = self.vocabulary.draw_words(rng, n_heads * _TITLE_WORDS)
        spelled = [self.vocabulary.words[w] for w in words.tolist()]
        days = rng.integers(0, _N_DAYS, n_heads).tolist()
        sources = rng.integers(0, len(_SOURCES), n_heads).tolist()
        return [
            Head(
                " ".join(spelled[i * _TITLE_WORDS : (i + 1) * _TITLE_WORDS]).capitalize(),
                (_FIRST_DAY + timedelta(days=day)).isoformat(),
                _SOURCES[source],
            )
            for i, (day, source) in enumerate(zip(days, sources, strict=True))
        ]


class Head(NamedTuple):
    """What stands around a text: title, date and source."""

    title: str
    date: str
    source: str

    def line(self, identity: str, text: str) -> bytes:
        """Return the record as a line of JSON."""
        slug = self.title.lower().replace(" ", "-")
        return orjson.dumps(
            {
                "id": identity,
                "title": self.title,
                "text": text,
                "url": f"https://{self.source}/{self.date}/{slug}-{identity}",
                "date": self.date,
                "source": self.source,
            },
            option=orjson.OPT_APPEND_NEWLINE,
        )


def write_corpus(
    path: Path, kind: str, seed: int, n_bytes: int | None = None, n_documents: int | None = None
) -> int:
    """Write a corpus and its truth.

    Parameters
    ----------
    path : Path
        The JSONL file to write; the truth goes beside it.
    kind : str
        A key of :data:`CORPUS_KINDS`.
    seed : int
        Another seed gives another corpus.
    n_bytes, n_documents : int, optional
        Stop at the first record that reaches either.

    Returns
    -------
    int
        Number of documents written.
    """
    byte_goal = n_bytes if n_bytes is not None else sys.maxsize
    record_goal = n_documents if n_documents is not None else sys.maxsize
    n_written = size = 0
    with path.open("wb", 1 << 20) as corpus, truth_path(path).open("wb", 1 << 20) as truth:
        for record in Stream(CORPUS_KINDS[kind], seed).records():
            if size >= byte_goal or n_written >= record_goal:
                break
            corpus.write(record.line)
            truth.write(record.truth)
            size += len(record.line)
            n_written += 1
    return n_written


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generate", description=__doc__)
    parser.add_argument("out", type=Path, metavar="OUT.jsonl")
    parser.add_argument("--megabytes", type=float, help="stop at this size (10**6 bytes)")
    parser.add_argument("--documents", type=int, help="stop at this number of documents")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=sorted(CORPUS_KINDS), default="articles")
    options = parser.parse_args(arguments)
    if options.megabytes is None and options.documents is None:
        parser.error("say how much: --megabytes or --documents")
    n_bytes = None if options.megabytes is None else int(options.megabytes * 10**6)
    n_written = write_corpus(options.out, options.kind, options.seed, n_bytes, options.documents)
    print(f"{options.out}: {n_written} documents, {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
