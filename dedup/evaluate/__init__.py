"""Scores a detector's output against labels: what is measured is defined in docs/quality.md."""

from dedup.evaluate.labels import Labels, read_labels
from dedup.evaluate.output import Output, read_output
from dedup.evaluate.scorecard import Scorecard, score
from dedup.evaluate.tables import as_markdown, as_text

__all__ = [
    "Labels",
    "Output",
    "Scorecard",
    "as_markdown",
    "as_text",
    "read_labels",
    "read_output",
    "score",
]
