"""Parts of pages that a program writes, each between two marks that name it."""

from __future__ import annotations

import re


def with_part(page: str, name: str, text: str) -> str:
    """Return the page with another text between the marks of a part.

    Parameters
    ----------
    page : str
    name : str
        The marks are ``<!-- NAME: begin ... -->``, where the dots may say what writes the part,
        and ``<!-- NAME: end -->``.
    text : str

    Raises
    ------
    ValueError
        If the page has lost one of the marks.

    Examples
    --------
    >>> with_part("<!-- a: begin (by hand) --><!-- a: end -->", "a", "new").split("\\n\\n")
    ['<!-- a: begin (by hand) -->', 'new', '<!-- a: end -->']
    """
    marks = re.compile(rf"(<!-- {name}: begin\b[^>]*-->).*?(<!-- {name}: end -->)", re.S)
    found = marks.search(page)
    if not found:
        message = f"a page has lost one of the lines that mark its part {name!r}"
        raise ValueError(message)
    return f"{page[: found.start()]}{found[1]}\n\n{text}\n\n{found[2]}{page[found.end() :]}"
