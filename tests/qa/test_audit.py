"""The chain holds, and every change to it shows."""

from dataclasses import replace

import pytest

from qa.audit import AuditEvent, Break, Head, as_detail, breaks, parse_head, seal
from qa.errors import QaError


def chain(n):
    head, events = Head(), []
    for number in range(n):
        event = AuditEvent(
            sequence=0,
            at=f"2026-11-02T10:00:00.{number:06d}+00:00",
            user_id="李敏",
            action="playback",
            subject_kind="call",
            subject_id=f"C-{number}",
            detail=as_detail({"n": number}),
        )
        events.append(seal(event, head))
        head = Head(sequence=events[-1].sequence, hash=events[-1].hash)
    return events, head


def test_an_untouched_chain_holds():
    events, head = chain(5)
    assert list(breaks(events, head)) == []
    assert list(breaks([], Head())) == []


@pytest.mark.parametrize(
    "field", [name for name in AuditEvent.__slots__ if name not in ("sequence", "hash")]
)
def test_a_change_of_any_field_shows_at_its_event(field):
    events, head = chain(3)
    changed = replace(events[1], **{field: "x" + getattr(events[1], field)[1:]})
    assert 2 in {one.sequence for one in breaks([events[0], changed, events[2]], head)}


def test_fields_cannot_trade_characters():
    events, head = chain(1)
    moved = replace(events[0], user_id=events[0].user_id + "p", action="layback")
    assert [one.sequence for one in breaks([moved], head)] == [1]


@pytest.mark.parametrize(
    ("kept", "found"),
    [
        ([1, 2], Break(sequence=2, what="events are missing before it")),
        ([0, 2], Break(sequence=3, what="events are missing before it")),
        ([0, 1], Break(sequence=3, what="the end of the chain is missing")),
        ([], Break(sequence=3, what="the end of the chain is missing")),
    ],
)
def test_missing_events_show(kept, found):
    events, head = chain(3)
    assert found in list(breaks([events[at] for at in kept], head))


def test_a_chain_written_anew_does_not_match_the_noted_head():
    _, noted = chain(3)
    forged = AuditEvent(sequence=0, at="2026", user_id="nobody", action="nothing")
    others, last = [], Head()
    for _ in range(4):
        others.append(seal(forged, last))
        last = Head(sequence=others[-1].sequence, hash=others[-1].hash)
    assert list(breaks(others, last)) == []
    assert [one.sequence for one in breaks(others, noted)] == [3]


def test_a_head_reads_as_it_prints():
    _, head = chain(2)
    assert parse_head(f" {head}\n") == head
    for text in ("", "7", "7:abc", f"x:{head.hash}"):
        with pytest.raises(QaError, match="is not a head"):
            parse_head(text)
