"""Reviews in the store: nothing overwritten, nothing lost, nobody judges herself."""

from __future__ import annotations

import itertools
import threading
from datetime import timedelta

import pytest

from qa.access import Person, UserRole
from qa.calls import Role
from qa.errors import AccessDeniedError, NotFoundError, ReviewError
from qa.evaluation import Outcome
from qa.review.corrections import TurnEdit
from qa.review.disputes import DisputeState
from qa.review.values import Cause, DecisionKind, Draft, Purpose, ReviewState
from qa.review.work import AssignmentState, NewAssignment, SkipReason
from qa.store.review_figures import Period
from tests.builders import Clock, add_call, make_evaluation, make_finding, make_transcript


def person(name, *roles, **facts):
    return Person(user_id=name, roles=frozenset(roles), **facts)


MEI = person("mei", UserRole.MONITOR)
TOM = person("tom", UserRole.MONITOR)
LEAD = person("lead", UserRole.QA_LEAD)
LEAD2 = person("lead2", UserRole.QA_LEAD)
AGENT = person("agent", UserRole.AGENT, agent_id="1001")
WRONG = Draft(
    subject="S1.2", kind=DecisionKind.CHANGE, outcome=Outcome.MET, cause=Cause.RECOGNITION
)
RIGHT = Draft(subject="S1.2", kind=DecisionKind.ACCEPT)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def desk(open_store, clock):
    """A store with one scored call, a suspected auto-fail on it."""
    store = open_store(now=clock)
    add_call(store)
    store.transcripts.save(make_transcript(), "t1")
    store.evaluations.save(make_evaluation(findings=(make_finding(),)))
    return store


def test_a_review_keeps_the_machines_word_and_what_people_said(desk, clock):
    before = desk.evaluations.load("call-a")
    review = desk.reviews.open(MEI, "call-a")
    clock.pass_seconds(30)
    saved = desk.reviews.decide(MEI, review.id, WRONG)
    assert saved.conflict is None
    assert (saved.decision.machine_outcome, saved.decision.overrides) == ("missed", True)
    desk.reviews.decide(MEI, review.id, Draft(subject="AF-3", kind=DecisionKind.CONFIRM))
    clock.pass_seconds(60)
    done = desk.reviews.submit(MEI, review.id, active_ms=80_000, comment=" 好 ")
    assert (done.state, done.active_ms, done.comment) == (ReviewState.SUBMITTED, 80_000, "好")
    assert (done.first_action_at - done.opened_at) == timedelta(seconds=30)
    assert (done.quality_percent, done.final_percent) == (100.0, 0.0)
    assert desk.evaluations.load("call-a") == before
    assert [event.action for event in desk.audit.find()][::-1] == ["override", "review_submitted"]


def test_two_tabs_share_one_review_and_a_submitted_one_is_closed(desk):
    review = desk.reviews.open(MEI, "call-a")
    assert desk.reviews.open(MEI, "call-a") == review
    with pytest.raises(ReviewError, match="AF-3"):
        desk.reviews.submit(MEI, review.id)
    desk.reviews.decide(
        MEI,
        review.id,
        Draft(subject="AF-3", kind=DecisionKind.REJECT, cause=Cause.RULE_TOO_WIDE),
    )
    desk.reviews.submit(MEI, review.id)
    for late in (
        lambda: desk.reviews.decide(MEI, review.id, RIGHT),
        lambda: desk.reviews.submit(MEI, review.id),
    ):
        with pytest.raises(ReviewError, match="submitted already"):
            late()


def test_two_people_on_one_criterion_are_both_kept_and_the_conflict_is_shown(desk):
    mine, hers = (desk.reviews.open(who, "call-a") for who in (MEI, TOM))
    desk.reviews.decide(MEI, mine.id, WRONG, seen=0)
    met = desk.reviews.decide(TOM, hers.id, RIGHT, seen=0)
    assert met.conflict is not None
    assert (met.conflict.theirs.made_by, met.conflict.mine.made_by) == ("mei", "tom")
    shown = desk.reviews.effective("call-a")
    assert [item.subject for item in shown.conflicts] == ["S1.2"]
    # deciding again with the other's word on the screen settles it
    seen = desk.reviews.versions("call-a")["S1.2"]
    settled = desk.reviews.decide(MEI, mine.id, RIGHT, seen=seen)
    assert settled.conflict is None
    assert desk.reviews.effective("call-a").conflicts == ()
    assert len(desk.reviews.decisions("call-a")) == 3


def test_agreeing_unseen_is_no_conflict(desk):
    mine, hers = (desk.reviews.open(who, "call-a") for who in (MEI, TOM))
    desk.reviews.decide(MEI, mine.id, RIGHT)
    assert desk.reviews.decide(TOM, hers.id, RIGHT).conflict is None


@pytest.mark.database
def test_twenty_people_at_once_lose_no_verdict(desk, open_store):
    people = [person(f"p{at:02d}", UserRole.MONITOR) for at in range(20)]
    reviews = {who.user_id: desk.reviews.open(who, "call-a").id for who in people}
    store, failures, saved = open_store(), [], []
    start = threading.Barrier(len(people))

    def save(at, who):
        outcome = (Outcome.MET, Outcome.PARTIAL)[at % 2]
        draft = Draft(
            subject="S1.2", kind=DecisionKind.CHANGE, outcome=outcome, cause=Cause.JUDGEMENT
        )
        start.wait()
        try:
            saved.append(store.reviews.decide(who, reviews[who.user_id], draft))
        except Exception as error:  # noqa: BLE001 - any failure of a thread counts
            failures.append(error)

    threads = [threading.Thread(target=save, args=pair) for pair in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    stored = desk.reviews.decisions("call-a")
    assert [item.version for item in stored] == list(range(1, 21))
    assert {item.made_by for item in stored} == set(reviews)
    # everybody but the first saw nothing of the others; who differed from the one before is told
    pairs = itertools.pairwise(stored)
    wanted = sum(one.outcome != two.outcome for one, two in pairs)
    assert sum(item.conflict is not None for item in saved) == wanted


@pytest.mark.parametrize(
    "who",
    [
        person("self", UserRole.MONITOR, agent_id="1001"),
        person("boss", UserRole.MONITOR, UserRole.TEAM_LEADER, teams=frozenset({"甲组"})),
        AGENT,
        person("nobody"),
    ],
    ids=lambda who: who.user_id,
)
def test_nobody_judges_herself_her_own_team_or_without_the_right(desk, who):
    with pytest.raises(AccessDeniedError):
        desk.reviews.open(who, "call-a")


def test_somebody_elses_review_and_unknown_calls_are_refused(desk):
    review = desk.reviews.open(MEI, "call-a")
    with pytest.raises(ReviewError, match="somebody else"):
        desk.reviews.decide(TOM, review.id, RIGHT)
    with pytest.raises(NotFoundError):
        desk.reviews.open(MEI, "gone")
    add_call(desk, "b")
    with pytest.raises(NotFoundError, match="not been scored"):
        desk.reviews.open(MEI, "call-b")


def test_accepting_the_rest_is_explicit(desk):
    review = desk.reviews.open(MEI, "call-a")
    desk.reviews.decide(MEI, review.id, WRONG)
    assert [item.subject for item in desk.reviews.accept_rest(MEI, review.id)] == ["S1.1"]
    second = desk.reviews.open(TOM, "call-a", purpose=Purpose.SECOND)
    assert len(desk.reviews.accept_rest(TOM, second.id)) == 2
    figures = desk.review_figures
    assert figures.confusion(Period(scorecard_id="service-standard")) == {
        "S1.1": {("met", "met"): 1},
        "S1.2": {("missed", "missed"): 1},
    }
    pairs = figures.human_pairs(Period(scorecard_id="service-standard"))
    assert pairs["S1.2"] == {("met", "missed"): 1}


def test_hostile_text_is_kept_as_it_is(desk):
    text = '=HYPERLINK("http://x") <script>\'; DROP TABLE calls;--'
    review = desk.reviews.open(MEI, "call-a")
    draft = Draft(subject="S1.1", kind=DecisionKind.COMMENT, comment=text)
    assert desk.reviews.decide(MEI, review.id, draft).decision.comment == text


def test_assignments_close_with_the_review_and_skips_need_a_reason(desk, clock):
    add_call(desk, "b")
    desk.evaluations.save(make_evaluation("call-b"))
    due = clock.now + timedelta(days=2)
    new = [NewAssignment(call_id=c, reviewer="mei", due_at=due) for c in ("call-a", "call-b")]
    one, two = desk.assignments.add(LEAD, new)
    assert desk.assignments.add(LEAD, new) == []
    assert desk.assignments.load() == {"mei": 2}
    with pytest.raises(ReviewError, match="no reason"):
        desk.assignments.skip(MEI, one.id, SkipReason.OTHER)
    assert desk.assignments.skip(MEI, one.id, SkipReason.NO_AUDIO).state == AssignmentState.SKIPPED
    review = desk.reviews.open(MEI, "call-b")
    assert review.assignment_id == two.id
    desk.reviews.submit(MEI, review.id)
    assert desk.assignments.get(two.id).state == AssignmentState.DONE
    with pytest.raises(ReviewError, match="first review"):
        desk.assignments.add(
            LEAD, [NewAssignment(call_id="call-b", reviewer="mei", purpose=Purpose.SECOND)]
        )
    with pytest.raises(AccessDeniedError):
        desk.assignments.add(MEI, new)


def test_a_released_evaluation_is_disputed_and_decided_by_another_person(desk, clock):
    review = desk.reviews.open(LEAD, "call-a")
    desk.reviews.decide(LEAD, review.id, RIGHT)
    with pytest.raises(ReviewError, match="not released"):
        desk.disputes.open(AGENT, "call-a", "S1.2", comment="?")
    tomorrow = clock.now + timedelta(days=1)
    desk.disputes.release(LEAD, ["call-a"], at=tomorrow)
    with pytest.raises(ReviewError, match="not released yet"):
        desk.disputes.open(AGENT, "call-a", "S1.2", comment="I said it")
    clock.pass_seconds(86_400)
    assert desk.disputes.acknowledge(AGENT, "call-a", comment="看过").comment == "看过"
    opened = desk.disputes.open(AGENT, "call-a", "S1.2", comment="I said it", wished=Outcome.MET)
    assert (opened.reviewer, opened.outcome_before, opened.round) == ("lead", "missed", 1)
    with pytest.raises(ReviewError, match="pending"):
        desk.disputes.open(AGENT, "call-a", "S1.2", comment="again")
    with pytest.raises(ReviewError, match="took part"):
        desk.disputes.decide(LEAD, opened.id, answer="no")
    with pytest.raises(ReviewError, match="empty"):
        desk.disputes.decide(LEAD2, opened.id, answer=" ")
    with pytest.raises(ReviewError, match="changes nothing"):
        desk.disputes.decide(LEAD2, opened.id, answer="so", draft=RIGHT)
    closed = desk.disputes.decide(LEAD2, opened.id, answer="right", draft=WRONG)
    assert (closed.state, closed.outcome_after) == (DisputeState.OVERTURNED, "met")
    assert desk.reviews.effective("call-a").evaluation.quality_percent == 100.0
    steps = [state for _, _, state, _ in desk.disputes.events(opened.id)]
    assert steps == [DisputeState.OPEN, DisputeState.IN_REVIEW, DisputeState.OVERTURNED]
    period = Period(scorecard_id="service-standard")
    assert desk.review_figures.disputes_of(period) == {"S1.2": (1, 1)}


def test_rounds_and_windows_close(desk, clock):
    desk.disputes.release(LEAD, ["call-a"])
    for deciders in (LEAD, LEAD2):
        dispute = desk.disputes.open(AGENT, "call-a", "S1.2", comment="no")
        desk.disputes.decide(deciders, dispute.id, answer="stands")
    with pytest.raises(ReviewError, match="rounds are used"):
        desk.disputes.open(AGENT, "call-a", "S1.2", comment="no")
    clock.pass_seconds(8 * 86_400)
    with pytest.raises(ReviewError, match="window closed"):
        desk.disputes.open(AGENT, "call-a", "S1.1", comment="no")


def test_withdrawn_and_expired_disputes_are_not_decided(desk, clock):
    desk.disputes.release(LEAD, ["call-a"])
    one = desk.disputes.open(AGENT, "call-a", "S1.2", comment="no")
    with pytest.raises(ReviewError, match="somebody else opened"):
        desk.disputes.withdraw(person("other", UserRole.AGENT), one.id)
    assert desk.disputes.withdraw(AGENT, one.id).state == DisputeState.WITHDRAWN
    two = desk.disputes.open(AGENT, "call-a", "AF-3", comment="never")
    clock.pass_seconds(6 * 86_400)
    assert desk.disputes.pending()[0].is_overdue(clock.now)
    assert desk.disputes.expire(LEAD) == []
    clock.pass_seconds(14 * 86_400)
    assert [item.id for item in desk.disputes.expire(LEAD)] == [two.id]
    with pytest.raises(ReviewError, match="cannot become"):
        desk.disputes.decide(LEAD2, two.id, answer="late")


def test_an_agent_disputes_her_own_calls_only(desk):
    desk.disputes.release(LEAD, ["call-a"])
    other = person("x", UserRole.AGENT, agent_id="2002")
    for act in (
        lambda: desk.disputes.open(other, "call-a", "S1.1", comment="no"),
        lambda: desk.disputes.acknowledge(other, "call-a"),
        lambda: desk.disputes.release(other, ["call-a"]),
    ):
        with pytest.raises(AccessDeniedError):
            act()


def test_corrections_lie_over_the_machines_transcript(desk):
    edits = [
        TurnEdit(turn_index=0, text="您好，我是小李。"),
        TurnEdit(turn_index=2, role=Role.CUSTOMER),
    ]
    shown = desk.corrections.save(MEI, "call-a", edits, note="读错")
    assert shown.turns[0].text == "您好，我是小李。"
    assert (shown.turns[0].words, shown.turns[0].confidence) == ((), 1.0)
    assert shown.turns[2].role == Role.CUSTOMER
    assert desk.corrections.machine_transcript("call-a").turns[0].text != shown.turns[0].text
    again = desk.corrections.save(MEI, "call-a", [TurnEdit(turn_index=1, text="退款")])
    assert [turn.text for turn in again.turns][:2] == ["您好，我是小李。", "退款"]
    made = desk.corrections.of_call("call-a")
    assert [(item.edit.turn_index, item.made_by) for item in made] == [
        (0, "mei"), (2, "mei"), (1, "mei"),
    ]  # fmt: skip
    assert made[0].text_before == "您好，请问有什么可以帮您？"


def test_a_swap_of_roles_survives_a_correction(desk):
    desk.transcripts.override_roles(
        "call-a", {"left": Role.CUSTOMER, "right": Role.AGENT}, made_by="mei"
    )
    shown = desk.corrections.save(MEI, "call-a", [TurnEdit(turn_index=0, text="喂")])
    assert shown.turns[0].role == Role.CUSTOMER


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (TurnEdit(turn_index=77, text="x"), "no such turn"),
        (TurnEdit(turn_index=0), "nothing was changed"),
        (TurnEdit(turn_index=0, text="x" * 10_001), "longer"),
    ],
)
def test_a_bad_edit_saves_none_of_them(desk, edit, message):
    with pytest.raises(ReviewError, match=message):
        desk.corrections.save(MEI, "call-a", [TurnEdit(turn_index=1, text="好"), edit])
    assert desk.corrections.of_call("call-a") == []
    assert desk.transcripts.digest_of("call-a") == "t1"


def test_deleting_a_call_takes_its_reviews_along(desk):
    import sqlalchemy as sa

    review = desk.reviews.open(MEI, "call-a")
    desk.reviews.decide(MEI, review.id, WRONG)
    with desk.database.writing() as connection:
        connection.execute(sa.text("DELETE FROM calls WHERE id = 'call-a'"))
    assert desk.reviews.decisions("call-a") == []
    with pytest.raises(NotFoundError):
        desk.reviews.decide(MEI, review.id, RIGHT)
