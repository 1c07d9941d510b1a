"""`qa status` as tables, in the site's language."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flows.headings import in_words
from flows.output import note, print_table
from qa.operations import Status

_WORDS = {
    "en": {
        "late": "Tonight will NOT be done by {by}: {left} calls would be left over. "
        "Use {workers} workers (run.workers), or begin earlier (night.cron).",
        "missed": "The night of {at} did not happen. `qa serve` catches up, or run it by hand.",
        "paused": "Paused by {by}: {why}. `qa resume` goes on.",
        "lost": "The last run was cut off; the next one takes over what it left.",
        "failures": "{files} files have problems; see the reasons below.",
        "ok": "All is well.",
        "now": "Running since {at}: {finished} of {due} calls, done at about {eta}",
        "last": "Last run",
        "next": "Next night: {at}; to be done by {by}",
        "reasons": "Open problems",
        "plan": "What would help: {calls} calls, {hours} h of sound, measured factor {factor}",
    },
    "zh": {
        "late": "今晚无法在 {by} 前完成，将剩下 {left} 通。请用 {workers} 个工作进程"
        "（run.workers），或提前开始（night.cron）。",
        "missed": "{at} 的夜间批次没有运行。`qa serve` 会补跑，也可手动运行。",
        "paused": "已由 {by} 暂停：{why}。用 `qa resume` 继续。",
        "lost": "上次运行意外中断，下一次会接着完成。",
        "failures": "{files} 个文件有问题，原因见下表。",
        "ok": "一切正常。",
        "now": "自 {at} 起运行：已完成 {finished}/{due} 通，预计 {eta} 完成",
        "last": "上次运行",
        "next": "下次夜间批次：{at}，应在 {by} 前完成",
        "reasons": "未解决的问题",
        "plan": "怎样更快：{calls} 通，{hours} 小时录音，实测实时率 {factor}",
    },
}
_COLUMNS = {
    "en": (("stage", "reason", "files", "what to do"), ("workers", "GPUs", "hours", "in time")),
    "zh": (("环节", "原因", "文件数", "处理办法"), ("工作进程", "显卡", "小时", "来得及")),
}


def show_status(status: Status, language: str) -> None:
    """Print how things stand for a person; alerts first."""
    side = "zh" if language.startswith("zh") else "en"
    words = _WORDS[side]
    for line in alert_lines(status, side):
        note(line)
    for run in status.running[:1]:
        facts = {"finished": int(run.progress.get("finished", 0))}
        facts["due"] = int(run.progress.get("due", 0))
        at, eta = _local(run.started_at, status), _local(status.eta, status)
        note(words["now"].format(at=at, eta=eta, **facts))
    if status.last:
        counts = status.last.counts
        head = f"{words['last']} · {_local(status.last.started_at, status)} · "
        head += in_words(status.last.state)
        print_table(head, list(counts), [[f"{value:g}" for value in counts.values()]])
    by = _local(status.forecast.finish_by, status) if status.forecast else "–"
    note(words["next"].format(at=_local(status.next_at, status), by=by))
    reasons, plan = _COLUMNS[side]
    if status.reasons:
        rows = [[row[k] for k in ("stage", "message", "files", "remedy")] for row in status.reasons]
        print_table(words["reasons"], reasons, rows)
    _show_plan(status, words, plan)


def _show_plan(status: Status, words: dict[str, str], columns: tuple[str, ...]) -> None:
    found = status.forecast
    if found is None or status.speed is None or not found.waiting + found.expected:
        return
    rows: list[list[Any]] = [
        [each.workers, each.gpus or None, f"{each.seconds / 3600:.1f}", "✓" if each.fits else "✗"]
        for each in found.options
    ]
    hours, factor = f"{found.audio_seconds / 3600:.1f}", f"{status.speed.factor:.2f}"
    calls = found.waiting + found.expected
    print_table(words["plan"].format(calls=calls, hours=hours, factor=factor), columns, rows)


def alert_lines(status: Status, side: str) -> list[str]:
    """One sentence for each alert, or that all is well."""
    words, found = _WORDS[side], status.forecast
    facts: dict[str, Any] = {"at": _local(status.missed, status)}
    facts["files"] = sum(int(row["files"]) for row in status.reasons)
    if found:
        facts |= {"left": found.left_over, "workers": found.workers_needed}
    lines = []
    for code in status.alerts:
        by = (status.paused or {}).get("by", "") if code == "paused" else ""
        shown = by or (_local(found.finish_by, status) if found else "")
        why = (status.paused or {}).get("why", "") or "–"
        lines.append(words[code].format(**facts, by=shown, why=why))
    return lines or [words["ok"]]


def _local(moment: datetime | None, status: Status) -> str:
    if moment is None:
        return "–"
    return f"{moment.astimezone(ZoneInfo(status.schedule.timezone)):%Y-%m-%d %H:%M}"
