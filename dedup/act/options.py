"""What to do with results: checked when it is said, before anything is read."""

from __future__ import annotations

from dataclasses import dataclass

from dedup.checks import check_flag, check_number, check_text, check_texts, check_whole
from dedup.choices import REMOVABLE_LINKS
from dedup.errors import SettingsError
from dedup.metadata.survivors import parse_policy

_MOST_KEPT = 10**9  # of one cluster: places in a cluster are compared with it as int64


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyOptions:
    """What to do with results.

    Attributes
    ----------
    keep : int
        Records of each cluster that stay, in survivor order; 0 leaves none.
    policy : str, optional
        Survivor policy to choose by; None leaves that of the results.
    remove_links : tuple of str
        Verdicts of links whose lesser side goes too: some of :data:`dedup.choices.REMOVABLE_LINKS`.
    annotate : bool
        Add cluster, representative and scores to every record instead of removing, and to
        survivors what their clusters say together.
    merge : bool
        Add to survivors what their clusters say together, while the others go.
    field : str
        Name of what is added; the beginning of the names of columns.
    fix_repeats : bool
        Take exact and normalised repeats out of texts, all but the first.
    max_loss : float
        Share of the records of a source (of ten and more) that may go, from 0 to 1.
    keep_removed : bool
        Write the removed records too, beside the corpus, in the formats they came in.

    Raises
    ------
    SettingsError
        For a value of another kind, or out of range, or for options that contradict each other.
    """

    keep: int = 1
    policy: str | None = None
    remove_links: tuple[str, ...] = ()
    annotate: bool = False
    merge: bool = False
    field: str = "dedup"
    fix_repeats: bool = False
    max_loss: float = 0.9
    keep_removed: bool = False

    def __post_init__(self) -> None:
        """Check kinds and ranges: another value could let whole clusters go."""
        if isinstance(self.keep, str):
            message = (
                f"keep is {self.keep!r}; it must be how many records of each cluster stay, 0 for "
                f"none. Who stays is told by policy: ApplyOptions(policy={self.keep!r})"
            )
            raise SettingsError(message)
        check_whole("keep", self.keep, 0, _MOST_KEPT)
        check_number("max_loss", self.max_loss, 0, 1)
        check_texts("remove_links", self.remove_links, '("contained",)', REMOVABLE_LINKS)
        check_text("field", self.field)
        for name in ("annotate", "merge", "fix_repeats", "keep_removed"):
            check_flag(name, getattr(self, name))
        check_text("policy", self.policy, '"newest,longest"', optional=True)
        if self.policy is not None:
            parse_policy(self.policy)
        if self.annotate and (self.remove_links or self.fix_repeats):
            message = "annotate changes nothing else: leave remove_links and fix_repeats away"
            raise SettingsError(message)
        if self.annotate and self.keep_removed:
            message = "annotate removes nothing: leave keep_removed away"
            raise SettingsError(message)
        if self.annotate and self.merge:
            message = "annotate adds what merge does, to every survivor: leave merge away"
            raise SettingsError(message)
