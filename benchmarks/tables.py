"""A result as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any


def write_markdown(result: dict[str, Any]) -> str:
    """Return the whole result as one Markdown document."""
    parts = [f"# Benchmark `{result['name']}`", _machine(result), _speed(result)]
    parts += filter(None, (_quality(result), _threads(result), _special(result)))
    if result["skipped"]:
        lines = (f"- {name}: {reason}" for name, reason in result["skipped"].items())
        parts.append("## Not measured\n\n" + "\n".join(lines))
    return "\n\n".join(parts) + "\n"


def format_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table.

    Examples
    --------
    >>> print(format_table(["a", "b"], [["1", "2"]]))
    | a | b |
    |---|---|
    | 1 | 2 |
    """
    lines = ["| " + " | ".join(row) + " |" for row in (head, *rows)]
    lines.insert(1, "|" + "---|" * len(head))
    return "\n".join(lines)


def _machine(result: dict[str, Any]) -> str:
    machine = result["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    return (
        f"{machine['cpu']}, {machine['cores']} cores, {machine['os']}, {machine['python']}; "
        f"commit {machine['commit']}, {machine['date']}; {versions}."
    )


def _speed(result: dict[str, Any]) -> str:
    comparison = result["comparison"]
    full, tools = comparison["full"], comparison["tools"]
    own = tools.get("dedup", {}).get("mb_per_second")
    head = ["tool", "MB/s per core", "documents/s", "dedup is", "whole run", "peak memory"]
    rows = [
        [
            name,
            _number(tool["mb_per_second"], "{:.1f}"),
            _number(tool["documents_per_second"], "{:,.0f}"),
            _ratio(own, tool["mb_per_second"]),
            f"{tool['wall']:.1f} s",
            f"{_megabytes(tool['peak_rss'])} ({_megabytes(tool['peak_anon'])} anonymous)",
        ]
        for name, tool in tools.items()
    ]
    return (
        f"## Speed: {result['corpus']}\n\n"
        f"Rates between {comparison['half']['bytes'] / 1e6:.0f} and "
        f"{full['bytes'] / 1e6:.0f} MB ({full['documents']:,} documents), one core, "
        f"median of {result['rounds']}.\n\n" + format_table(head, rows)
    )


def _quality(result: dict[str, Any]) -> str:
    tools = result["comparison"]["tools"]
    scores = {name: tool["quality"] for name, tool in tools.items() if tool["quality"]}
    if not scores:
        return ""
    head = ["planted copy", "should be", *scores]
    kinds = next(iter(scores.values()))["kinds"]  # the same planted copies for every tool
    rows = [
        [kind, planted["expected"], *(_found(s["kinds"][kind]) for s in scores.values())]
        for kind, planted in kinds.items()
    ]
    rows.append(
        ["precision of clustered pairs", "", *(_share(s["precision"]) for s in scores.values())]
    )
    return (
        "## Planted copies found\n\nShare of pairs found in one cluster (+ as a link).\n\n"
        + format_table(head, rows)
    )


def _found(found: dict[str, Any]) -> str:
    link = f" (+{found['linked']:.3f})" if found["linked"] else ""
    return f"{found['clustered']:.3f}{link}"


def _threads(result: dict[str, Any]) -> str:
    threads = result["threads"]
    if threads is None:
        return ""
    return (
        "## Two threads on two cores\n\n"
        f"{threads['speedup']:.2f} times as fast as one thread "
        f"({_number(threads['marginal_speedup'], '{:.2f}')} with start-up taken off)."
    )


def _special(result: dict[str, Any]) -> str:
    special = result["special"]
    if not special:
        return ""
    lines = list(_start_up(special["start_up"]))
    for kind, growth in special.items():
        if kind == "start_up":
            continue
        if "failed" in growth:
            lines.append(f"- {kind}: failed, {growth['failed']}")
            continue
        small, large = growth["documents"]
        lines.append(
            f"- {kind}, {small:,} to {large:,} documents: time times "
            f"{growth['time_growth']:.2f}, "
            f"{_number(growth['bytes_per_document'], '{:.0f}')} bytes of memory a document, "
            f"{growth['cpu'][1]:.1f} s and {_megabytes(growth['peak_rss'])} at the larger size"
        )
    return "## Special runs\n\n" + "\n".join(lines)


def _start_up(figures: dict[str, Any]) -> Iterator[str]:
    yield f"- `dedup --help`: {figures['help_wall']:.2f} s"
    yield f"- scan of {figures['documents']} documents: {figures['tiny_scan_wall']:.2f} s"
    yield (
        f"- the same with an empty kernel cache: {figures['first_scan_wall']:.2f} s on two cores, "
        f"{figures['first_scan_wall_one_core']:.2f} s on one"
    )


def _number(value: float | None, form: str) -> str:
    return "?" if value is None else form.format(value)


def _ratio(own: float | None, other: float | None) -> str:
    if own is None or other is None:
        return ""
    return f"{own / other:.1f} times as fast" if own != other else "-"


def _share(value: float | None) -> str:
    return _number(value, "{:.4f}")


def _megabytes(n_bytes: float | None) -> str:
    return "?" if n_bytes is None else f"{n_bytes / 1e6:.0f} MB"
