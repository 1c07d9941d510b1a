"""Who needs what, plans, and whether they helped."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from qa.access import Person, UserRole
from qa.calls import Role
from qa.coaching.advice import advice_for
from qa.coaching.clips import around, lines_of
from qa.coaching.effect import Effect, Help, effect_of, overview
from qa.coaching.follow_up import follow_up_results
from qa.coaching.patterns import needs, patterns
from qa.coaching.plans import Plan
from qa.errors import AccessDeniedError, NotFoundError, SettingsError
from qa.store import Agent, connect
from qa.transcript import Turn

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


def test_something_done_as_it_should_is_praised_where_nobody_is_ahead():
    frame = pd.concat(
        [
            *(results(agent, "S1", "o" * 20) for agent in ("A1", "A2")),
            results("A1", "S3.3", "x" * 12 + "o" * 8),
            results("A2", "S3.3", "x" * 12 + "o" * 8),
        ]
    )
    for line in needs(patterns(frame)):
        assert (line.correct.criterion_id, line.praise.criterion_id) == ("S3.3", "S1")
        assert (line.praise.is_ahead, line.praise.is_mastered) == (False, True)


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


def looks(text, *, today=date(2026, 12, 31)):
    """Looks at a plan of 1 September; `text` is one call a day from 2 September on."""
    table = pd.concat(
        [
            results("A1", "S3.3", "x" * 10 + "o" * 10, first=date(2026, 8, 1)),
            results("A1", "S3.3", text, first=date(2026, 9, 2)),
            results("P1", "S3.3", "xo" * 10, first=date(2026, 8, 1)),
            results("P1", "S3.3", "xo" * 40, first=date(2026, 9, 2)),
        ]
    )
    return follow_up_results(table, plan(), date(2026, 9, 1), today)


def test_a_plan_is_looked_at_after_two_six_and_twelve_weeks():
    first, second, third = looks("x" * 6 + "o" * 8 + "o" * 28 + "o" * 42)
    assert [(one.weeks, one.due) for one in (first, second, third)] == [
        (2, date(2026, 9, 15)), (6, date(2026, 10, 13)), (12, date(2026, 11, 24)),
    ]  # fmt: skip
    assert (first.rate.value, first.rate.n) == (pytest.approx(6 / 14), 14)
    assert (first.reached, second.reached, third.reached) == (False, True, True)
    assert (second.sustained, third.sustained) == (None, True)
    # half before, nothing after; peers stayed as they were
    assert third.effect.difference.value == pytest.approx(0.5)


def test_a_goal_once_met_can_slip():
    assert looks("o" * 42 + "x" * 42)[2].sustained is False
    assert looks("x" * 84)[2].sustained is None  # never met


def test_looks_to_come_and_few_calls_say_nothing():
    first, second, _ = looks("o" * 5, today=date(2026, 9, 20))
    assert (first.rate.n, first.reached) == (5, None)
    assert (second.rate, second.effect) == (None, None)


def test_the_overview_counts_plans_by_coach():
    from qa.people.effects import Difference

    def effect(value):
        gap = Difference(value=value, low=value - 0.1, high=value + 0.1, p=0.5, n=(9, 9, 9, 9))
        said = Help.HELPED if value > 0.1 else Help.NO_EVIDENCE
        return Effect(before=0.5, after=0.5, n=(9, 9), difference=gap, help=said)

    unknown = Effect(before=None, after=None, n=(0, 0), difference=None, help=Help.NO_EVIDENCE)
    one, two = overview([("b", effect(0.2)), ("a", unknown), ("b", effect(0.0))])
    assert (one.coach, one.unknown, one.gain) == ("a", 1, None)
    assert (two.helped, two.unknown, two.gain.value) == (1, 1, pytest.approx(0.1))


@pytest.mark.parametrize(
    ("evidence", "length", "clip"),
    [
        ((30_000, 33_000), 90_000, (27_000, 47_000)),
        ((1_000, 2_000), 90_000, (0, 20_000)),
        ((85_000, 88_000), 90_000, (82_000, 90_000)),
        ((10_000, 40_000), 90_000, (7_000, 43_000)),
        ((10_000, 400_000), 900_000, (7_000, 97_000)),
    ],
)
def test_a_clip_lies_around_its_evidence(evidence, length, clip):
    assert around(*evidence, length) == clip


def test_a_clip_holds_the_turns_that_are_heard():
    turns = tuple(
        Turn(index=k, speaker="a", role=Role.AGENT, start_ms=start, end_ms=end, text=text)
        for k, (start, end, text) in enumerate(
            [
                (0, 4_000, "early"),
                (4_000, 9_000, "yes"),
                (9_000, 9_500, " "),
                (9_500, 30_000, "late"),
            ]
        )
    )
    assert lines_of(turns, 5_000, 15_000) == ((Role.AGENT, "yes"),)
