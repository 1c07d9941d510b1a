"""Calibration: score the same calls blind, then see how far apart everybody was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboards import data, frame, review_data
from dashboards.review_data import figure
from qa.access import Action, may
from qa.errors import NotFoundError, QaError
from qa.evaluation import Evaluation, Outcome
from qa.review.agreement import OUTCOMES, WIDE_KAPPA, is_firm, krippendorff_alpha
from qa.review.calibration import (
    MACHINE,
    Calibration,
    CalibrationState,
    Form,
    Mark,
    baseline,
    rater_results,
)
from qa.settings import load_settings
from qa.store import CallFilter, Store

_SHARES = {Outcome.MET: 1.0, Outcome.PARTIAL: 0.5}
_OUTCOMES = [Outcome(name) for name in ("met", "partial", "missed", "not_applicable")]


def render() -> None:
    """Draw the page."""
    t = frame.translator()
    st.title(t("calibration.title"))
    opened = data.require_store(t("app.no_store"))
    st.caption(t("calibration.intro"))
    person = frame.viewer()
    sessions = opened.calibrations.of_person(person)
    if may(person, Action.RUN_CALIBRATION):
        with st.expander(t("calibration.new"), icon=":material/add:", expanded=not sessions):
            _create(opened, t)
    if not sessions:
        st.info(t("calibration.none"), icon=":material/info:")
        return
    by_id = {session.id: session for session in sessions}
    chosen = st.selectbox(
        t("calibration.session"), [*by_id], format_func=lambda key: _label(by_id[key], t)
    )
    session = by_id[chosen]
    _progress(session, opened, t)
    forms = opened.calibrations.forms(person, session.id)
    mine = {form.call_id for form in forms if form.rater == person.user_id}
    todo = [call_id for call_id in session.evaluations if call_id not in mine]
    if person.user_id in session.raters and todo and session.state == CalibrationState.OPEN:
        _score(session, todo, opened, t)
    _results(session, forms, opened, t)


def _label(session: Calibration, t: frame.Translate) -> str:
    return f"{session.name} · {t(f'calibration.state_{session.state.value}')}"


def _create(opened: Store, t: frame.Translate) -> None:
    people = {
        who.user_id: who.name or who.user_id
        for who in review_data.people(opened).values()
        if may(who, Action.CALIBRATE)
    }
    table = data.calls(CallFilter(evaluated=True), 300, 0, opened)
    with st.form("calibration", border=False):
        name = st.text_input(t("calibration.name"))
        calls = st.multiselect(t("calibration.calls"), table["call_id"].tolist(), max_selections=20)
        left, right = st.columns(2)
        raters = left.multiselect(
            t("calibration.raters"), [*people], default=[*people], format_func=people.__getitem__
        )
        expert = right.selectbox(
            t("calibration.baseline"),
            ["", *people],
            format_func=lambda who: people.get(who) or t("calibration.majority"),
        )
        day = left.date_input(
            t("calibration.due"), value=datetime.now(UTC).date() + timedelta(days=7)
        )
        machine = right.checkbox(t("calibration.with_machine"), value=True)
        if not st.form_submit_button(t("calibration.create"), type="primary"):
            return
    zone = ZoneInfo(load_settings().timezone)
    try:
        data.writer().calibrations.create(
            frame.viewer(),
            name,
            call_ids=calls,
            raters=raters,
            expert=expert,
            with_machine=machine,
            due_at=datetime.combine(day, time(18), tzinfo=zone),
        )
    except QaError as error:
        st.error(frame.plain(str(error)), icon=":material/error:")
        return
    st.rerun()


def _progress(session: Calibration, opened: Store, t: frame.Translate) -> None:
    counts = opened.calibrations.progress(session.id)
    boxes = st.columns(max(2, min(5, len(counts))))
    for box, (who, n) in zip(boxes, counts.items(), strict=False):
        box.metric(review_data.name_of(who, opened), f"{n} / {len(session.evaluations)}")
    baseline_name = (
        review_data.name_of(session.expert, opened) if session.expert else t("calibration.majority")
    )
    due = ""
    if session.due_at is not None:
        local = session.due_at.astimezone(ZoneInfo(load_settings().timezone))
        due = f" · {t('calibration.due')} {local:%Y-%m-%d}"
    st.caption(t("calibration.baseline_is", name=frame.plain(baseline_name)) + due)
    runs = session.state == CalibrationState.OPEN and may(frame.viewer(), Action.RUN_CALIBRATION)
    if runs and st.button(t("calibration.close"), icon=":material/lock:"):
        data.writer().calibrations.close(frame.viewer(), session.id)
        st.rerun()


def _score(session: Calibration, todo: list[str], opened: Store, t: frame.Translate) -> None:
    st.subheader(t("calibration.score", n=len(todo)))
    call_id = st.selectbox(t("calibration.call"), todo)
    try:
        evaluation = opened.evaluations.get(session.evaluations[call_id])
    except NotFoundError:
        st.warning(t("calibration.gone"), icon=":material/error:")
        return
    left, right = st.columns([2, 3], gap="large")
    with left:
        _listen(call_id, opened, t)
    with right:
        _form(session, evaluation, t)


def _listen(call_id: str, opened: Store, t: frame.Translate) -> None:
    """Sound and words without anything the machine thinks of them."""
    call, recording, transcript, _, _ = data.call_parts(call_id, opened)
    hidden = data.hidden_sound(call.id, opened)
    sound = data.playback(recording.uri, recording.id, hidden) if hidden is not None else None
    if sound is None:
        st.caption(t("calibration.no_audio"))
    else:
        address = data.recording_url(sound, call.id)
        st.html(f'<audio controls style="width:100%" src="{address}">')
    if transcript is None:
        return
    with st.container(height=520, border=True):
        for turn in transcript.turns:
            at = f"{turn.start_ms // 60_000}:{turn.start_ms // 1000 % 60:02d}"
            who = t(f"role.{turn.role.value}")
            st.markdown(f"`{at}` **{who}** {frame.plain(turn.text)}")


def _form(session: Calibration, evaluation: Evaluation, t: frame.Translate) -> None:
    side = frame.evidence_language()
    words = {t(f"outcome.{outcome.value}"): outcome for outcome in _OUTCOMES}
    table = pd.DataFrame(
        {
            "criterion": [
                f"{r.criterion_id} {r.name.in_language(side)}" for r in evaluation.results
            ],
            "outcome": [""] * len(evaluation.results),
        }
    )
    column = st.column_config
    st.caption(t("calibration.form_hint"))
    with st.form(f"blind{session.id}{evaluation.call_id}", border=False):
        filled = st.data_editor(
            table,
            hide_index=True,
            height=480,
            placeholder="–",
            disabled=["criterion"],
            column_config={
                "criterion": column.TextColumn(t("calibration.criterion"), width="large"),
                "outcome": column.SelectboxColumn(t("calibration.outcome"), options=[*words]),
            },
        )
        rest = st.selectbox(
            t("calibration.rest"),
            ["", *words],
            format_func=lambda word: word or t("calibration.rest_none"),
            help=t("calibration.rest_help"),
        )
        comment = st.text_input(t("calibration.comment"))
        pressed = st.form_submit_button(t("calibration.submit"), type="primary")
    if pressed:
        chosen = [words.get(word or rest) for word in filled["outcome"].tolist()]
        marks = {
            result.criterion_id: Mark(outcome=outcome, share=_SHARES.get(outcome, 0.0))
            for result, outcome in zip(evaluation.results, chosen, strict=True)
            if outcome is not None
        }
        _submit(session, evaluation.call_id, marks, comment)


def _submit(session: Calibration, call_id: str, marks: dict[str, Mark], comment: str) -> None:
    try:
        data.writer().calibrations.submit(
            frame.viewer(), session.id, call_id, marks, comment=comment
        )
    except QaError as error:
        st.error(frame.plain(str(error)), icon=":material/error:")
        return
    st.rerun()


def _results(session: Calibration, forms: list[Form], opened: Store, t: frame.Translate) -> None:
    st.subheader(t("calibration.results"))
    if len({form.rater for form in forms}) < 2:
        st.info(t("calibration.blind"), icon=":material/visibility_off:")
        return
    _raters(session, forms, opened, t)
    _spread(session, forms, opened, t)


def _raters(session: Calibration, forms: list[Form], opened: Store, t: frame.Translate) -> None:
    rows = [
        {
            "rater": _rater(line.rater, opened, t),
            "calls": line.calls,
            "n": line.n,
            "agreement": None if line.agreement is None else 100 * line.agreement,
            "alignment": None if line.alignment is None else 100 * line.alignment,
            "leniency": None if line.leniency is None else 100 * line.leniency,
        }
        for line in rater_results(session, forms)
    ]
    column = st.column_config
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "rater": column.TextColumn(t("calibration.rater")),
            "calls": column.NumberColumn(t("calibration.calls_n")),
            "n": column.NumberColumn(
                t("calibration.compared"), help=t("calibration.compared_help")
            ),
            "agreement": column.NumberColumn(t("calibration.agreement"), format="%.0f%%"),
            "alignment": column.NumberColumn(
                t("calibration.alignment"), format="%.0f%%", help=t("calibration.alignment_help")
            ),
            "leniency": column.NumberColumn(
                t("calibration.leniency"), format="%+.1f", help=t("calibration.leniency_help")
            ),
        },
    )


def _rater(user_id: str, opened: Store, t: frame.Translate) -> str:
    return t("calibration.machine") if user_id == MACHINE else review_data.name_of(user_id, opened)


def _spread(session: Calibration, forms: list[Form], opened: Store, t: frame.Translate) -> None:
    """Per call and criterion: who said what; those on which people differ first."""
    names = _names(session, opened)
    raters = sorted({form.rater for form in forms}, key=lambda who: (who == MACHINE, who))
    right = baseline(session, forms)
    cells = {(form.call_id, form.rater): form.marks for form in forms}
    rows, people = [], [who for who in raters if who != MACHINE]
    for call_id in session.evaluations:
        for criterion_id, name in names.items():
            marks = {who: cells.get((call_id, who), {}).get(criterion_id) for who in raters}
            said = {mark.outcome for who, mark in marks.items() if mark and who != MACHINE}
            true = right.get((call_id, criterion_id))
            row = {
                t("calibration.call"): call_id,
                t("calibration.criterion"): f"{criterion_id} {name}",
                t("calibration.differ"): len(said) > 1,
                t("calibration.baseline"): t(f"outcome.{true.outcome.value}") if true else "–",
            }
            row |= {
                _rater(who, opened, t): t(f"outcome.{mark.outcome.value}") if mark else "–"
                for who, mark in marks.items()
            }
            rows.append(row)
    _alpha(cells, people, [*session.evaluations], [*names], t)
    table = pd.DataFrame(rows)
    if not st.toggle(t("calibration.show_all")):
        table = table[table[t("calibration.differ")]]
    st.dataframe(table.drop(columns=t("calibration.differ")), hide_index=True)


def _alpha(
    cells: Mapping[tuple[str, str], Mapping[str, Mark]],
    people: list[str],
    call_ids: list[str],
    criteria: list[str],
    t: frame.Translate,
) -> None:
    def said(call_id: str, who: str, criterion_id: str) -> str | None:
        mark = cells.get((call_id, who), {}).get(criterion_id)
        return mark.outcome.value if mark else None

    ratings = [
        [said(call_id, who, name) for call_id in call_ids for name in criteria] for who in people
    ]
    found = krippendorff_alpha(ratings, OUTCOMES) if len(people) > 1 else None
    if found is None:
        return
    firm = is_firm(found, wide=WIDE_KAPPA)
    text = figure(found, percent=False) if firm else t("agreement.not_enough")
    st.caption(t("calibration.alpha", value=text, n=found.n))


def _names(session: Calibration, opened: Store) -> dict[str, str]:
    side = frame.evidence_language()
    names: dict[str, str] = {}
    for key in session.evaluations.values():
        for result in opened.evaluations.get(key).results:
            names.setdefault(result.criterion_id, result.name.in_language(side))
    return names
