"""Document frequencies equal plain counting, however often what was noted is added up."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest

from dedup import shingles
from dedup.config import Settings
from dedup.corpus_model import CorpusModel
from dedup.kernels import shingles as kernels
from dedup.model import Ragged
from dedup.shingles import FrequencyCounter, FrequencyNotes, Shingler
from dedup.text.batch import padded, tokenise
from dedup.workspace import Workspace

WIDTH = Settings().shingle_width


@pytest.mark.parametrize(("noted", "most_texts"), [(1 << 21, 1 << 20), (300, 1 << 20), (40, 9)])
def test_terms_and_shingles_are_counted_once_a_text(
    noted: int, most_texts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shingles, "_NOTED", noted)
    monkeypatch.setattr(kernels, "MOST_TEXTS", most_texts)
    draw = random.Random(6)
    names = [f"{a}{b}" for a in "abcdef" for b in "uvwxyz"]
    workspace = Workspace()
    shingler, counter = Shingler(WIDTH, workspace), FrequencyCounter()
    lanes = [FrequencyNotes(counter) for _ in range(2)]
    terms: Counter[int] = Counter()
    slots: Counter[int] = Counter()
    for turn in range(8):
        texts = [" ".join(draw.choices(names, k=draw.randint(1, 60))).encode() for _ in range(7)]
        batch = tokenise(padded(Ragged.from_bytes(texts), workspace), workspace)
        found = shingler.shingle(batch, np.arange(len(texts)))
        lanes[turn % 2].take(batch, found)
        for row in range(len(texts)):
            tokens = batch.tokens[batch.offsets[row] : batch.offsets[row + 1]]
            terms.update({int(token) >> 12 for token in tokens})
            own = found.shingles[found.offsets[row] : found.offsets[row + 1]]
            slots.update(int(key) >> 20 & (1 << 21) - 1 for key in own)
    for notes in lanes:
        notes.count()
    model = counter.model()
    assert model.n_units == 56
    assert {int(k): int(model.term_counts[k]) for k in np.flatnonzero(model.term_counts)} == terms
    counted = np.flatnonzero(model.shingle_counts)
    assert {int(k): int(model.shingle_counts[k]) for k in counted} == slots


@pytest.mark.parametrize("highest", [0, 3, 1 << 20, 1 << 21])
def test_weights_are_squared_inverse_frequencies_however_frequent_a_term_is(highest: int) -> None:
    model = CorpusModel.empty()
    model.n_units = highest + 1
    model.term_counts[:5] = np.minimum([0, 1, 1, 2, 1 << 40], highest)
    assert np.array_equal(model.weights(), (model.idf() ** 2).astype(np.float32))
