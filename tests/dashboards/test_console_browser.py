"""A call reviewed by keyboard in a real browser: from the work list to the saved decision."""

from datetime import UTC, datetime, timedelta

import pytest

from qa.access import Person, UserRole
from qa.review.values import PickReason, ReviewState
from qa.review.work import NewAssignment
from qa.store import connect
from tests.dashboards.test_browser import media_seconds, site, tab  # noqa: F401
from tests.demo_store import build_store

pytestmark = pytest.mark.browser

CALL = "zh-03-complaint-handled-badly"
NEXT = "en-02-complaint-handled-well"
LEAD = Person(user_id="lead", roles=frozenset({UserRole.QA_LEAD}))


@pytest.fixture(scope="session")
def demo_url(tmp_path_factory):
    """A store of its own: this file writes into it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('console') / 'store.db'}"
    now = datetime.now(UTC)
    with build_store(url) as store:
        store.assignments.add(
            LEAD,
            [
                NewAssignment(
                    call_id=name,
                    reviewer="demo-monitor",
                    reasons=(PickReason.AUTO_FAIL,),
                    due_at=now + timedelta(days=day),
                )
                for day, name in enumerate((CALL, NEXT), start=1)
            ],
        )
    return url


def test_a_call_is_reviewed_by_keyboard(tab, site, demo_url):  # noqa: F811
    tab.set_default_timeout(90_000)
    tab.goto(f"{site}/worklist?lang=en&as=demo-monitor")
    tab.wait_for_selector(".wl-row")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".cq-turn")
    tab.wait_for_selector("details.cq-crit.suspected")

    hear_the_first_auto_fail(tab)
    tab.keyboard.press("a")
    saying = tab.locator("details.cq-crit.suspected").first
    saying.get_by_text("confirmed", exact=True).first.wait_for()
    reject_what_waits(tab)
    tab.locator("details.cq-crit", has_text="S1.1").locator("summary").click()
    change_the_chosen(tab)
    tab.keyboard.press("A")
    tab.locator(".cq-notice.good").wait_for()
    tab.keyboard.press("s")
    tab.locator('[data-review="again"]').wait_for()
    tab.keyboard.press("]")
    tab.wait_for_url(f"**id={NEXT}**")

    with connect(demo_url) as store:
        review = store.reviews.of_call(CALL)[0]
        decided = store.reviews.effective(CALL).decided
    assert review.state == ReviewState.SUBMITTED
    assert review.active_ms > 0
    assert {d.kind.value for d in decided.values()} >= {"confirm", "accept", "change"}
    assert all(item.made_by == "demo-monitor" for item in decided.values())


def hear_the_first_auto_fail(tab):  # noqa: F811
    tab.keyboard.press("j")
    chip = tab.locator("details.cq-crit.chosen .cq-chip").first
    minutes, seconds = chip.inner_text().split()[1].split(":")
    said_at = int(minutes) * 60 + int(seconds)
    tab.keyboard.press("e")
    tab.wait_for_timeout(700)
    assert said_at - 1 <= media_seconds(tab) <= said_at + 4
    tab.keyboard.press(" ")


def reject_what_waits(tab):  # noqa: F811
    """Every further suspicion: X, then the cause by its number."""
    rows = tab.locator("details.cq-crit.suspected, details.cq-crit.candidate")
    for at in range(1, rows.count()):
        rows.nth(at).get_by_role("button", name="Reject").click()
        if tab.locator(".cq-form").count():
            tab.keyboard.press("3")
        rows.nth(at).get_by_text("rejected").first.wait_for()


def change_the_chosen(tab):  # noqa: F811
    row = tab.locator("details.cq-crit", has_text="S1.1").first
    row.get_by_role("button", name="Change").click()
    tab.keyboard.press("1")
    tab.get_by_text("Why was the machine wrong?").wait_for()
    tab.keyboard.press("6")
    row.get_by_text("reviewed").first.wait_for()
