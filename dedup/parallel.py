"""Threads over batches: the kernels release the GIL, and order is always kept."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from threading import Lock
from typing import Any, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_MOST_WAITING = 2
"""Items that wait for a thread; each holds a batch of texts. One and three are as fast."""


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


class WorkQueue(Generic[T]):
    """Works on items in the thread that gives them and in threads of an executor.

    Items are begun in the order in which they are given. Whoever gives them works on the
    oldest one too when enough of them wait: no thread stands idle, and no more are at
    work than there are processors. A thread that only gave items would either wait for the
    others or take a processor from them: reading with two threads took an eighth longer.

    Parameters
    ----------
    work : function
        Takes an item. Once it has failed for one, no other is begun.
    abandon : function
        Called when it has failed: whoever waits for that item waits in vain.
    executor : Executor
    n_threads : int
        Threads at work at once, the one that gives the items among them.
    """

    def __init__(
        self,
        work: Callable[[T], None],
        abandon: Callable[[], None],
        executor: Executor,
        n_threads: int,
    ) -> None:
        self._work = work
        self._abandon = abandon
        self._executor = executor
        self._most_joined = n_threads - 1
        self._most_waiting = _MOST_WAITING if n_threads > 1 else 0
        self._lock = Lock()
        self._waiting: deque[T] = deque()
        self._n_joined = 0
        self._flights: deque[Future[None]] = deque()
        self._failure: BaseException | None = None

    def push(self, item: T) -> None:
        """Give an item; what failed for an earlier one is raised."""
        self._raise_failure()
        while self._flights and self._flights[0].done():
            self._flights.popleft()
        with self._lock:
            self._waiting.append(item)
            joins = self._n_joined < self._most_joined
            self._n_joined += joins
        if joins:
            self._flights.append(self._executor.submit(self._join))
        self._work_off(self._most_waiting)

    def finish(self) -> None:
        """Return when all items are done; what failed for one is raised."""
        self._work_off(0)
        wait(self._flights)
        self._raise_failure()

    def _join(self) -> None:
        """Work on items in a thread of the executor until none waits."""
        while True:
            self._work_off(0)
            with self._lock:
                if not self._waiting:
                    self._n_joined -= 1
                    return

    def _work_off(self, n_left: int) -> None:
        """Work on the oldest items while more than ``n_left`` wait."""
        try:
            while True:
                with self._lock:
                    if len(self._waiting) <= n_left:
                        return
                    item = self._waiting.popleft()
                self._work(item)
        except BaseException as error:
            # what others raise because of it comes later
            self._failure = self._failure or error
            self._waiting.clear()
            self._abandon()
            raise self._failure from None

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure


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
