"""Announced holds: found from the words around a long quiet."""

import pytest

from qa.acoustics import CallEvent, EventKind
from qa.calls import Role
from qa.transcript import Transcript, Turn
from scoring.holds import detect_holds

AGENT, CUSTOMER = Role.AGENT, Role.CUSTOMER


def transcript(*rows):
    turns = tuple(
        Turn(index=at, role=role, start_ms=start, end_ms=end, text="…")
        for at, (role, start, end) in enumerate(rows)
    )
    return Transcript(call_id="c", language="zh", duration_ms=120_000, turns=turns)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            [(AGENT, 0, 4000), (CUSTOMER, 4500, 5000), (AGENT, 30_000, 33_000)],
            [(5000, 30_000)],
            id="request, 好的, quiet, back",
        ),
        pytest.param([(AGENT, 0, 4000), (AGENT, 12_000, 13_000)], [(4000, 12_000)], id="just long"),
        pytest.param([(AGENT, 0, 4000), (AGENT, 11_999, 13_000)], [], id="too short"),
        pytest.param(
            [(AGENT, 0, 4000), (CUSTOMER, 25_000, 26_000)], [], id="the customer ends the quiet"
        ),
        pytest.param(
            [(AGENT, 0, 4000), (CUSTOMER, 4500, 15_000), (AGENT, 40_000, 41_000)],
            [],
            id="they talk on: the later quiet is not this hold",
        ),
        pytest.param([(AGENT, 0, 4000)], [], id="the call ends"),
    ],
)
def test_holds(rows, expected):
    found = detect_holds(transcript(*rows), (), asked={0})
    assert [(hold.start_ms, hold.end_ms) for hold in found] == expected


def test_without_a_request_quiet_is_dead_air():
    rows = transcript((AGENT, 0, 4000), (AGENT, 30_000, 31_000))
    assert detect_holds(rows, (), asked=()) == ()


def test_a_hold_that_is_known_is_not_found_again():
    rows = transcript((AGENT, 0, 4000), (AGENT, 30_000, 31_000))
    known = CallEvent(kind=EventKind.HOLD, start_ms=6000, end_ms=29_000)
    assert detect_holds(rows, (known,), asked={0}) == ()
