"""Flags: what metadata adds to the verdict on two records."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedup.metadata.records import MetadataColumns
from dedup.metadata.stories import same_headline, same_page, same_title
from dedup.model import Bytes

FLAGS: tuple[tuple[str, ...], ...] = (
    (),
    ("other-title",),
    ("revision",),
    ("other-title", "revision"),
)
"""What the numbers that :func:`flags_between` returns stand for."""
_REVISION = FLAGS.index(("revision",))


def flags_between(
    left: MetadataColumns, right: MetadataColumns, same_text: NDArray[np.bool_]
) -> Bytes:
    """Return the flags of each pair of records, as places in ``FLAGS``.

    Parameters
    ----------
    left, right : MetadataColumns
        What is known of both sides.
    same_text : bool array, shape (n,)
        Where both texts have the same bytes: a revision has a changed one.

    Returns
    -------
    uint8 array, shape (n,)

    Examples
    --------
    >>> titles, pages, none = ["Rain", "Sun"], ["a.org/x", None], [None, None]
    >>> left = MetadataColumns(["1", "2"], titles, pages, none, none)
    >>> right = MetadataColumns(["3", "4"], ["RAIN", "Snow"], pages, none, none)
    >>> [FLAGS[place] for place in flags_between(left, right, np.array([False, False]))]
    [('revision',), ('other-title',)]
    """
    titles = zip(left.titles, right.titles, strict=True)
    # most are equal, and to call a function for each takes longer than to see that
    flags = np.array([a != b and not same_title(a, b) for a, b in titles], np.uint8)
    for row in np.flatnonzero(~same_text).tolist():
        if same_page(left.urls[row], right.urls[row]) or same_headline(
            (left.sources[row], left.titles[row]), (right.sources[row], right.titles[row])
        ):
            flags[row] += _REVISION
    return flags
