"""The scorecard as data: sections, criteria, weights, bands, auto-fails, routing, profiles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from qa import codec
from qa.calls import Direction
from qa.evaluation import CriterionClass
from scoring.criteria.base import Part, RuleBase, Share, Side, Text
from scoring.criteria.union import Rule
from scoring.criteria.windows import Window

Id = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9._-]{0,39}$")]
Weight = Annotated[float, Field(ge=0, le=1000)]
Factor = Annotated[float, Field(ge=0, le=100)]
_CAP = re.compile(r"^cap:(\d{1,3})$")


class Example(Part):
    """A piece of conversation with the outcome it must have.

    `say` lines start with `A:` (agent), `C:` (customer) or `S:` (system); `A@12.5:` sets the
    second at which the turn starts.
    """

    language: Literal["zh", "en"]
    say: Annotated[tuple[str, ...], Field(min_length=1)]
    expect: Literal["met", "partial", "missed", "not_applicable", "not_evaluable"] | None = None
    facts: Mapping[str, str] = Field(default_factory=dict)
    direction: Direction = Direction.INBOUND


class Examples(Part):
    """`must_hit`: the criterion is met, in part at least; `must_not_hit`: it is not.

    Where the root of the rule is `deductions`, a hit is a deduction.
    """

    must_hit: tuple[Example, ...] = ()
    must_not_hit: tuple[Example, ...] = ()


class ClassWhen(Part):
    """Another criterion class for calls of a kind."""

    critical_class: CriterionClass = Field(alias="class")
    when: Rule


class Criterion(Part):
    """One line of the form."""

    id: Id
    name: Text
    guidance: Text | None = None
    """What the reviewer should look for."""
    weight: Weight
    bonus: bool = False
    """Points mode: adds points without belonging to the possible total. Deduct mode: adds."""
    critical_class: CriterionClass = Field(default=CriterionClass.NON_CRITICAL, alias="class")
    class_when: tuple[ClassWhen, ...] = ()
    """Calls in which the class is another; the first that holds."""
    side: Side = Side.AGENT
    window: Window | None = None
    applies_when: Rule | None = None
    """Otherwise the criterion is not applicable and leaves the denominator."""
    not_applicable: Text | None = None
    evaluable_when: Rule | None = None
    """Otherwise the criterion is not evaluable and lowers the coverage."""
    not_evaluable: Text | None = None
    min_role_confidence: Share = 0.0
    evidence: Literal["words", "absence", "measured"] | None = None
    """What a deduction rests on: words heard, words not heard in the window, or a measurement."""
    rule: Rule
    examples: Examples = Examples()

    @property
    def deducts(self) -> bool:
        """Whether the rule looks for faults rather than merits."""
        return self.rule.kind == "deductions"


class Section(Part):
    """A named group of criteria. `weight`, if given, must equal the sum of theirs."""

    id: Id
    name: Text
    weight: Weight | None = None
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)]


class Scoring(Part):
    """How results become a score.

    `weighted`: 100 × Σ weight × share ÷ Σ weight. `points`: the same, plus bonus points on top.
    `deduct` (扣分): start at `initial`, subtract weight × (1 − share), add bonuses.
    """

    mode: Literal["weighted", "points", "deduct"] = "weighted"
    total: Annotated[float, Field(gt=0, le=10_000)] = 100.0
    """What the weights must sum to (weighted mode)."""
    initial: float = 100.0
    floor: float = 0.0
    ceiling: float = 100.0
    minimum_coverage: Share = 0.7
    minimum_weight: Weight = 45.0
    """Less applicable weight than this (of 100) gives no score."""
    minimum_confidence: Share = 0.6
    critical_confidence: Share = 0.8

    @model_validator(mode="after")
    def _ordered(self) -> Scoring:
        if not self.floor <= self.initial <= self.ceiling:
            raise ValueError("floor <= initial <= ceiling must hold")
        return self


class Band(Part):
    """A named range of scores, from `at_least` up to the next band."""

    id: Annotated[str, Field(min_length=1, max_length=20)]
    name: Text
    at_least: float


class Bar(Part):
    """What it takes to suspect; anything less is a candidate for review."""

    confidence: Share = 0.8
    role_confidence: Share = 0.0
    matches: tuple[str, ...] = ("exact", "regex", "measured")


class AutoFail(Part):
    """An event that, once a person confirms it, fails the call, the section, or caps the score."""

    code: Id
    name: Text
    critical_class: CriterionClass = Field(alias="class")
    criterion: Id
    rule: Rule
    applies_when: Rule | None = None
    side: Side = Side.AGENT
    window: Window | None = None
    scope: Annotated[str, Field(pattern=r"^(call|section|cap:\d{1,3})$")] = "call"
    bar: Bar = Bar()

    @property
    def cap(self) -> float | None:
        """The highest score left once confirmed; None for a section."""
        if self.scope == "call":
            return 0.0
        found = _CAP.match(self.scope)
        return float(found.group(1)) if found else None


class Routing(Part):
    """Which calls this scorecard is for; empty lists mean any."""

    queues: tuple[str, ...] = ()
    directions: tuple[Direction, ...] = ()
    languages: tuple[str, ...] = ()
    call_types: tuple[str, ...] = ()
    metadata: Mapping[str, str] = Field(default_factory=dict)
    effective_from: date | None = None
    effective_to: date | None = None
    """First day on which it no longer applies."""

    @model_validator(mode="after")
    def _ordered(self) -> Routing:
        if self.effective_from and self.effective_to and self.effective_from >= self.effective_to:
            raise ValueError("effective_from must be before effective_to")
        return self


class Profile(Part):
    """Weights multiplied for a line of business, then scaled back to the total."""

    id: Id
    name: Text
    multiply: Annotated[Mapping[str, Factor], Field(min_length=1)]
    """Section or criterion id → factor."""
    when: Rule | None = None
    """Chosen by itself when this holds; otherwise only by name."""


class Choice(Part):
    """A value of a derived label and when it is chosen."""

    value: Annotated[str, Field(min_length=1)]
    when: Rule


class Derived(Part):
    """A label worked out from the call when `facts` does not have it; first choice that holds."""

    name: Annotated[str, Field(min_length=1)]
    choices: Annotated[tuple[Choice, ...], Field(min_length=1)]
    otherwise: Annotated[str, Field(min_length=1)]


class Scorecard(Part):
    """A complete form. Immutable; its digest is stored on every evaluation."""

    id: Id
    version: Annotated[str, Field(pattern=r"^[0-9][A-Za-z0-9.\-]{0,19}$")]
    name: Text
    scoring: Scoring = Scoring()
    routing: Routing = Routing()
    options: Mapping[str, str] = Field(default_factory=dict)
    """Switches of the site, read by rules as `fact: option.NAME`."""
    void_types: tuple[str, ...] = ("void",)
    """Values of the label `call_type` that are not scored."""
    bands: Annotated[tuple[Band, ...], Field(min_length=1)]
    anchors: Mapping[str, Rule] = Field(default_factory=dict)
    labels: tuple[Derived, ...] = ()
    profiles: tuple[Profile, ...] = ()
    sections: Annotated[tuple[Section, ...], Field(min_length=1)]
    auto_fails: tuple[AutoFail, ...] = ()

    @field_validator("bands")
    @classmethod
    def _descending(cls, value: tuple[Band, ...]) -> tuple[Band, ...]:
        limits = [band.at_least for band in value]
        if sorted(set(limits), reverse=True) != limits:
            raise ValueError("bands go from the highest `at_least` to the lowest, none twice")
        return value

    def criteria(self) -> Iterator[tuple[Section, Criterion]]:
        """All criteria with their sections, in order."""
        for section in self.sections:
            for criterion in section.criteria:
                yield section, criterion

    def criterion(self, criterion_id: str) -> tuple[Section, Criterion] | None:
        """A criterion by id."""
        return next((pair for pair in self.criteria() if pair[1].id == criterion_id), None)

    def rules(self) -> Iterator[RuleBase]:
        """Every rule in the scorecard, nested ones included."""
        yield from walk_rules(self)

    def banks(self) -> frozenset[str]:
        """Every phrase bank a rule refers to."""
        found: set[str] = set()
        for rule in self.rules():
            for field in _BANK_FIELDS:
                value = getattr(rule, field, ())
                found.update((value,) if isinstance(value, str) else value)
        return frozenset(found)

    def uses_meaning(self) -> bool:
        """Whether any rule asks the sentence encoder, so that its identity matters."""
        return any(rule.uses_meaning for rule in self.rules())

    def digest(self, matcher_digest: str = "") -> str:
        """Identity of the scorecard together with the lexicons it is used with."""
        plain = self.model_dump(mode="json", by_alias=True)
        return codec.digest({"scorecard": plain, "lexicons": matcher_digest})


#: Fields of rules that name banks.
_BANK_FIELDS = (
    "banks", "bank", "announced_by", "asked_by", "forbidden", "explained_by", "not_banks",
)  # fmt: skip


def walk_rules(part: Any) -> Iterator[RuleBase]:
    """All rules inside a piece of a scorecard, depth first."""
    if isinstance(part, RuleBase):
        yield part
    if isinstance(part, Part):
        for name in type(part).model_fields:
            yield from walk_rules(getattr(part, name))
    elif isinstance(part, tuple):
        for item in part:
            yield from walk_rules(item)
    elif isinstance(part, Mapping):
        for item in part.values():
            yield from walk_rules(item)
