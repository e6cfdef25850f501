"""Which files ``dedup apply`` reads again, and where each of them goes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from dedup.corpus.sources import bytes_unless_utf8, shown
from dedup.errors import ResultsError
from dedup.model import SourceFile
from dedup.results import Results
from dedup.results.texts import path_of, unchanged_path

CORPUS = "corpus"
"""The folder of the files, in the one that is written."""


def scanned_files(results: Results) -> list[SourceFile]:
    """Return the files of the scanned corpus; those scanned against are never written."""
    return [source for source in results.inputs if not source.against]


def check_source(results: Results, source: SourceFile) -> None:
    """Raise unless a file can be written anew: it is there, as large as then, and was read whole.

    Raises
    ------
    ResultsError
        Naming the file.
    """
    unchanged_path(results, source)
    if not source.digest:
        message = (
            f"{source.path} was read in part only (--limit, or it breaks off): "
            "scan the whole file before applying"
        )
        raise ResultsError(message)


def outputs_of(results: Results) -> dict[str, str]:
    """Return where each source file goes, relative to the folder of the corpus.

    Folders are kept below the deepest one that all sources share.

    Raises
    ------
    ResultsError
        If a file would stand outside of it, or results cannot tell two files apart.
    """
    directory: str = results.manifest["directory"]
    paths: dict[str, str] = {}
    for source in scanned_files(results):
        if source.path in paths:
            message = (
                f"two files are shown as {source.path}, since one of the names is no UTF-8: "
                "rename it, and scan again"
            )
            raise ResultsError(message)
        paths[source.path] = os.path.abspath(os.path.join(directory, path_of(source)))  # noqa: PTH100, PTH118
    if not paths:
        return {}
    # folders, and not each file, and no paths as objects: a fifth of the time for 20,000 files
    folders = {os.path.dirname(path) for path in paths.values()}  # noqa: PTH120
    root = os.path.commonpath(folders)
    below = {folder: os.path.relpath(folder, root) for folder in folders}
    outputs: dict[str, str] = {}
    for name, path in paths.items():
        folder, file = os.path.split(path)
        output = file if folder == root else os.path.join(below[folder], file)  # noqa: PTH118
        outputs[name] = output
        if output.startswith("..") or os.path.isabs(output):  # noqa: PTH117
            message = f"{name} would be written outside of the output folder: scan it elsewhere"
            raise ResultsError(message)
    return outputs


def file_row(source: SourceFile, output: str) -> dict[str, Any]:
    """Return what ``apply.json`` says of a file: as it was scanned, and where it went."""
    place = f"{CORPUS}/{output}"
    said = {"path": source.path, "bytes": source.bytes, "output": shown(place)}
    hidden = bytes_unless_utf8(Path(place))
    return {**said, "output_bytes": hidden} if hidden else said
