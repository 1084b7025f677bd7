"""Greenlets that are used again."""

import gevent

from loadtests.senders import Senders


def test_calls_that_overlap_have_a_greenlet_each_and_later_ones_use_them_again() -> None:
    """Nobody waits for another's call, and no more greenlets are made than calls overlapped."""
    greenlets: list[gevent.Greenlet] = []
    numbers: list[int] = []

    def send(number: int) -> None:
        greenlets.append(gevent.getcurrent())
        gevent.sleep(0.01)
        numbers.append(number)

    senders = Senders(send)
    for first in (0, 3, 6):
        for number in range(first, first + 3):
            senders.order(number)
        gevent.sleep(0)
        assert len(greenlets) == first + 3
        gevent.sleep(0.1)
    senders.join()
    assert numbers == list(range(9))
    assert len(set(greenlets)) == 3


def test_join_waits_for_every_call() -> None:
    """Those too that had not begun."""
    ended: list[int] = []

    def send(number: int) -> None:
        gevent.sleep(0.05)
        ended.append(number)

    senders = Senders(send)
    senders.order(1)
    gevent.sleep(0)
    senders.order(2)
    senders.join()
    assert ended == [1, 2]


def test_a_call_that_fails_takes_no_other_with_it() -> None:
    """Its greenlet is gone; the next call has another."""
    ended: list[int] = []

    def send(number: int) -> None:
        if not number:
            raise OSError("as it may happen")
        ended.append(number)

    senders = Senders(send)
    for number in range(3):
        senders.order(number)
        gevent.sleep(0.01)
    senders.join()
    assert ended == [1, 2]
