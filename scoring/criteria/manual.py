"""`manual`: what only a person can judge; the machine says so instead of guessing."""

from __future__ import annotations

from typing import Literal

from scoring.criteria.base import RuleBase, Scope, Text
from scoring.criteria.findings import Finding, cannot
from scoring.criteria.view import CallView


class Manual(RuleBase):
    """Never evaluable by the machine; a reviewer fills it in."""

    kind: Literal["manual"]
    why: Text

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Always not evaluable."""
        del view, scope
        return cannot(self.why.zh, self.why.en, rule="manual")
