"""What every rule has in common: strict frozen data, a side, a window, and `check`."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from qa.calls import Role
from qa.evaluation import Bilingual
from scoring.criteria.findings import Finding, Spot

if TYPE_CHECKING:
    from scoring.criteria.view import CallView
    from scoring.criteria.windows import Window

Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0, le=86_400)]
Count = Annotated[int, Field(ge=0, le=100_000)]


class Part(BaseModel):
    """A piece of a scorecard: unknown keys, wrong types and non-finite numbers are refused."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


class Text(Part):
    """One text in both languages."""

    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]


def bilingual(text: Text) -> Bilingual:
    """A text of the file as the value that results carry."""
    return Bilingual(zh=text.zh, en=text.en)


class ByLanguage(Part):
    """Lists of phrases or patterns per language."""

    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()

    def of(self, language: str) -> tuple[str, ...]:
        """The list for a language code; code-switching is handled by the caller."""
        return self.zh if language.startswith("zh") else self.en


class Side(StrEnum):
    """Whose speech a rule looks at."""

    AGENT = "agent"
    CUSTOMER = "customer"
    BOTH = "both"
    SYSTEM = "system"

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles of this side."""
        return _ROLES[self]


_ROLES = {
    Side.AGENT: (Role.AGENT,),
    Side.CUSTOMER: (Role.CUSTOMER,),
    Side.BOTH: (Role.AGENT, Role.CUSTOMER),
    Side.SYSTEM: (Role.SYSTEM,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where a rule looks: inherited from the criterion unless the rule says otherwise.

    Attributes:
        item: The occurrence under examination inside an `each` rule; anchors call it `it`.
    """

    side: Side = Side.BOTH
    window: Window | None = None
    item: Spot | None = None


class RuleBase(Part):
    """A rule: data with one method. Rules are pure; all state is in the view."""

    uses_meaning: ClassVar[bool] = False
    """Whether `check` may ask the sentence encoder."""

    kind: str
    side: Side | None = None
    """Whose speech: agent, customer, both, system (recorded voice). Default: the criterion's."""
    window: Window | None = None
    """Where in the call. Default: the criterion's window."""

    @abstractmethod
    def check(self, view: CallView, scope: Scope) -> Finding:
        """What this rule finds in a call."""

    def scoped(self, scope: Scope) -> Scope:
        """The scope with this rule's own side and window applied."""
        if self.side is None and self.window is None:
            return scope
        return Scope(
            side=self.side or scope.side, window=self.window or scope.window, item=scope.item
        )
