"""What of a scorecard is needed to compute a score again after people have decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Bands of the service standard (dossier §4.4).
STANDARD_BANDS = (("A", 90.0), ("B", 80.0), ("C", 70.0), ("D", 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRules:
    """The arithmetic of a scorecard; the defaults are those of the service standard.

    `scoring.form.form_rules(card)` makes it.

    Attributes:
        mode: `weighted`, `points` or `deduct`.
        bands: (name, lower bound), highest first.
        bonus: Criteria that add points without belonging to the total.
        fault_finding: Criteria whose rule looks for faults: full by default, so their points do
            not rest on positive evidence.
        auto_fails: Code → scope (`call`, `section`, `cap:59`); unknown codes mean `call`.
    """

    mode: str = "weighted"
    initial: float = 100.0
    floor: float = 0.0
    ceiling: float = 100.0
    minimum_coverage: float = 0.7
    minimum_weight: float = 45.0
    critical_confidence: float = 0.8
    bands: tuple[tuple[str, float], ...] = STANDARD_BANDS
    bonus: frozenset[str] = frozenset()
    fault_finding: frozenset[str] = frozenset()
    auto_fails: Mapping[str, str] = field(default_factory=dict)

    def band(self, percent: float | None) -> str:
        """The band of a score; `""` without one."""
        if percent is None:
            return ""
        return next((name for name, bound in self.bands if percent >= bound), self.bands[-1][0])


STANDARD = FormRules()
