"""What temporary files take of a byte of text: ``python -m benchmarks.spilled FILE [FILE ...]``.

For each corpus the bytes of token hashes alone, those of a whole scan at the defaults, and those
of a scan in which every text stands three times, each over the bytes of the texts. A scan that
foretells its temporary files takes a tenth of the text for the least that they can need
(docs/performance.md): the last column says how far a corpus of many copies stays above that.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import dedup
from dedup.corpus.reader import CorpusReader
from dedup.model import Batch
from dedup.text.batch import padded, tokenise
from dedup.workspace import Workspace

TOKEN_BYTES = 4
COPIES = 3


def read_batches(corpus: Path) -> Iterator[Batch]:
    """Read a corpus with the settings of a scan; what cannot be read is left out."""
    settings = dedup.Settings()
    return iter(
        CorpusReader(
            [str(corpus)],
            settings.reading,
            batch_bytes=settings.batch_bytes,
            quarantine=lambda _: None,
        )
    )


def texts_of(corpus: Path, copies: int) -> Iterator[dedup.Document]:
    """Yield every text of a corpus, so many times."""
    for batch in read_batches(corpus):
        for row in range(len(batch)):
            text = batch.texts[row].decode()
            yield from (dedup.Document(text) for _ in range(copies))


def measure(corpus: Path) -> tuple[float, float, float]:
    """Return bytes of temporary files over bytes of text.

    Returns
    -------
    tuple of float
        Of the token hashes, of a scan, and of a scan of three copies of each text.
    """
    n_bytes = n_tokens = 0
    for batch in read_batches(corpus):
        n_bytes += int(batch.texts.offsets[-1])
        workspace = Workspace()
        n_tokens += int(tokenise(padded(batch.texts, workspace), workspace).offsets[-1])
    once, thrice = (dedup.scan(texts_of(corpus, copies)).found.spilled for copies in (1, COPIES))
    return TOKEN_BYTES * n_tokens / n_bytes, once / n_bytes, thrice / (COPIES * n_bytes)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.spilled", description=__doc__)
    parser.add_argument("corpora", nargs="+", type=Path, metavar="FILE")
    print("| corpus | token hashes | a scan | every text three times |")
    print("|---|--:|--:|--:|")
    for corpus in parser.parse_args().corpora:
        print(f"| {corpus.name} |", " | ".join(f"{share:.2f}" for share in measure(corpus)), "|")


if __name__ == "__main__":
    main()
