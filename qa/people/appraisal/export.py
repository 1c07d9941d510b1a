"""A frozen period as a workbook: numbers are numbers, and no cell is ever a formula."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from qa.evaluation import Bilingual
from qa.people.appraisal.scheme import OWN_MEASURES, Scheme
from qa.people.appraisal.scoring import AgentResult
from qa.people.appraisal.snapshot import Proposal
from qa.people.indicators import INDICATORS
from qa.spreadsheets import open_workbook

_TEXTS = {
    "results": Bilingual(zh="结果", en="Results"),
    "measures": Bilingual(zh="指标明细", en="Measures"),
    "about": Bilingual(zh="说明", en="About"),
    "agent_id": Bilingual(zh="工号", en="Agent id"),
    "name": Bilingual(zh="姓名", en="Name"),
    "team": Bilingual(zh="班组", en="Team"),
    "calls": Bilingual(zh="通话数", en="Calls"),
    "score": Bilingual(zh="得分", en="Score"),
    "low": Bilingual(zh="区间下限", en="Interval from"),
    "high": Bilingual(zh="区间上限", en="Interval to"),
    "proposed": Bilingual(zh="建议等级", en="Proposed grade"),
    "decided": Bilingual(zh="人工决定", en="Decided by a person"),
    "note": Bilingual(zh="说明", en="Note"),
    "status": Bilingual(zh="状态", en="Status"),
    "provisional": Bilingual(zh="暂定", en="Provisional"),
    "adjustment": Bilingual(zh="前期调整", en="Adjustment"),
    "gates": Bilingual(zh="否决/封顶", en="Gates"),
    "part": Bilingual(zh="考核项", en="Indicator"),
    "measure": Bilingual(zh="指标", en="Measure"),
    "value": Bilingual(zh="数值", en="Value"),
    "n": Bilingual(zh="样本量", en="n"),
    "points": Bilingual(zh="百分制得分", en="Points"),
    "weight": Bilingual(zh="权重", en="Weight"),
    "lost": Bilingual(zh="失分", en="Points lost"),
    "flag": Bilingual(zh="备注", en="Remark"),
    "proposal": Bilingual(
        zh="本表为系统建议，供人决定；不自动产生任何奖惩。被考核人可申诉。",
        en="The software proposes, a person decides; no sanction follows by itself, and everybody "
        "may appeal.",
    ),
    "blind": Bilingual(
        zh="录音听不出答复是否正确、记录是否完整，这两项不在评分之内。",
        en="Whether answers were correct and records complete cannot be heard, and is not scored.",
    ),
}
_RESULT_COLUMNS = ("agent_id", "name", "team", "calls", "score", "low", "high", "proposed",
                   "decided", "note", "status", "provisional", "adjustment", "gates")  # fmt: skip
_MEASURE_COLUMNS = ("agent_id", "name", "part", "measure", "value", "n", "low", "high", "points",
                    "weight", "lost", "flag")  # fmt: skip


def workbook(
    proposal: Proposal,
    about: Mapping[str, Any],
    decided: Mapping[str, tuple[str, str]],
    *,
    language: str,
) -> bytes:
    """The period as XLSX.

    Args:
        proposal: The frozen one.
        about: What the snapshot says of its period, with its `sha256`.
        decided: Agent → (grade, note) as a person decided.
        language: `zh…` or `en`.
    """
    buffer = io.BytesIO()
    with open_workbook(buffer) as book:
        results = [_result(item, decided.get(item.agent_id)) for item in proposal.results]
        _table(book, "results", _RESULT_COLUMNS, results, language)
        measures = [
            row for item in proposal.results for row in _measures(item, proposal.scheme, language)
        ]
        _table(book, "measures", _MEASURE_COLUMNS, measures, language)
        sheet = book.add_worksheet(_TEXTS["about"].in_language(language))
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, 1, 90)
        for at, key in enumerate(("proposal", "blind")):
            sheet.write_string(at, 0, _TEXTS[key].in_language(language))
        for at, (key, value) in enumerate(sorted(about.items()), start=3):
            sheet.write_string(at, 0, str(key))
            sheet.write_string(at, 1, str(value))
    return buffer.getvalue()


def _result(item: AgentResult, decided: tuple[str, str] | None) -> Sequence[Any]:
    grade, note = decided or ("", "")
    return (
        item.agent_id, item.name, item.team, item.calls, item.score, item.low, item.high,
        item.label, grade, note, item.status, item.provisional, item.adjustment,
        " ".join(item.gates),
    )  # fmt: skip


def _measures(item: AgentResult, scheme: Scheme, language: str) -> list[Sequence[Any]]:
    parts = {part.id: part.name.in_language(language) for part in scheme.parts}
    return [
        (
            item.agent_id, item.name, parts[row.part], _name(row.id).in_language(language),
            row.value, row.n, row.low, row.high, row.points, row.weight, row.lost, row.flag,
        )
        for row in item.measures
    ]  # fmt: skip


def _name(measure: str) -> Bilingual:
    return OWN_MEASURES[measure] if measure in OWN_MEASURES else INDICATORS[measure].name


def _table(
    book: Any, title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], language: str
) -> None:
    sheet = book.add_worksheet(_TEXTS[title].in_language(language))
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    decimals = book.add_format({"num_format": "0.00"})
    for at, column in enumerate(columns):
        sheet.write_string(0, at, _TEXTS[column].in_language(language), head)
    for line, row in enumerate(rows, start=1):
        for at, value in enumerate(row):
            if value is None:
                continue
            if isinstance(value, bool):
                sheet.write_boolean(line, at, value)
            elif isinstance(value, (int, float)):
                sheet.write_number(line, at, value, decimals if isinstance(value, float) else None)
            else:
                sheet.write_string(line, at, str(value))
    sheet.freeze_panes(1, 2)
    sheet.set_column(0, len(columns) - 1, 14)
    if rows:
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)
