"""Two corpora of one scan: no file is both scanned and scanned against."""

from __future__ import annotations

from collections.abc import Sequence

from dedup.corpus.sources import STDIN, Found, Source
from dedup.errors import InputError, SettingsError
from dedup.inputs import Skipped, first_of


def leave_out(found: Found, scanned: Sequence[Source]) -> list[Skipped]:
    """Leave out of what is scanned against the files that are scanned, under whatever name.

    Each of their records would be a copy of itself, and the one to go: a record of the corpus
    scanned against always stays.

    Parameters
    ----------
    found : Found
        What the paths of the corpus scanned against lead to; changed in place.
    scanned : sequence of Source
        The files of the scanned corpus, those included that a limit leaves unread.

    Returns
    -------
    list of Skipped
        The files left out, which ``found`` lists too.

    Raises
    ------
    SettingsError
        If standard input is on both sides.
    InputError
        If no file is left.
    """
    if STDIN in {source.path for source in scanned} & {source.path for source in found.sources}:
        message = (
            f"standard input ({STDIN}) can be read only once: scan it, or scan against it, and "
            "name a file for the other"
        )
        raise SettingsError(message)
    known = {source.identity: source.path for source in scanned if source.identity}
    skipped = [
        Skipped(source.path, f"the same file as {known[source.identity]}, which is scanned")
        for source in found.sources
        if source.identity in known
    ]
    found.sources = [source for source in found.sources if source.identity not in known]
    found.skipped.extend(skipped)
    if not found.sources:
        message = (
            f"nothing is left to scan against: {first_of(skipped or found.skipped)}. Name other "
            "files with --against, or leave it away to find copies among those scanned"
        )
        raise InputError(message)
    return skipped
