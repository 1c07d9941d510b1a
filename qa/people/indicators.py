"""Every figure about a person: what it is called, how it is computed, when it may be compared.

One registry for pages, reports and appraisal: `INDICATORS["quality_mean"]`. `moments` sums a frame
into n, total, square and base per group; `qa.people.figures` turns sums into figures with
intervals. Sums add up, so months, teams and years come from the same roll-up.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from qa.evaluation import JUDGED, Bilingual
from qa.people.measures import Better, Indicator, Kind, Table, Values, moments

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "CALM",
    "INDICATORS",
    "LIFTED",
    "MISS",
    "PASS_MARK",
    "UPSET",
    "Better",
    "Indicator",
    "Kind",
    "Table",
    "indicator",
    "miss_indicator",
    "moments",
]

#: Score from which a call passes (target of service quality, dossier §4.2).
PASS_MARK = 85.0
#: A customer was upset when the 3-turn mean fell this low; calm again from these on (S11).
UPSET, CALM, LIFTED = -0.4, 0.0, 0.5
#: Prefix of measures that count how often one criterion is missed: `miss:S3.1`.
MISS = "miss:"


def miss_indicator(criterion_id: str, name: Bilingual | None = None) -> Indicator:
    """The indicator that counts how often a criterion is missed where it applied."""
    shown = name or Bilingual(zh=criterion_id, en=criterion_id)
    return Indicator(
        id=f"{MISS}{criterion_id}",
        name=Bilingual(
            zh=f"{criterion_id} {shown.zh} 未达标率", en=f"{criterion_id} {shown.en}: miss rate"
        ),
        formula=Bilingual(
            zh="判为“未达标”的通话 ÷ 该项适用且可评估的通话（达标＋部分＋未达标）",
            en="calls that missed it ÷ calls where it applied and could be judged",
        ),
        unit="percent",
        kind=Kind.PROPORTION,
        better=Better.LOWER,
        source="dossier §2.4, §5.1",
        values=lambda frame: _hit(frame["outcome"] == "missed", frame["outcome"].isin(JUDGED)),
        minimum_n=20,
        provisional_n=8,
        scale=100,
        limits=(0, 100),
    )


def indicator(measure: str, names: Mapping[str, Bilingual] | None = None) -> Indicator:
    """The indicator of a measure id, criterion miss rates included.

    Args:
        measure: Key of `INDICATORS`, or `miss:<criterion id>`.
        names: Criterion id → name, for miss rates.

    Raises:
        KeyError: There is no such indicator.
    """
    if measure.startswith(MISS):
        criterion = measure.removeprefix(MISS)
        return miss_indicator(criterion, (names or {}).get(criterion))
    return INDICATORS[measure]


def _column(name: str) -> Values:
    return lambda frame: frame[name].astype("float64")


def _hit(hit: pd.Series, counts: pd.Series) -> pd.Series:
    return hit.astype("float64").where(counts.fillna(False).astype(bool))


def _flag(name: str) -> Values:
    return lambda frame: frame[name].astype("Float64").astype("float64")


def _accuracy(name: str, fine: tuple[str, ...]) -> Values:
    return lambda frame: _hit(
        frame[name].isin(fine), frame[name].isin(("pass", "suspected", "confirmed"))
    )


def _passed(frame: pd.DataFrame) -> pd.Series:
    score = frame["quality"].astype("float64")
    return _hit(score >= PASS_MARK, score.notna())


def _recovered(frame: pd.DataFrame) -> pd.Series:
    low, end = (frame[name].astype("float64") for name in ("mood_low", "mood_end"))
    return _hit((end >= CALM) | (end - low >= LIFTED), low <= UPSET)


def _satisfied(frame: pd.DataFrame) -> pd.Series:
    score = frame["csat_score"].astype("float64")
    return _hit(score >= 4, score.notna())


def _upheld(frame: pd.DataFrame) -> pd.Series:
    return frame["complaint_upheld"].astype("boolean").fillna(False).astype("float64")


def _solved(frame: pd.DataFrame) -> pd.Series:
    return 1 - frame["repeated"].astype("Float64").astype("float64")


def _present(frame: pd.DataFrame) -> pd.Series:
    return frame["absent_type"] != "approved"


def _adherence(frame: pd.DataFrame) -> pd.Series:
    planned = frame["scheduled_min"].astype("float64")
    worked = np.minimum(frame["worked_min"].astype("float64"), planned)
    given = frame["adherence_percent"].astype("float64")
    return given.fillna(100 * worked / planned.where(planned > 0)).where(_present(frame))


def _lost_minutes(frame: pd.DataFrame) -> pd.Series:
    late = frame["late_min"].astype("float64")
    absent = frame["absent_type"] == "unapproved"
    return late.mask(absent, frame["scheduled_min"].astype("float64")).where(_present(frame))


_PERCENT = {"unit": "percent", "kind": Kind.PROPORTION, "scale": 100, "limits": (0, 100)}
_SHARE = {"unit": "percent", "kind": Kind.MEAN, "scale": 100, "limits": (0, 100)}
_CLASSES = (
    ("customer_critical", "cc", "客户关键", "Customer-critical"),
    ("business_critical", "bc", "业务关键", "Business-critical"),
    ("compliance_critical", "rc", "合规关键", "Compliance-critical"),
)


def _made(
    key: str, zh: str, en: str, formula_zh: str, formula_en: str, **facts: object
) -> Indicator:
    return Indicator(
        id=key, name=Bilingual(zh=zh, en=en), formula=Bilingual(zh=formula_zh, en=formula_en),
        **facts,  # type: ignore[arg-type]
    )  # fmt: skip


def _critical() -> list[Indicator]:
    found = []
    for column, short, zh, en in _CLASSES:
        found += [
            _made(
                f"{short}_accuracy", f"{zh}正确率", f"{en} accuracy",
                "无人工确认的该类致命差错的通话 ÷ 已评估通话；疑似项在人工确认前不计为差错",
                "calls without an error of this class confirmed by a person ÷ calls assessed; "
                "a suspicion is no error until somebody has heard it",
                better=Better.HIGHER, source="dossier §2.4, §4.2", values=_accuracy(
                    column, ("pass", "suspected")), **_PERCENT,
            ),
            _made(
                f"{short}_clear", f"无{zh}疑似率", f"Free of {en.lower()} suspicion",
                "机器未发现该类疑似致命差错的通话 ÷ 已评估通话（机器口径，未经人工确认）",
                "calls where the machine suspects no error of this class ÷ calls assessed "
                "(the machine's own word)",
                better=Better.HIGHER, source="dossier §2.4", values=_accuracy(column, ("pass",)),
                **_PERCENT,
            ),
        ]  # fmt: skip
    return found


_QUALITY = (
    _made(
        "quality_mean", "质检均分", "Mean quality",
        "有得分通话的质检得分（人工复核后；确认致命差错的通话计 0）的平均值",
        "mean of the quality scores after review; a call with a confirmed auto-fail counts 0",
        unit="points", kind=Kind.MEAN, better=Better.HIGHER, source="dossier §2.4, §4.2",
        values=_column("quality"), limits=(0, 100),
    ),
    _made(
        "fair_quality", "考核用质检均分", "Mean quality for appraisal",
        "同上，但不计音量、口头语（S6.2、S6.3）和辱骂客户来电",
        "the same without volume and fillers (S6.2, S6.3) and without calls of abusive customers",
        unit="points", kind=Kind.MEAN, better=Better.HIGHER, source="dossier §4.6",
        values=_column("fair_quality"), limits=(0, 100),
    ),
    _made(
        "pass_rate", "合格率", "Pass rate",
        "得分不低于 85 分的通话 ÷ 有得分的通话", "calls scoring 85 or more ÷ calls with a score",
        better=Better.HIGHER, source="dossier §4.2 (target 85)", values=_passed, **_PERCENT,
    ),
    *_critical(),
    _made(
        "non_critical", "非关键项正确率", "Non-critical accuracy",
        "每通：非关键项得分 ÷ 适用分值，再对通话取平均",
        "per call: points won ÷ points possible on non-critical criteria; mean over calls",
        better=Better.HIGHER, source="dossier §2.2 (class NC)", values=_column("non_critical"),
        **_SHARE,
    ),
)  # fmt: skip

_SPEED = (
    _made(
        "aht", "平均处理时长", "Average handling time",
        "通话＋保持＋话后处理秒数的平均值（无话务系统记录时用录音时长）；过短过长都不好",
        "mean of talk + hold + after-call seconds (length of the recording where the switch's "
        "record is missing); neither short nor long is good in itself",
        unit="seconds", kind=Kind.MEAN, better=Better.BAND, source="dossier §4.2, [18]",
        values=_column("handle_s"), limits=(0, inf), minimum_n=50,
    ),
    _made(
        "talk_share", "坐席说话占比", "Agent's share of talk",
        "坐席说话时长 ÷ 双方说话时长", "agent talk ÷ talk of both sides; information only",
        better=Better.BAND, source="dossier §6 [12]", values=_column("talk_share"), **_SHARE,
    ),
    _made(
        "hold_share", "保持占比", "Share of hold",
        "保持与音乐时长 ÷ 通话时长", "hold and music ÷ length of the conversation",
        better=Better.LOWER, source="dossier §2.1", values=_column("hold_share"), **_SHARE,
    ),
    _made(
        "dead_air_share", "冷场占比", "Share of dead air",
        "双方静默 3 秒以上的时长 ÷ 通话时长（保持除外）",
        "both silent for 3 s or more ÷ length of the conversation, hold left out",
        better=Better.LOWER, source="dossier §2.1, S3.4", values=_column("dead_air_share"),
        **_SHARE,
    ),
    _made(
        "latency", "应答延迟", "Response latency",
        "每通坐席接话的中位延迟，再对通话取平均",
        "median pause before the agent answers, per call; mean over calls",
        unit="seconds", kind=Kind.MEAN, better=Better.LOWER, source="dossier §1 no. 16",
        values=_column("latency_s"), limits=(-inf, inf),
    ),
    _made(
        "transfer_rate", "转接率", "Transfer rate", "被转接的通话 ÷ 话务系统有记录的通话",
        "calls transferred ÷ calls in the switch's record", better=Better.LOWER,
        source="dossier §4.2, [19]", values=_flag("transferred"), minimum_n=50, **_PERCENT,
    ),
)  # fmt: skip

_CUSTOMER = (
    _made(
        "recovery", "情绪挽回率", "Sentiment recovery",
        "客户情绪曾跌至 −0.4 以下、结束时回到 0 以上或回升 0.5 以上的通话 ÷ 曾跌至 −0.4 以下的通话",
        "of calls where the customer's mood fell to −0.4 or lower, those that ended at 0 or above "
        "or rose by 0.5",
        better=Better.HIGHER, source="dossier §2.1, S11", values=_recovered, **_PERCENT,
    ),
    _made(
        "fcr", "一次解决率（近似）", "First contact resolution (proxy)",
        "1 − 7 天内同一客户同一事由再次来电的通话 ÷ 已满 7 天的通话",
        "1 − calls whose customer came back on the same topic within 7 days ÷ calls 7 days old",
        better=Better.HIGHER, source="dossier §4.2, [18]", values=_solved, minimum_n=50, **_PERCENT,
    ),
    _made(
        "csat", "客户满意率", "CSAT (top two)", "满意度 4 分及以上的评价 ÷ 全部评价",
        "answers of 4 or 5 ÷ answers", better=Better.HIGHER, source="dossier §4.2, [18]",
        values=_satisfied, minimum_n=30, **_PERCENT,
    ),
    _made(
        "complaints_upheld", "有责投诉（每千通）", "Upheld complaints per 1,000 calls",
        "查实的投诉 ÷ 通话数 × 1000", "complaints found justified ÷ calls × 1,000",
        unit="per_1000", kind=Kind.RATE, better=Better.LOWER, source="dossier §4.2",
        values=_upheld, scale=1000, limits=(0, 1000), minimum_n=50,
    ),
    _made(
        "commitments_kept", "承诺兑现率", "Commitments kept", "按时兑现的承诺 ÷ 已有结果的承诺",
        "promises kept ÷ promises with a known outcome", better=Better.HIGHER,
        source="dossier §4.2, §1 no. 17", values=_flag("commitment_kept"), minimum_n=20, **_PERCENT,
    ),
)  # fmt: skip

_WORK = (
    _made(
        "adherence", "出勤遵时率", "Schedule adherence",
        "班内在岗时长 ÷ 排班时长，对班次取平均；批准的假不计",
        "time worked inside the schedule ÷ time scheduled; mean over shifts without approved leave",
        unit="percent", kind=Kind.MEAN, better=Better.HIGHER, source="dossier §4.2, [29]",
        table=Table.DAYS, values=_adherence, limits=(0, 100), minimum_n=10, provisional_n=5,
    ),
    _made(
        "lost_minutes", "迟到与旷工（分钟/班）", "Late or absent without leave",
        "迟到分钟；旷工计整班分钟；对班次取平均",
        "minutes late, a whole shift when absent without leave; mean over shifts",
        unit="minutes", kind=Kind.MEAN, better=Better.LOWER, source="dossier §4.2",
        table=Table.DAYS, values=_lost_minutes, limits=(0, inf), minimum_n=10, provisional_n=5,
    ),
    _made(
        "test_score", "业务知识测试", "Knowledge test", "测试成绩平均值", "mean test score",
        unit="points", kind=Kind.MEAN, better=Better.HIGHER, source="dossier §4.2",
        table=Table.TRAINING, values=_column("test_score"), limits=(0, 100), minimum_n=1,
        provisional_n=1,
    ),
    _made(
        "training_hours", "培训时长", "Training hours", "每次培训的小时数平均值",
        "mean hours per course", unit="hours", kind=Kind.MEAN, better=Better.HIGHER,
        source="dossier §4.2", table=Table.TRAINING, values=_column("hours"), limits=(0, inf),
        minimum_n=1, provisional_n=1,
    ),
    _made(
        "teamwork", "360° 评价", "360° rating",
        "同事与主管评分的平均值，先按评价人平均；少于 3 人不显示，自评不计入",
        "mean of peers and leads, first averaged per rater; hidden under 3 raters; never the "
        "self-rating",
        unit="stars", kind=Kind.MEAN, better=Better.HIGHER, source="dossier §4.2, §4.6",
        table=Table.RATINGS, values=_column("score"), limits=(1, 5), minimum_n=3, provisional_n=3,
    ),
)  # fmt: skip

#: Every indicator by id, in the order of lists. Miss rates of criteria come from `indicator`.
INDICATORS: Mapping[str, Indicator] = {
    item.id: item for item in (*_QUALITY, *_SPEED, *_CUSTOMER, *_WORK)
}
