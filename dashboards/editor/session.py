"""The draft being edited in this browser tab: its plain data, and what it adds up to."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st

from qa.errors import ScorecardError
from qa.settings import load_settings
from scoring.drafts import Draft, card_of, plain_of, read_draft, save_draft
from scoring.loader import check_scorecard
from scoring.loader_yaml import Problem
from scoring.scorecard import Scorecard

_KEY = "scorecard_draft"


@dataclass(slots=True)
class Editing:
    """A draft and its changes.

    Attributes:
        draft: As it was read or last saved.
        plain: The edited data.
        revision: Grows when rows or fields come and go, so that widgets read the data afresh.
        last_valid: The last scorecard that the data described.
    """

    draft: Draft
    plain: dict[str, Any]
    last_valid: Scorecard
    revision: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether there is something to save."""
        return self.plain != self._saved

    @property
    def _saved(self) -> dict[str, Any]:
        return plain_of(card_from(self.draft))

    def check(self) -> Scorecard | None:
        """The scorecard that the data describes now; None, with `problems`, when it is none."""
        card, self.problems = card_of(self.plain)
        errors = [problem for problem in self.problems if problem.severity == "error"]
        if card is None or errors:
            return None
        self.last_valid = card
        return card

    def save(self, card: Scorecard) -> None:
        """Write the draft; raises `ScorecardError` when somebody else has saved it meanwhile."""
        self.draft = save_draft(self.draft, card)
        self.plain = plain_of(card)

    def restart(self) -> None:
        """Draw every widget from the data."""
        self.revision += 1
        st.rerun()


def folder() -> Path:
    """The site's scorecard folder."""
    return load_settings().scoring.place


def card_from(draft: Draft) -> Scorecard:
    """The scorecard of a draft's text; drafts are only ever saved whole.

    Raises:
        ScorecardError: Somebody broke the file by hand.
    """
    card, problems = check_scorecard(draft.text, file=draft.name)
    if card is None:
        shown = "\n".join(str(problem) for problem in problems)
        raise ScorecardError(shown, draft.name, "correct the file, or drop the draft")
    return card


def editing(name: str) -> Editing:
    """The editing of a draft in this tab; reading it the first time."""
    known = st.session_state.get(_KEY)
    if isinstance(known, Editing) and known.draft.name == name:
        return known
    return load(name)


def load(name: str) -> Editing:
    """Read the draft from its file, forgetting unsaved changes."""
    draft = read_draft(folder(), name)
    card = card_from(draft)
    before = st.session_state.get(_KEY)
    revision = before.revision + 1 if isinstance(before, Editing) else 0
    made = Editing(draft=draft, plain=plain_of(card), last_valid=card, revision=revision)
    st.session_state[_KEY] = made
    return made
