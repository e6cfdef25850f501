"""The reasons of verdicts, in words."""

from __future__ import annotations

from dedup.model import Reason

WHY = {
    Reason.LOW_OVERLAP: "too few shingles are shared",
    Reason.LITTLE_DISTINCTIVE: "what is shared is common to many texts",
    Reason.TOO_SHORT_TO_CONTAIN: "the shorter text is too short to call it contained",
    Reason.LOW_COSINE: "the words that weigh most differ",
    Reason.SAME_BYTES: "the records are the same byte for byte",
    Reason.SAME_TEXT: "the texts are the same, or differ in case, quotes, white space and the like",
    Reason.NEARLY_ALL_SHARED: "nearly everything is shared",
    Reason.MOST_SHARED: "most is shared",
    Reason.SCATTERED_EDITS: "changes in several places, none of them long",
    Reason.SAME_PAGE: "versions at one address: what is replaced is taken for a correction",
    Reason.SAME_TITLE: "same source and title: what little is replaced is taken for a correction",
    Reason.ONLY_NUMBERS_DIFFER: "only numbers differ: two reports of one form",
    Reason.OTHER_TABLE: "there are many numbers, as in a table, and they differ",
    Reason.NUMBERS_REPLACED: "numbers stand in the place of others: two reports of one form",
    Reason.NAME_AND_NUMBER_REPLACED: "a name and a number stand in the place of others",
    Reason.NAMES_REPLACED: "several names stand in the place of others: two reports of one form",
    Reason.COMMON_WORDING: "most of what is shared is common to many texts",
    Reason.NUMBER_IN_DOUBT: "close, but a number, a day or a month is replaced",
    Reason.NAME_IN_DOUBT: "close, but names are replaced, or one throughout",
    Reason.PASSAGE_REPLACED: "close, but a passage stands in the place of another",
    Reason.MOST_HELD: "one text holds most of the other",
    Reason.PARTLY_SHARED: "much is shared, and much has changed",
}
"""Every reason as a sentence."""
REASON_WORDS = {reason.label: words for reason, words in WHY.items()}
"""The same by the labels that results have."""
