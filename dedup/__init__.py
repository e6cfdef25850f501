"""Find duplicate and near-duplicate articles, and say which text matched which and why.

>>> import dedup
>>> page = "Rain is expected in the valley on Sunday, with snow above the tree line."
>>> dedup.scan([page, page]).counts["clusters"]
1
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dedup.version import __version__

# Names are looked up on first use: `dedup --help` needs none of them.
_HOMES = {
    "ApplyOptions": "dedup.act.options",
    "Cluster": "dedup.found.findings",
    "CorpusModel": "dedup.corpus_model",
    "DedupError": "dedup.errors",
    "Document": "dedup.model",
    "Fields": "dedup.config",
    "Link": "dedup.found.findings",
    "Member": "dedup.found.findings",
    "NearDuplicates": "dedup.estimator",
    "Occurrence": "dedup.found.findings",
    "Reading": "dedup.config",
    "Repeat": "dedup.found.findings",
    "Result": "dedup.found.result",
    "Results": "dedup.results",
    "Rule": "dedup.config",
    "Settings": "dedup.config",
    "SharedPassage": "dedup.found.findings",
    "Verdict": "dedup.model",
    "hashfunc": "dedup.text.tokens",
    "open_results": "dedup.results",
    "plan_apply": "dedup.act.apply",
    "rethreshold": "dedup.act.threshold",
    "scan": "dedup.api",
    "score_texts": "dedup.scoring",
    "to_datasketch": "dedup.minhash",
    "write_results": "dedup.results",
}

if TYPE_CHECKING:
    from dedup.act.apply import plan_apply
    from dedup.act.options import ApplyOptions
    from dedup.act.threshold import rethreshold
    from dedup.api import scan
    from dedup.config import Fields, Reading, Settings
    from dedup.corpus_model import CorpusModel
    from dedup.errors import DedupError
    from dedup.estimator import NearDuplicates
    from dedup.found.findings import Cluster, Link, Member, Occurrence, Repeat, SharedPassage
    from dedup.found.result import Result
    from dedup.minhash import to_datasketch
    from dedup.model import Document, Verdict
    from dedup.results import Results, open_results, write_results
    from dedup.rule import Rule
    from dedup.scoring import score_texts
    from dedup.text.tokens import hashfunc

__all__ = [
    "ApplyOptions",
    "Cluster",
    "CorpusModel",
    "DedupError",
    "Document",
    "Fields",
    "Link",
    "Member",
    "NearDuplicates",
    "Occurrence",
    "Reading",
    "Repeat",
    "Result",
    "Results",
    "Rule",
    "Settings",
    "SharedPassage",
    "Verdict",
    "__version__",
    "hashfunc",
    "open_results",
    "plan_apply",
    "rethreshold",
    "scan",
    "score_texts",
    "to_datasketch",
    "write_results",
]


def __dir__() -> list[str]:
    """List the public names too, which are not there before they are used."""
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any public object
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    message = f"module 'dedup' has no attribute {name!r}"
    raise AttributeError(message)
