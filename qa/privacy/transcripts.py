"""A whole call without personal data: turns, words, and the sound to silence.

Everything behind this point (search, analyses, scores, pages, exports, prompts) sees the redacted
transcript only, so that none of it can leak what it never had. Placeholders are typed and keep
their number within the call: who read whose number back can still be judged.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from qa.calls import Role
from qa.characters import has_han
from qa.privacy import found as kinds
from qa.privacy.audio import MARGIN_MS, AudioSpan, audio_spans, words_of
from qa.privacy.detect import detect
from qa.privacy.digits import digit_groups
from qa.privacy.found import Found
from qa.privacy.redaction import PLACEHOLDER, Numbering, redact
from qa.privacy.turns import detect_turns
from qa.privacy.view import fold
from qa.transcript import Transcript, Turn, Word

#: Raise when recognisers or redaction change, so that stored text is known to be of an older one.
VERSION = "3"

_SURE_OF_ROLES = 0.7
_OPENING_TURNS = 4
_OWN_NAME = re.compile(
    r"(?:(?<![\w])(?:my name(?:'s| is)|this is|you(?:'re| are) (?:now )?(?:speaking|through) "
    r"(?:with|to)|(?<!am i )(?<!may i )(?<!can i )(?<!i )(?<!i'm )speaking with|i'm|i am)\s"
    r"|(?:我是|我叫|我姓|免贵姓|敝姓|这边是|这里是|客服|客服代表|专员|工号)[^，。,.?？]{0,8})$"
)

_GREETING = re.compile(
    r"^(?:hello|hi|good (?:morning|afternoon|evening)|thank(?:s| you) for calling|welcome to)"
    r"[\s,]*$"
)
_INTRODUCES = re.compile(
    r"[,.]?\s*(?:this is|my name|\w+ (?:speaking|here)|you(?:'re| are) speaking)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a site hides.

    Attributes:
        keep_agent_names: The agent's own name (roster, or said in the greeting) stays readable.
        allowed: Names that are never hidden, such as the company's.
        never_keep: Types that are not even kept with the raw text.
        margin_ms: Silence added before and after each hidden stretch of sound.
    """

    keep_agent_names: bool = True
    allowed: frozenset[str] = frozenset()
    never_keep: frozenset[str] = frozenset({kinds.CVV})
    margin_ms: int = MARGIN_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted:
    """A redacted call and what was taken out of it.

    Attributes:
        transcript: What may be stored, shown, searched, scored and sent to a model.
        raw: The transcript as given, less what is never kept.
        sound: Stretches of the recording to silence, with the speaker whose channel it is.
        counts: How many pieces of each type were hidden.
        again: The transcript held placeholders already, so `raw` is not what was said.
        values: Each hidden value with its placeholder, longest first. Never stored or printed.
    """

    transcript: Transcript
    raw: Transcript
    sound: tuple[AudioSpan, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    again: bool = False
    values: Mapping[str, str] = field(default_factory=dict, repr=False)


def redact_transcript(transcript: Transcript, policy: Policy | None = None) -> Redacted:
    """Take personal data out of a call. Doing it again changes nothing.

    Args:
        transcript: With roles, so that the agent's own name can be told from the customer's.
        policy: The site's; everything is hidden by default, except the agent's own name.
    """
    policy = policy or Policy()
    found = find(transcript, policy)
    numbering = _numbering(transcript)
    turns = tuple(
        _redacted(turn, each, numbering) for turn, each in zip(transcript.turns, found, strict=True)
    )
    before = [_placeholders(turn) for turn in transcript.turns]
    spans = [
        sorted([*a, *b], key=lambda one: one.start) for a, b in zip(found, before, strict=True)
    ]
    return Redacted(
        transcript=replace(transcript, turns=turns),
        raw=_kept(transcript, found, policy),
        sound=audio_spans(transcript, spans, margin_ms=policy.margin_ms),
        counts=Counter(one.type for each in found for one in each),
        again=any(before),
        values=_values(transcript, found, numbering),
    )


def _values(
    transcript: Transcript, found: Sequence[Sequence[Found]], numbering: Numbering
) -> dict[str, str]:
    hidden: dict[str, str] = {}
    for turn, each in zip(transcript.turns, found, strict=True):
        for one in each:
            value = turn.text[one.start : one.end]
            name = numbering.placeholder(one.type, value, language=_script(turn))
            hidden.setdefault(value, name)
    return dict(sorted(hidden.items(), key=lambda pair: -len(pair[0])))


def _placeholders(turn: Turn) -> list[Found]:
    """What an earlier redaction hid: it stays silent in the sound."""
    return [
        Found(
            type=kinds.NUMBER,
            start=match.start(),
            end=match.end(),
            score=1.0,
            reason="placeholder",
        )
        for match in PLACEHOLDER.finditer(turn.text)
    ]


def find(transcript: Transcript, policy: Policy) -> list[list[Found]]:
    """Personal data per turn, under a policy; what is a placeholder already is left alone."""
    masked = [replace(turn, text=_masked(turn.text)) for turn in transcript.turns]
    allowed = set(policy.allowed)
    found = detect_turns(masked, language=transcript.language, allowed=allowed)
    if policy.keep_agent_names and transcript.roles.confidence >= _SURE_OF_ROLES:
        own = _own_names(masked, found)
        found = [
            [one for one in each if not _is_own(turn.text[one.start : one.end], one, own)]
            for turn, each in zip(masked, found, strict=True)
        ]
    return _one_type_for_one_number(masked, found)


def _masked(text: str) -> str:
    return PLACEHOLDER.sub(lambda match: "█" * len(match[0]), text)


def _own_names(turns: Sequence[Turn], found: Sequence[Sequence[Found]]) -> set[str]:
    """Names by which the agent introduces itself at the beginning."""
    own: set[str] = set()
    opening = [turn for turn in turns if turn.role is Role.AGENT][:_OPENING_TURNS]
    for turn in opening:
        for one in found[turns.index(turn)]:
            if one.type == kinds.PERSON and _introduces(fold(turn.text), one):
                own.add(fold(turn.text[one.start : one.end]))
    return own


def _introduces(text: str, one: Found) -> bool:
    """The agent's name after *my name is*, or the house's between greeting and agent's name."""
    if _OWN_NAME.search(text[: one.start]):
        return True
    house = _GREETING.match(text[: one.start]) and _INTRODUCES.match(text[one.end :])
    return house is not None


def _is_own(name: str, one: Found, own: set[str]) -> bool:
    return one.type == kinds.PERSON and fold(name) in own


_LEAST_DIGITS = 4


def _one_type_for_one_number(
    turns: Sequence[Turn], found: Sequence[Sequence[Found]]
) -> list[list[Found]]:
    """A number that is read back without its name gets the type it had when it was named."""
    named: dict[str, str] = {}
    for turn, each in zip(turns, found, strict=True):
        for one in each:
            digits = _digits(turn.text[one.start : one.end])
            if one.type != kinds.NUMBER and len(digits) >= _LEAST_DIGITS:
                named.setdefault(digits, one.type)
    return [
        [
            replace(one, type=named.get(_digits(turn.text[one.start : one.end]), one.type))
            if one.type == kinds.NUMBER
            else one
            for one in each
        ]
        for turn, each in zip(turns, found, strict=True)
    ]


def _digits(text: str) -> str:
    return "".join(group.digits for group in digit_groups(fold(text)))


def _numbering(transcript: Transcript) -> Numbering:
    chinese = transcript.language.startswith("zh") or any(
        has_han(turn.text) for turn in transcript.turns
    )
    numbering = Numbering("zh" if chinese else "en")
    for turn in transcript.turns:
        numbering.reserve(turn.text)
    return numbering


def _redacted(turn: Turn, found: Sequence[Found], numbering: Numbering) -> Turn:
    language = _script(turn)
    text = redact(turn.text, found, numbering, language=language)
    if not found:
        words = _only_shown(turn.words, text)
        return replace(turn, raw_text=_raw_if_clean(turn), words=words)
    return replace(
        turn,
        text=text,
        raw_text="",
        words=_only_shown(_hidden_words(turn, found, numbering, language), text),
    )


def _script(turn: Turn) -> str:
    """Placeholders follow the script of their turn, where it has one."""
    if has_han(turn.text):
        return "zh"
    return "en" if len(re.findall(r"[A-Za-z]{2,}", turn.text)) >= 3 else ""


def _raw_if_clean(turn: Turn) -> str:
    """The recogniser's wording, where it says nothing personal that the shown text does not."""
    return "" if turn.raw_text and detect(turn.raw_text) else turn.raw_text


def _hidden_words(
    turn: Turn, found: Sequence[Found], numbering: Numbering, language: str
) -> tuple[Word, ...]:
    """One word per placeholder, with the times of the words that it stands for."""
    if not turn.words:
        return ()
    hidden: dict[int, str] = {}
    for one in found:
        first, last = words_of(turn, one)
        value = turn.text[one.start : one.end]
        for at in range(first, last + 1):
            hidden.setdefault(at, numbering.placeholder(one.type, value, language=language))
    words: list[Word] = []
    for at, word in enumerate(turn.words):
        if at in hidden and at - 1 in hidden and hidden[at] == hidden[at - 1]:
            words[-1] = replace(words[-1], end_ms=word.end_ms)
        elif at in hidden:
            words.append(replace(word, text=hidden[at]))
        else:
            words.append(word)
    return tuple(words)


def _only_shown(words: tuple[Word, ...], text: str) -> tuple[Word, ...]:
    """Words with digits that the shown text does not have lose them: nothing hides beside it."""
    shown = fold(text)
    return tuple(
        replace(word, text="…")
        if fold(word.text).strip() not in shown and digit_groups(fold(word.text))
        else word
        for word in words
    )


def _kept(transcript: Transcript, found: Sequence[Sequence[Found]], policy: Policy) -> Transcript:
    """The raw transcript without what must never be kept."""
    numbering = _numbering(transcript)
    turns = []
    for turn, each in zip(transcript.turns, found, strict=True):
        forbidden = [one for one in each if one.type in policy.never_keep]
        turns.append(_redacted(turn, forbidden, numbering) if forbidden else turn)
    return replace(transcript, turns=tuple(turns))
