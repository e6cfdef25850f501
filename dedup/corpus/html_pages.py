"""A page of HTML to its main text and what it states about itself."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, NamedTuple

from dedup.corpus.html_dates import stated_date
from dedup.corpus.html_story import story_of
from dedup.corpus.values import BadRecord, metadata_text
from dedup.errors import MissingExtraError

_NO_DATE_SEARCH = {"extensive_search": False, "original_date": True, "max_date": None}
"""What is found that way is not asked; the extensive search would take time for nothing."""


class Page(NamedTuple):
    """What is read of a page."""

    text: str
    title: str | None
    url: str | None
    date: str | None
    source: str | None


def read_page(page: str) -> Page:
    """Return the main text of a page, and its title, address, date and source.

    Raises
    ------
    BadRecord
        If the page cannot be parsed, or no main text is found in it.
    MissingExtraError
        When trafilatura is not installed.
    """
    try:
        from trafilatura import bare_extraction, load_html  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        message = f"reading HTML needs trafilatura: pip install 'article-dedup[html]' ({error})"
        raise MissingExtraError(message) from error
    try:
        tree: Any = load_html(page)
        found: Any = None
        if tree is not None:
            found = bare_extraction(
                deepcopy(tree), with_metadata=True, date_extraction_params=_NO_DATE_SEARCH
            )
        text = story_of(tree, found.text) if found and found.text else ""
        date = stated_date(tree) if found else None
    except BadRecord:
        raise
    except Exception as error:  # hostile markup can raise anything from the parsers below
        reason = f"the page cannot be parsed: {type(error).__name__}: {error}"
        raise BadRecord(reason) from error
    if not text:
        reason = "no main text was found in the page"
        raise BadRecord(reason)
    values = (metadata_text(value) for value in (found.title, found.url, date, found.sitename))
    return Page(text, *values)
