"""Who needs what, plans, and whether they helped."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from qa.access import Person, UserRole
from qa.coaching.advice import advice_for
from qa.coaching.effect import Help, effect_of
from qa.coaching.patterns import needs, patterns
from qa.coaching.plans import Plan, follow_ups, next_follow_up
from qa.errors import AccessDeniedError, NotFoundError, SettingsError
from qa.store import Agent, connect

TODAY = date(2026, 10, 5)
COACH = Person(user_id="c", roles=frozenset({UserRole.COACH}), teams=frozenset({"甲组"}))


def results(agent, criterion, missed, *, team="甲组", first=date(2026, 9, 1)):
    """One row per call, a day each, oldest first; `missed` is a string of x (missed) and o."""
    return pd.DataFrame(
        {
            "agent_id": agent,
            "team": team,
            "criterion_id": criterion,
            "call_id": [f"{agent}-{criterion}-{k:03d}" for k in range(len(missed))],
            "day": [first + timedelta(days=k) for k in range(len(missed))],
            "outcome": pd.Series(["missed" if x == "x" else "met" for x in missed]),
            "share": pd.Series([0.0 if x == "x" else 1.0 for x in missed]),
        }
    )


@pytest.mark.parametrize(
    ("missed", "coached"),
    [
        ("xxxxxxxxoooooooooooo", True),  # 8 of 20
        ("xxxxxooooooooooooooo", False),  # 5 of 20: under 30 %
        ("xxxxxxx", False),  # all, but of 7
        ("xxxooooo", True),  # 3 of 8: 37 %, surely enough
        ("x" * 20 + "o" * 20, False),  # long ago
    ],
)
def test_only_a_pattern_is_coached(missed, coached):
    (found,) = patterns(results("A1", "S3.3", missed))
    assert found.needs_coaching is coached


def test_the_posterior_is_the_beta_distribution():
    from scipy.stats import beta

    (found,) = patterns(results("A1", "S3.3", "xxxxoooooo"))
    assert found.probability == pytest.approx(beta(5, 7).sf(0.2))


def test_a_line_corrects_and_praises_with_calls_to_hear():
    frame = pd.concat(
        [
            results("A1", "S3.3", "o" * 10 + "x" * 10),
            results("A1", "S1", "o" * 20),
            results("A2", "S1", "x" * 12 + "o" * 8, team="乙组"),
            results("A2", "S3.3", "o" * 20, team="乙组"),
            results("A3", "S1", "oxo"),
        ]
    )
    lines = {line.agent_id: line for line in needs(patterns(frame))}
    assert list(lines) == ["A2", "A1"]  # the surer first; A3 has nothing to say
    assert (lines["A1"].correct.criterion_id, lines["A1"].praise.criterion_id) == ("S3.3", "S1")
    assert lines["A1"].correct.call_ids[0] == "A1-S3.3-019"
    assert lines["A2"].praise.call_ids[0] == "A2-S3.3-019"


def test_what_does_not_apply_is_no_evidence():
    frame = results("A1", "S3.3", "x" * 20).assign(outcome="not_applicable")
    assert patterns(frame) == []


def test_advice_falls_back_to_the_section_and_then_to_listening():
    assert advice_for("S12.1") == advice_for("S12")
    assert "以" not in advice_for("S3.3").en
    assert advice_for("X9").zh


@pytest.mark.parametrize(
    ("own", "peers", "said"),
    [
        (("x" * 16 + "o" * 4, "o" * 18 + "x" * 2), (0.5, 0.5), Help.HELPED),
        (("x" * 16 + "o" * 4, "o" * 18 + "x" * 2), (0.2, 0.9), Help.NO_EVIDENCE),
        (("o" * 18 + "x" * 2, "x" * 16 + "o" * 4), (0.5, 0.5), Help.HARMED),
        (("x" * 20, "o" * 5), (0.5, 0.5), Help.NO_EVIDENCE),
    ],
)
def test_help_is_claimed_only_beyond_what_peers_changed(own, peers, said):
    rng, opened = np.random.default_rng(3), date(2026, 9, 1)
    sides = []
    for text, share, first in (
        (own[0], peers[0], date(2026, 8, 1)),
        (own[1], peers[1], date(2026, 9, 2)),
    ):
        sides.append(results("A1", "S3.3", text, first=first))
        for n in range(10):
            other = "".join("o" if rng.random() < share else "x" for _ in range(20))
            sides.append(results(f"P{n}", "S3.3", other, first=first))
    assert effect_of(pd.concat(sides), "A1", opened).help is said


def test_follow_ups_fall_after_two_six_and_twelve_weeks():
    assert follow_ups(date(2026, 9, 1)) == (
        date(2026, 9, 15), date(2026, 10, 13), date(2026, 11, 24),
    )  # fmt: skip
    assert next_follow_up(date(2026, 9, 1), date(2026, 9, 16)) == date(2026, 10, 13)
    assert next_follow_up(date(2026, 9, 1), date(2026, 12, 1)) is None


def plan(**given):
    fields = {
        "agent_id": "A1", "criterion_id": "S3.3", "baseline": 0.5, "baseline_n": 20, "goal": 0.2,
        "goal_on": date(2026, 11, 1), "behaviour": "直接操作", "will": "每通复述一次",
    }  # fmt: skip
    return Plan(**(fields | given))


@pytest.mark.parametrize(
    "wrong",
    [
        {"goal": 0.6}, {"goal_on": TODAY}, {"cause": "mood"}, {"behaviour": " "}, {"will": ""},
    ],
)  # fmt: skip
def test_a_plan_must_say_what_it_is_about(store, wrong):
    with pytest.raises(SettingsError):
        store.coaching.open(COACH, plan(**wrong), today=TODAY)


def test_a_plan_is_opened_answered_and_closed_by_those_who_may(store):
    other = Person(user_id="o", roles=frozenset({UserRole.COACH}), teams=frozenset({"乙组"}))
    agent = Person(user_id="a", roles=frozenset({UserRole.AGENT}), agent_id="A1")
    made = store.coaching.open(COACH, plan(), today=TODAY)
    with pytest.raises(AccessDeniedError):
        store.coaching.open(other, plan(), today=TODAY)
    with pytest.raises(AccessDeniedError):
        store.coaching.acknowledge(COACH, made.id, agrees=True)
    store.coaching.acknowledge(agent, made.id, agrees=False, reply="系统太慢")
    with pytest.raises(AccessDeniedError):
        store.coaching.close(other, made.id, reason="x", today=TODAY)
    store.coaching.close(COACH, made.id, reason="达到目标", today=TODAY)
    kept = store.coaching.get(made.id)
    assert (kept.agrees, kept.reply, kept.close_reason) == (False, "系统太慢", "达到目标")
    assert kept.opened_by == "c"
    assert store.coaching.all(closed=False) == []
    assert [one.id for one in store.seen_by(agent).coaching.all()] == [made.id]
    assert store.seen_by(other).coaching.all() == []
    actions = [event.action for event in store.audit.find()]
    assert {"plan_opened", "plan_acknowledged", "plan_closed"} <= set(actions)


def test_no_plan_of_that_number(store):
    with pytest.raises(NotFoundError):
        store.coaching.get(99)


@pytest.fixture
def store(tmp_path):
    with connect(f"sqlite:///{tmp_path / 'store.db'}", upgrade=True) as opened:
        opened.roster.save(
            [Agent(agent_id="A1", valid_from=date(2026, 1, 1), name="李静", team="甲组")]
        )
        yield opened
