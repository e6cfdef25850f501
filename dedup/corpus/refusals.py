"""Why a path that a user names leads nowhere: it is not there, or nobody may look."""

from __future__ import annotations

import glob
import os
from itertools import takewhile
from pathlib import Path, PurePath

NOT_THERE = "there is no such file or folder"


def why_unseen(path: str) -> str | None:
    """Return why a path cannot be seen, or None if something is there."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return NOT_THERE
    except OSError as error:
        return f"cannot be opened: {error.strerror}"
    return None


def why_unlisted(pattern: str) -> str | None:
    """Return why the folder that a pattern begins with cannot be read, or None if it can."""
    parts = takewhile(lambda part: not glob.has_magic(part), PurePath(pattern).parts)
    folder = Path(*parts)
    try:
        os.scandir(folder).close()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    except OSError as error:
        return f"{folder}: {error.strerror}"
    return None
