"""The real app in a real browser: what a reviewer sees and hears."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress

import pytest
from playwright.sync_api import TimeoutError as NotSeenError
from playwright.sync_api import expect

from tests.demo_store import SAMPLES
from tests.rehearsal.site import free_port

pytestmark = pytest.mark.browser

CALL = "zh-03-complaint-handled-badly"
#: Streamlit probes for its own base path under deep links; the misses are not errors of the app.
PROBES = ("_stcore/health", "_stcore/host-config")


@pytest.fixture(scope="session")
def site(demo_url, tmp_path_factory):
    """Address of the dashboard over the demo store."""
    with serving(demo_url, tmp_path_factory.mktemp("site"), free_port()) as address:
        yield address


@contextmanager
def serving(store, home, port, **settings):
    """A dashboard of the samples' settings, with some changed; its address."""
    command = [sys.executable, "-m", "flows.cli", "dashboard", "--port", str(port)]
    samples = {"QA_HOME": str(home), "QA_SETTINGS": str(SAMPLES / "qa.toml")}
    environ, log = {**os.environ, **samples, **settings}, home / "log"
    with log.open("wb") as out:
        server = subprocess.Popen([*command, "--store", store], env=environ, stdout=out, stderr=out)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=2)
                break
            except OSError:
                time.sleep(0.5)
        else:
            pytest.fail(log.read_text(encoding="utf-8"))
        yield address
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture
def tab(browser):
    """A page that fails the test on any error of the app's own JavaScript."""
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "response",
        lambda answer: (
            answer.status >= 400
            and not answer.url.endswith(PROBES)
            and errors.append(f"{answer.status} {answer.url}")
        ),
    )
    yield page
    page.close()
    assert errors == []


def settle(tab):
    """Wait until the page has run and every part of it that the browser fetches is drawn."""
    tab.locator('[data-test-script-state="notRunning"]').wait_for()
    expect(tab.get_by_test_id("stSkeleton")).to_have_count(0, timeout=90_000)


def choose(tab, box, option):
    """Open a select box and take an option, as a person does who opens it again when it closes.

    What moves on a page, a table that is drawn late for one, closes an open list.
    """
    wanted = tab.get_by_role("option", name=option, exact=True)
    for _ in range(10):
        tab.get_by_role("combobox", name=box).click()
        with suppress(NotSeenError):
            wanted.click(timeout=3_000)
            return
    wanted.click()


def media_seconds(tab):
    return tab.evaluate(
        """() => {
          const find = (root) => {
            for (const node of root.querySelectorAll('*')) {
              if (node.tagName === 'AUDIO') return node;
              const inner = node.shadowRoot && find(node.shadowRoot);
              if (inner) return inner;
            }
          };
          return find(document).currentTime;
        }"""
    )


def open_call(tab, site, language="en"):
    tab.goto(f"{site}/call?id={CALL}&lang={language}")
    tab.wait_for_selector(".cq-turn", timeout=60_000)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/?lang=zh-CN", "通话列表"),
        ("/calls?lang=en", "Calls"),
        ("/agents?lang=en", "Agent scorecard"),
        ("/kpis?lang=zh-CN", "绩效指标"),
        ("/night?lang=en", "Night run"),
    ],
)
def test_pages_open_without_errors(tab, site, path, text):
    tab.goto(site + path)
    tab.get_by_role("heading", name=text, exact=True).wait_for(timeout=60_000)


def test_evidence_plays_its_own_clip(tab, site):
    open_call(tab, site)
    row = tab.locator("details.cq-crit", has_text="S7.1").last
    if row.get_attribute("open") is None:  # what is certain starts closed
        row.locator("summary").click()
    chip = row.locator(".cq-chip").first
    minutes, seconds = chip.inner_text().split()[1].split(":")
    said_at = int(minutes) * 60 + int(seconds)
    chip.click()
    tab.wait_for_timeout(700)
    assert said_at - 1 <= media_seconds(tab) <= said_at + 4


def test_a_call_is_heard_by_keyboard(tab, site):
    open_call(tab, site)
    tab.locator(".cq").focus()
    before = media_seconds(tab)
    tab.keyboard.press("ArrowRight")
    assert media_seconds(tab) == pytest.approx(before + 5, abs=0.6)
    tab.keyboard.press("j")
    assert tab.locator("details.cq-crit.chosen").count() == 1
    tab.keyboard.press(" ")
    tab.wait_for_timeout(600)
    assert media_seconds(tab) > before + 5
    assert tab.locator(".cq-turn.now").count() >= 1


def test_the_language_switch_translates_page_and_player(tab, site):
    open_call(tab, site, "zh-CN")
    tab.locator(".cq-section", has_text="S1 开场白").wait_for(timeout=30_000)
    tab.get_by_text("English", exact=True).click()
    tab.locator(".cq-section", has_text="S1 Opening").wait_for(timeout=30_000)


def test_a_row_of_the_list_opens_its_call(tab, site):
    tab.goto(f"{site}/?lang=en")
    grid = tab.get_by_test_id("stDataFrame")
    grid.locator('[role="grid"]').wait_for(state="attached", timeout=60_000)
    settle(tab)
    box = grid.bounding_box()
    tab.mouse.click(box["x"] + 16, box["y"] + 38 + 17)
    tab.wait_for_selector(".cq-turn", timeout=60_000)
    assert "/call?id=" in tab.url
