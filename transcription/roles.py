"""Which speaker is the agent, how sure that is, and why."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from qa.calls import ChannelLayout, Direction, Role
from qa.text import to_simplified
from qa.transcript import RoleAssignment, Turn
from transcription.role_cues import CUES, MENU, PERSON, SIGNS, Cue, count

#: 2.4 % of a public two-channel corpus is swapped: the layout is evidence, not proof.
LAYOUT_LOG_ODDS = math.log(0.976 / 0.024)
#: Whoever speaks first on an incoming call has picked it up; weaker when direction is unknown.
FIRST_SPEAKER = {
    Direction.INBOUND: 0.9,
    Direction.OUTBOUND: -0.7,
    Direction.UNKNOWN: 0.4,
    Direction.INTERNAL: 0.0,
}
#: A company name said in the first turns by the side that answers for it.
COMPANY_NAME = 1.2
#: 您 and 请 are said more on the agent's side; per-turn rates differ by less than their counts.
COURTESY = 0.8
#: Turns of a speaker that count as its opening.
OPENING_TURNS = 3
#: Cues are not independent: shrink their sum before calling it a probability.
SHRINK = 0.75
#: An enrolled voice: log-odds per unit of cosine by which one side is nearer to it than the other,
#: and the most it says. CAM++ gives one person about 0.6 to 0.8 on a telephone, strangers on one
#: line 0.2 to 0.5; below `LEAST_LIKENESS` nobody here is the enrolled agent.
VOICE_SLOPE, VOICE_MOST, LEAST_LIKENESS = 8.0, 2.5, 0.45
#: Nothing makes an assignment surer than this, and words against the layout ask a person.
CEILING = 0.99
_MOST_LOG_ODDS = math.log(CEILING / (1 - CEILING))
#: With less to go on than this many turns a side, the ceiling comes down.
FEW_TURNS = 3
#: A speaker with less of the call's text than this is not made customer by default.
SMALL_SHARE = 0.06
_COURTESY_TOKENS = re.compile(r"您|请|\bplease\b|\bmay i\b|\bsir\b|\bma'?am\b")


@dataclass(slots=True)
class _Case:
    """One speaker's evidence for being the agent, in log-odds: words, and layout."""

    score: float = 0.0
    prior: float = 0.0
    reasons: list[str] = field(default_factory=list)
    turns: int = 0
    size: int = 0

    @property
    def total(self) -> float:
        """Words and layout together."""
        return self.score * SHRINK + self.prior

    def add(self, weight: float, reason: str) -> None:
        self.score += weight
        if abs(weight) >= 0.3:
            self.reasons.append(reason)


def assign_roles(
    turns: Sequence[Turn],
    *,
    layout: ChannelLayout = ChannelLayout.UNKNOWN,
    direction: Direction = Direction.UNKNOWN,
    company_names: Sequence[str] = (),
    voices: Mapping[str, float] | None = None,
) -> RoleAssignment:
    """Decide who is agent, customer or a recorded voice.

    Args:
        turns: In order, with speaker labels; `left` and `right` where channels are separate.
        layout: What the source says about the channels.
        direction: Who called whom.
        company_names: Names of the house; saying them early speaks for the agent.
        voices: Speaker → cosine with the enrolled voice of the call's agent, where there is one.

    Returns:
        Roles by speaker label; confidence is the probability that agent and customer are not
        swapped. Several speakers may be agents (a transferred call). No words, no roles.
    """
    texts = _texts(turns)
    system = {speaker for speaker, said in texts.items() if _is_system(said)}
    people = [speaker for speaker in texts if speaker not in system]
    roles = dict.fromkeys(system, Role.SYSTEM)
    if not people:
        return RoleAssignment(roles=roles, confidence=0.0, reasons=("no_speaker",))
    cases = {speaker: _case(texts[speaker], company_names) for speaker in people}
    _weigh_layout(cases, layout)
    _weigh_voices(cases, voices or {})
    first = next(turn.speaker for turn in turns if turn.speaker in cases)
    cases[first].add(FIRST_SPEAKER[direction], f"speaks_first {direction.value}")
    if len(people) == 1:
        return _alone(people[0], cases[people[0]], roles)
    customer = _customer(cases)
    agents = {speaker: cases[speaker] for speaker in people if speaker != customer}
    roles[customer] = Role.CUSTOMER
    best = max(agents, key=lambda speaker: agents[speaker].total)
    for speaker, case in agents.items():
        above = case.total > cases[customer].total or speaker == best
        roles[speaker] = Role.AGENT if above else Role.UNKNOWN
    confidence = _probability(agents[best], cases[customer])
    return RoleAssignment(
        roles=roles, confidence=confidence, reasons=_reasons(cases, (best, customer))
    )


def apply_roles(turns: Sequence[Turn], assignment: RoleAssignment) -> tuple[Turn, ...]:
    """The turns with their speakers' roles."""
    return tuple(
        replace(turn, role=assignment.roles.get(turn.speaker, Role.UNKNOWN)) for turn in turns
    )


def is_recorded_voice(text: str) -> bool:
    """True for a menu, queue or voicemail announcement."""
    plain = _plain(text)
    if MENU.search(plain):
        return True
    signs = {match[0] for match in SIGNS.finditer(plain)}
    return len(signs) >= 2 and not PERSON.search(plain)


def _texts(turns: Sequence[Turn]) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    for turn in turns:
        if turn.text.strip():
            texts.setdefault(turn.speaker, []).append(_plain(turn.text))
    return texts


def _plain(text: str) -> str:
    return to_simplified(text).lower().replace("’", "'")


def _is_system(said: Sequence[str]) -> bool:
    """A speaker most of whose words are announcements."""
    recorded = sum(len(text) for text in said if is_recorded_voice(text))
    return recorded > 0.6 * sum(len(text) for text in said)


def _case(said: Sequence[str], company_names: Sequence[str]) -> _Case:
    case = _Case(turns=len(said), size=sum(len(text) for text in said))
    for cue in CUES:
        weight, hits = _weigh(cue, said)
        if hits:
            case.add(weight, f"{cue.name} {hits}")
    opening = " ".join(said[:OPENING_TURNS])
    if any(_plain(name) in opening for name in company_names if name):
        case.add(COMPANY_NAME, "company_name")
    polite = sum(1 for text in said if _COURTESY_TOKENS.search(text))
    case.add(COURTESY * polite / len(said), f"courtesy {polite} of {len(said)}")
    return case


def _weigh(cue: Cue, said: Sequence[str]) -> tuple[float, int]:
    """Diminishing weight of the hits: w, then half of it, a quarter … at most twice w."""
    total, hits, share = 0.0, 0, 1.0
    for index, text in enumerate(said):
        late = cue.opening and index >= OPENING_TURNS
        for _ in range(min(count(cue, text), 2)):
            total += cue.weight * share * (0.5 if late else 1.0)
            share *= 0.5
            hits += 1
    return total, hits


def _weigh_layout(cases: Mapping[str, _Case], layout: ChannelLayout) -> None:
    agent = {ChannelLayout.AGENT_LEFT: "left", ChannelLayout.AGENT_RIGHT: "right"}.get(layout)
    if agent is None or not {"left", "right"} & set(cases):
        return
    for speaker, case in cases.items():
        case.prior = LAYOUT_LOG_ODDS / 2 * (1 if speaker == agent else -1)
        case.reasons.append(f"layout {layout.value}")


def _weigh_voices(cases: Mapping[str, _Case], voices: Mapping[str, float]) -> None:
    """An enrolled voice speaks for the side that resembles it more, if any resembles it at all."""
    heard = {speaker: likeness for speaker, likeness in voices.items() if speaker in cases}
    if not heard or max(heard.values()) < LEAST_LIKENESS:
        return
    for speaker, likeness in heard.items():
        others = [value for other, value in heard.items() if other != speaker]
        apart = likeness - max(others, default=LEAST_LIKENESS)
        weight = max(-VOICE_MOST, min(VOICE_SLOPE * apart, VOICE_MOST))
        cases[speaker].prior += weight / 2 if others else weight
        cases[speaker].reasons.append(f"voiceprint {likeness:.2f}")


def _customer(cases: Mapping[str, _Case]) -> str:
    """The least agent-like speaker with a real share of the call."""
    total = sum(case.size for case in cases.values())
    large = [s for s, case in cases.items() if case.size >= SMALL_SHARE * total]
    return min(large if len(large) > 1 else cases, key=lambda speaker: cases[speaker].total)


def _alone(speaker: str, case: _Case, roles: dict[str, Role]) -> RoleAssignment:
    probability = _sigmoid(case.total)
    role = Role.AGENT if probability >= 0.5 else Role.CUSTOMER
    confidence = min(max(probability, 1 - probability), CEILING)
    reasons = ("one_speaker", *(f"{reason} {speaker}" for reason in case.reasons))
    return RoleAssignment(
        roles={**roles, speaker: role}, confidence=round(confidence, 3), reasons=reasons
    )


def _probability(agent: _Case, customer: _Case) -> float:
    words = (agent.score - customer.score) * SHRINK
    bounded = max(-_MOST_LOG_ODDS, min(words, _MOST_LOG_ODDS))
    probability = _sigmoid(bounded + agent.prior - customer.prior)
    fewest = min(agent.turns, customer.turns)
    ceiling = CEILING if fewest >= FEW_TURNS else 0.9
    return round(min(probability, ceiling), 3)


def _sigmoid(log_odds: float) -> float:
    return 1 / (1 + math.exp(-max(min(log_odds, 30.0), -30.0)))


def _reasons(cases: Mapping[str, _Case], speakers: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{reason} {speaker}" for speaker in speakers for reason in cases[speaker].reasons)
