"""Threads over batches: the kernels release the GIL, and order is always kept."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class InlineExecutor(Executor):
    """Runs each call at once, in the calling thread: what one thread costs least."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run the call and return its finished future."""
        future: Future[T] = Future()
        future.set_result(fn(*args, **kwargs))
        return future

    def map(self, fn: Callable[..., T], *iterables: Iterable[Any], **_: Any) -> Iterator[T]:  # noqa: ANN401
        """Run the calls one after the other."""
        return map(fn, *iterables)


def count_threads(wanted: int) -> int:
    """Return the number of worker threads: ``wanted``, or one per usable processor."""
    if wanted:
        return wanted
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def open_executor(n_threads: int) -> Executor:
    """Return an executor for ``n_threads`` workers."""
    return InlineExecutor() if n_threads == 1 else ThreadPoolExecutor(n_threads)
