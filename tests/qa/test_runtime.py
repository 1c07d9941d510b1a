"""The cycle collector: quiet while values stream by, itself again afterwards."""

import gc
from threading import Barrier, Thread

import pytest

from qa.runtime import collecting_seldom


def test_it_returns_to_what_it_was():
    before = gc.get_threshold()

    with collecting_seldom(), collecting_seldom():
        assert gc.get_threshold()[0] > before[0]

    assert gc.get_threshold() == before


def test_it_returns_after_an_error():
    before = gc.get_threshold()

    with pytest.raises(ValueError, match="broken"), collecting_seldom():
        raise ValueError("broken")

    assert gc.get_threshold() == before


def test_the_last_of_two_threads_ends_it():
    before, inside, leave = gc.get_threshold(), Barrier(2), Barrier(2)

    def work():
        with collecting_seldom():
            inside.wait(10)
            leave.wait(10)

    thread = Thread(target=work)
    with collecting_seldom():
        thread.start()
        inside.wait(10)
    assert gc.get_threshold() != before, "the other thread still wants quiet"
    leave.wait(10)
    thread.join(10)

    assert gc.get_threshold() == before
