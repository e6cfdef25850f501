"""The report as HTML: one file that opens from disk, or a folder of pages."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from dedup.report.accounts import accounts
from dedup.report.amounts import copies, number, percent, size_of
from dedup.report.caps import below_the_curve
from dedup.report.charts import Plot, bar_plot, curve_plot, source_matrix
from dedup.report.differences import told
from dedup.report.escapes import level, visible
from dedup.report.excerpts import begins
from dedup.report.gather import Report
from dedup.report.lines import one_line
from dedup.report.sides import sides
from dedup.report.statistics import FirstSource

if TYPE_CHECKING:
    from jinja2 import Environment

MAX_FILES = 50
MAX_PASSAGE_PLACES = 12
_MAX_SOURCES = 200
_WEB = re.compile(r"https?://[^\s\"'<>]+", re.I)


class Part(NamedTuple):
    """A share of all records read, as the strip under the heading shows it."""

    kind: str
    n: int
    note: str
    x: float
    width: float


def is_web_address(url: object) -> bool:
    """Whether a link may lead there: nothing but http and https."""
    return isinstance(url, str) and bool(_WEB.fullmatch(visible(url)))


@cache
def environment() -> Environment:
    """Return the templates: everything from data is escaped, and made visible first."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - 0.1 s

    made: Any = Environment(
        loader=PackageLoader("dedup.report", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    made.filters |= {
        "n": _counted,
        "px": _pixels,
        "score": _score,
        "share": percent,
        "bytes": size_of,
        "short": one_line,
        "begins": begins,
        "told": told,
        "level": level,
        "sides": sides,
    }
    made.tests["web_address"] = is_web_address
    return made


def _finalize(value: object) -> object:
    # what is Markup already (a str of another type) came from a template
    return visible(value) if type(value) is str else value


def _counted(n: int, one: str, many: str = "") -> str:
    return f"{n:,} {many}" if many and n != 1 else number(n, one)


def _pixels(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _score(value: float) -> str:
    """Return a score with two decimals, three where two would make it 1."""
    return f"{value:.2f}" if value < 0.995 or value == 1 else f"{value:.3f}"


class Pages:
    """Renders the parts of a report; everything comes back as text."""

    def __init__(self, report: Report, where_whole: str) -> None:
        style, script = _asset("page.css"), _asset("page.js")
        self._environment = environment()
        self._common: dict[str, Any] = {
            "r": report,
            "style": _markup(style),
            "script": _markup(script),
            "style_hash": _hash(style),
            "script_hash": _hash(script),
            "where_whole": where_whole,
            "most_files": MAX_FILES,
        }
        # made once: as an import of each template they would be made for each item
        macros = self._environment.get_template("macros.html", None, self._common)
        self._macros = macros.make_module()
        self._templates: dict[str, Any] = {}

    def render(self, name: str, **values: Any) -> str:  # noqa: ANN401 - what templates take
        """Return one template, filled."""
        if name not in self._templates:
            self._templates[name] = self._environment.get_template(
                f"{name}.html", None, self._common
            )
        text: str = self._templates[name].render(m=self._macros, **values)
        return text

    def summary(self, report: Report, nav: Iterable[tuple[str, str, int | None]]) -> str:
        """Return heading, navigation, the account of all records, and the plots."""
        parts = list(strip_parts(report.counts, report.statistics.verdicts))
        return self.render(
            "summary",
            nav=list(nav),
            parts=parts,
            strip=[part for part in parts if part.n],
            plots=list(plots(report)),
            matrix=source_matrix(report.statistics),
            dropped=report.statistics.sources_dropped,
            first_sources=_first_sources(report),
        )

    def tools(self, report: Report, sources: Iterable[str] | None) -> str:
        """Return the form that filters and sorts; a script brings it to light.

        Parameters
        ----------
        report : Report
        sources : iterable of str, optional
            To choose from; those with most records unless given.
        """
        top = report.statistics.top_sources(_MAX_SOURCES)
        at_hand = top if sources is None else set(sources)
        known = [name for name in top if name in at_hand]
        verdicts = [
            name for name in ("exact", "normalised", "near") if report.statistics.verdicts[name]
        ]
        return self.render("tools", sources=known, verdicts=verdicts)

    def run(self, report: Report) -> str:
        """Return the section on how the results came about."""
        about = "Probability that two texts come to be compared, by their Jaccard similarity."
        max_bucket = int(report.run.settings.get("max_bucket", 0))
        less = below_the_curve(report.counts, max_bucket).replace("`", "")
        about = f"{about} {less}".rstrip()
        curve = curve_plot("How surely a pair is compared", about, report.run.curve)
        return self.render("run", curve=curve)


def _first_sources(report: Report) -> list[FirstSource]:
    """Return who published first, where there are sources to tell apart."""
    figures = report.statistics
    return figures.first_sources(10) if len(figures.sources) > 1 else []


def strip_parts(counts: Mapping[str, int], verdicts: Mapping[str, int]) -> Iterator[Part]:
    """Yield what the records read are, in parts that add up.

    Parameters
    ----------
    counts : mapping of str to int
    verdicts : mapping of str to int
        How many copies are of which verdict.
    """
    x = 0.0
    for kind, n, note in _parts(counts, verdicts):
        width = 1000 * n / max(counts["read"], 1)
        yield Part(kind, n, note, x, width)
        x += width


def _parts(
    counts: Mapping[str, int], verdicts: Mapping[str, int]
) -> Iterator[tuple[str, int, str]]:
    """Yield kind, number and note of each part; of members some are kept, and some could go."""
    for part in accounts(counts, verdicts):
        if part.name != "members":
            yield part.name, part.n, f"{part.name}, {part.note}"
            continue
        each = f", one for each of {number(counts['clusters'], 'cluster')}"
        yield "kept", part.n - counts["removable"], "kept" if counts["against"] else f"kept{each}"
        told = copies(verdicts)
        could_go = "copies of these, which could go"
        yield "go", counts["removable"], f"{could_go}: {told}" if told else could_go


def plots(report: Report) -> Iterator[Plot]:
    """Yield the plots that have something to show."""
    figures = report.statistics
    yield bar_plot(
        "Cluster sizes", "Clusters by number of records.", figures.size_bars(), ["clusters"]
    )
    verdicts = figures.verdicts
    if verdicts["near"]:
        same = verdicts["exact"] + verdicts["normalised"]
        about = f"Jaccard of {_counted(verdicts['near'], 'near copy', 'near copies')}"
        also = (
            f" {number(same, 'other')} {'has' if same == 1 else 'have'} the same text."
            if same
            else ""
        )
        yield bar_plot(
            "How alike", f"{about} with the kept text.{also}", figures.score_bars(), ["near copies"]
        )
    if len(bars := figures.time_bars()) > 1:
        yield bar_plot("Over time", "Dated records in clusters.", bars, ["kept", "copies"])
    if bars := figures.lag_bars():
        about = "Copies by how long they came after the first record of their cluster."
        yield bar_plot("How fast copies follow", about, bars, ["copies"])


def _markup(text: str) -> Any:  # noqa: ANN401 - a Markup
    from markupsafe import Markup  # noqa: PLC0415

    return Markup(text)  # our own files, never data


@cache
def _asset(name: str) -> str:
    return files("dedup.report").joinpath("page", name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
