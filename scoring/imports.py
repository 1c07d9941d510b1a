"""Plain transcripts (text, with or without times) to analyses; nothing is guessed silently."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from qa.analysis import Analysis
from qa.calls import Call, Direction, Role
from qa.errors import SourceError
from qa.transcript import EngineStamp, RoleAssignment, Transcript, Turn
from scoring.features import stats_from_turns

#: Words for the two sides that transcripts use, lower-cased.
ROLE_ALIASES: Mapping[str, Role] = {
    **dict.fromkeys(
        ("agent", "a", "service", "rep", "representative", "operator", "assistant", "staff",
         "advisor",          "sys", "客服", "坐席", "座席", "话务员", "专员", "接线员", "员工"),
        Role.AGENT,
    ),
    **dict.fromkeys(
        ("customer", "c", "user", "usr", "client", "caller", "consumer", "客户", "用户",
         "顾客", "来电人"),
        Role.CUSTOMER,
    ),
    **dict.fromkeys(("system", "s", "ivr", "bot", "robot", "系统", "机器人", "语音"), Role.SYSTEM),
    **dict.fromkeys(("unknown", "u", "", "未知"), Role.UNKNOWN),
}  # fmt: skip

#: Length of a call no transcript exceeds; larger times are mistakes of the unit.
MAX_MS = 24 * 3600 * 1000
MAX_TURNS = 100_000
_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]{2,}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UNTIMED_STEP_MS = 1000
_KNOWN = {"call_id", "id", "language", "turns", "direction", "queue", "team", "agent_id",
          "started_at", "facts", "metadata", "tags", "role_confidence"}  # fmt: skip
_STAMP = EngineStamp(name="import", version="1")


def analysis_from_plain(obj: Any, place: str = "") -> Analysis:
    """An analysis from `{"call_id", "language", "turns": [{"role", "text", "start_ms", …}]}`.

    Times are given for all turns or count for none; role words are understood in both languages;
    the language is detected when absent. `direction`, `queue`, `team`, `agent_id`, `started_at`,
    `facts` and `metadata` are passed on; other keys of the object go to the call's tags.

    Args:
        obj: The parsed JSON object.
        place: Where it comes from (`file:line`), for errors.

    Raises:
        SourceError: Names the place and the field, e.g. `calls.jsonl:3: turns[2].role: …`.
    """
    reader = _Reader(place)
    if not isinstance(obj, Mapping):
        raise reader.error(
            "", f"expected an object, got {_kind(obj)}", 'write {"call_id": …, "turns": […]}'
        )
    call_id = reader.text(obj, "call_id", fallback=obj.get("id")) or _no_id(reader)
    raw = obj.get("turns")
    if not isinstance(raw, list):
        raise reader.error("turns", f"expected a list, got {_kind(raw)}", "list the turns in order")
    if len(raw) > MAX_TURNS:
        raise reader.error("turns", f"{len(raw)} turns", f"at most {MAX_TURNS}")
    drafts = [reader.turn(item, index) for index, item in enumerate(raw)]
    transcript = _transcript(reader, obj, call_id, drafts)
    call = _call(reader, obj, call_id, transcript.language)
    return Analysis(
        call=call,
        transcript=transcript,
        stats=stats_from_turns(transcript),
        facts=reader.texts(obj, "facts"),
        stamps=(_STAMP,),
    )


def read_plain_calls(path: str | Path) -> Iterator[Analysis | SourceError]:
    """Analyses of a JSON or JSON Lines file; a bad line comes out as its error, in its place."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"cannot be read: {error}", str(path), "save it as UTF-8") from error
    whole = _whole(text)
    if whole is not None:
        items = whole if isinstance(whole, list) else [whole]
        for index, item in enumerate(items):
            yield _read_one(item, f"{path}[{index}]" if len(items) > 1 else str(path))
        return
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield _read_line(line, f"{path}:{number}")


def _whole(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _read_line(line: str, place: str) -> Analysis | SourceError:
    try:
        return _read_one(json.loads(line), place)
    except (ValueError, RecursionError) as error:
        return SourceError(f"not JSON: {error}", place, "write one JSON object per line")


def _read_one(item: Any, place: str) -> Analysis | SourceError:
    try:
        return analysis_from_plain(item, place)
    except SourceError as error:
        return error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    role: Role
    text: str
    start_ms: int | None
    end_ms: int | None
    language: str
    confidence: float


class _Reader:
    def __init__(self, place: str) -> None:
        self.place = place

    def error(self, field: str, message: str, remedy: str) -> SourceError:
        return SourceError(f"{field}: {message}" if field else message, self.place, remedy)

    def text(self, obj: Mapping[str, Any], name: str, *, fallback: Any = None) -> str:
        value = obj.get(name, fallback)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise self.error(name, f"expected text, got {_kind(value)}", "write a string")
        return _clean(str(value)).strip()

    def texts(self, obj: Mapping[str, Any], name: str) -> dict[str, str]:
        value = obj.get(name)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            raise self.error(
                name, f"expected an object, got {_kind(value)}", "write names and values"
            )
        return {str(key): _clean(_as_text(item)) for key, item in value.items()}

    def turn(self, item: Any, index: int) -> _Draft:
        field = f"turns[{index}]"
        if not isinstance(item, Mapping):
            raise self.error(field, f"expected an object, got {_kind(item)}", "write role and text")
        text = item.get("text")
        if not isinstance(text, str):
            raise self.error(f"{field}.text", f"expected text, got {_kind(text)}", "write a string")
        start = self._ms(item, "start", f"{field}.start_ms")
        end = self._ms(item, "end", f"{field}.end_ms")
        if start is not None and end is not None and end < start:
            raise self.error(f"{field}.end_ms", f"{end} lies before start_ms {start}", "swap them")
        return _Draft(
            role=self._role(item, f"{field}.role"),
            text=_clean(text),
            start_ms=start,
            end_ms=end,
            language=str(item.get("language") or "")[:2].lower(),
            confidence=self._confidence(item.get("confidence"), f"{field}.confidence"),
        )

    def _role(self, item: Mapping[str, Any], field: str) -> Role:
        value = item.get("role", item.get("speaker", ""))
        if value is None:
            return Role.UNKNOWN
        if not isinstance(value, str):
            raise self.error(field, f"expected text, got {_kind(value)}", "write agent or customer")
        role = ROLE_ALIASES.get(value.strip().lower())
        if role is None:
            raise self.error(
                field, f"unknown role {value!r}", "write agent, customer, system or unknown"
            )
        return role

    def _ms(self, item: Mapping[str, Any], name: str, field: str) -> int | None:
        value, scale = item.get(f"{name}_ms"), 1
        if value is None and f"{name}_s" in item:
            value, scale = item[f"{name}_s"], 1000
        if value is None:
            return None
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            raise self.error(field, f"expected milliseconds, got {value!r}", "write a number")
        number = round(value * scale)
        if not 0 <= number <= MAX_MS:
            raise self.error(
                field, f"{number} ms is outside a day", "give milliseconds from the start"
            )
        return number

    def _confidence(self, value: Any, field: str) -> float:
        if value is None:
            return 1.0
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise self.error(field, f"expected 0 to 1, got {value!r}", "write a probability")
        return float(value)


def _transcript(
    reader: _Reader, obj: Mapping[str, Any], call_id: str, drafts: list[_Draft]
) -> Transcript:
    timed = bool(drafts) and all(d.start_ms is not None and d.end_ms is not None for d in drafts)
    if timed:
        drafts = sorted(drafts, key=lambda d: (d.start_ms or 0, d.end_ms or 0))
    language = reader.text(obj, "language")[:2].lower() or detect_language(d.text for d in drafts)
    turns = tuple(_turn(draft, index, timed=timed) for index, draft in enumerate(drafts))
    flags = (
        () if timed or not any(d.start_ms is not None for d in drafts) else ("some_times_missing",)
    )
    known = {t.role for t in turns}
    confidence = reader._confidence(obj.get("role_confidence"), "role_confidence")  # noqa: SLF001
    return Transcript(
        call_id=call_id,
        language=language,
        duration_ms=max((t.end_ms for t in turns), default=0),
        turns=turns,
        roles=RoleAssignment(
            roles={role.value: role for role in Role if role in known},
            confidence=confidence,
            reasons=("given",),
        ),
        timed=timed,
        stamps=(_STAMP,),
        flags=flags,
    )


def _turn(draft: _Draft, index: int, *, timed: bool) -> Turn:
    start = draft.start_ms if timed else index * _UNTIMED_STEP_MS
    end = draft.end_ms if timed else (index + 1) * _UNTIMED_STEP_MS
    return Turn(
        index=index,
        role=draft.role,
        start_ms=start or 0,
        end_ms=end or 0,
        text=draft.text,
        speaker=draft.role.value,
        language=draft.language,
        confidence=draft.confidence,
    )


def _call(reader: _Reader, obj: Mapping[str, Any], call_id: str, language: str) -> Call:
    tags = {**reader.texts(obj, "metadata"), **reader.texts(obj, "tags")}
    tags |= {
        str(key): _clean(_as_text(value))
        for key, value in obj.items()
        if key not in _KNOWN and isinstance(value, str | int | float | bool)
    }
    return Call(
        id=call_id,
        recording_id=call_id,
        started_at=_moment(reader, obj),
        agent_id=reader.text(obj, "agent_id"),
        team=reader.text(obj, "team"),
        queue=reader.text(obj, "queue"),
        direction=_direction(reader, obj),
        language=language,
        tags=tags,
    )


def _direction(reader: _Reader, obj: Mapping[str, Any]) -> Direction:
    value = reader.text(obj, "direction").lower()
    aliases = {"": Direction.UNKNOWN, "in": Direction.INBOUND, "out": Direction.OUTBOUND,
               "呼入": Direction.INBOUND, "呼出": Direction.OUTBOUND}  # fmt: skip
    if value in aliases:
        return aliases[value]
    try:
        return Direction(value)
    except ValueError as error:
        raise reader.error(
            "direction", f"unknown direction {value!r}", "write inbound or outbound"
        ) from error


def _moment(reader: _Reader, obj: Mapping[str, Any]) -> datetime | None:
    value = reader.text(obj, "started_at")
    if not value:
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError as error:
        raise reader.error(
            "started_at", f"{value!r} is not a moment", "write 2026-01-31T09:30:00+08:00"
        ) from error


def detect_language(texts: Iterator[str]) -> str:
    """`zh` when Han characters outnumber Latin words, else `en`; `""` when there is no text."""
    han = latin = 0
    for text in texts:
        han += len(_HAN.findall(text))
        latin += len(_LATIN.findall(text))
        if han + latin > 2000:
            break
    if not han and not latin:
        return ""
    return "zh" if han >= latin else "en"


def _no_id(reader: _Reader) -> str:
    raise reader.error("call_id", "is missing", "give every call an id")


def _clean(text: str) -> str:
    """Control characters and lone surrogates as spaces, so that offsets stay."""
    text = _CONTROL.sub(" ", text)
    return "".join(" " if "\ud800" <= char <= "\udfff" else char for char in text)


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _kind(value: Any) -> str:
    names = {
        type(None): "nothing",
        dict: "an object",
        list: "a list",
        str: "text",
        bool: "true/false",
    }
    return names.get(type(value), "a number")


def with_facts(analysis: Analysis, **facts: str) -> Analysis:
    """The analysis with further labels, e.g. `call_type="complaint"`."""
    return replace(analysis, facts={**analysis.facts, **facts})
