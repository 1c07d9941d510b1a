"""What kind of conversation a call is: the label scorecards route and apply criteria by.

Types (dossier §2.1): inquiry, transaction, fault, complaint, retention, outbound_service,
outbound_sales, void, and an honest `other`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from qa.calls import Call, Direction, Role
from qa.evaluation import Bilingual
from qa.transcript import Transcript
from scoring.categories import OTHER, Category, Sorted, parse_categories, sort_call
from scoring.encoder import Encoder
from scoring.reasons import contact_reason

#: A complaint that also asks a question is a complaint: the graver type wins a near tie.
WEIGHTS = {"complaint": 1.4, "retention": 1.4, "fault": 1.2, "transaction": 1.0, "inquiry": 0.75}
TITLES = {
    "outbound_service": Bilingual(zh="外呼服务", en="Outbound service"),
    "outbound_sales": Bilingual(zh="外呼销售", en="Outbound sales"),
    "void": Bilingual(zh="无效通话", en="Void"),
    OTHER: Bilingual(zh="其他", en="Other"),
}
#: Fewer units (Han characters or words) than this from the customer is no conversation.
_VOID_UNITS = 3
_WRONG_NUMBER = re.compile(
    r"打错(?:了|电话)|拨错|打错号|wrong number|misdial|dial(?:l)?ed the wrong", re.IGNORECASE
)
_OUTBOUND = re.compile(
    r"回访|这次(?:给[您你])?(?:来电|联系[您你])|来电是(?:想|为|通知|提醒|关于)|给[您你](?:来电|打(?:这个)?电话)是|打扰[您你]"
    r"|占用[您你]|耽误[您你].{0,3}分钟|之前预约了回电"
    r"|(?:i'm|i am) (?:calling|following up|returning)|the reason (?:for"
    r"|i'm) (?:my )?call|courtesy call"
    r"|is (?:now|this) a good time|returning your call",
    re.IGNORECASE,
)
_SALES = re.compile(
    r"推荐|(?:优惠|促销|活动).{0,12}(?:办理|升级|开通|参加)|(?:给[您你]|帮[您你])(?:升级|办理|开通).{0,8}(?:吗|吧|好不好|可以)"
    r"|理财|保险.{0,8}(?:产品|计划)|贷款额度|免费体验|限时"
    r"|special offer|exclusive (?:deal|offer)|limited[- ]time"
    r"|would you be interested|interest you in|upgrade you"
    r"|sign you up|promotion",
    re.IGNORECASE,
)
_UNITS = re.compile(r"[\u3400-\u9fff]|[A-Za-z']+|\d+")
_AGENT_OPENING = 3


@cache
def default_types() -> tuple[Category, ...]:
    """The shipped types that are told apart by what the customer wants."""
    source = files("scoring").joinpath("taxonomy", "calltypes.yaml")
    return parse_categories(source.read_text("utf-8"), key="types", place="taxonomy/calltypes.yaml")


def call_type(
    call: Call,
    transcript: Transcript,
    *,
    types: Sequence[Category] | None = None,
    encoder: Encoder | None = None,
) -> Sorted:
    """The type of a call; metadata and emptiness first, then words and meaning."""
    if _is_void(transcript):
        return Sorted(id="void", confidence=0.9)
    outbound = _outbound(call, transcript)
    if outbound:
        return Sorted(id=outbound, confidence=0.9 if call.direction == Direction.OUTBOUND else 0.7)
    known = default_types() if types is None else types
    return sort_call(transcript, known, encoder=encoder, weights=WEIGHTS)


def _is_void(transcript: Transcript) -> bool:
    """Nobody to serve: no words from a known customer, or a wrong number soon ended."""
    customer = transcript.turns_of(Role.CUSTOMER)
    if transcript.turns_of(Role.UNKNOWN):
        return False
    units = sum(len(_UNITS.findall(turn.text)) for turn in customer)
    if units < _VOID_UNITS:
        return True
    return len(transcript.turns) <= 8 and any(_WRONG_NUMBER.search(turn.text) for turn in customer)


def _outbound(call: Call, transcript: Transcript) -> str:
    opening = transcript.turns_of(Role.AGENT)[:_AGENT_OPENING]
    told = call.direction == Direction.OUTBOUND
    if call.direction == Direction.INBOUND:
        return ""
    if not told and not any(_OUTBOUND.search(turn.text) for turn in opening):
        return ""
    pitched = any(_SALES.search(turn.text) for turn in transcript.turns_of(Role.AGENT))
    return "outbound_sales" if pitched else "outbound_service"


def title_of(name: str) -> Bilingual:
    """The title of a call type."""
    known = {item.id: item.title for item in default_types()} | TITLES
    return known.get(name, Bilingual(zh=name, en=name))


def facts_of(
    call: Call,
    transcript: Transcript,
    *,
    encoder: Encoder | None = None,
    reasons: Sequence[Category] | None = None,
) -> dict[str, str]:
    """Labels for `Analysis.facts`: `call_type` and `reason`.

    A call that fits no type carries no `call_type`, so that a scorecard's own labels may decide;
    the metadata of the manifest (`tags`) wins over both.
    """
    found = {
        "call_type": call_type(call, transcript, encoder=encoder).id,
        "reason": contact_reason(transcript, reasons=reasons, encoder=encoder).id,
    }
    facts = {name: value for name, value in found.items() if value != OTHER or name == "reason"}
    return facts | {name: call.tags[name] for name in found if call.tags.get(name)}
