"""Acting on results without another scan: other thresholds, other survivors."""

from __future__ import annotations

from dedup.act.threshold import Thresholds, rethreshold, write_rethresholded

__all__ = ["Thresholds", "rethreshold", "write_rethresholded"]
