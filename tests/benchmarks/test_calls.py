"""The measure of small calls: every input that it names is scanned whole."""

from __future__ import annotations

from typing import Any

import pytest

import dedup
from benchmarks.calls import rows


def test_every_input_is_scanned_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    counts: list[int] = []
    scan = dedup.scan

    def counted(*arguments: Any) -> dedup.Result:
        result = scan(*arguments)
        counts.append(result.counts["read"])
        assert result.counts["quarantined"] == 0
        return result

    monkeypatch.setattr(dedup, "scan", counted)
    assert all(seconds > 0 for _, seconds in rows(20, 5, 1))
    assert counts == [2, 2, 20, 20, 20, 20, 5, 5]
