"""What the command says when the system refuses something that no message foresaw."""

from __future__ import annotations

import errno
import os

_LONGEST = 120  # characters of a name that are said

_ADVICE = {
    errno.EACCES: "ask for the right to it, or name another place",
    errno.EPERM: "ask for the right to it, or name another place",
    errno.EROFS: "name a place that can be written to",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.ENOENT: "check the name; perhaps it was removed meanwhile",
    errno.ENOSPC: "free some space, or name places on another disk "
    "(--out, --tmp-dir, and DEDUP_CACHE_DIR for compiled kernels)",
    errno.EDQUOT: "free some of your space, or name places on another disk "
    "(--out, --tmp-dir, and DEDUP_CACHE_DIR for compiled kernels)",
    errno.EMFILE: "let a process open more files (`ulimit -n 4096`)",
}


def told_of(error: OSError) -> str:
    """Return one line: where it happened, what, and what to do.

    Examples
    --------
    >>> told_of(PermissionError(errno.EACCES, "Permission denied", "locked/found"))
    'locked/found: Permission denied: ask for the right to it, or name another place'
    >>> told_of(OSError(errno.EIO, "Input/output error"))
    'Input/output error'
    """
    names = [_shown(name) for name in (error.filename, error.filename2) if name is not None]
    what = error.strerror or str(error) or type(error).__name__
    advice = _ADVICE.get(error.errno or 0)
    return ": ".join(part for part in (" and ".join(names), what, advice) if part)


def _shown(name: object) -> str:
    """Return a name as it can be written, whatever its bytes; of a long one both ends."""
    text = os.fsdecode(name) if isinstance(name, str | bytes) else f"open file {name}"
    text = text.encode("utf-8", "backslashreplace").decode()
    half = _LONGEST // 2
    return text if len(text) <= _LONGEST else f"{text[:half]}…{text[-half:]}"
