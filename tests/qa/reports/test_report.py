"""The management report: figures worked by hand, and what PDF and XLSX really hold."""

import shutil
import subprocess
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import openpyxl
import pandas as pd
import pytest

from qa.access import Person, UserRole
from qa.errors import AccessDeniedError, SettingsError
from qa.evaluation import Bilingual
from qa.insight.alerts import RANK, Alert, AlertKind, RiskItem, RiskState
from qa.reports.pdf import to_pdf
from qa.reports.reading import report_of
from qa.reports.report import Ask, Change
from qa.reports.sheets import Format, sheets, written
from qa.reports.summary import Material, summarise
from qa.reports.words import word
from qa.reports.workbook import to_xlsx
from qa.store import connect
from tests.people_store import build_people_store

NOW = datetime(2026, 10, 2, 4, tzinfo=UTC)
NAMES = {
    "S3.3": Bilingual(zh="复述确认", en="Paraphrase"),
    "S1": Bilingual(zh="开场", en="Opening"),
}


def facts(scores, *, confidence=0.9, critical="pass", team="甲组"):
    """One row per score; None is a call that could not be scored."""
    n = len(scores)
    return pd.DataFrame(
        {
            "call_id": [f"c{k}" for k in range(n)],
            "agent_id": [f"A{k % 5}" for k in range(n)],
            "team": [team] * n,
            "quality": pd.Series(scores, dtype="float64"),
            "word_confidence": pd.Series([confidence] * n, dtype="float64"),
            "decision_id": pd.Series([0] * n, dtype="Int64"),
            **{
                f"{name}_critical": pd.Series([critical] * n, dtype="string")
                for name in ("customer", "business", "compliance")
            },
        }
    )


def outcomes(criterion, missed, n, *, team="甲组"):
    """`missed` of `n` calls of a team miss a criterion of weight 10."""
    sums = {"n": n, "misses": missed, "points": 10.0 * (n - missed), "applied": 10.0 * n}
    return pd.DataFrame([{"criterion_id": criterion, "team": team, **sums}])


def risk(priority, days, *, kind=AlertKind.COMPLAINT, reason="refund", minutes=60, **rest):
    alert = Alert(
        kind=kind, call_id="c", priority=priority, reasons=(), respond_within_minutes=minutes
    )
    return RiskItem(
        alert=alert, raised_at=NOW - timedelta(days=days), labels={"reason": reason}, **rest
    )


def material(**given):
    empty = facts([])
    fields = {
        "period": "2026-09",
        "made_at": NOW,
        "facts": empty,
        "facts_before": empty,
        "outcomes": outcomes("S1", 0, 0),
        "outcomes_before": outcomes("S1", 0, 0),
        "criteria": NAMES,
    }
    return Material(**(fields | given))


def test_defects_stand_by_points_lost_with_their_team():
    both = pd.concat(
        [outcomes("S1", 5, 50), outcomes("S3.3", 20, 50, team="乙组"), outcomes("S2", 0, 50)]
    )
    found = summarise(material(facts=facts([80.0] * 50), outcomes=both)).defects
    assert [(d.criterion_id, d.misses, d.team) for d in found] == [
        ("S3.3", 20, "乙组"),
        ("S1", 5, "甲组"),
    ]
    assert found[0].lost == pytest.approx(20 * 10 / 50)
    # Wilson 20/50, worked by hand
    assert found[0].figure.now.low == pytest.approx(0.2761, abs=1e-4)
    assert found[0].name == NAMES["S3.3"]


@pytest.mark.parametrize(
    ("before", "now", "n", "change"),
    [
        (20, 60, 200, Change.WORSE),
        (60, 20, 200, Change.BETTER),
        (20, 24, 200, Change.NOISE),
        (2, 9, 12, Change.UNKNOWN),
    ],
)
def test_a_change_is_told_from_noise(before, now, n, change):
    given = material(
        facts=facts([80.0] * n),
        outcomes=outcomes("S3.3", now, n),
        outcomes_before=outcomes("S3.3", before, n),
    )
    assert summarise(given).defects[0].figure.change is change


def test_many_criteria_that_only_jitter_make_no_news():
    ids = [f"C{k}" for k in range(30)]
    # alone, 20 → 33 of 200 is "significant" (p ≈ 0.05); among 30 it is not
    now = pd.concat([outcomes(key, 33 if key == "C7" else 20, 200) for key in ids])
    before = pd.concat([outcomes(key, 20, 200) for key in ids])
    found = summarise(
        material(facts=facts([80.0] * 200), outcomes=now, outcomes_before=before), most=30
    )
    assert {d.figure.change for d in found.defects} == {Change.NOISE}


def test_bands_hold_every_scored_call_once():
    report = summarise(material(facts=facts([0.0, 39.9, 40.0, 84.9, 85.0, 100.0, None])))
    counts = {(band.low, band.high): band.calls for band in report.bands}
    assert counts[0, 40] == 2
    assert (counts[40, 50], counts[80, 85], counts[85, 90], counts[95, 100]) == (1, 1, 1, 1)
    assert sum(counts.values()) == 6
    assert report.recognition.unscored.value == pytest.approx(1 / 7)


def test_complaints_by_reason_leave_out_churn_and_what_fell():
    risks = [risk("P1", 1), risk("P2", 1), risk("P1", 1, reason="fees"), risk("P3", 1, reason="")]
    risks += [risk("high", 1, kind=AlertKind.CHURN), risk("P1", 1, stands=False)]
    found = summarise(material(facts=facts([80.0]), risks=risks)).reasons
    assert [(r.reason, r.calls, r.running) for r in found] == [
        ("refund", 2, 0.5),
        ("fees", 1, 0.75),
        ("other", 1, 1.0),
    ]


def test_open_risks_age_by_priority():
    queue = [risk("P1", 0.01), risk("P1", 2), risk("P1", 8, state=RiskState.TAKEN)]
    queue += [risk("P3", 5, minutes=None), risk("P2", 9, state=RiskState.RESOLVED)]
    first, second = summarise(material(facts=facts([80.0]), queue=queue)).ageing
    assert (first.priority, first.under_1, first.under_3, first.older) == ("P1", 1, 1, 1)
    assert (first.open, first.overdue) == (3, 1)
    assert (second.priority, second.under_7, second.overdue) == ("P3", 1, 0)


def test_decisions_are_asked_for_only_where_an_interval_is_sure():
    bad = facts([60.0] * 300, confidence=0.4, critical="confirmed")
    sure = summarise(
        material(facts=bad, outcomes=outcomes("S3.3", 120, 300), queue=[risk("P1", 3)])
    )
    assert [d.ask for d in sure.decisions] == [
        *[Ask.CRITICAL] * 3, Ask.OVERDUE, Ask.OWN_DEFECT, Ask.DOUBTFUL, Ask.REVIEW,
    ]  # fmt: skip
    few = summarise(material(facts=facts([60.0] * 5), outcomes=outcomes("S3.3", 2, 5)))
    assert few.decisions == ()
    # two of two missed: Wilson's interval is 34 to 100 %, and still nobody is asked to act on two
    both = summarise(material(facts=facts([60.0] * 5), outcomes=outcomes("S3.3", 2, 2)))
    assert both.decisions == ()


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (None, Format.PERCENT, "–"),
        (0.1234, Format.PERCENT, "12.3%"),
        (-0.02, Format.PERCENT_CHANGE, "−2.0"),
        (-0.00001, Format.CHANGE, "0.0"),
        (12345, Format.COUNT, "12,345"),
    ],
)
def test_cells_as_people_read_them(value, form, text):
    assert written(value, form) == text


def full():
    names = NAMES | {"S1": Bilingual(zh='=HYPERLINK("http://x")', en="#eval(1) *bold* @here")}
    both = pd.concat([outcomes("S1", 100, 300, team="=1+1"), outcomes("S3.3", 60, 300)])
    return summarise(
        material(
            facts=facts([60.0, 90.0, 75.0] * 100),
            outcomes=both,
            criteria=names,
            risks=[risk("P1", 1)],
            queue=[risk("P1", 1)],
            reasons={"refund": Bilingual(zh="退款", en="Refund")},
        )
    )


def text_of(pdf):
    return subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("zh", ["通话质量月报", "复述确认", "退款", "得分分布", "75.0", "300"]),
        ("en", ["Call quality: monthly report", "Paraphrase", "Refund", "#eval(1) *bold* @here"]),
    ],
)
def test_the_pdf_holds_its_text(language, expected):
    shown = " ".join(text_of(to_pdf(full(), language)).split())
    assert [part for part in expected if part not in shown] == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_workbook_holds_numbers_and_no_formula(language):
    book = openpyxl.load_workbook(BytesIO(to_xlsx(full(), language)))
    cells = [cell for page in book for row in page.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s", "n"}
    assert len(book.sheetnames) == len(sheets(full(), language)) + 1
    quality = book.worksheets[1]
    assert quality["B2"].value == pytest.approx(75.0)
    assert quality["E2"].value == 300
    assert any(str(cell.value).startswith("=1+1") for cell in cells)


@pytest.mark.parametrize("make", [to_pdf, to_xlsx])
def test_an_empty_month_is_still_a_report(make):
    report = summarise(material())
    assert (report.calls, report.decisions, report.quality.now) == (0, (), None)
    assert make(report, "zh")


def test_a_third_language_is_refused():
    with pytest.raises(SettingsError):
        to_pdf(summarise(material()), "fr")


def test_what_is_read_is_what_the_asker_may_see(people_report_store):
    options = {"timezone": "Asia/Shanghai", "now": NOW, "reasons": {}}
    lead = Person(user_id="q", roles=frozenset({UserRole.QA_LEAD}))
    team = Person(user_id="t", roles=frozenset({UserRole.TEAM_LEADER}), teams=frozenset({"甲组"}))
    whole = report_of(people_report_store, lead, "2026-09", **options)
    part = report_of(people_report_store, team, "2026-09", **options)
    assert 0 < part.calls < whole.calls
    assert {d.team for d in part.defects if d.misses} == {"甲组"}
    assert whole.quality.before is not None
    monitor = Person(user_id="m", roles=frozenset({UserRole.MONITOR}))
    with pytest.raises(AccessDeniedError):
        report_of(people_report_store, monitor, "2026-09", **options)
    with pytest.raises(SettingsError):
        report_of(people_report_store, lead, "2026-13", **options)


@pytest.fixture(scope="module")
def people_report_store(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('reports') / 'store.db'}"
    with connect(url, upgrade=True) as store:
        build_people_store(store, people=8, months=2, per_month=15, last=date(2026, 10, 1))
        yield store


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_priority_of_a_risk_has_a_name(language):
    names = {word(f"priority_{priority}", language) for priority in RANK}
    assert len(names) == len(RANK)
    assert not names & RANK.keys()
