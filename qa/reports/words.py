"""The words of a report, in both languages."""

from __future__ import annotations

from typing import Any

from qa.errors import SettingsError

LANGUAGES = ("zh", "en")
_WORDS: dict[str, tuple[str, str]] = {
    "title_month": ("通话质量月报", "Call quality: monthly report"),
    "title_week": ("通话质量周报", "Call quality: weekly report"),
    "subtitle": (
        "{period}（{since} 至 {last}）· {calls} 通通话 · {agents} 名坐席 · 生成于 {made}",
        "{period} ({since} to {last}) · {calls} calls · {agents} agents · made {made}",
    ),
    "empty": ("本期没有可统计的通话。", "No calls to report on in this period."),
    "page": ("第 {page} 页，共 {pages} 页", "Page {page} of {pages}"),
    "decisions": ("需要管理层决定的事项", "Decisions asked for"),
    "no_decisions": (
        "没有数字足以要求决定。", "No figure is firm enough to ask for a decision."
    ),
    "headline": ("总体情况", "At a glance"),
    "bands": ("得分分布", "Score distribution"),
    "defects": ("失分最多的项目", "Top defects"),
    "reasons": ("投诉原因（帕累托）", "Complaint reasons (Pareto)"),
    "ageing": ("风险队列停留时间", "Age of open risks"),
    "priority_P1": ("投诉 P1 紧急", "Complaint P1"),
    "priority_P2": ("投诉 P2 重要", "Complaint P2"),
    "priority_P3": ("投诉 P3 一般", "Complaint P3"),
    "priority_high": ("流失 高风险", "Churn, high"),
    "priority_medium": ("流失 中风险", "Churn, medium"),
    "recognition": ("识别质量、抽样与复核", "Recognition, sampling and review"),
    "notes": ("说明", "How to read this"),
    "none": ("无", "None"),
    "measure": ("指标", "Measure"),
    "value": ("本期", "This period"),
    "low": ("下限", "Low"),
    "high": ("上限", "High"),
    "interval": ("95% 区间", "95 % interval"),
    "n": ("通话数", "Calls"),
    "before": ("上期", "Before"),
    "change": ("变化", "Change"),
    "verdict": ("判断", "Verdict"),
    "target": ("目标", "Target"),
    "band": ("得分", "Score"),
    "calls": ("通话", "Calls"),
    "share": ("占比", "Share"),
    "running": ("累计", "Running"),
    "criterion": ("项目", "Criterion"),
    "lost": ("每通失分", "Lost per call"),
    "misses": ("未达标", "Missed"),
    "rate": ("未达标率", "Miss rate"),
    "mostly_in": ("集中班组", "Mostly in"),
    "owner": ("负责人", "Owner"),
    "board": ("改进看板（PDCA）", "Improvements (PDCA)"),
    "finding": ("问题", "Finding"),
    "action": ("措施", "Action"),
    "due": ("期限", "Due"),
    "late": ("逾期", "late"),
    "step": ("阶段", "Step"),
    "step_plan": ("计划", "Plan"),
    "step_do": ("执行", "Do"),
    "step_check": ("检查", "Check"),
    "step_act": ("处理", "Act"),
    "at_first": ("改进前", "Before"),
    "again": ("复测", "Again"),
    "not_yet": ("措施未完成", "Action not done"),
    "sessions": ("校准", "Calibration"),
    "session": ("校准会", "Session"),
    "raters": ("评分人", "Raters"),
    "closed_on": ("结束", "Closed"),
    "still_open": ("进行中", "open"),
    "sampled": ("抽样的通话", "Calls drawn into a sample"),
    "agreed": ("随机抽样中人机一致的评判", "Verdicts of random samples on which people agree"),
    "reason": ("原因", "Reason"),
    "priority": ("级别", "Priority"),
    "under_1": ("1 天内", "Under 1 day"),
    "under_3": ("1–3 天", "1–3 days"),
    "under_7": ("3–7 天", "3–7 days"),
    "older": ("7 天以上", "7 days or more"),
    "open": ("合计", "Open"),
    "overdue": ("超时未接手", "Past target"),
    "number": ("序号", "No."),
    "decision": ("事项", "Decision"),
    "quality": ("平均得分", "Mean score"),
    "passed": ("合格率（85 分）", "Pass rate (85 points)"),
    "confidence": ("平均词置信度", "Mean word confidence"),
    "doubtful": ("识别存疑的通话（低于 60%）", "Calls heard doubtfully (under 60 %)"),
    "unscored": ("未能评分的通话", "Calls without a score"),
    "reviewed": ("有人工判断的通话", "Calls with a person's decision"),
    "better": ("变好", "Better"),
    "worse": ("变差", "Worse"),
    "noise": ("随机波动", "Noise"),
    "unknown": ("通话太少", "Too few calls"),
    "ask_own_defect": (
        "{name}：{n} 通中有 {value} 未达标，多在“{team}”。请指定负责人和完成日期。",
        "{name}: missed in {value} of {n} calls, mostly in {team}. Name an owner and a date.",
    ),
    "ask_critical": (
        "{name}为 {value}（{n} 通），整个区间低于目标 {target}。请决定整改措施。",
        ("{name} is {value} over {n} calls, its whole interval under the target of {target}. "
         "Decide on a remedy."),
    ),
    "ask_overdue": (
        "{n} 个风险已超过响应时限仍无人接手。请确定由谁处理。",
        "{n} risks are past their response target and nobody has taken them. Decide who does.",
    ),
    "ask_action_late": (
        "{n} 项改进措施已过期限。请确认新的期限或另定负责人。",
        "Actions on the board past their date: {n}. Set a new date or another owner.",
    ),
    "ask_doubtful": (
        "{value} 的通话识别存疑（{n} 通）。请安排检查录音线路与词表。",
        ("{value} of {n} calls were heard doubtfully. Have the recording lines and word lists "
         "checked."),
    ),
    "ask_unscored": (
        "{value} 的通话未能评分（{n} 通）。请安排查明原因。",
        "{value} of {n} calls could not be scored. Have the cause found.",
    ),
    "ask_review": (
        "只有 {value} 的通话有人工判断（共 {n} 通），低于约定的 {target}。请决定复核人力。",
        ("Only {value} of {n} calls have a person's decision, under the {target} agreed. "
         "Decide on review time."),
    ),
    "no_team": ("未登记班组", "no team"),
    "note_change": (
        "“变好/变差”表示与上期的差异经多重比较校正（Holm，5%）后仍成立；任一期少于 20 通不作判断。",
        ("“Better” and “worse” mean that the difference from the period before stands after "
         "correction for many comparisons (Holm, 5 %); under 20 calls nothing is said."),
    ),
    "note_interval": (
        "区间按每通通话相互独立计算：比例用 Wilson 区间，均值用 t 区间。",
        "Intervals take calls as independent: Wilson for shares, Student's t for means.",
    ),
    "note_board": (
        "改进看板：同一指标在问题登记前 28 天与措施完成后 28 天相比；区间为差异的 95% 区间。",
        ("Improvements: the same indicator in the 28 days before the finding and the 28 days after "
         "the action; the interval is that of the difference (95 %), in the indicator's unit."),
    ),
    "note_scope": (
        "只统计已知坐席的通话；“正确率”只计人工确认的严重差错，“无疑点率”把机器怀疑的也计入。风险队列为生成时的状态。",
        ("Calls of unknown agents are left out. Accuracy counts critical errors that a person has "
         "confirmed; the share without suspicion counts what the machine suspects as well. Open "
         "risks are those of the moment the report was made."),
    ),
    "note_people": (
        "数字供人参考决定，不自动产生任何处分。",
        "Figures inform people who decide; nothing follows from them by itself.",
    ),
}  # fmt: skip


def word(key: str, language: str, **values: Any) -> str:
    """A text in `zh` or `en`.

    Raises:
        SettingsError: The language is neither.
    """
    if language not in LANGUAGES:
        raise SettingsError(f"no report in {language!r}", "--language", "use zh or en")
    return _WORDS[key][LANGUAGES.index(language)].format(**values)
