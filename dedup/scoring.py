"""Exact scores of given pairs of texts: what a scan would say of them, without a scan.

Texts pass through the same ingest and the same :class:`dedup.verify.Verifier` as those of a
corpus; nothing here knows how a score is computed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.arguments import check_documents
from dedup.config import Settings, chosen_settings
from dedup.corpus_model import CorpusModel, check_model
from dedup.errors import InputError
from dedup.ingest import Corpus, Ingest, PlainBatch, plain_batches
from dedup.kernels.candidates import estimate
from dedup.metadata.records import TextFacts
from dedup.metadata.stories import no_stories, stories_of
from dedup.model import Floats, Int64s, Reason, Stories
from dedup.pairs import ScoredPairs, pair_codes
from dedup.parallel import count_threads, open_executor
from dedup.storage.spill import Spill
from dedup.verdicts import forgive_corrections, verdicts_of
from dedup.verify import Verifier

__all__ = ["ScoredTexts", "score_texts", "stories_of"]


@dataclass(frozen=True, slots=True)
class ScoredTexts:
    """Scores of pairs of texts, a row for each pair that was asked for, in that order.

    Attributes
    ----------
    pairs : ScoredPairs
        ``left`` and ``right`` are rows of the texts as asked for, in either order. Pairs
        below the recorded floor have their scores too; their verdict is ``NONE``, as is
        that of pairs with a text without tokens, whose scores are all 0.
    estimated_jaccard : float64 array
        Share of equal signature values.
    bands_shared : int64 array
        Bands in which the two stand in one bucket: from one on a scan compares them
        (where no cap bites).
    """

    pairs: ScoredPairs
    estimated_jaccard: Floats
    bands_shared: Int64s

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.pairs)


def score_texts(
    texts: Iterable[str],
    pairs: NDArray[np.integer[Any]] | Sequence[tuple[int, int]],
    settings: Settings | None = None,
    *,
    model: CorpusModel | None = None,
    stories: Stories | None = None,
) -> ScoredTexts:
    """Score pairs of texts as a scan does.

    Parameters
    ----------
    texts : iterable of str
        Raw texts, as a reader gives them.
    pairs : array of integers, shape (m, 2), or sequence of pairs of them
        Rows of the texts to compare, from 0.
    settings : Settings, optional
        The rule, and the width, signature and bands.
    model : CorpusModel, optional
        The statistics to judge by. The same texts get the same scores as in a scan only
        under the model of that scan; None takes the statistics of these texts alone.
    stories : function from left and right rows of texts to uint8, optional
        What metadata says of two texts (:class:`dedup.model.Story`); see
        :func:`stories_of`. None says nothing of any.

    Returns
    -------
    ScoredTexts

    Raises
    ------
    InputError
        If a text is no string or cannot be encoded as UTF-8, or pairs are no pairs of whole
        numbers, or one names no text.

    Examples
    --------
    >>> news = "The harbour board will meet on Tuesday to vote on the new ferry line."
    >>> found = score_texts([news, news.upper(), "Rain."], np.array([[0, 1], [1, 2]]))
    >>> [Reason(r).label for r in found.pairs.reason], found.pairs.jaccard.tolist()
    (['same-text', 'low-overlap'], [1.0, 0.0])
    """
    settings = replace(chosen_settings(settings), repeats=False)
    check_model(model)
    check_documents(texts, texts_only=True)
    asked = _whole_pairs(pairs)
    n_threads = count_threads(settings.threads)
    with Spill(settings.tmp_dir) as spill, open_executor(n_threads) as executor:
        kept = _Kept()
        ingest: Ingest[PlainBatch] = Ingest(kept, settings, spill, executor, n_threads)
        for batch in plain_batches(_encoded(texts), settings.batch_bytes):
            ingest.push(batch, against=False)
        corpus = ingest.finish()
        facts = kept.facts()
        _check_rows(asked, len(facts.units))
        verifier = Verifier(corpus.units, model or corpus.model, settings, no_stories, executor.map)
        return _score(asked, facts, corpus, verifier, stories or no_stories, settings)


def _whole_pairs(pairs: object) -> Int64s:
    """Return pairs of rows as they were given, none of them rounded or folded anew."""
    try:
        given = np.asarray(pairs)
    except ValueError:  # rows of unequal lengths
        given = np.array(None)
    if given.shape in ((0,), (0, 2)):
        return np.zeros((0, 2), np.int64)
    if given.ndim == 2 and given.shape[1] == 2 and given.dtype.kind in "iu":
        return given.astype(np.int64)
    is_array = given.ndim and given.dtype.kind in "iufb"
    what = f"of {given.dtype} and the shape {given.shape}" if is_array else f"{pairs!r:.60}"
    message = (
        f"pairs are {what}: pass two rows of texts for each pair, as whole numbers, such as "
        "np.array([[0, 1], [0, 2]])"
    )
    raise InputError(message)


def _check_rows(asked: Int64s, n_texts: int) -> None:
    """Raise if a pair names a row that no text has."""
    wrong = (asked < 0) | (asked >= n_texts)
    if not wrong.any():
        return
    pair, side = np.argwhere(wrong)[0]
    there = f"rows of texts are 0 to {n_texts - 1}" if n_texts else "there are no texts"
    message = f"pair {pair} names row {asked[pair, side]}: {there}"
    raise InputError(message)


class _Kept:
    """Keeps what the ingest finds out about each text."""

    def __init__(self) -> None:
        self.n_records = 0
        self._parts: list[TextFacts] = []

    def append(self, batch: PlainBatch, texts: TextFacts, *, against: bool) -> None:
        del against
        self.n_records += len(batch.texts)
        self._parts.append(texts)

    def facts(self) -> TextFacts:
        def join(name: str, empty: NDArray[Any]) -> NDArray[Any]:
            return np.concatenate([empty, *(getattr(part, name) for part in self._parts)])

        return TextFacts(
            units=join("units", np.zeros(0, np.int64)),
            n_chars=join("n_chars", np.zeros(0, np.int64)),
            raw_digests=join("raw_digests", np.zeros((0, 2), np.uint64)),
        )


def _encoded(texts: Iterable[str]) -> Iterator[bytes]:
    for row, text in enumerate(texts):
        if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            message = f"text {row} is a {type(text).__name__}; score_texts takes strings"
            raise InputError(message)
        try:
            data = text.encode()
        except UnicodeEncodeError as error:
            message = f"text {row} cannot be encoded as UTF-8: {error.reason}"
            raise InputError(message) from error
        yield data


def _score(
    asked: Int64s,
    facts: TextFacts,
    corpus: Corpus,
    verifier: Verifier,
    stories: Stories,
    settings: Settings,
) -> ScoredTexts:
    """Score the units behind the texts, and lay the scores out as asked for."""
    units = facts.units[asked]
    with_tokens = np.flatnonzero((units >= 0).all(axis=1))
    left, right = units[with_tokens].T
    codes, places = np.unique(pair_codes(left, right), return_inverse=True)
    found = verifier.score_all(codes).take(places)
    found = found.with_sides_swapped(found.left != left)
    found.left, found.right = asked[with_tokens].T
    forgive_corrections(found, stories, settings.rule)
    digests = facts.raw_digests[asked[with_tokens]]
    copies = np.where(
        (digests[:, 0] == digests[:, 1]).all(axis=1), Reason.SAME_BYTES, Reason.SAME_TEXT
    )
    found.reason = np.where(left == right, copies, found.reason).astype(np.uint8)
    found.verdict = verdicts_of(found.reason)
    pairs = found.spread(with_tokens, len(asked))
    pairs.left, pairs.right = asked.T
    equal, shared = np.zeros(len(asked), np.int32), np.zeros(len(asked), np.int64)
    estimated = np.empty(len(codes), np.int32)
    estimate(corpus.units.signatures, codes, estimated)
    equal[with_tokens] = estimated[places]
    shared[with_tokens] = _bands_shared(corpus, left, right)
    return ScoredTexts(pairs, equal / settings.num_perm, shared)


def _bands_shared(corpus: Corpus, left: Int64s, right: Int64s) -> Int64s:
    """Count the bands in which units share a bucket; those too short stand in none."""
    taking_part = np.isin(left, corpus.buckets.units) & np.isin(right, corpus.buckets.units)
    shared = np.zeros(len(left), np.int64)
    for keys in corpus.buckets.band_keys:
        shared += keys[left] == keys[right]
    return np.where(taking_part, shared, 0)
