"""What lets the command answer sooner, and is no business of a library.

It is a setting of the whole process. The command owns its process; whoever imports
``dedup`` keeps what is theirs.
"""

from __future__ import annotations

import atexit
import gc

_NEW_OBJECTS = 200_000


def collect_garbage_seldom() -> None:
    """Let the collector look at new objects seldom, and at none when the process ends.

    Imports make some 150,000 objects that live to the end. Python's collector visits them
    375 times while they are made and all of them again at exit: half a second of the 1.4
    that a small scan took. Dropped objects are freed at once as ever; only cycles wait.
    """
    gc.set_threshold(_NEW_OBJECTS)
    atexit.register(gc.freeze)
