"""Units of the reference engine: distinct texts, and what each is compared by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dedup.config import Settings
from dedup.metadata.records import RecordWriter, TextFacts
from dedup.metadata.survivors import policy_fields
from dedup.model import Batch
from dedup.reference.excerpts import shingles_of
from dedup.reference.repeats import Repeat, find_repeats
from dedup.storage.spill import Spill
from dedup.text.digest import digest
from dedup.text.normalise import normalise
from dedup.text.tables import CharClass, load_tables
from dedup.text.tokens import NUMBER_BIT, token_hash, tokens
from dedup.units import SHORT_WORDS, UNSPACED_SCALE


@dataclass(frozen=True, slots=True)
class Unit:
    """One distinct text: what it is compared by."""

    tokens: list[int]
    n_words: float  # characters of scripts without spaces brought to the scale of words
    shingles: set[int]
    minhash: Any  # datasketch.MinHash
    digest: tuple[int, int]  # of the normalised text

    @classmethod
    def of(cls, normalised: str, words: list[str], width: int, signer: Any) -> Unit:  # noqa: ANN401
        """Hash the tokens of a text; ``signer`` is an empty ``datasketch.MinHash``."""
        hashes = [token_hash(word) for word in words]
        shingles = shingles_of(hashes, width)
        minhash = signer.copy()
        minhash.update_batch(shingles)
        n_unspaced = sum(map(_is_unspaced, words))
        n_words = len(words) - n_unspaced + n_unspaced / UNSPACED_SCALE
        return cls(hashes, n_words, shingles, minhash, digest(normalised.encode()))

    @property
    def is_short(self) -> bool:
        """Whether it is compared with other short texts by narrower shingles."""
        return self.n_words < SHORT_WORDS

    def numbers(self) -> list[int]:
        """Return the tokens that are numbers."""
        return [token for token in self.tokens if token & NUMBER_BIT]

    def wording(self) -> list[int]:
        """Return all other tokens."""
        return [token for token in self.tokens if not token & NUMBER_BIT]


def _is_unspaced(token: str) -> bool:
    return load_tables().char_class(ord(token[0])) is CharClass.CHAR


class UnitCorpus:
    """Takes records in reading order; records with one normalised text share a unit."""

    def __init__(self, settings: Settings, spill: Spill) -> None:
        from datasketch import MinHash  # noqa: PLC0415 - the other engine never needs it

        self._settings = settings
        self._rows: dict[str, int] = {}  # unit of each normalised text
        self._signer = MinHash(
            settings.num_perm, settings.seed, hashfunc=_upper_half, scheme="affine32"
        )
        self.units: list[Unit] = []
        self.writer = RecordWriter(
            spill, store_text=settings.store_text, fields=policy_fields(settings.keep)
        )
        self.repeats: list[tuple[int, str, Repeat]] = []

    def take(self, batches: Iterable[Batch], *, against: bool) -> None:
        """Take batches of records; repeats are looked for in the scanned corpus only."""
        for batch in batches:
            raw = [batch.texts[row] for row in range(len(batch))]
            texts = [data.decode("utf-8") for data in raw]
            if self._settings.repeats and not against:
                for row, text in enumerate(texts, self.writer.n_records):
                    found = find_repeats(text, self._settings)
                    self.repeats += [(row, text, repeat) for repeat in found]
            facts = TextFacts(
                units=np.array([self._unit_of(text) for text in texts], np.int64),
                n_chars=np.array([len(text) for text in texts], np.int64),
                raw_digests=np.array([digest(data) for data in raw], np.uint64).reshape(-1, 2),
            )
            self.writer.append(batch, facts, against=against)

    def _unit_of(self, text: str) -> int:
        normalised = normalise(text)
        words = tokens(normalised)
        if not words:
            return -1
        row = self._rows.setdefault(normalised, len(self.units))
        if row == len(self.units):
            width = self._settings.shingle_width
            self.units.append(Unit.of(normalised, words, width, self._signer))
        return row


def _upper_half(shingle: int) -> int:
    return shingle >> 32
