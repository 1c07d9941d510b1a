"""Files as people have them: any encoding, any column name, and every fault named with its line."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pytest

from qa.errors import SettingsError, SourceError
from qa.people.importing import KINDS, Known, read_import
from qa.people.importing import parsing as p

TODAY = date(2026, 11, 22)
KNOWN = Known(agents=frozenset({"A1", "A2"}), calls=frozenset({"c1"}), today=TODAY)
ZH = "工号,日期,应出勤,实出勤,迟到,缺勤类型,遵时率\nA1,2026年9月14日,480,470,10,,97.5%\nA2,2026/9/14,480,0,0,旷工,\n"


def check(kind, text, known=KNOWN, **options):
    data = text if isinstance(text, bytes) else text.encode()
    return read_import(kind, data, "file.csv", known, **options)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_chinese_headers_in_every_encoding(encoding):
    found = check("attendance", ZH.encode(encoding))
    assert found.errors == ()
    assert found.rows[0] == {
        "agent_id": "A1", "day": date(2026, 9, 14), "scheduled_min": 480, "worked_min": 470,
        "late_min": 10, "absent_type": "", "adherence_percent": 97.5,
    }  # fmt: skip
    assert found.rows[1]["absent_type"] == "unapproved"


def test_big5():
    found = check("csat", "通話編號,滿意度,評語\nc1,5,講得很清楚\n".encode("big5"))
    assert found.rows[0] == {"call_id": "c1", "score": 5, "comment": "講得很清楚"}


def test_a_workbook_with_a_title_over_its_header():
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    for row in (
        ["9 月出勤"],
        [],
        ["工号", "日期", "应出勤"],
        ["A1", datetime(2026, 9, 14), 480],  # noqa: DTZ001
        [1001.0, 46279, "480"],
    ):
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    found = read_import("attendance", buffer.getvalue(), "a.xlsx", KNOWN)
    assert found.encoding == "xlsx"
    assert found.rows[0]["day"] == date(2026, 9, 14)
    assert [(e.line, e.code) for e in found.errors] == [(5, "unknown_agent")]
    assert "'1001'" in found.errors[0].message


@pytest.mark.parametrize(
    ("kind", "text", "faults"),
    [
        ("attendance", "agent_id,date,scheduled_min\nA1,2026-09-14,480\nA9,2026-09-14,480\n", [(3, "unknown_agent")]),
        ("attendance", "agent_id,date,scheduled_min\nA1,2027-01-01,480\n", [(2, "future")]),
        ("attendance", "agent_id,date,scheduled_min\nA1,2026-02-30,480\n", [(2, "value")]),
        ("attendance", "agent_id,date,scheduled_min\n,2026-09-14,480\n", [(2, "missing")]),
        ("attendance", "agent_id,date,scheduled_min\nA1,2026-09-14,-5\n", [(2, "value")]),
        ("attendance", "agent_id,date,scheduled_min\nA1,2026-09-14,480\nA1,2026-09-14,480\n", [(3, "duplicate")]),
        ("attendance", "agent_id,date,scheduled_min\nA1,2026-09-14,480\nA1,2026-09-14,240\n", [(3, "conflict")]),
        ("csat", "call_id,score\nc1,6\n", [(2, "value")]),
        ("csat", "call_id,score\nc9,4\n", [(2, "unknown_call")]),
        ("crm", "call_id,resolved\nc1,maybe\n", [(2, "value")]),
        ("ratings", "ratee,period,rater_role,item,score\nA1,2026-09,boss,x,4\n", [(2, "value")]),
        ("ratings", "ratee,period,rater_role,item,score\nA1,autumn,peer,x,4\n", [(2, "value")]),
        ("roster", "agent_id,valid_from,valid_to\nA5,2026-01-01,2025-01-01\n", [(2, "value")]),
        ("roster", "agent_id,valid_from,team\nA5,2026-01-01,x\nA5,2026-03-01,y\n", [(3, "overlap")]),
        ("roster", "agent_id,valid_from,valid_to,team\nA5,2026-01-01,2026-03-01,x\nA5,2026-03-01,,y\n", []),
    ],
)  # fmt: skip
def test_faults_have_line_and_code(kind, text, faults):
    found = check(kind, text)
    assert [(error.line, error.code) for error in found.errors] == faults
    assert all(error.remedy for error in found.errors)


def test_warnings_keep_their_rows():
    assert len(check("csat", "call_id,score\nc9,4\n").rows) == 1
    assert check("csat", "call_id,score\nc9,4\n").refused == 0


def test_columns_of_the_stored_roster_must_not_overlap():
    known = Known(today=TODAY, roster={("A5", date(2026, 1, 1)): None})
    moved = check("roster", "agent_id,valid_from,team\nA5,2026-06-01,y\n", known)
    assert [e.code for e in moved.errors] == ["overlap"]
    ended = "agent_id,valid_from,valid_to,team\nA5,2026-01-01,2026-06-01,x\nA5,2026-06-01,,y\n"
    assert check("roster", ended, known).errors == ()


def test_raters_are_never_named_and_counted_apart():
    text = "ratee,period,role,rater,item,score\nA1,2026-09,peer,王芳,合作,4\nA1,2026-09,peer,,合作,5\nA1,2026-09,peer,,合作,3\n"
    raters = [row["rater"] for row in check("ratings", text).rows]
    assert raters[1:] == ["1", "2"]
    assert "王芳" not in str(check("ratings", text).rows)


def test_a_missing_column_is_one_error_and_can_be_mapped():
    found = check("csat", "call_id,stars given\nc1,4\n")
    assert found.errors[0].line == 1
    assert found.rows == ()
    assert (
        check("csat", "call_id,stars given\nc1,4\n", mapping={"score": "stars given"}).rows[0][
            "score"
        ]
        == 4
    )


@pytest.mark.parametrize("mapping", [{"score": "none"}, {"charm": "call_id"}])
def test_a_mapping_to_nothing_is_refused(mapping):
    with pytest.raises(SettingsError):
        check("csat", "call_id,score\nc1,4\n", mapping=mapping)


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00\x01\x02\x03", b"a,b\n1,2\n", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old", "一段话。".encode()],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_a_remedy(data):
    with pytest.raises(SourceError) as caught:
        check("attendance", data)
    assert caught.value.remedy


def test_formulas_and_markup_stay_text():
    found = check("csat", 'call_id,score,comment\nc1,4,"=HYPERLINK(""x"")"\n')
    assert found.rows[0]["comment"] == '=HYPERLINK("x")'


@pytest.mark.parametrize(
    ("parse", "cell", "value"),
    [
        (p.day, "20260914", date(2026, 9, 14)),
        (p.day, "2026.9.14", date(2026, 9, 14)),
        (p.day, 46279, date(2026, 9, 14)),
        (p.day, "-", None),
        (p.number, "１，234.5", 1234.5),
        (p.percent, 0.977, 97.7),
        (p.percent, "97.7%", 97.7),
        (p.flag, "是", True),
        (p.flag, "未兑现", False),
        (p.flag, "", None),
        (p.leave, "病假", "approved"),
        (p.rater_role, "主管", "lead"),
        (p.period, "2026年9月", "2026-09"),
        (p.period, "2026-Q3", "2026-Q3"),
        (p.period, "2026/9", "2026-09"),
        (p.moment, "2026-09-14T08:00:00+08:00", datetime.fromisoformat("2026-09-14T08:00:00+08:00")),
        (p.moment, "2026/09/14 08:00", datetime(2026, 9, 14, 8, tzinfo=UTC)),
        (p.identifier, 1001.0, "1001"),
        (p.identifier, " Ａ１ ", "A1"),
    ],
)  # fmt: skip
def test_cells(parse, cell, value):
    assert (
        parse(cell) == value
        if not isinstance(value, float)
        else parse(cell) == pytest.approx(value)
    )


@pytest.mark.parametrize(
    ("parse", "cell"),
    [(p.number, "many"), (p.number, "nan"), (p.number, True), (p.percent, 140), (p.stars, 0), (p.day, "soon"), (p.moment, "soon"), (p.amount, -1)],
)  # fmt: skip
def test_cells_that_say_nothing(parse, cell):
    with pytest.raises(ValueError, match=r"."):
        parse(cell)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.id)
def test_no_header_name_means_two_columns(kind):
    names = [alias for field in kind.fields for alias in field.aliases]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("请回电 13812345678 找王小明", "请回电 [电话1] 找[姓名1]"),
        ("call Sarah Miller at 202 555 0142", "call [PERSON_1] at [PHONE_1]"),
        ("师傅两天就来了", "师傅两天就来了"),
        ("见 [电话1],或 13912345678", "见 [电话1],或 [电话2]"),
    ],
)
def test_what_a_survey_or_a_case_says_is_kept_without_personal_data(typed, kept):
    found = check("csat", f'call_id,score,comment\nc1,5,"{typed}"\n')
    assert found.rows[0]["comment"] == kept
    found = check("crm", f'call_id,topic\nc1,"{typed}"\n')
    assert found.rows[0]["topic"] == kept
    assert p.prose(kept) == kept
