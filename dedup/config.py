"""Settings: every number a run depends on, in one frozen, fingerprinted place."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from math import inf
from numbers import Integral, Real
from typing import Any, Literal, get_args

from dedup.checks import (
    check_choice,
    check_count,
    check_flag,
    check_kind,
    check_number,
    check_text,
    check_texts,
    check_whole,
    make_plain,
)
from dedup.errors import SettingsError

FORMAT_VERSION = 1
"""Version of everything stored: token hashes, shingles, signatures, band keys."""

Engine = Literal["kernels", "reference"]
UnitKind = Literal["document", "passage"]


FLOOR_JACCARD = 0.2
"""Pairs at this Jaccard and above are scored in full and recorded ..."""
FLOOR_CONTAINMENT = 0.5
"""... and pairs at this containment and above ..."""
FLOOR_DISTINCTIVE = 0.1
"""... provided that they reach this containment without common shingles ..."""
FLOOR_CERTAIN = 0.8
"""... or that they reach this Jaccard."""

_MOST = 10**9  # of words, numbers or units: more overflow in no kernel

BAND_PRESETS: dict[str, tuple[int, int, int]] = {
    "balanced": (128, 42, 3),
    "recall": (256, 85, 3),
    "huge": (256, 64, 4),
}
"""Signature values, bands and rows: found with probability 0.99 from Jaccard 0.47, 0.38
and 0.52 on; ``huge`` keeps false candidates few in corpora of ten million."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Constants of the verdict rule, whose rows are those of docs/algorithm.md, step 9.

    Jaccard and containment are exact, over sets of shingles; containment is of the smaller
    text in the larger. The values come from what was measured on labelled sets
    (docs/quality.md, "How the rule was chosen").
    """

    near_certain_jaccard: float = 0.9
    """From here up neither ``min_cosine`` nor distinctive overlap is asked, and
    ``numbers-replaced`` and ``common-wording`` do not apply; all other rows do."""
    near_jaccard: float = 0.5
    """From here up a related pair may be ``near``."""
    near_scattered_jaccard: float = 0.7
    """Below this only if its differences are scattered: a word here, another there."""
    gap_words: float = 7.0
    """Words that one gap may cost: (1 - the lower containment) × words of the shorter text /
    ``gaps``. One replaced word costs five, as it stands in five shingles; two that stand close
    together cost up to ten."""
    scattered_words: float = 16.0
    """Words that one gap may cost in which words stand for others: the same /
    ``words_replaced``."""
    scattered_places: int = 2
    """Such gaps from which on differences may be scattered."""
    near_cosine: float = 0.0
    """Cosine that ``near`` needs besides, at any Jaccard; a pair below it goes on to rows 16 and
    17. ``dedup threshold --min-cosine`` raises it."""
    link_jaccard: float = 0.25
    """Lowest Jaccard of a pair related by overlap."""
    link_containment: float = 0.6
    """Lowest containment of a pair related by containment."""
    contained_from: float = 0.8
    """From here up a pair that is not ``near`` is ``contained`` rather than ``rewrite``."""
    min_cosine: float = 0.5
    """Lowest cosine of rows 2 and 3."""
    min_distinctive: float = 0.2
    """Overlap that must be left without common shingles."""
    near_distinctive: float = 0.4
    """Distinctive Jaccard that must be left of one above ``near_jaccard``: less is a form."""
    excerpt_distinctive: float = 0.6
    """Distinctive containment from which on no cosine is asked: the vocabulary of an excerpt is
    not that of the long text it stands in."""
    excerpt_min_tokens: int = 30
    """Words that the shorter text needs for that."""
    contained_min_tokens: int = 8
    """Words that a text needs to be related by containment alone (row 3)."""
    common_shingle_count: int = 50
    """A shingle is common when it stands in more units than this."""
    common_shingle_share: float = 0.005
    """And in more than this share of all units."""
    rare_word_share: float = 0.025
    """Share of all units up to which a word is rare, and may be a name."""
    near_number_agreement: float = 1.0
    """Share of the numbers kept and replaced that ``near`` asks to be kept."""
    min_number_agreement: float = 0.75
    """A lower share makes a form."""
    form_numbers: int = 2
    """Replaced numbers that make a form; fewer make a pair doubtful."""
    form_number_every: int = 400
    """Words, for each of which a form has a replaced number."""
    short_text_tokens: int = 60
    """In shorter texts, in words, one replaced number makes a form, and differences are never
    scattered."""
    page_number_agreement: float = 0.5
    """With a lower share and ``form_numbers`` replaced, one address holds another issue."""
    form_names: int = 2
    """Gaps that replace names, from which on one is replaced throughout."""
    form_name_share: float = 0.5
    """Share that they must make of all gaps that replace words: an edit replaces this and that."""
    template_names: int = 3
    """Gaps that replace names, from which on no number need be replaced."""
    template_name_share: float = 0.75
    """Share that they must make then."""
    passage_share: float = 0.02
    """Share of the shorter text from which on passages that stand for others count."""
    table_number_share: float = 0.2
    """From this share of number tokens on, a text is a table."""

    def __post_init__(self) -> None:
        """Check ranges, and that no verdict is asked of pairs that are never scored."""
        make_plain(self)
        floors = {
            "near_certain_jaccard": FLOOR_CERTAIN,
            "near_jaccard": FLOOR_JACCARD,
            "near_scattered_jaccard": FLOOR_JACCARD,
            "link_jaccard": FLOOR_JACCARD,
            "link_containment": FLOOR_CONTAINMENT,
            "min_distinctive": FLOOR_DISTINCTIVE,
        }
        for constant in dataclasses.fields(self):
            name, value = constant.name, getattr(self, constant.name)
            if isinstance(constant.default, int):
                check_count(name, value, Integral, _MOST)
            elif name in ("gap_words", "scattered_words"):  # means of counts
                check_count(name, value, Real, _MOST)
            else:
                check_number(name, value, floors.get(name, 0), 1)

    def near_from(self, jaccard: float) -> Rule:
        """Return the rule by which related texts are ``near`` from this Jaccard on.

        Whoever names a Jaccard means it for every kind of edit; what lies in its way moves.

        Examples
        --------
        >>> rule = Rule().near_from(0.95)
        >>> rule.near_jaccard, rule.near_scattered_jaccard, rule.near_certain_jaccard
        (0.95, 0.95, 0.95)
        >>> Rule().near_from(0.22).link_jaccard
        0.22
        """
        return dataclasses.replace(
            self,
            near_jaccard=jaccard,
            near_scattered_jaccard=jaccard,
            near_certain_jaccard=max(self.near_certain_jaccard, jaccard),
            link_jaccard=min(self.link_jaccard, jaccard),
        )


RULES: dict[str, Rule] = {
    "strict": Rule(
        near_jaccard=0.8,
        near_scattered_jaccard=0.8,
        link_jaccard=0.3,
        link_containment=0.8,
        min_cosine=0.6,
    ),
    "balanced": Rule(),
    "loose": Rule(
        near_scattered_jaccard=0.5,
        near_number_agreement=0.9,
        link_jaccard=0.2,
        link_containment=0.5,
        min_cosine=0.4,
    ),
}
"""Rules by name: ``strict`` removes only what hardly anybody would call two texts, ``balanced``
is the default, ``loose`` finds and removes more (docs/quality.md has what each scores)."""
_NAMED_RULES = " or ".join(f'dedup.config.RULES["{name}"]' for name in RULES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """Names of the fields that hold a record's parts; None means: by preset."""

    preset: str | None = None
    text: str | None = None
    id: str | None = None
    title: str | None = None
    url: str | None = None
    date: str | None = None
    source: str | None = None

    def __post_init__(self) -> None:
        """Check that all are names."""
        for part in dataclasses.fields(self):
            check_text(part.name, getattr(self, part.name), '"body"', optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How inputs are opened and which records are taken."""

    fields: Fields = field(default_factory=Fields)
    format: str | None = None
    """Input format by name; None finds it by file name and content."""
    include: tuple[str, ...] = ()
    """Glob patterns: inside a folder only matching files are read."""
    exclude: tuple[str, ...] = ()
    """Glob patterns: matching files and folders are left out."""
    limit: int | None = None
    """Stop after this many records of the scanned corpus, over all its files and quarantined
    ones included; a corpus to compare it with (``against``) is read whole."""
    encoding: str = "utf-8"
    """Encoding of text, HTML, CSV and JSON inputs; never guessed."""
    max_record_bytes: int = 16 * 1024 * 1024
    """A longer record is quarantined."""
    max_ratio: float = 1000.0
    """Decompressed to compressed bytes; above it the rest of the file is quarantined."""

    def __post_init__(self) -> None:
        """Check kinds and ranges."""
        make_plain(self)
        check_kind("fields", self.fields, Fields, 'Fields(text="body")')
        check_text("format", self.format, '"jsonl"', optional=True)
        check_texts("include", self.include, '("*.jsonl",)')
        check_texts("exclude", self.exclude, '("drafts/*",)')
        if self.limit is not None:
            check_whole("limit", self.limit, 1, 2**62)
        check_text("encoding", self.encoding, '"utf-8"')
        check_whole("max_record_bytes", self.max_record_bytes, 1, 2**28)
        check_number("max_ratio", self.max_ratio, 1, inf)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything a scan depends on.

    Build variants with :func:`dataclasses.replace`; nothing here ever changes in place.

    Attributes
    ----------
    reading : Reading
        How inputs are opened and which records are taken.
    rule : Rule
        What makes two texts copies, or related; ``dedup.config.RULES`` has some by name.
    shingle_width : int
        Consecutive tokens that make a shingle.
    num_perm : int
        Values of a signature.
    seed : int
        Seed of the signatures; to compare them with others, it must be theirs.
    bands, rows : int
        Bands that a signature is cut into, and values of each; texts that agree in a whole
        band are compared.
    min_tokens : int
        Shorter texts are compared for exact and normalised equality only.
    repeats : bool
        Whether to look for passages that stand twice inside one document.
    repeat_min_tokens : int
        Tokens that a repeated passage has at least; ``shingle_width`` or more.
    excerpts : bool
        Whether to look for texts that stand in much longer ones, by sampled shingles.
    unit : {"document", "passage"}
        With ``"passage"``, paragraphs and lines are compared across documents too.
    keep : str
        Survivor policy: names from :mod:`dedup.survivors` with commas, first decides.
    max_bucket : int
        A bucket with more units is split by further signature rows.
    anchors : int
        Partners each unit of a bucket that stays over-full is compared with.
    max_on_demand : int
        Representatives one unit is scored against on demand while clustering.
    store_text : bool
        Whether results keep the texts, for readers who have no access to the sources.
    engine : {"kernels", "reference"}
        Compiled kernels, or the same in plain Python, much slower: an independent check, and
        a way out where compiled kernels fail.
    threads : int
        Worker threads; 0 takes every processor this process may use.
    batch_bytes : int
        Bytes of text that are read and worked on together.
    tmp_dir : str, optional
        Folder for temporary files; None takes that of the system.
    """

    reading: Reading = field(default_factory=Reading)
    rule: Rule = field(default_factory=Rule)
    shingle_width: int = 5
    num_perm: int = 128
    seed: int = 1
    bands: int = 42
    rows: int = 3
    min_tokens: int = 0
    repeats: bool = True
    repeat_min_tokens: int = 12
    excerpts: bool = True
    unit: UnitKind = "document"
    keep: str = "fullest,oldest,longest"
    max_bucket: int = 32
    anchors: int = 4
    max_on_demand: int = 64
    store_text: bool = False
    engine: Engine = "kernels"
    threads: int = 0
    batch_bytes: int = 4 * 1024 * 1024
    tmp_dir: str | None = None

    #: Settings that say how a run works, never what it finds.
    _NOT_RESULTS = frozenset({"engine", "threads", "batch_bytes", "tmp_dir", "store_text"})

    def __post_init__(self) -> None:
        """Check kinds and ranges once, here, so that no stage has to."""
        make_plain(self)
        check_kind("reading", self.reading, Reading, "Reading(limit=1000)")
        check_kind("rule", self.rule, Rule, f"Rule(near_jaccard=0.6), or {_NAMED_RULES}")
        check_whole("shingle_width", self.shingle_width, 1, 64)
        check_whole("num_perm", self.num_perm, 8, 4096)
        check_whole("seed", self.seed, 0, 2**32 - 1)
        check_whole("bands", self.bands, 1, self.num_perm)
        check_whole("rows", self.rows, 1, self.num_perm)
        if self.bands * self.rows > self.num_perm:
            message = (
                f"{self.bands} bands of {self.rows} rows need {self.bands * self.rows} signature "
                f"values, but num_perm is {self.num_perm}: raise num_perm or lower the bands"
            )
            raise SettingsError(message)
        check_whole("min_tokens", self.min_tokens, 0, 10**6)
        check_whole("repeat_min_tokens", self.repeat_min_tokens, self.shingle_width, 10**6)
        check_whole("max_bucket", self.max_bucket, 2, 4096)
        check_whole("anchors", self.anchors, 1, 64)
        check_whole("max_on_demand", self.max_on_demand, 0, 10**6)
        check_whole("threads", self.threads, 0, 1024)
        # positions inside a batch are int32, and folding can quadruple a text
        check_whole("batch_bytes", self.batch_bytes, 1, 2**28)
        for name in ("repeats", "excerpts", "store_text"):
            check_flag(name, getattr(self, name))
        check_choice("unit", self.unit, get_args(UnitKind))
        check_choice("engine", self.engine, get_args(Engine))
        check_text("keep", self.keep, '"newest,longest"')
        check_text("tmp_dir", self.tmp_dir, '"/var/tmp"', optional=True)

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain nested dictionaries, ready for JSON."""
        return dataclasses.asdict(self)

    def fingerprint(self) -> str:
        """Return a digest of exactly the settings that change what a scan finds.

        Returns
        -------
        str
            32 hexadecimal digits.

        Examples
        --------
        >>> Settings(threads=1).fingerprint() == Settings(threads=8).fingerprint()
        True
        >>> Settings(seed=2).fingerprint() == Settings().fingerprint()
        False
        """
        kept = {k: v for k, v in self.to_dict().items() if k not in self._NOT_RESULTS}
        text = json.dumps({"format": FORMAT_VERSION, **kept}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def chosen_settings(settings: Settings | None) -> Settings:
    """Return settings as a library user gave them; the defaults for None.

    Raises
    ------
    SettingsError
        If they are something else, such as a dictionary.
    """
    if settings is None:
        return Settings()
    if not isinstance(settings, Settings):  # pyright: ignore[reportUnnecessaryIsInstance]
        message = (
            f"settings are a {type(settings).__name__}: pass dedup.Settings, "
            'such as Settings(keep="newest")'
        )
        raise SettingsError(message)
    return settings
