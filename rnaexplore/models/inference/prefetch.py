"""Work done in a thread, so that reading, computing and writing overlap."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import TypeVar

__all__ = ["ahead", "behind"]

T = TypeVar("T")
_POLL = 0.1  #: seconds between two looks at whether the consumer has gone


def ahead(items: Generator[T], *, n: int = 1) -> Generator[T]:
    """Yield the items of a generator that runs in a thread, up to `n` of them ahead.

    An error in the generator is raised here, after the items before it; leaving early stops it.

    Parameters
    ----------
    items
        Any generator; it is closed by its thread.
    n
        Items that may wait.
    """
    results: Queue[T | _End] = Queue(maxsize=n)
    gone = Event()
    thread = Thread(target=_fill, args=(items, results, gone), daemon=True)
    thread.start()
    try:
        while not isinstance(item := results.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        gone.set()
        _empty(results)
        thread.join()


@contextmanager
def behind() -> Iterator[Callable[[Callable[[], object]], None]]:
    """Give a function that lets work be done in a thread while the caller goes on.

    One piece of work at a time: the next call waits for the piece before, and so does the end of
    the block. An error in a piece is raised there.
    """
    last: Future[object] | None = None

    def do(work: Callable[[], object]) -> None:
        nonlocal last
        if last is not None:
            last.result()
        last = pool.submit(work)

    with ThreadPoolExecutor(max_workers=1) as pool:
        yield do
        if last is not None:
            last.result()


class _End:
    """The end of an iterator, and the error that was it."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def _fill(items: Generator[T], results: Queue[T | _End], gone: Event) -> None:
    error = None
    try:
        for item in items:
            if not _put(item, results, gone):
                break
    except BaseException as raised:  # noqa: BLE001 - raised again where the items are used
        error = raised
    finally:
        items.close()
    _put(_End(error), results, gone)


def _put(item: T | _End, results: Queue[T | _End], gone: Event) -> bool:
    """Put an item unless the consumer has gone."""
    while not gone.is_set():
        try:
            results.put(item, timeout=_POLL)
        except Full:
            continue
        return True
    return False


def _empty(results: Queue[T | _End]) -> None:
    while True:
        try:
            results.get_nowait()
        except Empty:
            return
