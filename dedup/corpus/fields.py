"""Which field of a record holds its text, id, title, url, date and source.

The names to try are in :mod:`dedup.corpus.presets`; flags win over them. A name may be
dotted (``metadata.url``) to look into nested objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any, Final, cast

from dedup.config import Fields
from dedup.corpus.presets import COMMON_NAMES, FIELD_PRESETS, PARTS, Candidates, Part
from dedup.errors import SettingsError
from dedup.model import SourceFile

Names = dict[str, str]
_Present = dict[Part, list[str]]

MISSING: Final = object()
"""What :func:`value_of` returns where a record has no such field (null is ``None``)."""

NAME_BY_FLAG: Final = "--text-field names the field of the text"
NAME_BY_KEY: Final = "call the text 'text'"
"""What helps where there is no text: in files, and in mappings of a library user."""
_WITH_FIELDS: Final = ("jsonl", "json", "csv", "tsv", "parquet")
_PANDAS_MISSING: Final = ("NAType", "NaTType")
_MAX_NAMES_SHOWN = 20
_MOST_KINDS = 1024
"""Sets of fields that are remembered; a corpus has a few."""
_MAX_NAME_LENGTH = 60


def candidates_for(fields: Fields) -> Candidates:
    """Return the names to try for each part: flags, else the preset, else common names.

    Parameters
    ----------
    fields : Fields
        The user's preset and flags.

    Returns
    -------
    mapping of part to tuple of str
        Parts that the preset does not know have no names.

    Raises
    ------
    SettingsError
        When there is no preset of that name.

    Examples
    --------
    >>> candidates_for(Fields(preset="c4", text="body"))["text"]
    ('body',)
    """
    base = COMMON_NAMES
    if fields.preset is not None:
        preset = FIELD_PRESETS.get(fields.preset.lower())
        if preset is None:
            known = ", ".join(FIELD_PRESETS)
            message = f"there is no field preset {fields.preset!r}; the presets are: {known}"
            raise SettingsError(message)
        base = preset
    chosen: dict[Part, tuple[str, ...]] = {}
    for part in PARTS:
        flag: str | None = getattr(fields, part)
        chosen[part] = base.get(part, ()) if flag is None else (flag,)
    return chosen


def unmet_fields(fields: Fields, files: Sequence[SourceFile]) -> list[str]:
    """Return what to say of fields that were named on purpose and are in no file.

    Of several files some may lack a field, and pages have none; a text that is missing is said
    record by record.

    Parameters
    ----------
    fields : Fields
        What the user named.
    files : sequence of SourceFile
        What was read, with the choice for each file.

    Examples
    --------
    >>> files = [SourceFile("a.jsonl", "jsonl", n_records=1, fields={"text": "body"})]
    >>> unmet_fields(Fields(text="body", title="headine"), files)[0][:68]
    "no file has a field 'headine' in its first records: records have no "
    >>> unmet_fields(Fields(title="headine"), [SourceFile("a.txt", "text", n_records=1)])
    []
    """
    read = [f for f in files if f.format in _WITH_FIELDS and f.n_records > f.n_quarantined]
    told: list[str] = []
    for part in PARTS:
        name: str | None = getattr(fields, part)
        if name is None or part == "text" or not read or any(part in f.fields for f in read):
            continue
        so = "records are called file#line" if part == "id" else f"records have no {part}"
        told.append(
            f"no file has a field {name!r} in its first records: {so}. Check how it is spelt "
            f"(--{part}-field, or {part} of [reading.fields] in a settings file)"
        )
    return told


def value_of(record: Mapping[str, Any], name: str) -> object:
    """Return the value of a field, looking into nested objects for a dotted name.

    Examples
    --------
    >>> value_of({"metadata": {"url": "https://example.org"}}, "metadata.url")
    'https://example.org'
    >>> value_of({"metadata.url": "flat"}, "metadata.url")
    'flat'
    >>> value_of({}, "url") is MISSING
    True
    """
    if name in record or "." not in name:
        return record.get(name, MISSING)
    found: object = record
    for step in name.split("."):
        if not isinstance(found, Mapping) or step not in found:
            return MISSING
        found = cast("Mapping[str, object]", found)[step]
    return found


def is_missing(value: object) -> bool:
    """Return whether a value stands for none: null, "", NaN, or the NA and NaT of pandas.

    Those of pandas are known by name: it need not be installed, and NA answers no
    comparison.

    Examples
    --------
    >>> is_missing(None), is_missing(float("nan")), is_missing(""), is_missing(0)
    (True, True, True, False)
    """
    if isinstance(value, str):
        return value == ""
    if isinstance(value, Real):
        return bool(value != value)  # NaN alone differs from itself
    return value is None or type(value).__name__ in _PANDAS_MISSING


def column_of(records: Sequence[Mapping[str, Any]], name: str) -> list[object]:
    """Return one field of many records; None where it is missing."""
    if "." not in name:
        return [record.get(name) for record in records]
    values = [value_of(record, name) for record in records]
    return [None if value is MISSING else value for value in values]


def choose_fields(candidates: Candidates, records: Sequence[Mapping[str, Any]]) -> Names:
    """Choose the field for each part from the first records of a file.

    A name wins over the names after it when a record has something in it (for the text:
    a non-empty string). Names are compared exactly first, then without regard to case.

    Parameters
    ----------
    candidates : mapping of part to tuple of str
        From :func:`candidates_for`.
    records : sequence of mappings
        The first records of the file.

    Returns
    -------
    dict of part to str
        Parts that no record has are absent.

    Examples
    --------
    >>> choose_fields(COMMON_NAMES, [{"Text": None, "body": "A storm.", "link": "/a"}])
    {'text': 'body', 'url': 'link'}
    """
    return _filled_first(_present(candidates, records), records)


class FieldChoice:
    """Chooses the fields of one record after the other, as :func:`choose_fields` does.

    Records of the same fields are looked through for names only once: without this a
    scan of mappings took five times as long as one of the same file.

    Parameters
    ----------
    candidates : mapping of part to tuple of str
        From :func:`candidates_for`.
    """

    def __init__(self, candidates: Candidates) -> None:
        self._candidates = candidates
        every = (name for names in candidates.values() for name in names)
        self._nested = {name.split(".")[0] for name in every if "." in name}
        self._known: dict[tuple[str, ...], _Present] = {}

    def of(self, record: Mapping[str, Any]) -> Names:
        """Return the field for each part of a record; parts that it lacks are absent."""
        fields = tuple(record)
        present = self._known.get(fields)
        if present is None:
            present = _present(self._candidates, [record])
            # what stands in nested objects is another matter in each record
            if self._nested.isdisjoint(fields) and len(self._known) < _MOST_KINDS:
                self._known[fields] = present
        return _filled_first(present, [record])


def choose_columns(candidates: Candidates, columns: Iterable[str]) -> Names:
    """Choose the column for each part of a table by its column names alone.

    Examples
    --------
    >>> choose_columns(COMMON_NAMES, ["ID", "Headline", "Body"])
    {'text': 'Body', 'id': 'ID', 'title': 'Headline'}
    """
    exact = list(columns)
    folded = {name.strip().lower(): name for name in reversed(exact)}
    names: Names = {}
    for part in PARTS:
        for name in candidates.get(part, ()):
            found = name if name in exact else folded.get(name.lower())
            if found is not None:
                names[part] = found
                break
    return names


def list_names(names: Iterable[str]) -> str:
    """Return field names for a message: shortened, and said so where names are left out.

    Examples
    --------
    >>> list_names(["id", "head line"])
    'id, head line'
    >>> list_names([])
    'no fields'
    """
    every = [name if len(name) <= _MAX_NAME_LENGTH else name[:57] + "..." for name in names]
    if not every:
        return "no fields"
    shown = ", ".join(every[:_MAX_NAMES_SHOWN])
    more = len(every) - _MAX_NAMES_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def missing_text(
    names: Names,
    candidates: Candidates,
    has: Iterable[str],
    unit: str,
    remedy: str = NAME_BY_FLAG,
) -> str:
    """Return the reason why a record or a whole table has no text.

    Parameters
    ----------
    names : dict of part to str
        The choice for the file; without ``text`` no known name was found.
    candidates : mapping of part to tuple of str
        What was looked for.
    has : iterable of str
        Names of the fields that are there.
    unit : str
        What the fields belong to: "the record", "the table".
    remedy : str
        What the user can do.
    """
    wanted = names.get("text") or (candidates["text"][0] if len(candidates["text"]) == 1 else "")
    said = f"no field {wanted!r}" if wanted else "no field with a known name for the text"
    return f"{said}; {unit} has: {list_names(has)} ({remedy})"


def _present(candidates: Candidates, records: Sequence[Mapping[str, Any]]) -> _Present:
    """Return the names of each part that any of the records has, the best first.

    Records are walked once for all names: one by one for each name, this took most of the time
    of a corpus of many small files.
    """
    keys = dict.fromkeys(key for record in records for key in record)
    folded: dict[str, str] = {}
    for key in keys:
        folded.setdefault(key.lower(), key)

    def is_there(name: str) -> bool:
        if name in keys or name.split(".", 1)[0] not in keys:
            return name in keys
        return any(value_of(record, name) is not MISSING for record in records)

    present: _Present = {}
    for part in PARTS:
        # exact spelling wins over another case
        spelt = [
            name if is_there(name) else folded.get(name.lower())
            for name in candidates.get(part, ())
        ]
        found = [name for name in spelt if name is not None]
        if found:
            present[part] = found
    return present


def _filled_first(present: _Present, records: Sequence[Mapping[str, Any]]) -> Names:
    """Return for each part the first name under which any of the records has something."""
    return {
        part: next((name for name in names if _is_filled(records, name, part)), names[0])
        for part, names in present.items()
    }


def _is_filled(records: Sequence[Mapping[str, Any]], name: str, part: Part) -> bool:
    values = (value_of(record, name) for record in records)
    if part == "text":
        return any(isinstance(value, str) and value != "" for value in values)
    return any(value is not MISSING and not is_missing(value) for value in values)
