"""How a folder that this package wrote is known again: by a marker, a JSON file with a key."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson


class Marker(NamedTuple):
    """The file that is written last into a folder, and the field by which it is ours."""

    name: str
    key: str

    def read(self, folder: Path) -> dict[str, Any] | None:
        """Return what the marker of a folder says; None where it has none of this kind."""
        try:
            said: Any = orjson.loads((folder / self.name).read_bytes())
        except (OSError, ValueError):
            return None
        return said if isinstance(said, dict) and self.key in said else None

    def is_in(self, folder: Path) -> bool:
        """Whether such a folder stands there, perhaps damaged since."""
        return self.read(folder) is not None


RESULTS: Final = Marker("manifest.json", "dedup")
REPORT_PAGES: Final = Marker("report.json", "dedup_report")
APPLIED: Final = Marker("apply.json", "dedup_apply")

REMOVED: Final = "removed.jsonl"
REMOVED_RECORDS: Final = "removed"
"""The folder of the removed records themselves, where they are asked for."""
ANNOTATIONS: Final = "annotations.jsonl"
BESIDE_CORPUS: Final = (APPLIED.name, REMOVED, REMOVED_RECORDS, ANNOTATIONS)
"""What `dedup apply` writes beside the corpus, and is no part of it."""
