"""Repeats inside one document: which passages stand in it twice, and where."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedup.config import Settings
from dedup.found.outcome import FoundRepeats, excerpts_of
from dedup.kernels import repeat_runs
from dedup.kernels import repeats as kernels
from dedup.model import Bytes, Floats, Int64s, Ragged
from dedup.shingles import ShingledTexts
from dedup.text.batch import TokenBatch, kernel_tables
from dedup.workspace import Workspace


class RepeatFinder:
    """Finds repeats in batches: one object per thread."""

    def __init__(self, settings: Settings) -> None:
        """Prepare buffers of its own: looking closer must not disturb the batch."""
        self._settings = settings
        self._workspace = Workspace()

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

    def find(
        self, texts: Ragged, batch: TokenBatch, previous: NDArray[np.int32], rows: Int64s
    ) -> FoundRepeats:
        """Find the repeats of some texts of a batch; documents are rows of the batch.

        Parameters
        ----------
        texts : Ragged
            As the batch was made from.
        batch : TokenBatch
        previous : int32 array
            As in :class:`dedup.shingles.ShingledTexts`, filled for these texts.
        rows : int64 array
            Ascending.
        """
        most = 2 * int((batch.offsets[rows + 1] - batch.offsets[rows]).sum()) + 2
        found = self._workspace.take("found", 4 * most, np.int64).reshape(most, 4)
        verdicts = self._workspace.take("verdicts", most, np.uint8)
        jaccards = self._workspace.take("jaccards", most, np.float64)
        n_found, n_groups = kernels.locate(
            (texts.data, texts.offsets, rows),
            (batch.normalised, batch.normalised_offsets, kernel_tables()),
            (batch.tokens, batch.starts, batch.ends, batch.offsets, batch.n_unspaced),
            previous,
            (self._settings.shingle_width, self._settings.repeat_min_tokens),
            found,
            verdicts,
            jaccards,
        )
        return _in_characters(
            texts, found[:n_found], verdicts[:n_groups].copy(), jaccards[:n_groups].copy()
        )


def _in_characters(texts: Ragged, found: Int64s, verdicts: Bytes, jaccards: Floats) -> FoundRepeats:
    """Translate byte ranges into characters and lines of each raw text."""
    first = np.searchsorted(found[:, 1], np.arange(len(verdicts)))
    excerpts = excerpts_of(texts.data, found[first, 2], found[first, 3])
    rows, points = np.repeat(found[:, 0], 2), found[:, 2:].ravel()
    chars, lines = np.empty_like(points), np.empty_like(points)
    # stable: a text may end where the next one begins
    order = np.argsort(points, kind="stable")
    kernels.translate(texts.data, texts.offsets, rows, points, order, chars, lines)
    chars, lines = chars.reshape(-1, 2), lines.reshape(-1, 2)
    return FoundRepeats(
        documents=found[:, 0].copy(),
        groups=found[:, 1].copy(),
        starts=chars[:, 0],
        ends=chars[:, 1],
        first_lines=lines[:, 0],
        last_lines=lines[:, 1],
        verdicts=verdicts,
        jaccards=jaccards,
        excerpts=excerpts,
    )
