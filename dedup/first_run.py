"""The first run ever: two processes compile the kernels, each a half of them.

numba compiles one function at a time, whatever the number of threads. While the scan
compiles what takes texts in, ``python -m dedup.first_run`` compiles what reads JSON and what
compares texts, and leaves it in the same cache folder: a parser can read JSON until then,
and nothing is compared before all is read. A run that was interrupted leaves some of either
half: the next one compiles the rest in the same way.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from dedup import pipeline
from dedup.candidates.excerpts import find_excerpts
from dedup.candidates.lsh import find_candidates
from dedup.cluster import Anchoring, cluster
from dedup.config import Settings
from dedup.corpus.json_decoder import FieldDecoder
from dedup.corpus_model import CorpusModel
from dedup.found.outcome import STAGES, CandidateCounts, Found
from dedup.kernels import (
    alignment,
    candidates,
    compiled,
    compiled_elsewhere,
    components,
    excerpts,
    json_fields,
    json_strings,
    name_of,
    recurring,
    scores,
)
from dedup.kernels.compiling import watched
from dedup.metadata.fullest import UnitOrder
from dedup.metadata.stories import no_stories
from dedup.minhash import sign
from dedup.parallel import InlineExecutor, count_threads
from dedup.storage.spill import Spill
from dedup.units import Buckets, SignedUnits, Units, UnitWriter
from dedup.verify import Verifier

_TOKENS = 40
ELSEWHERE = (
    json_fields.read_objects,
    json_strings.find_line_ends,
    json_strings.is_utf8,
    json_strings.read_strings,
    alignment.align,
    candidates.estimate,
    candidates.insert_pairs,
    candidates.measure_buckets,
    candidates.pair_anchors,
    candidates.pair_buckets,
    candidates.sort_keys,
    components.components,
    excerpts.count_holders,
    recurring.keep_keys,
    recurring.keep_samples,
    recurring.note_keys,
    recurring.note_samples,
    scores.describe,
)
"""The kernels that the second process compiles."""


def find(
    notice: Callable[[str], None],
    *arguments: Any,  # noqa: ANN401 - as `pipeline.find` takes them
    announce: Callable[[str], None],
    **options: Any,  # noqa: ANN401
) -> Found:
    """Run the flow; compile what is missing in two processes, and say so if it takes long.

    Parameters
    ----------
    notice : function
        Takes what is said; may be called from another thread.
    arguments, announce, options
        As :func:`dedup.pipeline.find` takes them.
    """
    with watched(notice) as watch:
        missing = {name_of(kernel) for kernel in ELSEWHERE} - compiled()
        if not missing:
            return pipeline.find(*arguments, announce=announce, **options)
        companion = Companion()
        taken = missing if companion.is_running else frozenset[str]()

        def wait_and_announce(stage: str) -> None:
            if stage != STAGES[0]:
                with watch.waiting():
                    companion.wait()
            announce(stage)

        try:
            with compiled_elsewhere(taken):
                return pipeline.find(*arguments, announce=wait_and_announce, **options)
        finally:
            companion.stop()


class Companion:
    """Compiles the kernels of :data:`ELSEWHERE` in a process of its own."""

    def __init__(self) -> None:
        """Start the process; on a single processor there is nothing to win."""
        self._process: subprocess.Popen[bytes] | None = None
        if count_threads(0) > 1 and sys.executable:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "dedup.first_run"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )

    @property
    def is_running(self) -> bool:
        """Whether it compiles."""
        return self._process is not None and self._process.poll() is None

    def wait(self) -> None:
        """Wait for what it compiles; where it failed, the scan compiles that itself."""
        if self._process is not None:
            self._process.wait()

    def stop(self) -> None:
        """End the process, if it still runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()


def compile_elsewhere() -> None:
    """Read a made-up record and compare two made-up units: compiles what they pass on the way.

    What reads comes first: it is waited for.
    """
    decoder, lines = FieldDecoder("text", ["title"]), '{"title": "Ä", "text": "Ö"}\n'.encode()
    decoder.decode(lines, decoder.line_ends(lines))
    settings = Settings(threads=1)
    with Spill(None) as spill:
        units, buckets = _two_units(settings, spill)
        model, counts = CorpusModel.empty(), CandidateCounts()
        find_excerpts(buckets, settings, model, spill, counts)
        # hashes number words: by now the scan has compiled what makes tokens
        verifier = Verifier(units, model, settings, no_stories)
        pairs = find_candidates(buckets, settings, verifier.plausible, InlineExecutor(), counts)
        anchoring = Anchoring(
            order=UnitOrder(np.arange(2)),
            score=verifier.score,
            allowed=lambda leader, unit: np.ones(len(leader), np.bool_),
            max_on_demand=1,
        )
        cluster(verifier.score(pairs), anchoring)


def _two_units(settings: Settings, spill: Spill) -> tuple[Units, Buckets]:
    tokens = np.arange(1, _TOKENS + 1, dtype=np.uint32) << np.uint32(12)
    shingles = np.arange(2 * _TOKENS, dtype=np.uint64) << np.uint64(32)
    shingles[_TOKENS:] = shingles[:_TOKENS]
    signatures, band_keys = sign(shingles, np.array([0, _TOKENS, 2 * _TOKENS]), settings)
    writer = UnitWriter(spill, settings)
    each = np.full(2, _TOKENS)
    none = np.zeros(2, np.int64)
    writer.append(
        SignedUnits(
            tokens=np.concatenate((tokens, tokens)),
            lengths=each,
            n_distinct=each,
            n_unspaced=none,
            signatures=signatures,
            band_keys=band_keys,
            samples=shingles,
            n_samples=each,
        )
    )
    return writer.finish(np.zeros((2, 2), np.uint64))


if __name__ == "__main__":
    gc.disable()  # the collector takes an eighth of the time that compiling takes
    compile_elsewhere()
