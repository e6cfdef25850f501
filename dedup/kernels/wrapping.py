"""Lines of raw text that were one paragraph before somebody wrapped them.

The plain specification of the same is ``dedup/reference/wrapping.py``.
"""

from __future__ import annotations

from dedup.kernels import part

NEWLINE, BLANK, QUOTE = 10, 32, 62
NARROWEST_LINE = 30
"""Letters that a line has room for at least if it was wrapped ..."""
WIDEST_LINE = 120
"""... and at most."""
MANY_LINES = 4
"""Lines that are not all full by chance, if one goes on: one of the first ..."""
LINES_AHEAD = 8
"""... begins with a small letter, or in a script without them."""
WIDE_LINE = 55
"""Letters of the longest line, from which this is not asked, and three lines are enough, or
two of which the second begins with a small letter."""
LONGEST_WORD = 20
"""Letters of a word that a line may have had no room for: no address is wrapped."""
UNSPACED_FIRST, UNSPACED_LAST = 0xE3, 0xE9
"""Lead bytes of Han and Kana, which are wrapped at any character ..."""
FULL_WIDTH, FULL_WIDTH_FIRST, FULL_WIDTH_LAST = 0xEF, 0xBC, 0xBD
"""... and the lead byte of their full stops and commas, with the bytes behind it ..."""
UNSPACED_WORD = 2
"""... but not before a mark ..."""
LETTER_WIDTH, IDEOGRAPH_WIDTH = 5, 8
"""... and of which each takes as much room as 1.6 letters."""
SMALL_LETTERS = ((0x61, 0x7A), (0xDF, 0xFF), (0x3AC, 0x3CE), (0x430, 0x45F))
"""Small letters of Latin, Greek and Cyrillic."""
UNCASED_LETTERS = ((0xD6, 0xE0), (0xE3, 0xED))
"""Lead bytes of the large scripts without capitals."""
SMALL, UNCASED, OTHER = 2, 1, 0


@part
def line_start(data, raw, edges, token, limits):
    """Where the line of a token begins, looked for from its first token on.

    ``raw`` are the first and past-the-end raw bytes of tokens, ``edges`` the first token
    and the one past the last of each token's line.
    """
    start = raw[0][edges[0][token]]
    while start > limits[0] and data[start - 1] != NEWLINE:
        start -= 1
    return start


@part
def line_end(data, raw, edges, token, limits):
    """Where the line of a token ends, looked for from its last token on."""
    end = raw[1][edges[1][token] - 1]
    while end < limits[1] and data[end] != NEWLINE:
        end += 1
    return end


@part
def _kind_of(data, at):
    """Return whether a SMALL letter begins at a place, an UNCASED one, or something OTHER."""
    code = data[at]
    for low, high in UNCASED_LETTERS:
        if low <= code <= high:
            return UNCASED
    if code >= 0xD6:
        return OTHER
    if code >= 0xC0:
        code = (code & 0x1F) << 6 | (data[at + 1] & 0x3F)
    for low, high in SMALL_LETTERS:
        if low <= code <= high:
            return SMALL
    return OTHER


@part
def _is_unspaced(data, at, limit):
    """Whether a character of Han or Kana, or a mark of their width, begins at a place."""
    if data[at] == FULL_WIDTH and at + 1 < limit:
        return FULL_WIDTH_FIRST <= data[at + 1] <= FULL_WIDTH_LAST
    return UNSPACED_FIRST <= data[at] <= UNSPACED_LAST


@part
def _measure(data, at, limit):
    """Return where a line ends, its width, its first word's, and with what kind it begins.

    Widths are in fifths of a letter. Lines that are too wide are not followed to their ends.
    """
    width, room, word = 0, 0, 0
    in_word, kind = True, OTHER
    while at < limit and data[at] != NEWLINE and width <= WIDEST_LINE * LETTER_WIDTH:
        byte = data[at]
        unspaced = _is_unspaced(data, at, limit)
        taken = (byte & 0xC0 != 0x80) * (IDEOGRAPH_WIDTH if unspaced else LETTER_WIDTH)
        room += taken
        if byte > BLANK:
            width = room
        if word == 0:
            if byte > BLANK and byte != QUOTE:
                kind = _kind_of(data, at)
                word = UNSPACED_WORD * IDEOGRAPH_WIDTH if unspaced else LETTER_WIDTH
                in_word = not unspaced
        elif byte <= BLANK:
            in_word = False
        elif in_word:
            word += taken
        at += 1
    if word > LONGEST_WORD * LETTER_WIDTH:
        word, kind = LONGEST_WORD * LETTER_WIDTH, OTHER
    return at, width, word, kind


@part
def unwrap(data, start, limit, most):
    """Return how many lines the paragraph has that begins at ``start``, and where it ends.

    Lines were wrapped if each is full: the first word of the next, and the blank before
    it, would have made it longer than the longest. No more than ``most`` lines are
    looked at. A line that is too wide to have been wrapped ends somewhere in it.
    """
    end, width, _, _ = _measure(data, start, limit)
    first_end, n, goes_on = end, 1, OTHER
    narrowest, widest_of_all = NARROWEST_LINE * LETTER_WIDTH, WIDEST_LINE * LETTER_WIDTH
    wide = WIDE_LINE * LETTER_WIDTH
    widest, room = width, LONGEST_WORD * LETTER_WIDTH + widest_of_all
    while n < most and end < limit and narrowest <= width <= widest_of_all:
        next_end, next_width, word, kind = _measure(data, end + 1, limit)
        room = min(room, width + LETTER_WIDTH + word)
        if word == 0 or next_width > widest_of_all or room < max(widest, next_width):
            break
        end, width = next_end, next_width
        widest = max(widest, width)
        goes_on = max(goes_on, kind)
        n += 1
        if n == LINES_AHEAD and goes_on == OTHER and widest < wide:
            break  # a list: its other lines need not be looked at
    if n >= MANY_LINES and (goes_on != OTHER or widest >= wide):
        return n, end
    if widest >= wide and (n == MANY_LINES - 1 or (n > 1 and goes_on == SMALL)):
        return n, end
    return 1, first_end
