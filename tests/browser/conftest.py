"""A Chromium that is installed already; tests skip where there is none.

Where ``DEDUP_REQUIRE_BROWSER`` is set, as in CI, a missing browser fails them instead.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dedup.report.one_file import html_file
from dedup.results import Results
from tests.report.conftest import demo, hostile, many

__all__ = ["demo", "hostile", "many"]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

Open = Callable[..., Any]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Start one browser for all tests."""
    path = os.environ.get("DEDUP_BROWSER") or next(filter(None, map(shutil.which, _NAMES)), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sync_playwright = None
    if not path or sync_playwright is None:
        what = "a Chromium" if sync_playwright else "playwright (the dependency group test)"
        message = f"needs {what}, which is not installed"
        if os.environ.get("DEDUP_REQUIRE_BROWSER"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Results], Path]:
    """Return a function that gives the report file of some results, written once."""
    made: dict[Path, Path] = {}

    def path_of(results: Results) -> Path:
        if results.folder not in made:
            path = tmp_path_factory.mktemp("page") / "report.html"
            path.write_text(html_file(results), "utf-8")
            made[results.folder] = path
        return made[results.folder]

    return path_of


@pytest.fixture
def open_page(browser: Any, pages: Callable[[Results], Path]) -> Iterator[Open]:
    """Return a function that opens a report, and check that it asked for nothing."""
    contexts: list[Any] = []
    requests: list[str] = []
    troubles: list[str] = []

    def opened(results: Results, width: int = 1280, **options: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda message: troubles.append(message.text))
        page.goto(pages(results).as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert {url.partition("#")[0] for url in requests} <= {
        url.partition("#")[0] for url in requests if url.endswith("/report.html")
    }, requests
    assert not troubles
