"""Data protection for who answers for it: who saw raw data, what is due, holds, certificates."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboards import data, exports, frame
from qa import access, retention
from qa.access import Action
from qa.audit import AuditAction
from qa.errors import QaError
from qa.settings import RetentionSettings, load_settings
from qa.sources.customers import customer_key, customer_ref
from qa.store import Store
from qa.store.audit import AuditFilter
from qa.store.erasure import Due, Hold

_SHOWN = 500
_RECENT_DAYS = 30


def render() -> None:
    """Draw the page."""
    t = frame.translator()
    st.title(t("privacy.title"))
    st.caption(t("privacy.intro"))
    data.require_store(t("app.no_store"))
    person = frame.viewer()
    access.require(person, Action.READ_AUDIT)
    # No call is opened here: an administrator sees ids and counts, whosever the calls are.
    opened = data.writer()
    settings = load_settings().retention
    plan = retention.make_plan(opened, settings)
    holds = opened.erasure.holds(in_force=False)
    certificates = opened.erasure.certificates(limit=_SHOWN)
    since = opened.database.now() - timedelta(days=_RECENT_DAYS)
    seen = AuditFilter(actions=(AuditAction.RAW_ACCESS,))
    recent = AuditFilter(actions=(AuditAction.RAW_ACCESS,), since=since)
    figures = (
        ("seen", opened.audit.count(recent)),
        ("due", len({(one.call_id, one.agent_id) for one in plan.due})),
        ("holds", sum(one.lifted_at is None for one in holds)),
        ("certificates", len(certificates)),
    )
    for box, (name, value) in zip(st.columns(len(figures)), figures, strict=True):
        box.metric(t(f"privacy.{name}_figure"), f"{value:,}", border=True)
    tabs = st.tabs([t(f"privacy.{name}") for name, _ in figures])
    with tabs[0]:
        _seen(opened, seen, t)
    with tabs[1]:
        _due(plan, settings, t)
    with tabs[2]:
        _holds(opened, holds, t)
    with tabs[3]:
        _certificates(certificates, t)


def _seen(opened: Store, wanted: AuditFilter, t: frame.Translate) -> None:
    rows = [
        {
            t("audit.at"): _minute(one.at),
            t("audit.user"): one.user_id,
            t("privacy.call"): one.subject_id,
            t("privacy.what"): _what(json.loads(one.detail).get("what", ""), t),
            t("audit.reason"): one.reason,
        }
        for one in opened.audit.find(wanted, limit=_SHOWN)
    ]
    _table(rows, t("privacy.seen_none"), wide=t("audit.reason"))


def _due(plan: retention.Plan, settings: RetentionSettings, t: frame.Translate) -> None:
    """The dry run: what `qa retention apply` would delete now."""
    counts = plan.counts()
    oldest: dict[str, datetime] = {}
    for one in plan.due:
        oldest[one.what] = min(one.happened_at, oldest.get(one.what, one.happened_at))
    kept = {
        retention.DataClass.RAW_AUDIO: settings.raw_audio_days,
        retention.DataClass.RAW_TEXT: settings.raw_text_days,
        retention.DataClass.REDACTED: settings.redacted_days,
        retention.DataClass.EVALUATIONS: settings.evaluations_days,
        retention.DataClass.VOICEPRINT: settings.voiceprints_days,
    }
    rows = []
    for each in retention.DataClass:
        days = kept.get(each)
        rows.append(
            {
                t("privacy.class"): t(f"privacy.class_{each.value}"),
                t("privacy.kept"): _kept(days, t),
                t("privacy.due_now"): counts[each.value],
                t("privacy.oldest"): _minute(oldest.get(each.value))[:10],
            }
        )
    _table(rows, "")
    if plan.held:
        st.info(t("privacy.held", count=len(plan.held)), icon=":material/front_hand:")
    if plan.due:
        with st.expander(t("privacy.which", count=len(plan.due)), icon=":material/list:"):
            _table([_due_row(one, t) for one in plan.due[:_SHOWN]], "")
    st.caption(t("privacy.apply"))
    st.code('qa retention apply --reason "…"         # --yes', language="sh")


def _due_row(one: Due, t: frame.Translate) -> dict[str, str]:
    return {
        t("privacy.class"): t(f"privacy.class_{one.what}"),
        t("privacy.call"): one.call_id or one.agent_id,
        t("privacy.of"): _minute(one.happened_at)[:10],
    }


def _kept(days: int | None, t: frame.Translate) -> str:
    if days is None:
        return t("privacy.kept_consent")
    return t("privacy.kept_days", days=days) if days else t("privacy.kept_always")


def _holds(opened: Store, holds: Sequence[Hold], t: frame.Translate) -> None:
    rows = [
        {
            "#": one.id,
            t("privacy.call"): one.call_id or t("privacy.customer_short", ref=one.customer_ref[:8]),
            t("audit.reason"): one.reason,
            t("privacy.by"): one.made_by,
            t("privacy.since"): _minute(one.made_at),
            t("privacy.lifted"): _minute(one.lifted_at),
        }
        for one in reversed(holds)
    ]
    _table(rows, t("privacy.holds_none"), wide=t("audit.reason"))
    if not access.may(frame.viewer(), Action.APPLY_RETENTION):
        return
    left, right = st.columns(2)
    with left:
        _place(opened, t)
    with right:
        _lift(opened, [one for one in holds if one.lifted_at is None], t)


def _place(opened: Store, t: frame.Translate) -> None:
    with st.form("hold", clear_on_submit=True):
        st.markdown(f"**{t('privacy.place')}**")
        of = st.radio(
            t("privacy.place_of"),
            ("call", "customer"),
            format_func=lambda name: t(f"privacy.place_{name}"),
            horizontal=True,
        )
        value = st.text_input(t("privacy.place_value"), help=t("privacy.place_help"))
        reason = st.text_input(t("audit.reason"), max_chars=300)
        if not st.form_submit_button(t("privacy.place_do"), icon=":material/front_hand:"):
            return
        named = value.strip()
        try:
            if of == "call":
                opened.calls.get(named)
                chosen = {"call_id": named}
            else:
                chosen = {"customer_ref": customer_ref(named, customer_key())}
            retention.place_hold(opened, frame.viewer(), reason=reason, **chosen)
        except QaError as error:
            st.error(frame.plain(str(error)), icon=":material/error:")
            return
    st.rerun()


def _lift(opened: Store, holds: Sequence[Hold], t: frame.Translate) -> None:
    if not holds:
        return
    with st.form("lift"):
        st.markdown(f"**{t('privacy.lift')}**")
        chosen = st.selectbox(
            t("privacy.lift_which"),
            holds,
            format_func=lambda one: f"#{one.id} · {one.call_id or one.customer_ref[:8]}",
        )
        sure = st.checkbox(t("privacy.lift_sure"))
        if not (st.form_submit_button(t("privacy.lift_do"), icon=":material/lock_open:") and sure):
            return
        retention.lift_hold(opened, frame.viewer(), chosen.id)
    st.rerun()


def _certificates(found: Sequence[dict[str, Any]], t: frame.Translate) -> None:
    rows = [
        {
            t("audit.at"): _minute(one["made_at"]),
            t("privacy.kind"): t(f"privacy.kind_{one['kind']}"),
            t("privacy.by"): one["made_by"],
            t("audit.reason"): one["reason"],
            t("privacy.deleted"): len(one["items"]),
            t("privacy.not_deleted"): len(one["not_deleted"]),
            t("privacy.digest"): one["digest"],
        }
        for one in found
    ]
    _table(rows, t("privacy.certificates_none"), wide=t("audit.reason"))
    if not found:
        return
    st.caption(t("privacy.backups"))
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    chosen = left.selectbox(
        t("privacy.certificate"),
        found,
        format_func=lambda one: f"{_minute(one['made_at'])} · {one['digest']}",
    )
    with right:
        exports.offer(
            t("privacy.download"),
            lambda: json.dumps(chosen, ensure_ascii=False, indent=2).encode(),
            f"certificate-{chosen['digest']}.json",
            kind="certificate",
            subject=str(chosen["digest"]),
            width="stretch",
        )


def _table(rows: Sequence[dict[str, Any]], none: str, *, wide: str = "") -> None:
    if not rows:
        st.info(none, icon=":material/check:")
        return
    column = st.column_config.Column(width="medium")
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, column_config={wide: column} if wide else None
    )


def _what(name: str, t: frame.Translate) -> str:
    return t(f"privacy.class_{name}") if name in {*retention.DataClass} else name


def _minute(moment: datetime | str | None) -> str:
    return str(moment or "")[:16].replace("T", " ")
