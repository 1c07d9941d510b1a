"""How the night stands in Prometheus' text format, as a file for a textfile collector."""

from __future__ import annotations

import os
from pathlib import Path

from flows.site import Site
from qa.operations import Status, read_status

_HELP = {
    "qa_stage_pieces": "Pieces of work by stage and state.",
    "qa_stage_factor": "Seconds of work per second of sound, by stage.",
    "qa_problem_files": "Files with an open problem, by stage and code.",
    "qa_calls_waiting": "Calls that were never scored and are not given up.",
    "qa_last_run": "Numbers of the last run.",
    "qa_alert": "1 where somebody is needed.",
    "qa_last_run_finished_seconds": "When the last run ended, Unix time.",
}
_ALERTS = ("late", "missed", "paused", "lost", "failures")


def write_metrics(site: Site) -> None:
    """Write `night.metrics_file` if it is set; a reader never sees half of it."""
    if not site.settings.night.metrics_file:
        return
    path = Path(site.settings.night.metrics_file)
    path.parent.mkdir(parents=True, exist_ok=True)
    status = read_status(site.store, site.settings, site.store.database.now())
    factors = {stage: found.factor for stage, found in site.store.operations.speeds().items()}
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(metrics_text(status, factors), encoding="utf-8")
    draft.replace(path)


def metrics_text(status: Status, factors: dict[str, float]) -> str:
    """The text. Labels are stages, states and codes only: no call, agent or file name."""
    rows: list[tuple[str, dict[str, str], float]] = []
    for stage, states in status.standing.items():
        rows += [
            ("qa_stage_pieces", {"stage": stage, "state": state}, count)
            for state, count in states.items()
        ]
    rows += [("qa_stage_factor", {"stage": stage}, value) for stage, value in factors.items()]
    rows += [
        ("qa_problem_files", {"stage": row["stage"], "code": row["code"]}, row["files"])
        for row in status.reasons
    ]
    if status.forecast:
        rows.append(("qa_calls_waiting", {}, status.forecast.waiting))
    if status.last:
        rows += [("qa_last_run", {"count": name}, n) for name, n in status.last.counts.items()]
        if status.last.finished_at:
            ended = status.last.finished_at.timestamp()
            rows.append(("qa_last_run_finished_seconds", {}, ended))
    rows += [("qa_alert", {"alert": code}, float(code in status.alerts)) for code in _ALERTS]
    return "".join(_lines(rows))


def _lines(rows: list[tuple[str, dict[str, str], float]]) -> list[str]:
    lines, told = [], set()
    for name, labels, value in rows:
        if name not in told:
            told.add(name)
            lines.append(f"# HELP {name} {_HELP[name]}\n# TYPE {name} gauge\n")
        inside = ",".join(f'{key}="{text}"' for key, text in sorted(labels.items()))
        lines.append(f"{name}{{{inside}}} {value:g}\n" if inside else f"{name} {value:g}\n")
    return lines
