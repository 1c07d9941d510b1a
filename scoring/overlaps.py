"""Overlapping speech between agent and customer, and what kind it was (dossier §2.1)."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence

from qa.analysis import Overlap, OverlapKind
from qa.calls import Role
from qa.intervals import Range, intersect, total
from qa.text import count_units
from qa.transcript import Turn
from scoring.activity import Activity

#: An interruption cuts at least this much before the other side's end.
CUT_MS = 300
#: The interrupted side must have spoken this long.
FLOOR_MS = 1_000
MINOR_MS = 1_000
MAJOR_MS = 2_000
#: Fewer units than this are a back-channel whatever they say (Alibaba ignores fewer than 4).
BACKCHANNEL_UNITS = {"zh": 4, "": 3}
#: Silent this long before the other side starts means the floor was free (own).
FREE_FLOOR_MS = 200

# Acknowledgements may be longer than the unit limit: "mm-hmm, okay, I see, right".
# Longer alternatives come first and the repetition is possessive, so it cannot backtrack.
_TOKENS_ZH = (
    "嗯|恩|唔|哦|噢|喔|啊|呃|好的?|是的?|对的?|行|可以|没错|没问题"
    "|我?明白了?|我?知道了?|我?了解了?|清楚了?"
)
_TOKENS_EN = (
    "m+[- ]?h+m+|uh[- ]?huh|hm+|mm+|uh|um|oh|ah|yeah|yep|yes|okay|ok|sure|alright|all right|right"
    "|i see|got it|understood|absolutely|of course|go on|exactly|great|fine|good"
)
_ACKNOWLEDGEMENT = re.compile(
    rf"(?:(?:{_TOKENS_ZH}|{_TOKENS_EN})[\s,.!，。！、;；-]*+)++", re.IGNORECASE
)


def find_overlaps(turns: Sequence[Turn], activity: Activity, language: str) -> tuple[Overlap, ...]:
    """Every stretch in which both sides talk, attributed to the side that started second.

    Args:
        turns: Agent and customer turns, in order.
        activity: Ranges of the same call, recorded on separate channels.
        language: Language of the call, for counting units.
    """
    agent, customer = activity.stretches[Role.AGENT], activity.stretches[Role.CUSTOMER]
    found: list[Overlap] = []
    for own in agent:
        for other in intersect([own], customer):
            theirs = next(r for r in customer if r[0] <= other[0] < r[1])
            overlap = _judge(own, theirs, activity, turns, language)
            if overlap:
                found.append(overlap)
    return tuple(sorted(found, key=lambda o: o.start_ms))


def _judge(
    agent: Range, customer: Range, activity: Activity, turns: Sequence[Turn], language: str
) -> Overlap | None:
    both = (max(agent[0], customer[0]), min(agent[1], customer[1]))
    fine = (intersect(activity.speech[role], [both]) for role in (Role.AGENT, Role.CUSTOMER))
    shared = intersect(*fine)
    if not shared:
        return None
    by = _second(agent, customer, activity.speech)
    mine, theirs = (agent, customer) if by == Role.AGENT else (customer, agent)
    turn, over = _turn_of(by, both, turns), _turn_of(_other(by), both, turns)
    if turn is None or over is None:
        return None
    start = shared[0][0]
    kind = _kind(total(shared), cut=theirs[1] - start, floor=start - theirs[0])
    said = turn.language or language
    if is_backchannel(_text_within(turn, mine), said):
        kind = OverlapKind.BACKCHANNEL
    elif count_units(_text_within(turn, both), said) < _limit(said):
        kind = OverlapKind.BRIEF
    return Overlap(
        start_ms=start,
        end_ms=shared[-1][1],
        by=by,
        turn_index=turn.index,
        over_turn_index=over.index,
        kind=kind,
    )


def _kind(shared_ms: int, *, cut: int, floor: int) -> OverlapKind:
    if cut < CUT_MS or floor < FLOOR_MS or shared_ms < MINOR_MS:
        return OverlapKind.BRIEF
    return OverlapKind.MAJOR if shared_ms >= MAJOR_MS else OverlapKind.MINOR


def _second(agent: Range, customer: Range, speech: Mapping[Role, Sequence[Range]]) -> Role:
    """Who talked into whom: the later start, unless the earlier side had just fallen silent."""
    late = Role.AGENT if agent[0] > customer[0] else Role.CUSTOMER
    start = max(agent[0], customer[0])
    early = _other(late)
    pieces = speech[early]
    at = bisect_right([p[0] for p in pieces], start) - 1
    if at >= 0 and pieces[at][1] + FREE_FLOOR_MS <= start:
        return early
    return late


def _turn_of(role: Role, both: Range, turns: Sequence[Turn]) -> Turn | None:
    def shared(turn: Turn) -> int:
        return min(turn.end_ms, both[1]) - max(turn.start_ms, both[0])

    own = [turn for turn in turns if turn.role == role]
    best = max(own, key=shared, default=None)
    return best if best and shared(best) > 0 else None


def _text_within(turn: Turn, both: Range) -> str:
    inside = [w.text for w in turn.words if w.start_ms < both[1] and w.end_ms > both[0]]
    if not inside:
        return turn.text
    return "".join(inside) if any(text.startswith(" ") for text in inside) else " ".join(inside)


def is_backchannel(text: str, language: str) -> bool:
    """True for a listener's noise: too few units to be a turn, or nothing but acknowledgements."""
    if count_units(text, language) < _limit(language):
        return True
    return bool(_ACKNOWLEDGEMENT.fullmatch(text.strip()))


def _limit(language: str) -> int:
    return BACKCHANNEL_UNITS.get(language, BACKCHANNEL_UNITS[""])


def _other(role: Role) -> Role:
    return Role.CUSTOMER if role == Role.AGENT else Role.AGENT
