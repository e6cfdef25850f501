"""The picture of the report in the README, from the demo folder.

Take it anew after a change to how the report looks::

    python -m tests.browser.picture
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from shutil import which

from playwright.sync_api import sync_playwright

import dedup
from dedup.report.one_file import html_file
from dedup.results import open_results

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "images" / "report.png"
SIZE = {"width": 1180, "height": 1000}


def take(folder: Path) -> None:
    """Scan the demo folder into another one, and take the picture of its report."""
    os.chdir(ROOT)
    dedup.write_results(dedup.scan(Path("fixtures/demo")), folder / "found")
    page = folder / "report.html"
    page.write_text(html_file(open_results(folder / "found")), "utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("DEDUP_BROWSER") or which("chromium"),
            args=["--headless", "--no-sandbox", "--disable-gpu"],
        )
        window = browser.new_page(viewport=SIZE, color_scheme="light")
        window.goto(page.as_uri())
        window.click("#cluster-1 > details > summary")
        window.locator("#cluster-1 details.diff > summary").nth(1).click()
        window.evaluate(
            "scrollBy(0, document.querySelector('#clusters').getBoundingClientRect().top - 20)"
        )
        window.wait_for_timeout(300)
        window.screenshot(path=str(PICTURE))
        browser.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        take(Path(name))
