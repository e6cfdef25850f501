"""The survivor order of a corpus: of its records, and of the units that they lead."""

from __future__ import annotations

from dataclasses import dataclass

from dedup.metadata.fullest import UnitOrder
from dedup.metadata.records import Records
from dedup.metadata.stories import no_stories, stories_of
from dedup.metadata.survivors import lead_units, rank_records
from dedup.model import Int64s, Stories


@dataclass(frozen=True, slots=True)
class SurvivorOrder:
    """Which record comes before which, by a survivor policy.

    Attributes
    ----------
    policy : str
    ranks : int64 array, shape (n_records,)
        Place of each record; the lowest survives.
    leads : int64 array, shape (n_units,)
        The record of each unit that comes first.
    units : UnitOrder
        The order of units by these.
    """

    policy: str
    ranks: Int64s
    leads: Int64s
    units: UnitOrder

    @classmethod
    def of(cls, records: Records, policy: str) -> SurvivorOrder:
        """Return the order of some records.

        Raises
        ------
        SettingsError
            If the policy names a field in which no record has a number.
        """
        ranks = rank_records(records.facts, policy, records.id_of)
        leads = lead_units(records.units, ranks)
        return cls(policy, ranks, leads, UnitOrder.by(policy, records.facts, ranks, leads))

    def stories(self, records: Records) -> Stories:
        """Return what the metadata of leading records says of units; asked for few pairs."""
        if not records.has_stories:
            return no_stories
        return stories_of(lambda unit: records.metadata(int(self.leads[unit])))
