"""Corpora made for the tests: the same at every run, and unlike one another."""

from __future__ import annotations

import random
from collections.abc import Iterator

Record = dict[str, str]

_ONSETS = [
    "b",
    "br",
    "c",
    "ch",
    "d",
    "dr",
    "f",
    "fl",
    "g",
    "gr",
    "h",
    "j",
    "k",
    "kl",
    "l",
    "m",
    "n",
    "p",
    "pr",
    "qu",
    "r",
    "s",
    "sh",
    "sl",
    "st",
    "t",
    "th",
    "tr",
    "v",
    "w",
]
_VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "ou"]
_CODAS = ["", "n", "l", "r", "st", "m", "ck", "nd", "s"]
_SMALL_WORDS = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "a",
    "is",
    "that",
    "was",
    "for",
    "on",
    "with",
    "as",
    "it",
    "at",
    "by",
    "from",
    "this",
    "an",
    "are",
    "be",
    "but",
    "not",
    "have",
    "had",
    "they",
    "were",
    "which",
    "or",
    "their",
    "has",
    "its",
    "who",
    "been",
    "one",
    "would",
    "will",
    "there",
    "more",
    "out",
    "when",
    "after",
]


def _vocabulary(seed: int, size: int) -> list[str]:
    chance = random.Random(f"vocabulary {seed}")
    words: dict[str, None] = {}
    while len(words) < size:
        syllables = chance.choice((1, 2, 2, 3))
        pieces = (_ONSETS, _VOWELS, _CODAS)
        words["".join(chance.choice(part) for _ in range(syllables) for part in pieces)] = None
    return list(words)


_WORDS = _vocabulary(0, 6000)


def words(n: int, seed: int | str) -> list[str]:
    """Return ``n`` words of running prose: every other one a small word."""
    chance = random.Random(f"words {seed}")
    pools = (_SMALL_WORDS, _WORDS)
    return [chance.choice(pools[chance.random() < 0.6]) for _ in range(n)]


def article(n: int, seed: int | str) -> str:
    """Return a text of ``n`` words in sentences and paragraphs."""
    chance = random.Random(f"article {seed}")
    left, sentences = words(n, seed), []
    while left:
        length = chance.randint(8, 22)
        sentence, left = left[:length], left[length:]
        end = chance.choice(("\n\n", " ", " "))
        sentences.append(" ".join(sentence).capitalize() + "." + end)
    return "".join(sentences).strip()


def edited(text: str, n_changes: int, seed: int | str) -> str:
    """Return a text with some of its words replaced by others, evenly spread."""
    chance = random.Random(f"edited {seed}")
    parts = text.split(" ")
    for k in range(n_changes):
        place = int((k + 0.5) * len(parts) / n_changes)
        parts[place] = chance.choice(_WORDS)
    return " ".join(parts)


def filler(n: int = 60, length: int = 110) -> list[Record]:
    """Return unrelated articles: what gives a corpus its document frequencies."""
    return [{"id": f"filler-{k}", "text": article(length, f"filler {k}")} for k in range(n)]


def planted(n_stories: int = 60, seed: int = 1) -> list[Record]:
    """Return a corpus that holds every kind of thing a scan tells apart.

    Of each ten stories one stands alone, and the others come with exact copies, copies in
    capitals, light and heavy edits, chains of edits, excerpts, other figures, a repeat
    inside, or a copy at the same address. Some records are empty.
    """
    return list(_planted(n_stories, seed))


def _planted(n_stories: int, seed: int) -> Iterator[Record]:
    for story in range(n_stories):
        name = f"s{seed}-{story}"
        text = article(90 + story % 7 * 20, name)
        yield _record(f"{name}-a", text, story)
        for k, version in enumerate(_versions(text, name, story % 10)):
            yield _record(f"{name}-{'bcdefgh'[k]}", version, story + (k + 1) // 2)
    for k, text in enumerate(("", "  \n", "… — !", "\u200b")):
        yield {"id": f"empty{seed}-{k}", "text": text}


def _versions(text: str, name: str, kind: int) -> list[str]:
    half = len(text.split(" ")) // 2
    numbers = " It stood at {} points on day {} of the count."
    return {
        0: [],
        1: [text],
        2: [text.upper(), text],
        3: [edited(text, 2, name)],
        4: [edited(text, 8, name)],
        5: [edited(text, 4, name), edited(edited(text, 4, name), 5, f"{name} again")],
        6: [" ".join(text.split(" ")[:half])],
        7: [text + numbers.format(217, 4), text + numbers.format(309, 5)],
        8: [f"{text}\n\n{article(30, name + 'between')}\n\n{text}"] * 2,
        9: [edited(text, 3, name), text, edited(text, 1, f"{name} more"), text.title()],
    }[kind]


def _record(id: str, text: str, day: int) -> Record:
    return {
        "id": id,
        "text": text,
        "title": f"Story {id.rpartition('-')[0]}",
        "date": f"2031-{day % 12 + 1:02}-{day % 27 + 1:02}",
        "source": ("Osmere Gazette", "Coast Courier", "Skerry Weekly")[day % 3],
    }


STORY = article(80, "story")
COPY = edited(STORY, 2, "copy")
OTHER = article(80, "other")
"""A text, a copy of it with two words changed, and a text on something else."""
