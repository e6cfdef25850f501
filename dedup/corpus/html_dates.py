"""The date of publication that a page of HTML states in its markup, and nothing else.

Who published first, and which copy is kept, hang on dates. The extractor's own search goes
on to the text, the footer and the address of a page, which date the town's founding as
readily as the page; so dates are looked for here, where authors of pages declare them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, cast

from dedup.metadata.dates import day_of, parse_date
from dedup.model import NO_DATE

_PUBLISHED: Final = frozenset(
    "articlepublishedtime articlepublished articlepublisheddate articlepublicationdate "
    "ogarticlepublishedtime ogpublishedtime ogpublishdate ogpubdate ogdatepublished "
    "datepublished pubdate publishdate publisheddate publicationdate publishedtime publishtime "
    "originalpublicationdate parselypubdate sailthrudate rnewsdatepublished btpubdate "
    "dcissued dcdateissued dctermsissued citationpublicationdate citationonlinedate "
    "cxenseparserecspublishtime vrpublishedtime mediatorpublishedtime".split()
)
"""Names of ``meta`` elements that say when a page was published, their letters alone."""

_DATED: Final = frozenset("date dcdate dctermsdate citationdate".split())
"""Names that do not say which date it is; they are asked last."""

_STORIES: Final = ("Article", "Posting", "Report", "Review", "Recipe")
_PAGES: Final = ("Page", "Blog", "CreativeWork")
"""How the types of schema.org end that are stories, and those that pages are."""

_INSIDE: Final = ("@graph", "mainEntity", "mainEntityOfPage")
_COMMENT_MARKS: Final = re.compile(
    r"^\s*(?://)?\s*(?:<!--|<!\[CDATA\[)|(?://)?\s*(?:-->|\]\]>)\s*$"
)
_ASIDE: Final = frozenset(("aside", "footer", "nav"))
_MODIFIED: Final = re.compile(r"updat|modif", re.I)
_FIRST: Final = re.compile(r"publi|entry-date", re.I)
"""In class names: WordPress writes `entry-date published updated` where nothing was changed."""

_LONG_PARAGRAPH: Final = 20
"""Words of a paragraph that ends the header of an article: standfirsts are mostly shorter."""

_YEAR_FIRST: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(.*)", re.ASCII | re.S)
_MONTH_NAMED: Final = re.compile(
    r"(?:(\d{1,2})\.?\s+([A-Za-z]{3,9})\.?|([A-Za-z]{3,9})\.?\s+(\d{1,2}))\s*,?\s+(\d{4})(.*)",
    re.ASCII | re.S,
)
_UTC: Final = re.compile(r"\s*(UTC|GMT|Z)$")
_MONTHS: Final[tuple[str, ...]] = tuple("jan feb mar apr may jun jul aug sep oct nov dec".split())
_FIRST_NEWSPAPER: Final = parse_date("1605-01-01")


def stated_date(page: Any) -> str | None:  # noqa: ANN401 - a tree of lxml, which has no types
    """Return when a page says that it was published, with time and zone where it says so.

    In this order: ``meta`` elements that name a date of publication, ``datePublished`` in
    JSON-LD and in microdata, ``<time pubdate>``, the ``<time datetime>`` in the header of the
    article, and ``meta`` elements that name a date. Several articles that state different
    dates, such as the teasers of a list, tell of none.

    Parameters
    ----------
    page : lxml.html.HtmlElement

    Returns
    -------
    str or None
        As the page has it, if :func:`dedup.metadata.dates.parse_date` understands it, else in
        ISO 8601.
    """
    return (
        next(_in_meta(page, _PUBLISHED), None)
        or _only(_in_json(page, _STORIES))
        or _only(_in_json(page, _PAGES))
        or _only(_in_microdata(page))
        or _only(_pubdates(page))
        or _in_header(page)
        or next(_in_meta(page, _DATED), None)
    )


def readable(value: object) -> str | None:
    """Return a date that can be compared, or None.

    Programs write the first second of 1970, or the year 1, where they know no date.

    Examples
    --------
    >>> readable("2031-03-04T06:30:00+01:00"), readable("2031/3/4 06:30"), readable("Tuesday")
    ('2031-03-04T06:30:00+01:00', '2031-03-04 06:30', None)
    >>> readable("March 4, 2031"), readable("1970-01-01T00:00:00Z")
    ('2031-03-04', None)
    """
    if not isinstance(value, str):
        return None
    text = " ".join(value.split())
    for written in (text, _iso(text)):
        moment = parse_date(written)
        if moment not in (NO_DATE, 0):
            return written if moment >= _FIRST_NEWSPAPER else None
    return None


def _iso(text: str) -> str:
    """Return a date whose order is beyond doubt in ISO 8601; others as they are."""
    text, zone, _ = _UTC.split(text) if _UTC.search(text) else (text, "", "")
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day, rest = found.groups()
    elif found := _MONTH_NAMED.fullmatch(text):
        year, rest = found[5], found[6]
        name, day = found[2] or found[3], found[1] or found[4]
        if name[:3].lower() not in _MONTHS:
            return text
        month = str(_MONTHS.index(name[:3].lower()) + 1)
    else:
        return text
    rest = re.sub(r"^\s*,?\s*(?:at\s+)?(?=\d)", " ", rest)
    return f"{year}-{int(month):02}-{int(day):02}{rest}" + ("+00:00" if zone and rest else "")


def _in_meta(page: Any, names: frozenset[str]) -> Iterator[str]:  # noqa: ANN401
    for element in page.iter("meta"):
        for attribute in ("property", "name"):
            name = re.sub(r"[^a-z]", "", (element.get(attribute) or "").lower())
            if name in names and (date := readable(element.get("content"))):
                yield date


def _in_json(page: Any, kinds: tuple[str, ...]) -> Iterator[str]:  # noqa: ANN401
    for script in page.iter("script"):
        if (script.get("type") or "").strip().lower() != "application/ld+json":
            continue
        try:
            found = json.loads(_COMMENT_MARKS.sub("", script.text or ""), strict=False)
            dates = [
                date
                for node in _nodes(found)
                if any(kind.endswith(kinds) for kind in _types(node))
                if (date := readable(node.get("datePublished")))
            ]
        except (ValueError, RecursionError):
            continue  # pages hold much that is no JSON, or is nested to hurt
        yield from dates


def _nodes(found: object) -> Iterator[dict[str, Any]]:
    """Yield what a page is said to be, and not what it is said to list or to be part of."""
    if isinstance(found, list):
        for item in cast("list[object]", found):
            yield from _nodes(item)
    elif isinstance(found, dict):
        node = cast("dict[str, Any]", found)
        yield node
        for name in _INSIDE:
            yield from _nodes(node.get(name))


def _types(node: dict[str, Any]) -> Iterator[str]:
    named: object = node.get("@type")
    for kind in cast("list[object]", named) if isinstance(named, list) else [named]:
        yield str(kind).rpartition("/")[2].rpartition(":")[2]


def _in_microdata(page: Any) -> Iterator[str]:  # noqa: ANN401
    for element in page.iterfind(".//*[@itemprop]"):
        if "datePublished" not in element.get("itemprop").split():
            continue
        scopes = (above for above in element.iterancestors() if above.get("itemscope") is not None)
        scope = next(scopes, None)
        kind = "Article" if scope is None else (scope.get("itemtype") or "").rpartition("/")[2]
        if not kind.endswith(_STORIES + _PAGES):
            continue
        if _stands_aside(element if scope is None else scope):  # an article may have a footer
            continue
        stated = element.get("content") or element.get("datetime") or element.text_content()
        if date := readable(stated):
            yield date


def _pubdates(page: Any) -> Iterator[str]:  # noqa: ANN401
    for element in page.iterfind(".//time[@pubdate]"):
        date = readable(element.get("datetime"))
        if date and not _stands_aside(element):
            yield date


def _in_header(page: Any) -> str | None:  # noqa: ANN401
    """Return the earliest date of the article's header: what is later tells of changes."""
    heading = headline_of(page)
    if heading is None:
        return None
    start = next((above for above in heading.iterancestors("header", "article")), heading)
    root = next((above for above in heading.iterancestors("article", "main", "body")), page)
    dates: list[str] = []
    started = passed = False
    for element in root.iter("*"):
        started = started or element is start or start is root
        passed = passed or element is heading
        if element.tag == "p" and passed:
            if len(element.text_content().split()) >= _LONG_PARAGRAPH:
                break
        elif element.tag == "time" and started and not _is_another(element, root):
            dates += filter(None, [readable(element.get("datetime"))])
    return min(dates, key=parse_date, default=None)


def headline_of(page: Any) -> Any:  # noqa: ANN401
    """Return the heading of the article, if it is plain which one that is."""
    for path in (".//article//h1", ".//main//h1", ".//h1"):
        found = page.findall(path)
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _is_another(element: Any, root: Any) -> bool:  # noqa: ANN401
    """Whether a time is that of something else: of a change, or of another article."""
    above = next(iter(element.iterancestors("article", "main", "body")), root)
    if above is not root or _stands_aside(element):
        return True
    marks = " ".join(part.get("class") or "" for part in (element, element.getparent()))
    changed = _MODIFIED.search(marks) and not _FIRST.search(marks)
    return bool(changed or _MODIFIED.search(element.get("itemprop") or ""))


def _stands_aside(element: Any) -> bool:  # noqa: ANN401
    return any(above.tag in _ASIDE for above in element.iterancestors())


def _only(dates: Iterator[str]) -> str | None:
    """Return the fullest of several dates of one day; None where days differ."""
    found = list(dates)
    return max(found, key=len) if len(set(map(day_of, found))) == 1 else None
