"""Work done ahead in a thread."""

from __future__ import annotations

import threading

import pytest

from rnaexplore.models.inference.prefetch import ahead, behind


def test_order_is_kept():
    assert list(ahead(k * k for k in range(50))) == [k * k for k in range(50)]


def test_the_next_item_is_made_while_the_last_one_is_used():
    started = threading.Event()

    def items():
        yield 0
        started.set()
        yield 1

    stream = ahead(items())
    assert next(stream) == 0
    assert started.wait(timeout=10)
    assert list(stream) == [1]


def test_an_error_comes_after_the_items_before_it():
    def items():
        yield 1
        msg = "broken"
        raise ValueError(msg)

    stream = ahead(items())
    assert next(stream) == 1
    with pytest.raises(ValueError, match="broken"):
        next(stream)


def test_leaving_early_closes_the_generator_and_its_thread():
    closed = threading.Event()

    def items():
        try:
            k = 0
            while True:
                yield (k := k + 1)
        finally:
            closed.set()

    before = threading.active_count()
    stream = ahead(items(), n=2)
    assert next(stream) == 1
    stream.close()
    assert closed.is_set()
    assert threading.active_count() == before


def test_work_behind_runs_while_the_caller_goes_on():
    started, free = threading.Event(), threading.Event()
    done = []

    def work():
        started.set()
        free.wait(timeout=10)
        done.append(1)

    with behind() as meanwhile:
        meanwhile(work)
        assert started.wait(timeout=10)
        assert done == []
        free.set()
        meanwhile(lambda: done.append(2))
    assert done == [1, 2]


def test_an_error_behind_is_raised_by_the_next_call_or_at_the_end():
    def broken():
        msg = "broken"
        raise ValueError(msg)

    with pytest.raises(ValueError, match="broken"), behind() as meanwhile:
        meanwhile(broken)
    ran = []

    def two_pieces():
        with behind() as meanwhile:
            meanwhile(broken)
            meanwhile(lambda: ran.append(1))

    with pytest.raises(ValueError, match="broken"):
        two_pieces()
    assert ran == []
