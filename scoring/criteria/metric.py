"""`metric` and `fact`: any stored number, label or metadata field."""

from __future__ import annotations

from typing import Annotated, Literal

import regex
from pydantic import Field, field_validator, model_validator

from scoring.criteria.base import RuleBase, Scope
from scoring.criteria.findings import Finding, cannot, say
from scoring.criteria.labels import field_name, value_name
from scoring.criteria.searching import PatternTimeoutError, search_text, searcher
from scoring.criteria.view import CallView


def metric_of(view: CallView, name: str) -> float | None:
    """A number by name, or None when it was not measured.

    Names: fields of the speech statistics (`talk_ratio`, `agent.rate_per_min`, …) and of its
    `metrics`, fields of the quality index (`quality.snr_db`), and `turns`, `agent.turns`,
    `customer.turns`, `duration_s`, `talk_s`, `conversation_s`, `role_confidence`.
    """
    derived = _derived(view, name)
    if derived is not None:
        return derived
    stats = view.analysis.stats
    head, _, tail = name.partition(".")
    owner: object = stats
    if tail and head == "quality":
        owner = view.analysis.quality
    elif tail and stats is not None and head in ("agent", "customer"):
        owner = getattr(stats, head)
    value = getattr(owner, tail or head, None) if owner is not None else None
    if value is None and stats is not None:
        value = stats.metrics.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _derived(view: CallView, name: str) -> float | None:  # noqa: PLR0911 - one line per name
    if name == "turns":
        return float(len(view.turns))
    if name in ("agent.turns", "customer.turns", "system.turns", "unknown.turns"):
        role = name.split(".", maxsplit=1)[0]
        return float(sum(turn.role == role for turn in view.turns))
    if name == "role_confidence":
        return view.role_confidence
    if name == "duration_s" and view.timed:
        return view.analysis.transcript.duration_ms / 1000
    if name == "conversation_s" and view.timed:
        return (view.end_ms - view.start_ms) / 1000
    if name == "talk_s" and view.timed:
        stats = view.analysis.stats
        if stats is not None:
            return (stats.agent.talk_ms + stats.customer.talk_ms) / 1000
        return sum(turn.duration_ms for turn in view.turns) / 1000
    return None


class Metric(RuleBase):
    """A stored number inside bounds. Not measured is not evaluable."""

    kind: Literal["metric"]
    name: Annotated[str, Field(min_length=1)]
    at_least: float | None = None
    at_most: float | None = None
    above: float | None = None
    below: float | None = None

    @model_validator(mode="after")
    def _bounded(self) -> Metric:
        if all(v is None for v in (self.at_least, self.at_most, self.above, self.below)):
            raise ValueError("give at_least, at_most, above or below")
        return self

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Compare the number with the bounds."""
        del scope
        value = metric_of(view, self.name)
        if value is None:
            return cannot(f"没有 {self.name} 数据", f"{self.name} was not measured", rule=self.name)
        bounds = {
            "≥": (self.at_least, self.at_least is None or value >= self.at_least),
            "≤": (self.at_most, self.at_most is None or value <= self.at_most),
            ">": (self.above, self.above is None or value > self.above),
            "<": (self.below, self.below is None or value < self.below),
        }
        asked = " ".join(
            f"{sign}{limit:g}" for sign, (limit, _) in bounds.items() if limit is not None
        )
        limits = [limit for limit, _ in bounds.values() if limit is not None]
        return Finding(
            share=1.0 if all(ok for _, ok in bounds.values()) else 0.0,
            reason=say(
                f"测得 {self.name} = {value:.4g}，阈值 {asked}",
                f"measured {self.name} = {value:.4g}, threshold {asked}",
            ),
            rule=f"metric {self.name}",
            confidence=0.95,
            measured={self.name: value, "threshold": limits[0]},
        )


_CALL_FIELDS = ("queue", "team", "direction", "agent_id", "layout", "language", "customer_ref")


def fact_of(view: CallView, field: str) -> str | None:
    """A label by name: `call_type` and other facts, call fields, `metadata.NAME`, `option.NAME`."""
    if field.startswith("metadata."):
        return view.analysis.call.tags.get(field.removeprefix("metadata."))
    if field == "language":
        return view.language
    if field == "timed":
        return "yes" if view.timed else "no"
    if field in _CALL_FIELDS:
        value = str(getattr(view.analysis.call, field))
        return value if value and value != "unknown" else None
    if field.startswith("option."):
        return view.means.options.get(field.removeprefix("option."))
    return view.facts.get(field)


class Fact(RuleBase):
    """A label of the call is one of some values, matches a pattern, or (`exists`) is known."""

    kind: Literal["fact"]
    field: Annotated[str, Field(min_length=1)]
    one_of: tuple[str, ...] = ()
    matches: str = ""
    exists: bool | None = None
    missing: Literal["no", "unknown"] = "no"
    """What an absent label means: the condition is false, or not evaluable."""

    @field_validator("matches")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            searcher(value)
        except regex.error as error:
            raise ValueError(f"not a valid regular expression: {error}") from error
        return value

    @model_validator(mode="after")
    def _one_test(self) -> Fact:
        if sum((bool(self.one_of), bool(self.matches), self.exists is not None)) != 1:
            raise ValueError("give exactly one of one_of, matches and exists")
        return self

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Compare the label."""
        del scope
        value = fact_of(view, self.field)
        if self.exists is not None:
            return self._answer((value is not None) == self.exists, value)
        if value is None:
            if self.missing == "unknown":
                zh, en = field_name(self.field)
                return cannot(f"不知道{zh}", f"{en} is not known", rule=self.field)
            return self._answer(False, value)
        if self.one_of:
            return self._answer(value.casefold() in {v.casefold() for v in self.one_of}, value)
        try:
            met = bool(search_text(self.matches, value))
        except PatternTimeoutError:
            return cannot("模式超出时间限制", "the pattern took too long", rule=self.field)
        return self._answer(met, value)

    def _answer(self, met: bool, value: str | None) -> Finding:
        (zh, en), (zh_value, en_value) = field_name(self.field), value_name(value)
        return Finding(
            share=1.0 if met else 0.0,
            reason=say(f"{zh}为“{zh_value}”", f"{en} is “{en_value}”"),
            rule=f"fact {self.field}",
            confidence=0.95,
        )
