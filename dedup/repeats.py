"""Repeats inside one document: which passages stand in it twice, and where."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedup.config import Settings
from dedup.found import EXCERPT_BYTES, FoundRepeats
from dedup.kernels import repeat_runs
from dedup.kernels import repeats as kernels
from dedup.model import Bytes, Floats, Int64s, Ragged
from dedup.shingles import ShingledTexts, Shingler
from dedup.text.batch import TokenBatch, padded, tokenise
from dedup.workspace import Workspace


class RepeatFinder:
    """Finds repeats in batches: one object per thread."""

    def __init__(self, settings: Settings) -> None:
        """Prepare buffers of its own: looking closer must not disturb the batch."""
        self._settings = settings
        self._workspace = Workspace()
        self._shingler = Shingler(settings.shingle_width, self._workspace)

    def may_repeat(self, batch: TokenBatch, texts: ShingledTexts) -> NDArray[np.bool_]:
        """Return which of the shingled texts hold a long enough repeated run."""
        found = np.empty(len(texts.rows), np.bool_)
        repeat_runs.may_repeat(
            batch.tokens,
            (batch.offsets, texts.rows),
            texts.previous,
            texts.n_repeated,
            self._settings.shingle_width,
            self._settings.repeat_min_tokens,
            found,
        )
        return found

    def find(self, texts: Ragged, rows: Int64s) -> FoundRepeats:
        """Find the repeats of some texts of a batch; documents are rows of the batch."""
        chosen = padded(_gather(texts, rows), self._workspace)
        batch = tokenise(chosen, self._workspace, with_positions=True)
        shingled = self._shingler.shingle(batch, np.arange(len(rows)))
        most = 2 * len(batch.tokens) + 2
        found = self._workspace.take("found", 4 * most, np.int64).reshape(most, 4)
        verdicts = self._workspace.take("verdicts", most, np.uint8)
        jaccards = self._workspace.take("jaccards", most, np.float64)
        n_found, n_groups = kernels.locate(
            (chosen.data, chosen.offsets),
            (batch.normalised, batch.normalised_offsets, batch.raw_positions),
            (batch.tokens, batch.starts, batch.ends, batch.offsets, batch.n_unspaced),
            shingled.previous,
            (self._settings.shingle_width, self._settings.repeat_min_tokens),
            found,
            verdicts,
            jaccards,
        )
        return _in_characters(
            chosen, rows, found[:n_found], verdicts[:n_groups].copy(), jaccards[:n_groups].copy()
        )


def _gather(texts: Ragged, rows: Int64s) -> Ragged:
    """Copy some texts into a ragged array of their own."""
    return Ragged.from_bytes([texts[row] for row in rows.tolist()])


def _in_characters(
    texts: Ragged, rows: Int64s, found: Int64s, verdicts: Bytes, jaccards: Floats
) -> FoundRepeats:
    """Translate byte ranges into characters and lines of each raw text."""
    chars = np.empty((len(found), 2), np.int64)
    lines = np.empty((len(found), 2), np.int64)
    bounds = np.searchsorted(found[:, 0], np.arange(len(texts) + 1))
    first = np.searchsorted(found[:, 1], np.arange(len(verdicts)))
    places = found[first, 2][:, None] + np.arange(EXCERPT_BYTES)
    inside = places < found[first, 3][:, None]
    excerpts = np.where(inside, texts.data[np.where(inside, places, 0)], 0).astype(np.uint8)
    for text in np.unique(found[:, 0]).tolist():
        part = slice(int(bounds[text]), int(bounds[text + 1]))
        points = found[part, 2:].ravel()
        order = np.argsort(points, kind="stable")
        at_chars, at_lines = np.empty_like(points), np.empty_like(points)
        sorted_chars, sorted_lines = np.empty_like(points), np.empty_like(points)
        kernels.translate(
            texts.data, int(texts.offsets[text]), points[order], sorted_chars, sorted_lines
        )
        at_chars[order], at_lines[order] = sorted_chars, sorted_lines
        chars[part], lines[part] = at_chars.reshape(-1, 2), at_lines.reshape(-1, 2)
    return FoundRepeats(
        documents=rows[found[:, 0]],
        groups=found[:, 1].copy(),
        starts=chars[:, 0],
        ends=chars[:, 1],
        first_lines=lines[:, 0],
        last_lines=lines[:, 1],
        verdicts=verdicts,
        jaccards=jaccards,
        excerpts=excerpts,
    )
