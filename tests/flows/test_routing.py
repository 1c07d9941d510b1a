"""Several scorecards on one site: each call gets the one that fits it best; lint sees its calls."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

import scoring.lint
from flows.cli import app
from tests.demo_store import build_store
from tests.scoring.cards import SMALL

#: Scorecard → its routing.
CARDS = {
    "by-queue": "queues: [投诉处理, card services]",
    "by-direction": "directions: [outbound]",
    "by-type": "call_types: [complaint], languages: [en]",
    "by-date": 'languages: [zh], effective_from: "2026-10-06"',
    "not-yet": 'languages: [zh], queues: [机票], effective_from: "2027-01-01"',
}
EXPECTED = {
    "zh-02-complaint-handled-well": "by-queue",
    "en-01-inquiry-exemplary": "by-queue",
    "zh-08-outbound-callback": "by-direction",
    "en-09-voicemail": "by-direction",
    "en-03-complaint-badly": "by-type",
    "zh-10-code-switching": "by-date",
    "zh-11-silent-customer": "by-date",
    "zh-03-complaint-handled-badly": "service-standard",
    "en-05-dead-air": "service-standard",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The store of a site with five scorecards of its own."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "cards").mkdir()
    for name, routing in CARDS.items():
        text = SMALL.replace("id: small", f"id: {name}\nrouting: {{{routing}}}", 1)
        (folder / "cards" / f"{name}.yaml").write_text(text, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QA_SCORING__FOLDER", str(folder / "cards"))
        url = f"sqlite:///{folder / 'store.db'}"
        yield url, build_store(url), folder / "cards"


@pytest.mark.parametrize(("call_id", "card"), EXPECTED.items())
def test_a_call_is_scored_with_the_scorecard_meant_for_it(site, call_id, card):
    _, store, _ = site
    assert store.evaluations.load(call_id).scorecard_id == card


@pytest.fixture
def qa(site, monkeypatch):
    """Runs a command of `qa` on the site; returns what it printed."""
    url, _, cards = site
    monkeypatch.setenv("QA_SCORING__FOLDER", str(cards))

    def run(*arguments):
        done = CliRunner().invoke(app, [*arguments, "--store", url])
        assert done.exit_code == 0, done.output
        return done.stdout

    return run


def test_commands_name_the_scorecard_and_explain_with_it(qa):
    shown = json.loads(qa("show", "en-03-complaint-badly", "--json"))
    assert shown["evaluation"]["scorecard_id"] == "by-type"
    assert "G1" in qa("explain", "en-03-complaint-badly", "greet")


def test_lint_tells_what_never_varies_on_the_calls_of_this_scorecard(qa, monkeypatch):
    monkeypatch.setattr(scoring.lint, "ENOUGH_CALLS", 2)

    def unvaried(name):
        found = json.loads(qa("scorecard", "lint", name, "--json"))
        return {p["message"] for p in found if "in the last" in p["message"]}

    assert "polite always passed in the last 2 calls" in unvaried("by-date")
    assert "S2.4 never applied in the last 11 calls" in unvaried("service-standard")
    assert not unvaried("not-yet")
