"""Settings of Hypothesis, and where the data of the tests lies."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

ROOT = Path(__file__).resolve().parents[1]
FIXTURES = ROOT / "fixtures"
SHARED_DATA = ROOT.parent / "shared" / "data"

_LAX = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
hypothesis_settings.register_profile("default", deadline=None, suppress_health_check=_LAX)
hypothesis_settings.register_profile(
    "ci", deadline=None, derandomize=True, print_blob=True, suppress_health_check=_LAX
)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture
def shared_data() -> Callable[[str], Path]:
    """Return a file of the labelled corpora, or skip the test where they are not at hand."""

    def find(name: str) -> Path:
        path = SHARED_DATA / name
        if not path.exists():
            pytest.skip(f"needs {name} of the shared data, which is not part of the repository")
        return path

    return find


@pytest.fixture
def collected() -> Iterator[None]:
    """Collect what a test has left behind before the next one begins."""
    yield
    gc.collect()


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Take interruptions as a command in a terminal does.

    A shell that starts something in the background lets it and its children ignore them.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
