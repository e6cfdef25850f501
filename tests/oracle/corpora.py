"""Small corpora of edited texts, and one run of either engine in words of ids."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from dedup.config import Settings
from dedup.corpus import read_documents
from dedup.corpus_model import CorpusModel
from dedup.found.outcome import Found
from dedup.model import Batch, Quarantined
from dedup.storage.spill import Spill

Documents = Sequence[dict[str, Any]]

VOCABULARY = """
road river council storm mill bridge harbour north south vote budget school engine window paper
garden winter market doctor ship tower field copper glass night morning train valley letter island
court party minister report figure lamp orchard ferry quarry chapel
"""
WORDS = VOCABULARY.split()
NUMBERS = ("1", "7", "12", "100", "1987", "3.5", "1,250", "$5", "-4%", "11:01", "½", "10²")
FOREIGN = ("東", "京", "大", "学", "ไ", "ท", "é", "İ", "ß")


def batches(documents: Documents, batch_bytes: int = 1 << 20) -> list[Batch]:
    """Put documents into batches; none may be refused."""
    return list(read_documents(documents, batch_bytes=batch_bytes, quarantine=_refused))


def _refused(record: Quarantined) -> None:
    raise AssertionError(record.reason)


@dataclass(frozen=True)
class Outcome:
    """What an engine found, as ids instead of rows."""

    pairs: dict[tuple[str, str], dict[str, Any]]
    representatives: dict[str, str | None]
    survivor_order: list[str]
    repeats: list[dict[str, Any]]
    counts: tuple[int, ...]

    @property
    def verdicts(self) -> dict[tuple[str, str], int]:
        return {pair: scores["verdict"] for pair, scores in self.pairs.items()}

    @property
    def clusters(self) -> set[frozenset[str]]:
        groups: dict[str, set[str]] = {}
        for id, representative in self.representatives.items():
            if representative is not None:
                groups.setdefault(representative, set()).add(id)
        return {frozenset(group) for group in groups.values() if len(group) > 1}


def run(
    engine: ModuleType,
    documents: Documents,
    settings: Settings,
    *,
    against: Documents = (),
    model: CorpusModel | None = None,
) -> Outcome:
    """Run one engine over documents with ids."""
    size = settings.batch_bytes
    with Spill(None) as spill:
        found = engine.find(
            batches(documents, size),
            settings,
            spill,
            against=batches(against, size) if against else (),
            model=model,
        )
        return _outcome(found)


def _outcome(found: Found) -> Outcome:
    ids = [found.records.metadata(row).id for row in range(len(found.records))]
    leaders = [ids[row] for row in found.order.leads.tolist()]
    representatives = {
        id: None if unit < 0 else leaders[found.resolved.representative[unit]]
        for id, unit in zip(ids, found.records.units.tolist(), strict=True)
    }
    resolved = found.resolved
    counts = dataclasses.astuple(resolved.candidates)
    counts += (found.n_units, resolved.n_scored, resolved.n_on_demand, resolved.n_capped)
    return Outcome(
        pairs={(leaders[row["left"]], leaders[row["right"]]): row for row in _rows(found.pairs)},
        representatives=representatives,
        survivor_order=[ids[row] for row in np.argsort(found.order.ranks).tolist()],
        repeats=_repeats(found, ids),
        counts=counts,
    )


def _rows(table: Any) -> list[dict[str, Any]]:
    columns = {
        field.name: getattr(table, field.name).tolist() for field in dataclasses.fields(table)
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _repeats(found: Found, ids: list[str]) -> list[dict[str, Any]]:
    repeats: list[dict[str, Any]] = []
    table = found.repeats
    for group, verdict in enumerate(table.verdicts.tolist()):
        places = np.flatnonzero(table.groups == group)
        names = ("starts", "ends", "first_lines", "last_lines")
        columns = [getattr(table, name)[places].tolist() for name in names]
        repeats.append(
            {
                "document": ids[int(table.documents[places[0]])],
                "verdict": verdict,
                "jaccard": float(table.jaccards[group]),
                "excerpt": bytes(table.excerpts[group]),
                "occurrences": list(zip(*columns, strict=True)),
            }
        )
    return repeats


def word(random: random.Random) -> str:
    """Draw a word, now and then a number or a character of another script."""
    kind = random.random()
    if kind < 0.08:
        return random.choice(NUMBERS)
    if kind < 0.1:
        return random.choice(FOREIGN)
    return random.choice(WORDS) + random.choice(("", "", "s", ",", ".", "\n", "’s"))


def words(random: random.Random, n: int) -> list[str]:
    return [word(random) for _ in range(n)]


def edit(random: random.Random, text: Iterable[str]) -> list[str]:
    """Change a text a little or much: words, figures, order, length, a passage again."""
    edited = list(text)
    for _ in range(random.choice((0, 1, 1, 1, 2, 3, 6))):
        place = random.randrange(len(edited) + 1)
        end = place + random.randint(1, 25)
        kind = random.randrange(8)
        if kind == 0:
            edited[place:end] = words(random, random.randint(1, 3))
        elif kind == 1:
            edited[place:place] = words(random, random.randint(1, 3))
        elif kind == 2:
            del edited[place : place + 2]
        elif kind == 3:
            edited[place : place + 1] = [random.choice(NUMBERS)]
        elif kind == 4:
            edited = edited[place:] + edited[:place]
        elif kind == 5:
            edited = edited[:end]
        elif kind == 6:
            figures = [at for at, word in enumerate(edited) if word in NUMBERS]
            for at in random.sample(figures, min(len(figures), 1)):
                edited[at] = random.choice(NUMBERS)
        else:
            edited += edited[place:end]
    return edited


def corpus(random: random.Random, n_documents: int = 20) -> list[dict[str, Any]]:
    """Draw documents that are edits of a few texts and of each other, with metadata."""
    lengths = (random.choice((1, 3, 4, 5, 8)), 20, random.choice((40, 80)), 120, 330)
    texts = [words(random, n) for n in lengths]
    n_bases = len(texts)
    while len(texts) < n_documents + n_bases:
        bases = texts[:n_bases] if random.random() < 0.6 else texts
        text = edit(random, random.choice(bases))
        if random.random() < 0.15:
            text += random.choice(texts)
        texts.append(text)
    return [_document(random, row, text) for row, text in enumerate(texts[n_bases:])]


def _document(random: random.Random, row: int, words: list[str]) -> dict[str, Any]:
    text = " ".join(words)
    kind = random.random()
    if kind < 0.1:
        text = text.upper()
    elif kind < 0.13:
        text = random.choice(("", " ", "...", "\u200b\n"))
    return {
        "id": f"d{row}",
        "text": text,
        "title": random.choice((None, "A storm", "Votes")),
        "url": random.choice((None, None, f"https://a.example/{random.randrange(5)}?utm_source=x")),
        "date": random.choice((None, f"2024-05-0{random.randint(1, 9)}")),
        "source": random.choice((None, "Post")),
    }


def corpora(n_documents: int = 15) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Corpora by seed: Hypothesis chooses, the generator draws."""
    seeds = st.integers(0, 2**32 - 1).map(random.Random)
    return st.builds(corpus, seeds, st.integers(1, n_documents))
