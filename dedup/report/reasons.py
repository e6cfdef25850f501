"""Why a representative was kept, in a sentence."""

from __future__ import annotations

from dedup.findings import Cluster
from dedup.report.statistics import moment
from dedup.report.view import day


def kept_because(cluster: Cluster, policy: str) -> str:
    """Say by which rule of the survivor policy the representative was kept.

    Lengths are not part of a cluster's lines, so rules after dates are named and not
    retold.

    Parameters
    ----------
    cluster : Cluster
    policy : str
        Names of rules, separated by commas.
    """
    rules = [name.strip() for name in policy.split(",") if name.strip()]
    lead, *others = cluster.members
    if rules and rules[0] in ("oldest", "newest"):
        own = moment(lead)
        dates = [when for member in others if (when := moment(member)) is not None]
        word = "earliest" if rules[0] == "oldest" else "latest"
        if own is not None and own not in dates:
            undated = len(others) - len(dates)
            note = f"; {undated} without a date" if undated else ""
            return f"Kept because it has the {word} date, {day(own)}{note}."
        what = f"share the {word} date" if own is not None else "have no date"
        following = ", then ".join([*rules[1:], "content digest"])
        return f"Several records {what}; the next rules decided: {following}."
    return f"Kept by the survivor policy {policy}."
