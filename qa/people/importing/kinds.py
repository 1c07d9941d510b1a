"""What can be imported: columns with the names people give them, and what identifies a row."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from qa.characters import has_han, to_simplified
from qa.evaluation import Bilingual
from qa.people.importing import parsing as p


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One column.

    Attributes:
        name: Column of the store.
        title: Name on pages.
        parse: Cell → value; raises `ValueError` with what is wrong.
        aliases: Header names that mean it, folded (see `folded`).
        required: Neither column nor cell may be missing.
    """

    name: str
    title: Bilingual
    parse: Callable[[object], object]
    aliases: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportKind:
    """One kind of file.

    Attributes:
        table: Table of the store.
        keys: Fields that identify a row: importing it again corrects it.
        agent: Field with an agent whom the roster or a call must know; `""` for none.
        day: Field that must not lie in the future; `""` for none.
    """

    id: str
    name: Bilingual
    table: str
    fields: tuple[Field, ...]
    keys: tuple[str, ...]
    agent: str = "agent_id"
    day: str = ""

    def field(self, name: str) -> Field:
        """The field of this name.

        Raises:
            KeyError: There is none.
        """
        return {field.name: field for field in self.fields}[name]


def folded(header: object) -> str:
    """A header name as compared: simplified, no case, spaces, marks or units in brackets."""
    word = unicodedata.normalize("NFKC", str(header or "")).casefold()
    if has_han(word):
        word = to_simplified(word)
    return re.sub(r"[\s_\-./:*]+|\(.*?\)|\[.*?\]|【.*?】", "", word)


def _field(
    name: str, zh: str, en: str, parse: Callable[[object], object], *aliases: str,
    required: bool = False,
) -> Field:  # fmt: skip
    words = {folded(word) for word in (name, zh, en, *aliases)}
    return Field(
        name=name, title=Bilingual(zh=zh, en=en), parse=parse, aliases=tuple(sorted(words)),
        required=required,
    )  # fmt: skip


_AGENT = _field(
    "agent_id", "工号", "Agent id", p.identifier, "坐席工号", "员工工号", "员工编号", "坐席编号",
    "客服工号", "坐席", "agent", "agent no", "employee id", "staff id", required=True,
)  # fmt: skip
_CALL = _field(
    "call_id", "通话编号", "Call id", p.identifier, "通话id", "流水号", "录音编号", "会话id",
    "话单号", "call", "contact id", "session id", "callid", required=True,
)  # fmt: skip
_DAY = _field("day", "日期", "Date", p.day, "出勤日期", "工作日期", "培训日期", "考勤日期",
              "work date", required=True)  # fmt: skip

_ROSTER = ImportKind(
    id="roster", name=Bilingual(zh="花名册", en="Roster"), table="agents",
    keys=("agent_id", "valid_from"), agent="",
    fields=(
        _AGENT,
        _field("valid_from", "生效日期", "Valid from", p.day, "开始日期", "入组日期", "起始日期",
               "from", "start date", required=True),
        _field("valid_to", "失效日期", "Valid to", p.day, "结束日期", "离组日期", "截止日期", "to",
               "end date", "until"),
        _field("name", "姓名", "Name", p.text, "坐席姓名", "员工姓名", "agent name"),
        _field("team", "班组", "Team", p.text, "团队", "小组", "部门", "组别", "group"),
        _field("hired_on", "入职日期", "Hired on", p.day, "入职时间", "hire date", "hired"),
    ),
)  # fmt: skip

_ATTENDANCE = ImportKind(
    id="attendance", name=Bilingual(zh="出勤", en="Attendance"), table="attendance",
    keys=("agent_id", "day"), day="day",
    fields=(
        _AGENT, _DAY,
        _field("scheduled_min", "排班分钟", "Scheduled minutes", p.amount, "应出勤", "排班时长",
               "计划工时", "scheduled", required=True),
        _field("worked_min", "在岗分钟", "Worked minutes", p.amount, "实出勤", "实际工时",
               "出勤时长",
               "在岗时长", "worked"),
        _field("late_min", "迟到分钟", "Minutes late", p.amount, "迟到", "迟到时长", "late"),
        _field("absent_type", "缺勤类型", "Absence", p.leave, "请假类型", "缺勤", "假别", "absent",
               "leave type"),
        _field("adherence_percent", "遵时率", "Adherence %", p.percent, "adherence_pct",
               "出勤遵守率", "班次遵从率", "adherence"),
    ),
)  # fmt: skip

_CSAT = ImportKind(
    id="csat", name=Bilingual(zh="满意度", en="CSAT"), table="csat", keys=("call_id",), agent="",
    fields=(
        _CALL,
        _field("score", "满意度", "Score", p.stars, "评分", "满意度评分", "打分", "得分", "csat",
               "rating", required=True),
        _field("comment", "评语", "Comment", p.prose, "客户评语", "意见", "备注", "feedback"),
    ),
)  # fmt: skip

_CRM = ImportKind(
    id="crm", name=Bilingual(zh="工单与一次解决", en="CRM and first contact"), table="crm_cases",
    keys=("call_id",), agent="",
    fields=(
        _CALL,
        _field("topic", "事由", "Topic", p.prose, "业务类型", "来电事由", "工单类型", "问题类型",
               "case type"),
        _field("resolved", "是否解决", "Resolved", p.flag, "已解决", "一次解决", "fcr"),
        _field("reopened_at", "重开时间", "Reopened at", p.moment, "再次打开", "reopened"),
        _field("complaint_upheld", "投诉是否成立", "Complaint upheld", p.flag, "有责投诉",
               "投诉成立",
               "upheld"),
        _field("commitment_kept", "承诺是否兑现", "Commitment kept", p.flag, "承诺兑现", "已兑现",
               "promise kept"),
    ),
)  # fmt: skip

_CALLS = ImportKind(
    id="calls", name=Bilingual(zh="话务记录", en="Handled calls"), table="handled_calls",
    keys=("call_id",), day="started_at",
    fields=(
        _CALL, _AGENT,
        _field("started_at", "开始时间", "Started at", p.moment, "start_utc", "通话开始时间",
               "来电时间", "start time", "start"),
        _field("direction", "呼叫方向", "Direction", p.text, "方向", "呼入呼出"),
        _field("queue", "技能组", "Queue", p.text, "队列", "业务组", "skill"),
        _field("talk_s", "通话秒数", "Talk seconds", p.amount, "通话时长", "talk", "talk time",
               required=True),
        _field("hold_s", "保持秒数", "Hold seconds", p.amount, "保持时长", "hold", "hold time"),
        _field("acw_s", "话后秒数", "After-call seconds", p.amount, "话后时长", "整理时长", "acw"),
        _field("ended_by", "挂机方", "Ended by", p.text, "挂断方", "hangup"),
        _field("transferred", "是否转接", "Transferred", p.flag, "转接"),
    ),
)  # fmt: skip

_TRAINING = ImportKind(
    id="training", name=Bilingual(zh="培训", en="Training"), table="training",
    keys=("agent_id", "day", "course"), day="day",
    fields=(
        _AGENT, _DAY,
        _field("course", "课程", "Course", p.text, "培训课程", "课程名称", "subject"),
        _field("hours", "学时", "Hours", p.amount, "培训时长", "时长", "小时"),
        _field("test_score", "测试成绩", "Test score", p.percent, "考试成绩", "成绩", "分数",
               "test"),
    ),
)  # fmt: skip

_RATINGS = ImportKind(
    id="ratings", name=Bilingual(zh="360° 评价", en="360° ratings"), table="ratings",
    keys=("agent_id", "period", "rater_role", "rater", "item"),
    fields=(
        _field("agent_id", "被评人工号", "Ratee", p.identifier, "被评人", "被评价人", "工号",
               "agent id", "ratee id", required=True),
        _field("period", "评价周期", "Period", p.period, "周期", "月份", "考核周期", "month",
               required=True),
        _field("rater_role", "评价人角色", "Rater role", p.rater_role, "评价关系", "评价类型",
               "角色",
               "role", required=True),
        _field("rater", "评价人", "Rater", p.text, "评价人编号", "rater id"),
        _field("item", "评价项", "Item", p.text, "指标", "维度", "question", required=True),
        _field("score", "评分", "Score", p.stars, "得分", "打分", "分值", required=True),
    ),
)  # fmt: skip

#: Every kind by id. The file names of the domain's contract (§4.1) are the ids.
KINDS: Mapping[str, ImportKind] = {
    kind.id: kind for kind in (_ROSTER, _ATTENDANCE, _CSAT, _CRM, _CALLS, _TRAINING, _RATINGS)
}
