"""The ledger as files: what is exported, and outcomes that come back from the CRM."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from qa.errors import QaError
from qa.insight.commitments import EXPORT_COLUMNS, CommitmentOutcome, LedgerItem, to_row
from qa.privacy.redaction import redact_note
from qa.spreadsheets import safe_cell

#: The export: the promise, where it stands, and whose it is.
LEDGER_COLUMNS = (*EXPORT_COLUMNS, "state", "kept_at", "settled_by", "agent_id", "team", "queue")
_DONE = {"kept": False, "broken": True, "守约": False, "已兑现": False, "未兑现": True}


def ledger_row(item: LedgerItem, now: datetime) -> dict[str, str]:
    """One promise as a row of the export, safe to open in a spreadsheet."""
    told = item.outcome
    row = to_row(item.commitment) | {
        "state": item.state(now).value,
        "kept_at": told.kept_at.isoformat() if told and told.kept_at else "",
        "settled_by": told.by if told else "",
        **{name: item.labels.get(name, "") for name in ("agent_id", "team", "queue")},
    }
    return {name: safe_cell(row[name]) for name in LEDGER_COLUMNS}


def read_outcomes(
    content: bytes, name: str, *, timezone: str = "Asia/Shanghai"
) -> tuple[list[CommitmentOutcome], list[QaError]]:
    """Outcomes of a CSV with columns `id, outcome, kept_at[, comment]`; bad rows as errors.

    Args:
        content: The file; UTF-8 (with or without mark) or GB 18030.
        name: Noted as where the outcome comes from.
        timezone: Of times without one.
    """
    found: list[CommitmentOutcome] = []
    errors: list[QaError] = []
    rows = csv.DictReader(io.StringIO(_decoded(content)))
    missing = [column for column in ("id", "outcome") if column not in (rows.fieldnames or ())]
    if missing:
        problem = f"column {', '.join(missing)} is missing"
        return [], [QaError(problem, name, "id, outcome (kept or broken), kept_at")]
    for line, row in enumerate(rows, start=2):
        try:
            found.append(_outcome(row, name, timezone))
        except ValueError as error:
            errors.append(QaError(str(error), f"{name}, line {line}", "correct this row"))
    return found, errors


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")


def _outcome(row: Mapping[str, str | None], name: str, timezone: str) -> CommitmentOutcome:
    told = (row.get("outcome") or "").strip().lower()
    if told not in _DONE:
        raise ValueError(f"outcome {told!r} is neither kept nor broken")
    when = (row.get("kept_at") or "").strip()
    if not _DONE[told] and not when:
        raise ValueError("kept, but no kept_at says when")
    return CommitmentOutcome(
        commitment_id=(row.get("id") or "").strip().removeprefix("'"),
        broken=_DONE[told],
        kept_at=None if _DONE[told] else _moment(when, timezone),
        by=name,
        comment=redact_note((row.get("comment") or "").strip()),
    )


def _moment(text: str, timezone: str) -> datetime:
    moment = datetime.fromisoformat(text)
    local = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))
    return local.astimezone(UTC)
