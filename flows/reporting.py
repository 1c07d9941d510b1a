"""Management reports to files and mailboxes: when the night finds one due, or by hand."""

from __future__ import annotations

import logging
import smtplib
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

from flows.site import Site
from qa.access import SYSTEM
from qa.audit import AuditAction
from qa.errors import QaError, SettingsError, SourceError
from qa.reports.reading import report_of
from qa.reports.report import Report
from qa.reports.schedule import due_months, due_weeks
from qa.store import Problem

_log = logging.getLogger(__name__)
_WEEK, _MONTH = "reports.last_week", "reports.last_month"
_STAGE = "report"


def due_reports(site: Site) -> dict[str, list[str]]:
    """Periods whose report should have been written by now, oldest first, by where it is noted."""
    wanted, known = site.settings.reports, site.store.settings
    today = site.store.database.now().astimezone(ZoneInfo(site.settings.timezone)).date()
    return {
        _WEEK: due_weeks(today, wanted.weekly_on, known.get(_WEEK, "")),
        _MONTH: due_months(today, wanted.monthly_on, known.get(_MONTH, "")),
    }


def write_due(site: Site) -> list[Path]:
    """Write and send what is due. A report that fails becomes a problem, and is due again."""
    written: list[Path] = []
    for last, periods in due_reports(site).items():
        for period in periods:
            try:
                written += _write_and_send(site, period)
            except (QaError, OSError, smtplib.SMTPException) as error:
                _log.error("report %s: %s", period, error)
                site.store.problems.report([_problem(period, error)])
                break  # those after it wait, or this one would be passed over
            site.store.problems.resolve([period], stage=_STAGE)
            site.store.settings.set(last, period)
    return written


def _write_and_send(site: Site, period: str) -> list[Path]:
    report = read_report(site, period)
    if not report.calls:  # a site's first weeks have nothing to say
        return []
    made = write_report(site, report)
    send_report(site, report, made)
    return made


def read_report(site: Site, period: str) -> Report:
    """The report of a month or week, for the whole site.

    Raises:
        SettingsError: It is neither a month nor a week.
    """
    return report_of(
        site.store,
        SYSTEM,
        period,
        timezone=site.settings.timezone,
        now=site.store.database.now(),
        reasons={item.id: item.title for item in site.reasons},
    )


def write_report(site: Site, report: Report) -> list[Path]:
    """The report in every language and format of the settings; returns the files.

    Raises:
        SourceError: The folder cannot be written.
    """
    wanted = site.settings.reports
    return [
        save_report(site, report, wanted.place / f"report-{report.period}-{language}.{form}")
        for language in wanted.languages
        for form in wanted.formats
    ]


def save_report(site: Site, report: Report, path: Path, language: str = "") -> Path:
    """One file, whole or not at all; noted in the audit.

    Args:
        site: The site.
        report: What to write.
        path: `FILE.pdf` or `FILE.xlsx`; its folder is made.
        language: `zh` or `en`; when empty, the end of the file's stem says it.

    Raises:
        SettingsError: Another format or language.
        SourceError: It cannot be written.
    """
    from qa.reports.pdf import to_pdf  # noqa: PLC0415  (typst)
    from qa.reports.workbook import to_xlsx  # noqa: PLC0415

    made = {".pdf": to_pdf, ".xlsx": to_xlsx}.get(path.suffix.lower())
    if made is None:
        raise SettingsError("no report in this format", str(path), "name it .pdf or .xlsx")
    side = language or path.stem[-2:]
    content = made(report, side)
    waiting = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        waiting.write_bytes(content)
        waiting.replace(path)
    except OSError as error:
        raise SourceError(
            f"cannot be written ({error.strerror})", str(path), "check the folder and its rights"
        ) from error
    detail = {"format": path.suffix[1:].lower(), "language": side}
    site.store.audit.record(
        SYSTEM.user_id, AuditAction.EXPORT, kind="report", subject=report.period, detail=detail
    )
    return path


def send_report(site: Site, report: Report, files: list[Path]) -> None:
    """Mail the files to those whom the settings name; nothing when they name nobody.

    Raises:
        SettingsError: The mail server or the sender is not named.
        OSError: It cannot be reached.
    """
    from flows.alerting import mail  # noqa: PLC0415
    from qa.reports.sheets import heading  # noqa: PLC0415

    wanted, by = site.settings.reports, site.settings.alerts
    if not wanted.to:
        return
    if not (by.smtp and by.sender):
        raise SettingsError(
            "reports cannot be mailed", "reports.to", "name `smtp` and `sender` of [alerts]"
        )
    titles = [heading(report, language) for language in wanted.languages]
    message = EmailMessage()
    message["Subject"] = " / ".join(f"{title} {report.period}" for title, _ in titles)
    message["From"], message["To"] = by.sender, ", ".join(wanted.to)
    message.set_content("\n".join(subtitle for _, subtitle in titles))
    for file in files:
        message.add_attachment(
            file.read_bytes(), maintype="application", subtype="octet-stream", filename=file.name
        )
    mail(message, by)
    site.store.audit.record(
        SYSTEM.user_id,
        AuditAction.EXPORT,
        kind="report",
        subject=report.period,
        detail={"sent_to": ", ".join(wanted.to)},
    )


def _problem(period: str, error: Exception) -> Problem:
    known = error if isinstance(error, QaError) else None
    return Problem(
        uri=period,
        stage=_STAGE,
        code=known.code if known else "transient",
        message=known.message if known else type(error).__name__,
        remedy=known.remedy if known else "it is tried again with the next night",
    )
