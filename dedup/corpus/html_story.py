"""Whether the main text that was found in a page of HTML is its story, and what is, if not.

Where a page says little, extraction may return the banner that asks for consent, the wall
that asks for JavaScript, or the first paragraph alone. Pages of different stories would then
be the same text, and all but one of them could go.
"""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any, Final, NamedTuple

from dedup.corpus.html_dates import headline_of
from dedup.corpus.values import BadRecord
from dedup.text.normalise import normalise
from dedup.text.tokens import tokens

SHORT_MAIN: Final = 150
"""Tokens from which on a main text is taken as it is: banners and walls are shorter."""

_MOST_CHARACTERS: Final = 20 * SHORT_MAIN
"""No text with more has fewer tokens; to count them takes longer than all the rest."""

_RUNNING: Final = 8
"""Tokens of a paragraph: what is shorter is a heading, a label or a caption."""

_TITLE_WORD: Final = 4
_TITLE_STEM: Final = 5
"""Letters that a word of a title must have, and those that are compared: the rest inflects."""

_WIDTH: Final = 5
_LAST_SPACED: Final = "\u0dff"
"""Behind it come the scripts of which every character is a token, Thai the first."""

_BLOCKS: Final = frozenset(
    "address article aside blockquote body br caption center dd details div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section "
    "summary table tbody td tfoot th thead tr ul".split()
)
_NOT_READ: Final = frozenset(
    "aside button footer iframe input nav noscript object script select style "
    "svg template textarea".split()
)
_HIDDEN_STYLE: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_BANNER: Final = re.compile(
    r"(?:cookie|consent|gdpr|ccpa|privacy)[-_]?(?:banner|bar|box|consent|disclaimer|layer|manager"
    r"|message|modal|notice|overlay|popup|wall)|cookie[-_]law[-_]info|onetrust|didomi"
    r"|usercentrics|\bfooter\b|\bcomments?\b",
    re.I,
)
"""In classes and ids: what sites and suppliers call their requests for consent, and what is no
story either. Two words, since blogs mark a story by its topics: `tag-gdpr`."""

_TITLE_PARTS: Final = re.compile(r"\s+[-–—|·•»:]+\s+")


class _Run(NamedTuple):
    """Text between two borders of blocks."""

    text: str
    words: list[str]


def story_of(page: Any, main: str) -> str:  # noqa: ANN401 - a tree of lxml
    """Return the main text of a page, or its running text where the main text is not all.

    A main text of 150 tokens is taken as it is. A shorter one is a notice if it stands in a
    banner or a ``noscript`` element, or if neither it nor the headline of the article that it
    stands in shares a word with the title of the page: then the paragraphs beside it are the
    story, if they share one. Any other is the story or a part of it: where the paragraphs
    that it lacks are longer than itself, all running text is taken.

    Parameters
    ----------
    page : lxml.html.HtmlElement
    main : str
        The main text that was found.

    Raises
    ------
    BadRecord
        If the main text shares no word with the title, and there is no story beside it.
    """
    if len(main) > _MOST_CHARACTERS:
        return main
    words = tokens(normalise(main))
    if len(words) >= SHORT_MAIN:
        return main
    shown = _without(page)
    titles, root = _titles(page), _root(shown)
    runs = _runs(root)
    is_banner = _is_banner(main, _squeezed(page.text_content()), _squeezed(shown.text_content()))
    held = _shingles(words)
    beside = runs if is_banner else [run for run in runs if _lacks(held, run.words)]
    running = [word for run in beside if len(run.words) >= _RUNNING for word in run.words]
    named = bool(titles & _stems(words)) or (
        len(beside) < len(runs) and _is_headed(root, titles)  # some of it stands in the article
    )
    if is_banner or (titles and not named):
        if running and (not titles or titles & _stems(running)):
            return _joined(beside)
        if not named:
            raise BadRecord(_no_story(len(words), is_banner=is_banner))
        return main
    return _joined(runs) if len(running) > len(words) else main


def _no_story(n_words: int, *, is_banner: bool) -> str:
    why = (
        "stands in a banner, or where it is not shown"
        if is_banner
        else "shares no word with its title"
    )
    return (
        f"the text that was found in the page ({n_words} words) {why}, and no story stands "
        "beside it: it is taken for a notice"
    )


def _joined(runs: list[_Run]) -> str:
    return "\n".join(run.text for run in runs)


def _without(page: Any) -> Any:  # noqa: ANN401
    """Return a copy of a page without what is not read or not shown."""
    shown = deepcopy(page)
    for element in list(shown.iter()):
        if element.getparent() is not None and (
            not isinstance(element.tag, str)
            or element.tag in _NOT_READ
            or element.get("hidden") is not None
            or _HIDDEN_STYLE.search(element.get("style") or "")
            or _is_marked(element)
        ):
            element.drop_tree()
    return shown


def _is_marked(element: Any) -> bool:  # noqa: ANN401
    """Whether an element is named as a banner or footer, and is not the frame of the page."""
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return bool(_BANNER.search(names)) and element.find(".//h1") is None and element.tag != "body"


def _root(page: Any) -> Any:  # noqa: ANN401
    """Return the element that holds the article, as far as markup tells."""
    heading = headline_of(page)
    if heading is not None:
        for above in heading.iterancestors("article", "main"):
            return above
    body = page.find(".//body")
    return page if body is None else body


def _is_headed(root: Any, titles: set[str]) -> bool:  # noqa: ANN401
    """Whether an element is an article with a headline that shares a word with the title."""
    heading = headline_of(root)
    if root.tag not in ("article", "main") or heading is None:
        return False
    return bool(titles & _stems(tokens(normalise(heading.text_content()))))


def _runs(root: Any) -> list[_Run]:  # noqa: ANN401
    """Return the texts of an element that are no lists of links, block by block."""
    found: list[_Run] = []
    pieces: list[str] = []
    linked = n_links = 0

    def add(text: str | None) -> None:
        nonlocal linked
        pieces.append(text or "")
        linked += len((text or "").strip()) if n_links else 0

    def flush() -> None:
        nonlocal linked
        text = " ".join("".join(pieces).split())
        if text and 2 * linked <= len(text):
            found.append(_Run(text, tokens(normalise(text))))
        pieces.clear()
        linked = 0

    from lxml.etree import iterwalk  # noqa: PLC0415 - comes with the optional extra

    for event, element in iterwalk(root, events=("start", "end")):
        if element.tag in _BLOCKS:
            flush()
        if event == "start":
            n_links += element.tag == "a"
            add(element.text)
        elif element is not root:
            n_links -= element.tag == "a"
            add(element.tail)
    flush()
    return found


def _titles(page: Any) -> set[str]:  # noqa: ANN401
    """Return the stems of the words of a page's titles, without the name of the site."""
    named = [element.get("content") for element in page.iterfind('.//meta[@property="og:title"]')]
    named += [element.text for element in page.iterfind(".//head/title")]
    parts = {" ".join(part.split()) for title in named for part in _TITLE_PARTS.split(title or "")}
    sites = page.iterfind('.//meta[@property="og:site_name"]')
    parts -= {" ".join((element.get("content") or "").split()) for element in sites}
    headings = {" ".join(element.text_content().split()) for element in page.iter("h1")}
    return set[str]().union(*(_stems(tokens(normalise(p))) for p in parts & headings or parts))


def _stems(words: list[str]) -> set[str]:
    """Return how long words begin, and the characters of scripts without spaces."""
    return {
        word[:_TITLE_STEM]
        for word in words
        if len(word) >= _TITLE_WORD or (len(word) == 1 and word > _LAST_SPACED)
    }


def _is_banner(main: str, everywhere: str, kept: str) -> bool:
    """Whether most of a text stands on a page where banners and ``noscript`` elements are."""
    lines = [_squeezed(line) for line in main.splitlines()]
    aside = sum(len(line) for line in lines if line in everywhere and line not in kept)
    return 2 * aside > sum(map(len, lines))


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _shingles(words: list[str]) -> set[tuple[str, ...]]:
    width = min(_WIDTH, len(words))
    return {tuple(words[at : at + width]) for at in range(len(words) - width + 1)}


def _lacks(held: set[tuple[str, ...]], words: list[str]) -> bool:
    """Whether a text holds less than half of a run; of a short run it may hold the words."""
    if len(words) < _WIDTH:
        return not any(_holds(shingle, words) for shingle in held)
    own = _shingles(words)
    return 2 * len(own & held) < len(own)


def _holds(shingle: tuple[str, ...], words: list[str]) -> bool:
    n = len(words)
    return any(list(shingle[at : at + n]) == words for at in range(len(shingle) - n + 1))
