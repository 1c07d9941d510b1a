"""High- and low-efficiency behaviours (高低效行为对照表, dossier §5.2) with an agent's own results.

Each row is a stage of the call, what is done well and what is not, and the criteria that show it.
The last two rows of the dossier are about coaching itself and cannot be heard in a call.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import pandas as pd

from qa.evaluation import JUDGED, Bilingual
from qa.people.intervals import Estimate, wilson


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """A row of the table; `criteria` are criterion ids, or sections with everything in them."""

    stage: Bilingual
    high: Bilingual
    low: Bilingual
    criteria: tuple[str, ...]


def _row(
    criteria: str, stage: tuple[str, str], high: tuple[str, str], low: tuple[str, str]
) -> Behaviour:
    made = (Bilingual(zh=zh, en=en) for zh, en in (stage, high, low))
    named, good, bad = made
    return Behaviour(stage=named, high=good, low=bad, criteria=tuple(criteria.split()))


BEHAVIOURS = (
    _row("S1", ("开场", "Opening"),
         ("三句内报清单位工号并问需求", "Company, name, offer of help in three sentences"),
         ("只说“喂，说”或让客户先猜", "“Yes?”, and the caller has to guess")),
    _row("S2.2", ("核身", "Verification"),
         ("说明为何核对，只问必要两项", "Says why, asks the two items needed"),
         ("反复盘问或跳过核身直接报余额", "Interrogates, or gives a balance unverified")),
    _row("S3.1 S3.2", ("倾听", "Listening"),
         ("等客户说完，短应答，记要点", "Lets them finish, short signals, notes"),
         ("抢话、边听边打字无回应", "Talks over them, types in silence")),
    _row("S3.3", ("确认", "Confirming"),
         ("用自己的话复述并求证", "Plays the need back and checks it"),
         ("“知道了”后直接操作", "“Right”, and off to the screen")),
    _row("S4", ("提问", "Asking"),
         ("由大到小，一次一问", "From wide to narrow, one at a time"),
         ("连珠炮、重复问、反问", "Volleys, repeats, questions back")),
    _row("S3.4 S10.1", ("查询", "Looking up"),
         ("报原因与时长，期间更新进展", "Says why and how long, narrates progress"),
         ("沉默二十秒以上", "Silent for twenty seconds and more")),
    _row("S5.1", ("情绪", "Feelings"),
         ("先说出客户难处再谈流程", "Names the difficulty before the procedure"),
         ("“您别激动”“规定就这样”", "“Calm down”, “those are the rules”")),
    _row("S7", ("用语", "Wording"),
         ("说明原因，给出两条可行路", "Gives the reason and two ways that work"),
         ("一句“不行”结束，推给别人", "“No”, or somebody else's job")),
    _row("S8.2 S6.4", ("讲解", "Explaining"),
         ("特点→作用→对您的好处", "Feature, effect, what it does for you"),
         ("念条款、堆术语", "Reads out terms, piles up jargon")),
    _row("S8.1", ("方案", "Solving"),
         ("让客户在选项里挑", "Lets the customer choose among options"),
         ("替客户决定或推给自助", "Decides for them, or points to self-service")),
    _row("S8.3", ("承诺", "Promising"),
         ("谁、何时、单号，并按时回电", "Who, when, reference; calls back in time"),
         ("“尽快”“应该会有人联系”", "“Soon”, “somebody should call you”")),
    _row("S10.2", ("转接", "Transferring"),
         ("先交代情况，客户不必重述", "Hands the story over, nothing is told twice"),
         ("直接转出，转丢", "Blind transfer, caller lost")),
    _row("S9", ("投诉", "Complaints"),
         ("先听满，再问，再担，再商量", "Hears out, asks, owns, agrees"),
         ("一上来解释政策、争对错", "Explains policy first, argues who is right")),
    _row("S2.3", ("信息", "Personal data"),
         ("只核后四位，劝止报密码", "Checks four digits, stops spoken secrets"),
         ("索要验证码", "Asks for a one-time code")),
    _row("S12", ("收尾", "Closing"),
         ("小结、还有吗、致谢、等客户先挂", "Recap, anything else, thanks, they hang up first"),
         ("话音未落挂机", "Hangs up before the last word")),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What an agent's calls show of a behaviour.

    Attributes:
        rate: Share of verdicts that were met, 0–1, Wilson over verdicts.
        good: The call (and criterion) that shows it best, `bad` the one that lacks it most.
    """

    behaviour: Behaviour
    rate: Estimate
    good: tuple[str, str] | None
    bad: tuple[str, str] | None


class Level(IntEnum):
    """The five levels of listening (聆听的 5 个层次, dossier §2.5)."""

    IGNORING = 1
    PRETENDING = 2
    SELECTIVE = 3
    ATTENTIVE = 4
    EMPATHIC = 5


def shown_behaviours(results: pd.DataFrame) -> list[Shown]:
    """The table for the calls of one agent; rows that no call shows are left out.

    Args:
        results: One row per call and criterion: call_id, criterion_id, outcome, confidence.
    """
    judged = results[results["outcome"].isin(JUDGED)]
    section = judged["criterion_id"].str.partition(".")[0]
    found = []
    for behaviour in BEHAVIOURS:
        wanted = list(behaviour.criteria)
        part = judged[judged["criterion_id"].isin(wanted) | section.isin(wanted)]
        rate = wilson(int((part["outcome"] == "met").sum()), len(part))
        if rate is not None:
            good, bad = (_surest(part, outcome) for outcome in ("met", "missed"))
            found.append(Shown(behaviour=behaviour, rate=rate, good=good, bad=bad))
    return found


def _surest(part: pd.DataFrame, outcome: str) -> tuple[str, str] | None:
    rows = part[part["outcome"] == outcome]
    if rows.empty:
        return None
    best = rows.loc[rows["confidence"].astype("float64").idxmax()]
    return str(best["call_id"]), str(best["criterion_id"])


def listening_level(results: pd.DataFrame) -> Level | None:
    """The level an agent's calls show; None where paraphrasing was judged too rarely to say.

    Mean credit per criterion stands for the dossier's thresholds: S3.3 (paraphrase) 0.5, S3.1 (no
    interruption) 0.66, S4 (needs clarified) 0.7, S5.1 (empathy) 0.8; S3.5 (understands without
    repeats) at 0 is the first level. For coaching only: it enters no score.

    Args:
        results: One row per call and criterion: criterion_id, outcome, share.
    """
    judged = results[results["outcome"].isin(JUDGED)]
    credit = judged.groupby("criterion_id")["share"].agg(["mean", "size"]).astype("float64")
    if "S3.3" not in credit.index or credit.loc["S3.3", "size"] < 3:
        return None
    needs = judged.loc[judged["criterion_id"].str.startswith("S4"), "share"].astype("float64")
    mean = credit["mean"]
    if mean.get("S3.5", 1.0) <= 0:
        return Level.IGNORING
    if mean["S3.3"] <= 0 and needs.mean() <= 0 < mean.get("S3.2", 0.0):
        return Level.PRETENDING
    covered = needs.mean() >= 0.7 if len(needs) else True
    if not (mean["S3.3"] >= 0.5 and mean.get("S3.1", 1.0) >= 0.66 and covered):
        return Level.SELECTIVE
    return Level.EMPATHIC if mean.get("S5.1", 1.0) >= 0.8 else Level.ATTENTIVE
