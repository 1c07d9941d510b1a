"""What follows a review, in a real browser: every role comes in, a dispute, a calibration."""

from datetime import UTC, datetime, timedelta

import pytest

from qa.access import Person, UserRole
from qa.evaluation import Outcome
from qa.review.calibration import Mark
from qa.review.disputes import DisputeState
from qa.settings import load_settings
from qa.store import connect
from tests.dashboards.test_browser import choose, settle, site, tab  # noqa: F401
from tests.demo_store import build_store

pytestmark = pytest.mark.browser

LEAD = Person(user_id="demo-qa-lead", roles=frozenset({UserRole.QA_LEAD}))
WHY = "这句话我说了，请再听一遍 <b>录音</b>。"


@pytest.fixture(scope="session")
def demo_url(tmp_path_factory):
    """A store of its own: one call is released to A1023, one waits to be calibrated."""
    url = f"sqlite:///{tmp_path_factory.mktemp('process') / 'store.db'}"
    with build_store(url) as store:
        mine = missed_call(store)
        store.disputes.release(LEAD, [mine])
        session = store.calibrations.create(
            LEAD,
            "Week 47",
            call_ids=[mine],
            raters=[LEAD.user_id, "demo-monitor"],
            due_at=datetime.now(UTC) + timedelta(days=2),
        )
        results = store.evaluations.load(mine).results
        marks = {r.criterion_id: Mark(outcome=Outcome.MET, share=1.0) for r in results}
        store.calibrations.submit(LEAD, session.id, mine, marks)
    return url


def missed_call(store):
    own = [row.call_id for row in store.calls.find() if row.agent_id == "A1023"]
    return next(
        call_id
        for call_id in own
        if any(r.verdict.outcome == Outcome.MISSED for r in store.evaluations.load(call_id).results)
    )


def go(tab, site, path, who, language="en"):  # noqa: F811
    tab.set_default_timeout(90_000)
    tab.goto(f"{site}/{path}?lang={language}&as={who}")
    tab.get_by_role("heading").first.wait_for()
    settle(tab)


def test_every_role_comes_in_and_finds_its_home(tab, site):  # noqa: F811
    for person in load_settings().access.demo_people:
        go(tab, site, "", person.user_id)
        assert tab.get_by_test_id("stException").count() == 0, person.user_id
        assert tab.get_by_text("not part of your role").count() == 0, person.user_id


def test_an_agent_disputes_and_a_lead_decides(tab, site, demo_url):  # noqa: F811
    go(tab, site, "disputes", "A1023", "zh-CN")
    tab.get_by_role("textbox").last.fill(WHY)
    tab.get_by_role("button", name="提出申诉").click()
    tab.get_by_text("等待受理").first.wait_for()

    go(tab, site, "disputes", LEAD.user_id)
    tab.get_by_text("请再听一遍").first.wait_for()
    assert tab.locator("b", has_text="录音").count() == 0, "shown as written, not as markup"
    tab.get_by_test_id("stButtonGroup").get_by_text("Stands", exact=True).click()
    tab.get_by_role("textbox", name="Answer to the agent").fill("Not said in the recording.")
    tab.get_by_role("button", name="Decide", exact=True).click()
    tab.get_by_text("Decided").first.wait_for()
    with connect(demo_url, read_only=True) as store:
        (dispute,) = store.disputes.of_call(missed_call(store))
    assert (dispute.comment, dispute.state) == (WHY, DisputeState.UPHELD)


def test_a_calibration_is_handed_in_blind_then_shown(tab, site, demo_url):  # noqa: F811
    go(tab, site, "calibration", "demo-monitor")
    tab.get_by_text("Score blind").first.wait_for()
    choose(tab, "Everything left open is", "Met")
    tab.get_by_role("button", name="Hand in", exact=True).click()
    tab.get_by_text("Score blind").wait_for(state="detached")

    go(tab, site, "calibration", LEAD.user_id)
    tab.get_by_role("button", name="Close and show results").click()
    tab.get_by_text("Results").first.wait_for()
    with connect(demo_url, read_only=True) as store:
        (session,) = store.calibrations.of_person(LEAD)
        forms = store.calibrations.forms(LEAD, session.id)
    assert {form.rater for form in forms} >= {LEAD.user_id, "demo-monitor"}
