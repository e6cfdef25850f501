"""Why records could not be read, short enough for a terminal."""

from __future__ import annotations

import re

MAX_KEYS = 5
_KEYS = re.compile(
    r"(?<= has: )(.+?)(?: and (\d+) more)?(?= \((?:--text-field names|call the text))", re.S
)
"""The fields that :func:`dedup.corpus.fields.missing_text` lists."""


def short_reason(reason: str) -> str:
    """Return a reason for a quarantine with a few of the fields that it lists.

    ``quarantine.jsonl`` has all of them; one message after the other that lists twenty hides
    what else went wrong.

    Examples
    --------
    >>> short_reason("no field 'text'; the record has: a, b, c, d, e, f, g (--text-field names it)")
    "no field 'text'; the record has: a, b, c, d, e and 2 more (--text-field names it)"
    >>> short_reason("null where a JSON object should be")
    'null where a JSON object should be'
    """
    return _KEYS.sub(_few, reason, count=1)


def _few(found: re.Match[str]) -> str:
    keys = found[1].split(", ")
    more = int(found[2] or 0) + len(keys) - MAX_KEYS
    return f"{', '.join(keys[:MAX_KEYS])} and {more} more" if more > 0 else found[0]
