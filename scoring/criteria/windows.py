"""Windows: the part of a call in which a rule looks (dossier §2.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from qa.calls import Role
from scoring.criteria.base import Part, Scope, Seconds
from scoring.criteria.findings import Spot

if TYPE_CHECKING:
    from scoring.criteria.union import Rule
    from scoring.criteria.view import CallView

_FOREVER = 1 << 60
Turns = Annotated[int, Field(ge=1, le=10_000)]
Reach = Annotated[int, Field(ge=0, le=10_000)]


class Anchor(Part):
    """The k-th hit of a rule: the point a window is measured from.

    `name` refers to the scorecard's `anchors` (or `it`, the item of an `each` rule);
    `rule` gives one in place. `hit` counts from 1; negative counts from the last.
    """

    name: str = ""
    rule: Rule | None = None
    hit: int = 1

    @model_validator(mode="after")
    def _one_source(self) -> Anchor:
        if bool(self.name) == (self.rule is not None):
            raise ValueError("an anchor needs exactly one of `name` and `rule`")
        if self.hit == 0:
            raise ValueError("`hit` counts from 1 (or -1 from the end)")
        return self


class Window(Part):
    """Where a rule looks. Parts that are given are joined as the field says.

    A hit is inside when its turn or its time is, and it lies between the anchors.
    Transcripts without times use turns only.
    """

    open_s: Seconds | None = None
    """The opening: the later of the first n seconds and the agent's first 2 turns."""
    close_s: Seconds | None = None
    """The closing: last n seconds or last 5 turns, whichever is longer."""
    first_s: Seconds | None = None
    last_s: Seconds | None = None
    first_turns: Turns | None = None
    last_turns: Turns | None = None
    percent: tuple[float, float] | None = None
    """From–to per cent of the conversation, e.g. `[60, 100]`; with `last_turns`, at least those."""
    after: str | Anchor | None = None
    before: str | Anchor | None = None
    around: str | Anchor | None = None
    within_s: Seconds | None = None
    """How far from the anchor, in seconds (joined with `within_turns`)."""
    within_turns: Reach | None = None
    """In turns; 0 is the anchor's own turn."""
    if_missing: Literal["nothing", "call"] | None = None
    """What to search when the anchor does not occur. Default: nothing after, all before."""

    @model_validator(mode="after")
    def _sensible(self) -> Window:
        spans = [self.open_s, self.close_s, self.first_s, self.last_s, self.percent]
        if sum(part is not None for part in spans) > 1:
            raise ValueError("give one of open_s, close_s, first_s, last_s, percent")
        anchored = self.after or self.before or self.around
        if (self.within_s is not None or self.within_turns is not None) and not anchored:
            raise ValueError("within_s and within_turns need after, before or around")
        if self.percent and not 0 <= self.percent[0] < self.percent[1] <= 100:
            raise ValueError("percent is [from, to] with 0 <= from < to <= 100")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A resolved window. `bounded` False means turns and times do not limit it."""

    first_pos: int = 0
    last_pos: int = _FOREVER
    start_ms: int = 0
    end_ms: int = _FOREVER
    bounded: bool = False
    after: tuple[int, int] | None = None
    before: tuple[int, int] | None = None

    def holds(self, spot: Spot) -> bool:
        """Whether the spot begins inside."""
        return self.contains(spot.begins, spot.start_ms)

    def touches(self, pos: int, start_ms: int, end_ms: int) -> bool:
        """Whether anything in a turn can be inside: a quick first look."""
        if self.after is not None and pos < self.after[0]:
            return False
        if self.before is not None and pos > self.before[0]:
            return False
        if not self.bounded or self.first_pos <= pos <= self.last_pos:
            return True
        return start_ms < self.end_ms and end_ms >= self.start_ms

    def contains(self, begins: tuple[int, int], start_ms: int) -> bool:
        """Whether something that begins there, in reading order and in time, is inside."""
        if self.after is not None and begins < self.after:
            return False
        if self.before is not None and begins >= self.before:
            return False
        if not self.bounded:
            return True
        if self.first_pos <= begins[0] <= self.last_pos:
            return True
        return self.start_ms <= start_ms < self.end_ms


ANYWHERE = Range()
NOWHERE = Range(first_pos=1, last_pos=0, start_ms=1, end_ms=0, bounded=True)


def resolve(window: Window | None, view: CallView, scope: Scope) -> Range:
    """The part of this call a window means."""
    if window is None:
        return ANYWHERE
    anchors = _anchored(window, view, scope)
    if anchors is None:
        return NOWHERE
    span = _span(window, view)
    near = _reach(window, view, anchors)
    if span is not None and near is not None:
        span = _intersect(span, near)
    limits = span or near
    after, before, _ = anchors
    first, last, start, end = limits or _NO_LIMITS
    return Range(
        first_pos=first,
        last_pos=last,
        start_ms=start,
        end_ms=end,
        bounded=limits is not None,
        after=after.ends if after else None,
        before=before.begins if before else None,
    )


_Limits = tuple[int, int, int, int]
_NO_LIMITS = (0, _FOREVER, 0, _FOREVER)
_Anchors = tuple[Spot | None, Spot | None, Spot | None]


def _anchored(window: Window, view: CallView, scope: Scope) -> _Anchors | None:
    """Spots of after, before and around; None when a needed one does not occur."""
    found: list[Spot | None] = []
    for name, fallback in (("after", "nothing"), ("before", "call"), ("around", "nothing")):
        anchor = getattr(window, name)
        spot = view.anchor(anchor, scope) if anchor is not None else None
        missing = anchor is not None and spot is None
        if missing and (window.if_missing or fallback) == "nothing":
            return None
        found.append(spot)
    return found[0], found[1], found[2]


def _span(window: Window, view: CallView) -> _Limits | None:  # noqa: PLR0911 - one per field
    last = len(view.turns) - 1
    if window.open_s is not None:
        end_pos = view.position_of(Role.AGENT, 2)
        return 0, end_pos, 0, _until(view, window.open_s)
    if window.close_s is not None:
        return max(0, last - 4), last, _since(view, window.close_s), _FOREVER
    if window.first_s is not None:
        untimed = -1 if view.timed else view.position_of(Role.AGENT, 2)
        return 0, untimed, 0, _until(view, window.first_s)
    if window.last_s is not None:
        return (
            (_FOREVER if view.timed else max(0, last - 4)),
            last,
            _since(view, window.last_s),
            _FOREVER,
        )
    if window.percent is not None:
        limits = _percent(window.percent, view)
        if window.last_turns is None:
            return limits
        first, end_pos, start, end = limits
        reach = last - window.last_turns + 1
        return (min(first, reach) if first <= end_pos else reach), last, start, end
    if window.first_turns is not None:
        return 0, window.first_turns - 1, 1, 0
    if window.last_turns is not None:
        return last - window.last_turns + 1, last, 1, 0
    return None


def _until(view: CallView, seconds: float) -> int:
    return view.start_ms + int(seconds * 1000) if view.timed else 0


def _since(view: CallView, seconds: float) -> int:
    return view.end_ms - int(seconds * 1000) if view.timed else _FOREVER


def _percent(percent: tuple[float, float], view: CallView) -> _Limits:
    low, high = percent
    if view.timed:
        length = view.end_ms - view.start_ms
        start = view.start_ms + int(length * low / 100)
        end = view.start_ms + int(length * high / 100) + (1 if high == 100 else 0)
        return 1, 0, start, end
    count = len(view.turns)
    return int(count * low / 100), int(count * high / 100) - (0 if high == 100 else 1), 1, 0


def _reach(window: Window, view: CallView, anchors: _Anchors) -> _Limits | None:
    """Turn and time limits from `within_s` and `within_turns`."""
    if window.within_s is None and window.within_turns is None:
        return None
    after, before, around = anchors
    anchor = after or before or around
    if anchor is None:
        return None
    back = before is not None or around is not None
    ahead = after is not None or around is not None
    pos = anchor.begins[0]
    turns = window.within_turns
    if turns is None:
        turns = 0 if view.timed else max(2, round((window.within_s or 0) / 10))
    reach_ms = int((window.within_s or 0) * 1000) if view.timed else 0
    start = anchor.start_ms - reach_ms if back else anchor.start_ms
    end = anchor.end_ms + reach_ms if ahead else anchor.end_ms
    first, last = pos - turns if back else pos, pos + turns if ahead else pos
    return first, last, start, end + 1


def _intersect(one: _Limits, two: _Limits) -> _Limits:
    return max(one[0], two[0]), min(one[1], two[1]), max(one[2], two[2]), min(one[3], two[3])
