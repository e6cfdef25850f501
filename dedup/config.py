"""Settings: every number a run depends on, in one frozen, fingerprinted place."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from math import inf
from typing import Any, Literal, get_args

from dedup.checks import (
    check_choice,
    check_flag,
    check_kind,
    check_number,
    check_text,
    check_texts,
    check_whole,
    make_plain,
)
from dedup.errors import SettingsError
from dedup.rule import RULES, Rule

FORMAT_VERSION = 1
"""Version of everything stored: token hashes, shingles, signatures, band keys."""

Engine = Literal["kernels", "reference"]
UnitKind = Literal["document", "passage"]


BAND_PRESETS: dict[str, tuple[int, int, int]] = {
    "balanced": (128, 42, 3),
    "recall": (256, 85, 3),
    "huge": (256, 64, 4),
}
"""Signature values, bands and rows: found with probability 0.99 from Jaccard 0.47, 0.38
and 0.52 on; ``huge`` keeps false candidates few in corpora of ten million."""


_NAMED_RULES = " or ".join(f'dedup.rule.RULES["{name}"]' for name in RULES)


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
        What makes two texts copies, or related; ``dedup.rule.RULES`` has some by name.
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
        Survivor policy: names from :mod:`dedup.metadata.survivors` with commas, first decides.
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
