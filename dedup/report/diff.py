"""Word-level differences of two texts, as rows to set side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum

from dedup.report.words import Words

MAX_WORDS = 50_000
"""Words of each text that are compared; what follows is counted and told."""
CONTEXT = 7
"""Equal words shown before and after a change."""
FOLDED_FROM = 24
"""Equal words in a row that are worth folding away."""
ISLAND = 2
"""Equal words, at most, that are taken for chance between two longer changes."""

Segment = tuple[bool, int, int, int, int]
"""Whether the words are equal, and their range left and right."""


class Kind(Enum):
    """What a piece of text is in a comparison."""

    SAME = "same"
    FORM = "form"
    """The same words in another form: case, quotes, width."""
    SIGNS = "signs"
    """The same words beside other signs, which tokens leave out: C++ and C#. Only counted;
    rows show them as gone and new, since such a sign may be all that tells two texts apart."""
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of one text."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """What stands left and what stands right, one after the other in a row.

    The kind is ``GONE`` for every change, also where words are only new.
    """

    kind: Kind
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Row:
    """What stands side by side.

    A row of equal text has one step, and can be folded; it shows the left text.
    """

    steps: tuple[Step, ...]
    n_words: int
    equal: bool = False

    @property
    def left(self) -> list[Piece]:
        """The pieces on the left."""
        return _joined((step.kind, step.left) for step in self.steps)

    @property
    def right(self) -> list[Piece]:
        """The pieces on the right."""
        return _joined(
            (Kind.NEW if step.kind is Kind.GONE else step.kind, step.right) for step in self.steps
        )

    @property
    def text(self) -> str:
        """The whole text on the left."""
        return "".join(step.left for step in self.steps)


@dataclass(frozen=True, slots=True)
class Diff:
    """Rows of a comparison, and its counts of words.

    ``n_form`` counts words in another form, ``n_signs`` those beside other signs,
    ``left_out`` counts words beyond ``MAX_WORDS`` that were not compared, ``hidden``
    rows that :func:`clip` has taken away.
    """

    rows: tuple[Row, ...]
    n_same: int
    n_form: int
    n_signs: int
    n_gone: int
    n_new: int
    left_out: int = 0
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class _Alike:
    """Two texts, and how far equal words of the right one stand behind the left ones."""

    left: Words
    right: Words
    shift: int

    def slices(self, first: int, last: int) -> tuple[str, str]:
        """Return equal words as both texts have them: white space may differ."""
        shift = self.shift
        return self.left.slice(first, last), self.right.slice(first + shift, last + shift)

    def kind(self, word: int) -> Kind:
        """Return in what an equal word differs."""
        if _alike(*self.slices(word, word + 1)):
            return Kind.SAME
        same_form = self.left.forms[word] == self.right.forms[word + self.shift]
        return Kind.FORM if same_form else Kind.SIGNS


@dataclass(slots=True)
class _Builder:
    """The row that is being filled, and those that are done."""

    rows: list[Row] = field(default_factory=list[Row])
    steps: list[Step] = field(default_factory=list[Step])
    n_words: int = 0
    counts: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))

    def put(self, kind: Kind, left: str, right: str, n_words: int) -> None:
        """Add a step to the row."""
        self.steps.append(Step(kind, left, right))
        self.n_words += n_words

    def close(self) -> None:
        """End the row."""
        if self.steps:
            equal = all(step.kind is Kind.SAME for step in self.steps)
            self.rows.append(Row(tuple(self.steps), self.n_words, equal))
        self.steps, self.n_words = [], 0

    def put_equal_row(self, text: str, n_words: int) -> None:
        """Add a row of equal text."""
        self.close()
        self.rows.append(Row((Step(Kind.SAME, text, text),), n_words, equal=True))


def _joined(parts: Iterable[tuple[Kind, str]]) -> list[Piece]:
    """Return the pieces that have a text; neighbours of one kind as one."""
    pieces: list[Piece] = []
    for kind, text in parts:
        if text and pieces and pieces[-1].kind is kind:
            pieces[-1] = Piece(kind, pieces[-1].text + text)
        elif text:
            pieces.append(Piece(kind, text))
    return pieces


def compare(left: Words, right: Words) -> Diff:
    """Compare two texts word by word.

    The alignment is one of smallest Levenshtein distance over our own tokens, by
    rapidfuzz (bit-parallel: two repetitive texts of 20,000 words take milliseconds,
    where difflib takes minutes).

    Examples
    --------
    >>> from dedup.report.words import words_of
    >>> diff = compare(*words_of(["the old ferry sails", "The new ferry sails at noon"]))
    >>> [(piece.kind.value, piece.text) for piece in diff.rows[0].left]
    [('form', 'the '), ('gone', 'old '), ('same', 'ferry sails')]
    >>> diff.n_gone, diff.n_new
    (1, 3)
    """
    sizes = min(len(left), MAX_WORDS), min(len(right), MAX_WORDS)
    left_out = len(left) + len(right) - sum(sizes)
    builder = _Builder()
    segments = _without_islands(list(_segments(left, right, sizes)))
    for number, (equal, *bounds) in enumerate(segments):
        a, b, c, d = bounds
        if not equal:
            builder.counts[Kind.GONE] += b - a
            builder.counts[Kind.NEW] += d - c
            builder.put(Kind.GONE, left.slice(a, b), right.slice(c, d), max(b - a, d - c))
            continue
        pair = _Alike(left, right, c - a)
        runs = list(_equal_runs(pair, a, b))
        for place, (kind, start, end) in enumerate(runs):
            builder.counts[kind] += end - start
            if kind is not Kind.SAME:
                shown = Kind.GONE if kind is Kind.SIGNS else kind
                builder.put(shown, *pair.slices(start, end), end - start)
                continue
            is_first = number == 0 and place == 0
            is_last = number == len(segments) - 1 and place == len(runs) - 1
            _put_same(builder, pair, (start, end), is_first=is_first, is_last=is_last)
    builder.close()
    counts = builder.counts
    return Diff(
        tuple(builder.rows),
        n_same=counts[Kind.SAME],
        n_form=counts[Kind.FORM],
        n_signs=counts[Kind.SIGNS],
        n_gone=counts[Kind.GONE],
        n_new=counts[Kind.NEW],
        left_out=left_out,
    )


def _segments(left: Words, right: Words, sizes: tuple[int, int]) -> Iterator[Segment]:
    from rapidfuzz.distance import Levenshtein  # noqa: PLC0415 - most commands never compare

    tokens = left.hashes[: sizes[0]].tolist(), right.hashes[: sizes[1]].tolist()
    waiting: Segment | None = None
    for step in Levenshtein.opcodes(*tokens):
        equal = step.tag == "equal"
        a, b, c, d = step.src_start, step.src_end, step.dest_start, step.dest_end
        if waiting and waiting[0] == equal:
            waiting = (equal, waiting[1], b, waiting[3], d)
            continue
        if waiting:
            yield waiting
        waiting = (equal, a, b, c, d)
    if waiting:
        yield waiting


def _without_islands(segments: list[Segment]) -> list[Segment]:
    """Take a word or two that are equal by chance, between longer changes, as changed.

    A rewritten sentence shares "the" and "of" with what it replaces; set apart, they
    make a change unreadable.
    """
    kept: list[Segment] = []
    for segment in segments:
        equal, _, b, _, d = segment
        if not equal and len(kept) > 1 and _is_island(kept[-2], kept[-1], segment):
            before = kept[-2]
            kept[-2:] = [(False, before[1], b, before[3], d)]
            continue
        kept.append(segment)
    return kept


def _is_island(before: Segment, island: Segment, after: Segment) -> bool:
    size = island[2] - island[1]
    around = min(max(b - a, d - c) for _, a, b, c, d in (before, after))
    return size <= ISLAND and around > size


def _equal_runs(pair: _Alike, start: int, end: int) -> Iterator[tuple[Kind, int, int]]:
    """Split equal words into runs that also look the same, and runs that do not."""
    if _alike(*pair.slices(start, end)):
        yield Kind.SAME, start, end
        return
    begun, kind = start, None
    for word in range(start, end):
        found = pair.kind(word)
        if kind is not None and found is not kind:
            yield kind, begun, word
            begun = word
        kind = found
    if kind is not None:
        yield kind, begun, end


def _alike(one: str, other: str) -> bool:
    """Whether two pieces differ in white space at most."""
    return one == other or one.split() == other.split()


def _put_same(
    builder: _Builder, pair: _Alike, where: tuple[int, int], *, is_first: bool, is_last: bool
) -> None:
    """Add equal words: as context of the changes around, and as a row if many are left."""
    start, end = where
    before = 0 if is_first else CONTEXT
    after = 0 if is_last else CONTEXT
    if end - start - before - after < FOLDED_FROM:
        for begun, ended in _paragraphs(pair.left, start, end):
            if begun > start:
                builder.close()
            builder.put(Kind.SAME, *pair.slices(begun, ended), ended - begun)
        return
    if before:
        builder.put(Kind.SAME, *pair.slices(start, start + before), before)
    middle = pair.left.slice(start + before, end - after)
    builder.put_equal_row(middle, end - after - start - before)
    if after:
        builder.put(Kind.SAME, *pair.slices(end - after, end), after)


def _paragraphs(words: Words, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Split a range of words where lines end, so that rows keep paragraphs level."""
    begun = start
    lines = range(start + 1, end) if "\n" in words.slice(start, end) else ()
    for word in lines:
        if "\n" in words.slice(word - 1, word):
            yield begun, word
            begun = word
    yield begun, end


def clip(diff: Diff, most: int, most_equal: int) -> Diff:
    """Return a comparison that takes no more than some room.

    Parameters
    ----------
    diff : Diff
    most : int
        Characters of all rows together, both sides; rows beyond are counted in ``hidden``.
    most_equal : int
        Characters of a row of equal text; the middle of a much longer one is left out.
    """
    kept: list[Row] = []
    room = most
    for row in diff.rows:
        shown = _shortened(row, most_equal) if row.equal else row
        room -= sum(len(step.left) + (0 if row.equal else len(step.right)) for step in shown.steps)
        if room < 0 and kept:
            return replace(diff, rows=tuple(kept), hidden=len(diff.rows) - len(kept))
        kept.append(shown)
    return replace(diff, rows=tuple(kept))


def _shortened(row: Row, most: int) -> Row:
    text = row.text
    if len(text) <= most + most // 2:  # to leave out a few words saves nothing
        return row
    half = most // 2
    left_out = f" … [{len(text) - 2 * half:,} characters] … "
    shown = text[:half] + left_out + text[-half:]
    return replace(row, steps=(Step(Kind.SAME, shown, shown),))
