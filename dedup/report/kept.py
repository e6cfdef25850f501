"""Why a representative was kept, in a sentence."""

from __future__ import annotations

from dedup.found.findings import Cluster
from dedup.metadata.survivors import FULLEST
from dedup.report.statistics import moment
from dedup.report.view import day

_RULES = {
    FULLEST: "its text has passages that near copies lack",
    "oldest": "it has the earliest date{date}",
    "newest": "it has the latest date{date}",
    "longest": "its text is the longest",
    "most-complete": "fewest of its fields are empty",
    "first": "it was read first",
}
_SETTLED = {
    "digest": "every rule of the policy ties, and the content digest settles ties the same way",
    "id": "every rule of the policy ties, and so do the texts; the id settles it",
    "against": "it stands in the corpus that was scanned against, which is never changed",
}


def kept_because(cluster: Cluster, policy: str) -> str:
    """Say by which rule the representative was put before the next record.

    Parameters
    ----------
    cluster : Cluster
    policy : str
        Names of rules, separated by commas.
    """
    rule = cluster.kept_by
    if rule in _SETTLED:
        return f"Kept: {_SETTLED[rule]}."
    if not rule:
        return f"Kept by the survivor policy {policy}."
    # copies of which none is fuller are no tie worth telling
    named = [name.strip() for name in policy.split(",") if name.strip()]
    rules = [name for name in named if name != FULLEST or name == rule]
    before = rules[: rules.index(rule)] if rule in rules else []
    if all(moment(member) is None for member in cluster.members):
        # without a date these rules had nothing to compare
        before = [name for name in before if name not in ("oldest", "newest")]
    tie = f" after a tie on {' and '.join(before)}" if before else ""
    when = moment(cluster.members[0])
    date = f", {day(when)}" if when is not None else ""
    kind, _, rest = rule.partition(":")
    if kind == "source":
        what = f"its source comes first in {rest}"
    elif kind == "field":
        what = f"its field {rest.rpartition(':')[0]} is the {_extreme(rest)}"
    else:
        what = _RULES.get(rule, f"of the rule {rule}").format(date=date)
    return f"Kept{tie}: {what}."


def _extreme(rest: str) -> str:
    return "highest" if rest.endswith(":max") else "lowest"
