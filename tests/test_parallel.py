"""Items worked on by several threads, the one that gives them among them."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError

import pytest

from dedup.parallel import WorkQueue, open_executor

N_ITEMS = 40


def is_main() -> bool:
    return threading.current_thread() is threading.main_thread()


class Meeting:
    """Work that the first thread of either kind does not end before the other kind is at work."""

    def __init__(self, n_threads: int) -> None:
        self.done: list[int] = []
        self.most_at_once = 0
        self.given_up = False
        self._at_work = {True: threading.Event(), False: threading.Event()}
        if n_threads == 1:
            self._at_work[False].set()
        self._at_once = 0
        self._lock = threading.Lock()

    def __call__(self, item: int) -> None:
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        self._at_work[is_main()].set()
        assert self._at_work[not is_main()].wait(10)
        with self._lock:
            self._at_once -= 1
        self.done.append(item)

    def abandon(self) -> None:
        self.given_up = True


class Failing:
    """Notes what is begun, and fails for one item; later ones wait for it, and then in vain."""

    def __init__(self, fails_at: int) -> None:
        self.begun: list[int] = []
        self.given_up = threading.Event()
        self._fails_at = fails_at

    def __call__(self, item: int) -> None:
        self.begun.append(item)
        if item == self._fails_at:
            message = f"item {item}"
            raise OSError(message)
        if item > self._fails_at:
            assert self.given_up.wait(10)
            raise CancelledError

    def abandon(self) -> None:
        self.given_up.set()


@pytest.mark.parametrize("n_threads", [1, 2, 3, 8])
def test_all_items_are_done_in_as_many_threads_as_are_asked_for(n_threads: int) -> None:
    work = Meeting(n_threads)
    with open_executor(n_threads) as executor:
        queue = WorkQueue(work, work.abandon, executor, n_threads)
        for item in range(N_ITEMS):
            queue.push(item)
        queue.finish()
    assert sorted(work.done) == list(range(N_ITEMS))
    assert min(2, n_threads) <= work.most_at_once <= n_threads
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
    work = Failing(fails_at)
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
    assert work.given_up.is_set()
    assert len(work.begun) <= fails_at + n_threads


def test_an_interruption_while_an_item_is_worked_on_ends_the_others() -> None:
    def work(item: int) -> None:
        if is_main():
            raise KeyboardInterrupt
        assert given_up.wait(10)

    given_up = threading.Event()
    with open_executor(2) as executor:
        queue = WorkQueue(work, given_up.set, executor, 2)
        with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - any of the calls
            for item in range(N_ITEMS):
                queue.push(item)
            queue.finish()
    assert given_up.is_set()
