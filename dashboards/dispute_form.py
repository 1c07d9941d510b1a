"""The form by which an agent, or somebody for her, disputes one criterion of a released call."""

from __future__ import annotations

import streamlit as st

from dashboards import data, frame
from qa.evaluation import Evaluation, Outcome
from qa.review.disputes import Dispute

_DISPUTABLE = (Outcome.MISSED, Outcome.PARTIAL)
_WISHES = (Outcome.MET, Outcome.PARTIAL, Outcome.NOT_APPLICABLE)


def subjects_of(shown: Evaluation, t: frame.Translate) -> dict[str, str]:
    """What may be disputed in an evaluation: id or code → title with its outcome."""
    side = frame.evidence_language()
    found = {
        r.criterion_id: f"{r.criterion_id} {r.name.in_language(side)} · "
        + t(f"outcome.{r.verdict.outcome.value}")
        for r in shown.results
        if r.verdict.outcome in _DISPUTABLE
    }
    return found | {f.code: f"{f.code} {f.name.in_language(side)}" for f in shown.findings}


def dispute_form(shown: Evaluation, t: frame.Translate) -> Dispute | None:
    """Draw the form where anything can be disputed; the dispute, when one was opened just now.

    Raises:
        ReviewError: No reason, the window has closed, or the rounds are used.
    """
    subjects = subjects_of(shown, t)
    if not subjects:
        return None
    with st.form(f"dispute-{shown.call_id}", border=True):
        left, right = st.columns([3, 2])
        subject = left.selectbox(t("disputes.what"), [*subjects], format_func=subjects.__getitem__)
        wished = right.selectbox(
            t("disputes.wish"), _WISHES, format_func=lambda outcome: t(f"outcome.{outcome.value}")
        )
        comment = st.text_area(t("disputes.why"), height=80)
        if not st.form_submit_button(t("disputes.open")):
            return None
    return data.writer().disputes.open(
        frame.viewer(), shown.call_id, subject, comment=comment, wished=wished
    )
