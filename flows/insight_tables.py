"""Risks, promises, reasons and topics for the command line: plain rows, documented and stable."""

from __future__ import annotations

import getpass
from dataclasses import asdict, replace
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from flows.alerting import send_alerts
from flows.lookup import open_reader
from qa.access import SYSTEM, Person
from qa.errors import SettingsError
from qa.insight.alerts import RiskItem, RiskState
from qa.insight.ledger_files import ledger_row, read_outcomes
from qa.settings import load_settings
from qa.spreadsheets import safe_cell
from qa.store import Store, connect
from scoring.reasons import pareto, site_reasons, title_of


def reason_rows() -> list[dict[str, Any]]:
    """The taxonomy in force: id, titles, group, words and examples per language."""
    return [
        {
            "id": item.id,
            "zh": item.title.zh,
            "en": item.title.en,
            "group": item.group.en if item.group else "",
            **{f"words_{name}": len(item.words.get(name, ())) for name in ("zh", "en")},
            **{f"examples_{name}": len(item.examples.get(name, ())) for name in ("zh", "en")},
        }
        for item in site_reasons(load_settings().insight.reasons)
    ]


def write_reasons(path: Path) -> None:
    """Copy the shipped taxonomy.

    Raises:
        SettingsError: The file exists: it may hold somebody's work.
    """
    if path.exists():
        raise SettingsError("the file exists", str(path), "name another, or move it away")
    shipped = files("scoring").joinpath("taxonomy", "reasons.yaml")
    path.write_text(shipped.read_text("utf-8"), "utf-8")


def pareto_rows(url: str, since: datetime | None) -> list[dict[str, Any]]:
    """Reason, titles, calls, share, running share; `other` last."""
    known = site_reasons(load_settings().insight.reasons)
    with open_reader(url) as store:
        found = pareto(one.reason for one in store.insight.reasons(since=_aware(since)))
    return [
        {"reason": row.reason, **asdict(title_of(row.reason, known))}
        | {"calls": row.calls, "share": row.share, "running": row.running}
        for row in found
    ]


def topic_rows(url: str) -> list[dict[str, Any]]:
    """Id, name, calls, growth and quotes of the topics."""
    with open_reader(url) as store:
        return [
            {
                "id": one.id,
                "name": one.title or one.topic.label,
                "calls": len(one.topic.call_ids),
                "growth": one.topic.growth,
                "quotes": " / ".join(one.topic.quotes),
            }
            for one in store.topics.all()
        ]


def find_again(url: str) -> None:
    """Look for topics now, as the end of a night does."""
    from flows.insight import find_topics  # noqa: PLC0415 - loads scorecards, only here
    from flows.site import open_site, site_ref  # noqa: PLC0415

    find_topics(open_site(site_ref(store=url)))


def risk_rows(url: str, *, language: str, everything: bool) -> list[dict[str, Any]]:
    """Open risks, gravest first; with `everything` all of them, newest call first."""
    now = datetime.now(UTC)
    with open_reader(url) as store:
        items = store.risks.all() if everything else store.risks.queue()
    return [_risk_row(item, language, now) for item in items]


def _risk_row(item: RiskItem, language: str, now: datetime) -> dict[str, Any]:
    reasons = item.alert.reasons
    return {
        "id": item.id,
        "priority": item.alert.priority,
        "kind": item.alert.kind.value,
        "state": item.state.value,
        "age_minutes": int(item.age(now).total_seconds() // 60),
        "overdue": item.is_overdue(now),
        "call_id": item.alert.call_id,
        "agent_id": item.labels["agent_id"],
        "team": item.labels["team"],
        "reasons": "; ".join(reason.text.in_language(language) for reason in reasons),
        "quote": safe_cell(
            next((r.evidence[0].quote for r in reasons if r.evidence), ""),
        ),
        "by": item.changed_by,
        "comment": safe_cell(item.comment),
    }


def change_risk(url: str, risk: int, state: str, comment: str) -> None:
    """Set a risk's state in the name of the machine's account."""
    with _writer(url) as store:
        store.risks.change(risk, RiskState(state), person=_account(), comment=comment)


def commitment_rows(url: str, since: datetime | None, *, open_only: bool) -> list[dict[str, str]]:
    """The ledger as rows of its export."""
    now = datetime.now(UTC)
    with open_reader(url) as store:
        items = store.commitments.all(since=_aware(since), open_only=open_only)
    return [ledger_row(item, now) for item in items]


def import_outcomes(url: str, file: Path) -> tuple[int, list[str]]:
    """Enter outcomes; how many were, and what is wrong with the others.

    Raises:
        SettingsError: The file cannot be read.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise SettingsError(f"cannot be read: {error.strerror}", str(file), "name a CSV") from error
    timezone = load_settings().timezone
    outcomes, errors = read_outcomes(content, file.name, timezone=timezone)
    with _writer(url) as store:
        unknown = store.commitments.settle(outcomes, person=_account())
    problems = [str(error) for error in errors] + [f"{name}: not in the ledger" for name in unknown]
    return len(outcomes) - len(unknown), problems


def alert_round(url: str, *, really: bool) -> list[dict[str, Any]]:
    """Messages of one round; `state` says what happened to each."""
    settings = load_settings().alerts
    with _writer(url) if really else open_reader(url) as store:
        found = send_alerts(store, settings, really=really)
    return [asdict(one) for one in found]


def _writer(url: str) -> Store:
    return connect(url or load_settings().store, upgrade=True)


def _account() -> Person:
    """The machine's account, by whose rights commands work."""
    return replace(SYSTEM, user_id=f"cli:{getpass.getuser()}")


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
