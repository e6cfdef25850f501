"""Lines of raw text that were one paragraph before somebody wrapped them.

The plain specification of the same is ``dedup/reference_wrapping.py``.
"""

from __future__ import annotations

from dedup.kernels import part

NEWLINE, BLANK, QUOTE = 10, 32, 62
NARROWEST_LINE = 30
"""Characters that a line has at least if it was wrapped ..."""
WIDEST_LINE = 120
"""... and at most."""
MANY_LINES = 4
"""Lines that are not all full by chance; of fewer, and of two more yet, more is asked:"""
WIDE_LINE = 55
"""characters of the longest of them, and that the second of two begins with a small letter."""
LONGEST_WORD = 20
"""Characters of a word that a line may have had no room for: no address is wrapped."""
UNSPACED_FIRST, UNSPACED_LAST = 0xE3, 0xE9
"""Lead bytes of Han and Kana, which are wrapped at any character ..."""
UNSPACED_WORD = 2
"""... but not before a mark."""
SMALL_LETTERS = ((0x61, 0x7A), (0xDF, 0xFF), (0x3AC, 0x3CE), (0x430, 0x45F))
"""Small letters of Latin, Greek and Cyrillic: what begins with one goes on."""


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
def _is_small(data, at, limit):
    """Whether a small letter stands at a place."""
    code = data[at]
    if code >= 0xE0 or at + 1 >= limit:
        return False
    if code >= 0xC0:
        code = (code & 0x1F) << 6 | (data[at + 1] & 0x3F)
    for low, high in SMALL_LETTERS:
        if low <= code <= high:
            return True
    return False


@part
def _measure(data, at, limit):
    """Return where a line ends, its width, its first word's, and whether that begins small.

    Widths are in characters. Lines that are too wide are not followed to their ends.
    """
    width, chars, word = 0, 0, 0
    in_word, small = True, False
    while at < limit and data[at] != NEWLINE and width <= WIDEST_LINE:
        byte = data[at]
        starts = byte & 0xC0 != 0x80
        chars += starts
        if byte > BLANK:
            width = chars
        if word == 0:
            if byte > BLANK and byte != QUOTE:
                small = _is_small(data, at, limit)
                unspaced = UNSPACED_FIRST <= byte <= UNSPACED_LAST
                word = UNSPACED_WORD if unspaced else 1
                in_word = not unspaced
        elif byte <= BLANK:
            in_word = False
        elif in_word:
            word += starts
        at += 1
    return at, width, min(word, LONGEST_WORD), small


@part
def unwrap(data, start, limit, most):
    """Return how many lines the paragraph has that begins at ``start``, and where it ends.

    Lines were wrapped if each is full: the first word of the next, and the blank before
    it, would have made it longer than the longest. No more than ``most`` lines are
    looked at. A line that is too wide to have been wrapped ends somewhere in it.
    """
    end, width, _, _ = _measure(data, start, limit)
    first_end, n, goes_on = end, 1, False
    widest, room = width, LONGEST_WORD + WIDEST_LINE
    while n < most and end < limit and NARROWEST_LINE <= width <= WIDEST_LINE:
        next_end, next_width, word, small = _measure(data, end + 1, limit)
        room = min(room, width + 1 + word)
        if word == 0 or next_width > WIDEST_LINE or room < max(widest, next_width):
            break
        end, width = next_end, next_width
        widest = max(widest, width)
        goes_on = small or n > 1
        n += 1
    if n >= MANY_LINES or (goes_on and widest >= WIDE_LINE):
        return n, end
    return 1, first_end
