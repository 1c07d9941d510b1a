"""Calls that go wrong, in a real browser: three hours long, nobody known, no sound, names as markup."""

from datetime import date

import pytest
from playwright.sync_api import expect

from qa.calls import Role
from qa.store import Agent, connect
from tests.builders import NOON, add_call, make_analysis, make_evaluation, make_transcript
from tests.dashboards.test_browser import settle, site, tab  # noqa: F401

pytestmark = pytest.mark.browser

HOURS = 3 * 3_600_000
MARKUP = "<img src=x onerror=alert(1)>"
FORMULA = '=HYPERLINK("http://x","y")'
LINES = tuple(
    (Role.UNKNOWN, f"第 {n} 句 {MARKUP if n % 100 == 0 else '请再说一遍'}") for n in range(3_600)
)


@pytest.fixture(scope="session")
def demo_url(tmp_path_factory):
    """A store with one long call of unknown speakers, without its recording, and a short one."""
    url = f"sqlite:///{tmp_path_factory.mktemp('rough') / 'store.db'}"
    with connect(url, upgrade=True) as store:
        store.roster.save(
            [Agent(agent_id="1001", valid_from=date(2026, 1, 1), name=MARKUP, team="甲组")]
        )
        for content, call_id, lines in (
            ("long", "long-call", LINES),
            ("short", "short-call", LINES[:4]),
        ):
            call = add_call(store, content, call_id, queue=FORMULA, started_at=NOON)
            transcript = make_transcript(
                call_id, lines, duration_ms=HOURS if content == "long" else 60_000
            )
            store.transcripts.save(transcript, "t")
            store.analyses.save(make_analysis(call, transcript), "a")
            store.evaluations.save(make_evaluation(call_id))
    return url


def test_three_hours_without_roles_or_sound_are_read_and_scrolled(tab, site):  # noqa: F811
    tab.goto(f"{site}/call?id=long-call&lang=zh-CN")
    tab.locator(".cq-turn").first.wait_for(timeout=60_000)
    settle(tab)
    expect(tab.locator(".cq-turn")).to_have_count(len(LINES))
    expect(tab.get_by_text("未知").first).to_be_visible()
    expect(tab.get_by_text("找不到录音").first).to_be_visible()
    tab.locator(".cq-turn").last.scroll_into_view_if_needed()
    expect(tab.get_by_text("第 3599 句").first).to_be_visible()
    assert tab.locator(".cq-turn img").count() == 0  # what was said is text


def test_names_are_text_and_back_leads_to_the_list(tab, site):  # noqa: F811
    asked = []
    tab.on("dialog", lambda box: (asked.append(box.message), box.dismiss()))
    tab.goto(f"{site}/calls?lang=en")
    tab.get_by_role("heading", name="Calls", exact=True).wait_for(timeout=60_000)
    settle(tab)
    tab.goto(f"{site}/agents?lang=en")
    tab.get_by_role("heading", name="Agent scorecard", exact=True).wait_for(timeout=60_000)
    settle(tab)
    tab.goto(f"{site}/call?id=short-call&lang=en")
    tab.locator(".cq-turn").first.wait_for(timeout=60_000)
    expect(tab.get_by_text(FORMULA).first).to_be_visible()
    tab.go_back()
    tab.get_by_role("heading", name="Agent scorecard", exact=True).wait_for(timeout=60_000)
    tab.go_forward()
    tab.locator(".cq-turn").first.wait_for(timeout=60_000)
    assert tab.locator("img[src=x]").count() == 0
    assert asked == []
