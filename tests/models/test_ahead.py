"""Work done ahead in a thread."""

from __future__ import annotations

import threading

import pytest

from rnaexplore.models.ahead import ahead


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
