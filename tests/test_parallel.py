"""Items worked on by several threads, the one that gives them among them."""

from __future__ import annotations

import threading
import time
from concurrent.futures import CancelledError

import pytest

from dedup.parallel import WorkQueue, open_executor

N_ITEMS = 40


class Work:
    """Notes what is begun and how many threads are at it; fails for one of the items."""

    def __init__(self, fails_at: int = -1) -> None:
        self.begun: list[int] = []
        self.done: list[int] = []
        self.threads: set[int] = set()
        self.most_at_once = 0
        self.given_up = False
        self._fails_at = fails_at
        self._at_once = 0
        self._lock = threading.Lock()

    def __call__(self, item: int) -> None:
        with self._lock:
            self.begun.append(item)
            self.threads.add(threading.get_ident())
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        time.sleep(0.001 * (item % 3))
        with self._lock:
            self._at_once -= 1
        if item == self._fails_at:
            message = f"item {item}"
            raise OSError(message)
        if self.given_up:
            raise CancelledError
        self.done.append(item)

    def abandon(self) -> None:
        self.given_up = True


@pytest.mark.parametrize("n_threads", [1, 2, 3, 8])
def test_all_items_are_done_in_as_many_threads_as_are_asked_for(n_threads: int) -> None:
    work = Work()
    with open_executor(n_threads) as executor:
        queue = WorkQueue(work, work.abandon, executor, n_threads)
        for item in range(N_ITEMS):
            queue.push(item)
        queue.finish()
    assert sorted(work.done) == list(range(N_ITEMS))
    assert work.most_at_once <= n_threads
    assert threading.get_ident() in work.threads
    assert (len(work.threads) > 1) == (n_threads > 1)
    assert not work.given_up


def test_items_are_begun_in_the_order_in_which_they_are_given() -> None:
    held, free = threading.Event(), threading.Event()
    begun: list[int] = []

    def work(item: int) -> None:
        if item == 0:
            held.set()
            free.wait(10)
        begun.append(item)

    with open_executor(2) as executor:
        queue = WorkQueue(work, free.set, executor, 2)
        queue.push(0)
        held.wait(10)  # in the other thread: the next ones are for this one
        for item in range(1, N_ITEMS):
            queue.push(item)
        alone = list(begun)
        free.set()
        queue.finish()
    assert alone == list(range(1, len(alone) + 1))
    assert N_ITEMS - 4 <= len(alone) < N_ITEMS - 1
    assert sorted(begun) == list(range(N_ITEMS))


@pytest.mark.parametrize("n_threads", [1, 2, 3])
@pytest.mark.parametrize("fails_at", range(0, N_ITEMS, 3))
def test_what_fails_is_raised_and_nothing_is_begun_after_it(fails_at: int, n_threads: int) -> None:
    work = Work(fails_at)
    with open_executor(n_threads) as executor:
        queue = WorkQueue(work, work.abandon, executor, n_threads)
        with pytest.raises(OSError, match=f"item {fails_at}"):  # noqa: PT012 - any of the calls
            for item in range(N_ITEMS):
                queue.push(item)
            queue.finish()
        with pytest.raises(OSError, match=f"item {fails_at}"):
            queue.push(N_ITEMS)
        with pytest.raises(OSError, match=f"item {fails_at}"):
            queue.finish()
    assert work.given_up
    assert N_ITEMS not in work.begun
    assert len(work.begun) <= fails_at + 2 * n_threads + 2


def test_an_interruption_while_an_item_is_worked_on_ends_the_others() -> None:
    def work(item: int) -> None:
        if threading.current_thread() is threading.main_thread():
            raise KeyboardInterrupt
        time.sleep(0.001)

    given_up: list[bool] = []
    with open_executor(2) as executor:
        queue = WorkQueue(work, lambda: given_up.append(True), executor, 2)
        with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - any of the calls
            for item in range(N_ITEMS):
                queue.push(item)
            queue.finish()
    assert given_up
