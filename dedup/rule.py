"""The rule: every constant of verdicts, and the floors of what is recorded."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from numbers import Integral, Real

from dedup.checks import check_count, check_number, make_plain

FLOOR_JACCARD = 0.2
"""Pairs at this Jaccard and above are scored in full and recorded ..."""
FLOOR_CONTAINMENT = 0.5
"""... and pairs at this containment and above ..."""
FLOOR_DISTINCTIVE = 0.1
"""... provided that they reach this containment without common shingles ..."""
FLOOR_CERTAIN = 0.8
"""... or that they reach this Jaccard."""

_MOST = 10**9  # of words, numbers or units: more overflow in no kernel


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Constants of the verdict rule, whose rows are those of docs/algorithm.md, step 9.

    Jaccard and containment are exact, over sets of shingles; containment is of the smaller
    text in the larger. The values come from what was measured on labelled sets
    (docs/quality.md, "How the rule was chosen").
    """

    near_certain_jaccard: float = 0.9
    """From here up neither ``min_cosine`` nor distinctive overlap is asked, and
    ``numbers-replaced`` and ``common-wording`` do not apply; all other rows do."""
    near_jaccard: float = 0.5
    """From here up a related pair may be ``near``."""
    near_scattered_jaccard: float = 0.7
    """Below this only if its differences are scattered: a word here, another there."""
    gap_words: float = 7.0
    """Words that one gap may cost: (1 - the lower containment) × words of the shorter text /
    ``gaps``. One replaced word costs five, as it stands in five shingles; two that stand close
    together cost up to ten."""
    scattered_words: float = 16.0
    """Words that one gap may cost in which words stand for others: the same /
    ``words_replaced``."""
    scattered_places: int = 2
    """Such gaps from which on differences may be scattered."""
    near_cosine: float = 0.0
    """Cosine that ``near`` needs besides, at any Jaccard; a pair below it goes on to rows 16 and
    17. ``dedup threshold --min-cosine`` raises it."""
    link_jaccard: float = 0.25
    """Lowest Jaccard of a pair related by overlap."""
    link_containment: float = 0.6
    """Lowest containment of a pair related by containment."""
    contained_from: float = 0.8
    """From here up a pair that is not ``near`` is ``contained`` rather than ``rewrite``."""
    min_cosine: float = 0.5
    """Lowest cosine of rows 2 and 3."""
    min_distinctive: float = 0.2
    """Overlap that must be left without common shingles."""
    near_distinctive: float = 0.4
    """Distinctive Jaccard that must be left of one above ``near_jaccard``: less is a form."""
    excerpt_distinctive: float = 0.6
    """Distinctive containment from which on no cosine is asked: the vocabulary of an excerpt is
    not that of the long text it stands in."""
    excerpt_min_tokens: int = 30
    """Words that the shorter text needs for that."""
    contained_min_tokens: int = 8
    """Words that a text needs to be related by containment alone (row 3)."""
    common_shingle_count: int = 50
    """A shingle is common when it stands in more units than this."""
    common_shingle_share: float = 0.005
    """And in more than this share of all units."""
    rare_word_share: float = 0.025
    """Share of all units up to which a word is rare, and may be a name."""
    near_number_agreement: float = 1.0
    """Share of the numbers kept and replaced that ``near`` asks to be kept."""
    min_number_agreement: float = 0.75
    """A lower share makes a form."""
    form_numbers: int = 2
    """Replaced numbers that make a form; fewer make a pair doubtful."""
    form_number_every: int = 400
    """Words, for each of which a form has a replaced number."""
    short_text_tokens: int = 60
    """In shorter texts, in words, one replaced number makes a form, and differences are never
    scattered."""
    page_number_agreement: float = 0.5
    """With a lower share and ``form_numbers`` replaced, one address holds another issue."""
    form_names: int = 2
    """Gaps that replace names, from which on one is replaced throughout."""
    form_name_share: float = 0.5
    """Share that they must make of all gaps that replace words: an edit replaces this and that."""
    template_names: int = 3
    """Gaps that replace names, from which on no number need be replaced."""
    template_name_share: float = 0.75
    """Share that they must make then."""
    passage_share: float = 0.02
    """Share of the shorter text from which on passages that stand for others count."""
    table_number_share: float = 0.2
    """From this share of number tokens on, a text is a table."""

    def __post_init__(self) -> None:
        """Check ranges, and that no verdict is asked of pairs that are never scored."""
        make_plain(self)
        floors = {
            "near_certain_jaccard": FLOOR_CERTAIN,
            "near_jaccard": FLOOR_JACCARD,
            "near_scattered_jaccard": FLOOR_JACCARD,
            "link_jaccard": FLOOR_JACCARD,
            "link_containment": FLOOR_CONTAINMENT,
            "min_distinctive": FLOOR_DISTINCTIVE,
        }
        for constant in dataclasses.fields(self):
            name, value = constant.name, getattr(self, constant.name)
            if isinstance(constant.default, int):
                check_count(name, value, Integral, _MOST)
            elif name in ("gap_words", "scattered_words"):  # means of counts
                check_count(name, value, Real, _MOST)
            else:
                check_number(name, value, floors.get(name, 0), 1)

    def near_from(self, jaccard: float) -> Rule:
        """Return the rule by which related texts are ``near`` from this Jaccard on.

        Whoever names a Jaccard means it for every kind of edit; what lies in its way moves.

        Examples
        --------
        >>> rule = Rule().near_from(0.95)
        >>> rule.near_jaccard, rule.near_scattered_jaccard, rule.near_certain_jaccard
        (0.95, 0.95, 0.95)
        >>> Rule().near_from(0.22).link_jaccard
        0.22
        """
        return dataclasses.replace(
            self,
            near_jaccard=jaccard,
            near_scattered_jaccard=jaccard,
            near_certain_jaccard=max(self.near_certain_jaccard, jaccard),
            link_jaccard=min(self.link_jaccard, jaccard),
        )


RULES: dict[str, Rule] = {
    "strict": Rule(
        near_jaccard=0.8,
        near_scattered_jaccard=0.8,
        link_jaccard=0.3,
        link_containment=0.8,
        min_cosine=0.6,
    ),
    "balanced": Rule(),
    "loose": Rule(
        near_scattered_jaccard=0.5,
        near_number_agreement=0.9,
        link_jaccard=0.2,
        link_containment=0.5,
        min_cosine=0.4,
    ),
}
"""Rules by name: ``strict`` removes only what hardly anybody would call two texts, ``balanced``
is the default, ``loose`` finds and removes more (docs/quality.md has what each scores)."""
