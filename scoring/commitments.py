"""The commitments ledger: who promised what, by when, with the words that say so.

A promise looks ahead, names an action that outlives the call (call back, visit, refund, send,
reply) and has a person or a department behind it. What is done while the customer is on the line
("I'll cancel that for you now") is no entry. Questions, refusals and reports of the past are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from qa.analysis import Analysis
from qa.calls import Role
from qa.insight.commitments import (
    EXPORT_COLUMNS,
    Commitment,
    CommitmentState,
    due_list,
    state_of,
    to_row,
)
from qa.transcript import Turn
from scoring.commitment_words import (
    ACTIONS,
    CLAUSE,
    CUSTOMER_ACTIONS,
    CUSTOMER_SUBJECT,
    EN_SENTENCE,
    NOT_A_PROMISE,
    ON_THE_LINE,
    SENTENCE,
    SUBJECT,
    UNSAID,
    VAGUE,
)
from scoring.due_times import DueTime, due_times

__all__ = [
    "EXPORT_COLUMNS",
    "Commitment",
    "CommitmentState",
    "due_list",
    "find_commitments",
    "state_of",
    "to_row",
]

_MAX_QUOTE = 120


def find_commitments(
    analysis: Analysis, *, timezone: str = "Asia/Shanghai"
) -> tuple[Commitment, ...]:
    """The promises of a call, in order; at most one of each action per turn.

    Args:
        analysis: The call; its `started_at` (naive times are taken to be in `timezone`) and the
            turn's own time are what "today" and "in two hours" are counted from.
        timezone: IANA name of the site's time zone.
    """
    transcript = analysis.transcript
    found = []
    for turn in transcript.turns:
        language = (turn.language or transcript.language).partition("-")[0]
        if turn.role in (Role.AGENT, Role.CUSTOMER) and language in CLAUSE:
            now = _moment(analysis, turn, timezone)
            found += list(_of_turn(turn, analysis.call.id, language, now))
    first: dict[object, Commitment] = {}
    for item in found:  # saying a dated promise again does not make it two
        first.setdefault((item.by, item.action, item.due_at) if item.due_at else item.id, item)
    return tuple(first.values())


def _moment(analysis: Analysis, turn: Turn, timezone: str) -> datetime | None:
    started = analysis.call.started_at
    if started is None:
        return None
    zone = ZoneInfo(timezone)
    local = started.replace(tzinfo=zone) if started.tzinfo is None else started.astimezone(zone)
    return local + timedelta(milliseconds=turn.start_ms if analysis.transcript.timed else 0)


def _of_turn(turn: Turn, call_id: str, language: str, now: datetime | None) -> Iterator[Commitment]:
    used: set[str] = set()
    # without a call time the words are still found; the moment is then left out
    base = now or datetime(2000, 1, 3, 12)  # noqa: DTZ001 - only finds the words
    for start, end in _sentences(turn.text, language):
        times = due_times(turn.text[start:end], now=base, language=language)
        promises = list(_promises(turn.text[start:end], turn.role, language))
        for at, stop, action in promises:
            when = _nearest(times, (at, stop), [(a, b) for a, b, _ in promises])
            if action in used or (when is None and action in ON_THE_LINE):
                continue
            used.add(action)
            place = (start + min(at, when.start), start + max(stop, when.end)) if when else None
            entry = _entry(turn, call_id, action, place or (start + at, start + stop), language)
            yield _dated(entry, when, known=now is not None)


def _sentences(text: str, language: str) -> Iterator[tuple[int, int]]:
    pattern = SENTENCE if language == "zh" else EN_SENTENCE
    for match in pattern.finditer(text):
        yield match.span()


def _promises(sentence: str, role: Role, language: str) -> Iterator[tuple[int, int, str]]:
    """Places (in the sentence) of clauses that promise something, with the action's code."""
    refused = NOT_A_PROMISE[language]
    if refused.search(sentence[-4:]) and sentence.rstrip().endswith(("?", "？", "吗", "么")):
        return
    subject = SUBJECT if role == Role.AGENT else CUSTOMER_SUBJECT
    wanted = [name for name in ACTIONS if name != "pay"] if role == Role.AGENT else CUSTOMER_ACTIONS
    carried = False
    for clause in CLAUSE[language].finditer(sentence):
        words = clause[0]
        # "上门，今天四点前": with a visit or a call back and no other subject, the company acts
        said = bool(subject[language].search(words)) or bool(UNSAID[role, language].search(words))
        if refused.search(words):
            carried = False
            continue
        if not (said or carried):
            continue
        carried = True
        for name in wanted:
            if re.search(getattr(ACTIONS[name], language), words, re.IGNORECASE):
                yield clause.start(), clause.end(), name
                break


def _nearest(
    times: Sequence[DueTime], place: tuple[int, int], promises: Sequence[tuple[int, int]]
) -> DueTime | None:
    """The time said in the clause, else the closest one that no other promise has said."""
    start, end = place
    inside = [time for time in times if start <= time.start < end]
    free = [time for time in times if not any(a <= time.start < b for a, b in promises)]
    middle = (start + end) / 2
    return min(inside or free, key=lambda time: abs(time.start - middle), default=None)


def _entry(
    turn: Turn, call_id: str, action: str, place: tuple[int, int], language: str
) -> Commitment:
    start, end = place[0], min(place[1], place[0] + _MAX_QUOTE)
    vague = VAGUE[language].search(turn.text[start:end])
    return Commitment(
        id=f"{call_id}:{turn.index}:{action}",
        call_id=call_id,
        by=turn.role,
        action=action,
        turn_index=turn.index,
        start_ms=turn.start_ms,
        end_ms=turn.end_ms,
        quote=turn.text[start:end],
        char_start=start,
        char_end=end,
        vague=vague[0] if vague else "",
    )


def _dated(entry: Commitment, when: DueTime | None, *, known: bool) -> Commitment:
    """The entry with its time; without a known call start only the words."""
    if when is None:
        return entry
    dated = replace(entry, due_text=when.text, vague="")
    return replace(dated, due_at=when.latest, earliest=when.earliest) if known else dated
