"""Scorecards: read the standard, change it as a draft, try it, and make it count."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboards import data, frame
from dashboards.editor import bench, compare, thresholds
from dashboards.editor.form import Form, part_form
from dashboards.editor.session import Editing, editing, folder, load
from qa.access import Action, may, require
from qa.errors import QaError
from qa.settings import load_settings
from scoring.activation import activate
from scoring.drafts import drop_draft, list_drafts, start_draft
from scoring.lint import lint_scorecard
from scoring.loader import list_scorecards, load_scorecard
from scoring.matching import PhraseMatcher, load_matcher
from scoring.scorecard import Criterion, Scorecard
from scoring.writer import to_yaml

_CRITERION = "criterion_chosen"
_SEVERITIES = {"error": "red", "warning": "orange", "info": "blue"}


@st.cache_resource(show_spinner=False)
def matcher(company_names: tuple[str, ...]) -> PhraseMatcher:
    """The phrase banks of the site, loaded once per server."""
    return load_matcher(company_names=company_names)


def render() -> None:
    """Draw the page of the scorecard in the link (`?card=NAME` or `?draft=ID@VERSION`)."""
    t = frame.translator()
    st.title(t("nav.scorecards"))
    st.caption(t("editor.intro"))
    drafts = list_drafts(folder())
    active = list(list_scorecards(folder()))
    names = [*(f"draft:{name}" for name in drafts), *(f"card:{name}" for name in active)]
    asked = st.query_params.get("card", "")
    left, right = st.columns([4, 6], vertical_alignment="bottom")
    chosen = left.selectbox(
        t("editor.scorecard"),
        names,
        index=names.index(asked) if asked in names else 0,
        format_func=lambda name: _label(name, t),
    )
    st.query_params["card"] = chosen
    try:
        if chosen.startswith("draft:"):
            _draft(chosen.removeprefix("draft:"), right, t)
        else:
            _active(chosen.removeprefix("card:"), right, t)
    except QaError as error:
        st.error(f"{error.message}\n\n→ {error.remedy}")


def _label(name: str, t: frame.Translate) -> str:
    kind, _, title = name.partition(":")
    return f"{title} · {t('editor.' + kind)}"


def _active(name: str, place: Any, t: frame.Translate) -> None:
    """An active scorecard: to read and to try, not to change."""
    card = load_scorecard(name, folder=folder())
    person = frame.viewer()
    if may(person, Action.EDIT_SCORECARD) and place.button(
        t("editor.start"), icon=":material/edit_document:"
    ):
        draft = start_draft(card, folder())
        _record("scorecard_draft_started", draft.name)
        st.query_params["card"] = f"draft:{draft.name}"
        st.rerun()
    overview, one, tried = st.tabs([t("editor.overview"), t("editor.line"), t("editor.bench")])
    with overview:
        st.dataframe(_weights(card, t), hide_index=True, width="stretch", height=560)
    with one:
        criterion = _choose(card, "read", t)
        _shown(criterion, card, t)
    with tried:
        criterion = _choose(card, "bench", t)
        bench.render(card, criterion.id, _matcher(), frame.evidence_language(), t)


def _draft(name: str, place: Any, t: frame.Translate) -> None:
    """A draft: weights, criteria, bench, checks, comparison, activation."""
    frame.require(Action.EDIT_SCORECARD)
    edited = editing(name)
    with place:
        bar = st.container(horizontal=True, vertical_alignment="bottom")
    labels = ("weights", "line", "bench", "checks", "compare", "activate")
    tabs = st.tabs([t(f"editor.{label}") for label in labels])
    with tabs[0]:
        _edit_weights(edited, t)
    with tabs[1]:
        criterion = _choose(edited.last_valid, "edit", t)
        _edit_criterion(edited, criterion.id, t)
    card = edited.check()
    with bar:
        _save_bar(edited, card, t)
    card = card or edited.last_valid
    with tabs[2]:
        chosen = _choose(card, "bench", t)
        bench.render(card, chosen.id, _matcher(), frame.evidence_language(), t)
    with tabs[3]:
        _checks(card, edited, t)
    with tabs[4]:
        opened = data.require_store(t("app.no_store"))
        compare.render(card, opened, _matcher(), frame.evidence_language(), t)
    with tabs[5]:
        _activation(edited, card, t)


def _matcher() -> PhraseMatcher:
    return matcher(tuple(load_settings().roles.company_names))


def _record(action: str, subject: str) -> None:
    opened = data.writer()
    opened.audit.record(frame.viewer().user_id, action, kind="scorecard", subject=subject)


def _weights(card: Scorecard, t: frame.Translate) -> pd.DataFrame:
    language = frame.evidence_language()
    return pd.DataFrame(
        {
            t("editor.section"): f"{section.id} {getattr(section.name, language)}",
            t("editor.criterion"): f"{item.id} {getattr(item.name, language)}",
            t("rule_field.weight"): item.weight,
            t("rule_field.class"): t(f"rule_choice.{item.critical_class.value}"),
            t("rule_field.side"): t(f"rule_choice.{item.side.value}"),
            t("editor.kind"): t(f"rule_kind.{item.rule.kind}"),
        }
        for section, item in card.criteria()
    )


def _choose(card: Scorecard, key: str, t: frame.Translate) -> Criterion:
    language = frame.evidence_language()
    items = {item.id: item for _, item in card.criteria()}
    # every tab shows the same criterion: another key for another choice makes them follow
    chosen = st.session_state.get(_CRITERION, "")
    name = st.selectbox(
        t("editor.criterion"),
        list(items),
        index=list(items).index(chosen) if chosen in items else 0,
        format_func=lambda item: f"{item} {getattr(items[item].name, language)}",
        key=f"criterion.{key}.{chosen}",
        width=420,
    )
    if name != chosen:
        st.session_state[_CRITERION] = name
        st.rerun()
    return items[name]


def _shown(criterion: Criterion, card: Scorecard, t: frame.Translate) -> None:
    """A criterion to read: what it asks, and the rule as it stands in the file."""
    language = frame.evidence_language()
    if criterion.guidance is not None:
        st.markdown(frame.plain(getattr(criterion.guidance, language)))
    st.caption(
        t(
            "editor.line_facts",
            weight=f"{criterion.weight:g}",
            critical=t(f"rule_choice.{criterion.critical_class.value}"),
            side=t(f"rule_choice.{criterion.side.value}"),
        )
    )
    alone = card.model_copy(update={"sections": (_only(criterion, card),), "anchors": {}})
    text = to_yaml(alone)
    st.code(text[text.index("criteria:") :], language="yaml")
    thresholds.render(alone, t)


def _only(criterion: Criterion, card: Scorecard) -> Any:
    section = next(s for s, item in card.criteria() if item.id == criterion.id)
    return section.model_copy(update={"criteria": (criterion,)})


def _edit_weights(edited: Editing, t: frame.Translate) -> None:
    st.caption(t("editor.weights_intro"))
    language = frame.evidence_language()
    rows = [(section, item) for section in edited.plain["sections"] for item in section["criteria"]]
    table = pd.DataFrame(
        {
            "section": f"{section['id']} {section['name'][language]}",
            "criterion": f"{item['id']} {item['name'][language]}",
            "weight": float(item["weight"]),
            "class": item.get("class", "non_critical"),
        }
        for section, item in rows
    )
    classes = [f"{name}_critical" for name in ("customer", "business", "compliance", "non")]
    changed = st.data_editor(
        table,
        hide_index=True,
        width="stretch",
        height=560,
        disabled=["section", "criterion"],
        key=f"weights.{edited.revision}",
        column_config={
            "section": t("editor.section"),
            "criterion": st.column_config.TextColumn(t("editor.criterion"), width="large"),
            "weight": st.column_config.NumberColumn(
                t("rule_field.weight"), min_value=0, max_value=1000, step=0.5
            ),
            "class": st.column_config.SelectboxColumn(
                t("rule_field.class"),
                options=classes,
                format_func=lambda name: t(f"rule_choice.{name}"),
            ),
        },
    )
    for (_, item), weight, critical in zip(rows, changed["weight"], changed["class"], strict=True):
        item["weight"] = float(weight)
        if critical == "non_critical":
            item.pop("class", None)
        else:
            item["class"] = critical
    _sum_sections(edited.plain["sections"])
    total = float(changed["weight"].sum())
    wanted = edited.plain.get("scoring", {}).get("total", 100.0)
    st.markdown(t("editor.total", total=f"{total:g}", wanted=f"{wanted:g}"))


def _sum_sections(sections: list[dict[str, Any]]) -> None:
    """A section's stated weight follows its criteria."""
    for section in sections:
        if "weight" in section:
            section["weight"] = float(sum(item["weight"] for item in section["criteria"]))


def _edit_criterion(edited: Editing, criterion_id: str, t: frame.Translate) -> None:
    plain = next(
        item
        for section in edited.plain["sections"]
        for item in section["criteria"]
        if item["id"] == criterion_id
    )
    language = frame.evidence_language()
    banks = {
        bank.id: f"{bank.id} {bank.title.get(language, '')}".strip()
        for bank in _matcher().banks.values()
    }
    form = Form(
        t=t,
        language=language,
        banks=banks,
        anchors=[*edited.plain.get("anchors", {}), "it"],
        prefix=f"rule.{edited.revision}.{criterion_id}",
        changed=edited.restart,
    )
    part_form(form, Criterion, plain, "")
    card = edited.last_valid
    found = next((item for _, item in card.criteria() if item.id == criterion_id), None)
    if found is not None:
        only = {"sections": (_only(found, card),), "anchors": {}}
        thresholds.render(card.model_copy(update=only), t)


def _save_bar(edited: Editing, card: Scorecard | None, t: frame.Translate) -> None:
    person = frame.viewer()
    if st.button(
        t("editor.save"),
        icon=":material/save:",
        type="primary",
        disabled=card is None or not edited.changed,
    ):
        require(person, Action.EDIT_SCORECARD)
        assert card is not None
        edited.save(card)
        _record("scorecard_draft_saved", edited.draft.name)
        st.rerun()
    if st.button(t("editor.undo"), icon=":material/undo:", disabled=not edited.changed):
        load(edited.draft.name)
        st.rerun()
    with st.popover(t("editor.drop"), icon=":material/delete:"):
        st.markdown(t("editor.drop_sure", name=frame.plain(edited.draft.name)))
        if st.button(t("editor.drop_yes"), type="primary"):
            drop_draft(edited.draft)
            _record("scorecard_draft_dropped", edited.draft.name)
            del st.query_params["card"]
            st.rerun()
    if card is None:
        st.badge(t("editor.invalid", n=len(edited.problems)), color="red")
    elif edited.changed:
        st.badge(t("editor.unsaved"), color="orange")
    else:
        st.badge(t("editor.saved"), color="green")


def _checks(card: Scorecard, edited: Editing, t: frame.Translate) -> None:
    problems = [p for p in edited.problems if p.severity == "error"]
    if not problems:
        with st.spinner(t("editor.checking")):
            problems = _linted(to_yaml(card))
    if not problems:
        st.success(t("editor.all_well"), icon=":material/check_circle:")
        return
    st.dataframe(
        pd.DataFrame(
            {
                t("editor.severity"): t(f"editor.severity_{problem.severity}"),
                t("editor.where"): problem.field,
                t("editor.message"): problem.message,
                t("editor.suggestion"): problem.suggestion,
            }
            for problem in sorted(problems, key=lambda p: list(_SEVERITIES).index(p.severity))
        ),
        hide_index=True,
        width="stretch",
    )


@st.cache_data(max_entries=8, show_spinner=False)
def _linted(text: str) -> list[Any]:
    return list(lint_scorecard(text, file="draft", matcher=_matcher()))


def _activation(edited: Editing, card: Scorecard, t: frame.Translate) -> None:
    st.markdown(t("editor.activate_intro", name=frame.plain(f"{card.id} {card.version}")))
    allowed = may(frame.viewer(), Action.ACTIVATE_SCORECARD)
    if not allowed:
        st.info(t("editor.activate_not_yours"))
    if edited.changed or edited.problems:
        st.info(t("editor.activate_save_first"))
    ready = allowed and not edited.changed
    if st.button(t("editor.activate_now"), type="primary", disabled=not ready):
        require(frame.viewer(), Action.ACTIVATE_SCORECARD)
        with st.spinner(t("editor.checking")):
            target = activate(edited.draft.path, folder(), matcher=_matcher())
        _record("scorecard_activated", edited.draft.name)
        drop_draft(edited.draft)
        st.query_params["card"] = f"card:{target.stem}"
        st.rerun()
