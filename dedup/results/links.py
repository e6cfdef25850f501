"""``links.jsonl``, written column by column.

A corpus of forms has as many links as records. Making a dict of each and turning it into
JSON takes three times as long as putting together what each record and each column was
turned into once; a test holds the two to the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import orjson

from dedup.model import Floats
from dedup.rows import LABELS, LINK_SCORES, REASONS, FoundRows, LinkChunk

_NAMES = ("left", "right", "verdict", "reason", *LINK_SCORES, "left_ref", "right_ref", "flags")
_LINE = b"{%s}\n" % b",".join(b'"%s":%%b' % name.encode() for name in _NAMES)
_VERDICTS = [orjson.dumps(label) for label in LABELS]
_REASONS = [orjson.dumps(label) for label in REASONS]


def link_lines(rows: FoundRows) -> Iterator[bytes]:
    """Yield the lines of ``links.jsonl``, many at a time."""
    for chunk in rows.link_chunks():
        yield b"".join([_LINE % values for values in _columns(chunk, rows)])


def _columns(chunk: LinkChunk, rows: FoundRows) -> Iterator[tuple[bytes, ...]]:
    known, places = np.unique(chunk.ends, return_inverse=True)
    left, right = (side.tolist() for side in places.reshape(2, -1))
    ids = [orjson.dumps(rows.about(row).id) for row in known.tolist()]
    refs = [orjson.dumps(ref) for ref in rows.places(known)]
    flags = rows.link_flags(chunk.ends)
    in_json = {each: orjson.dumps(each) for each in set(flags)}
    return zip(
        [ids[place] for place in left],
        [ids[place] for place in right],
        [_VERDICTS[verdict] for verdict in chunk.verdicts.tolist()],
        [_REASONS[reason] for reason in chunk.reasons.tolist()],
        *map(_numbers, chunk.scores),
        [refs[place] for place in left],
        [refs[place] for place in right],
        map(in_json.__getitem__, flags),
        strict=True,
    )


def _numbers(column: Floats) -> list[bytes]:
    return orjson.dumps(column.tolist())[1:-1].split(b",")
