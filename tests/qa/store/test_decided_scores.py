"""Lists show, filter and sort by the score that counts: a person's where one has decided."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from qa.access import SYSTEM, Person, UserRole
from qa.evaluation import Outcome
from qa.form import STANDARD
from qa.review.values import Cause, DecisionKind, Draft
from qa.store import CallFilter
from qa.store.tables import decided_scores
from tests.builders import add_call, make_evaluation, make_finding, make_result

MEI = Person(user_id="mei", roles=frozenset({UserRole.MONITOR}))
LEAD = Person(user_id="lead", roles=frozenset({UserRole.QA_LEAD}))
AGENT = Person(user_id="agent", roles=frozenset({UserRole.AGENT}), agent_id="1001")
#: Not the service standard: what is shown tells whether this form was used.
FORM = replace(STANDARD, minimum_weight=60.0, bands=(("top", 95.0), ("low", 0.0)))
MACHINE = (50.0, "D", "scored", False, 50.0)
RESULTS = (make_result(), make_result("S1.2", Outcome.MISSED, 0.0))


def changed(subject, outcome, share=None):
    return Draft(
        subject=subject,
        kind=DecisionKind.CHANGE,
        outcome=outcome,
        share=share,
        cause=Cause.JUDGEMENT,
    )


def said(subject, kind):
    return Draft(subject=subject, kind=kind, comment="听过", cause=Cause.JUDGEMENT)


WON = changed("S1.2", Outcome.MET)
LOST = changed("S1.1", Outcome.MISSED)


@pytest.fixture
def desk(open_store):
    store = open_store()
    scored(store, "a")
    return store


def scored(store, name, quality=50.0, **changes):
    add_call(store, name)
    return again(store, name, quality=quality, **changes)


def again(store, name="a", **changes):
    facts = {"quality": 50.0, "results": RESULTS, "findings": (make_finding(),), "band": "D"}
    return store.evaluations.save(make_evaluation(f"call-{name}", **facts | changes), form=FORM)


def decided(store, *drafts, call_id="call-a", **options):
    review = store.reviews.open(MEI, call_id)
    for draft in drafts:
        store.reviews.decide(MEI, review.id, draft, form=FORM, **options)
    return review


def disputed(store):
    store.disputes.release(LEAD, ["call-a"])
    mine = store.disputes.open(AGENT, "call-a", "S1.2", comment="I said it")
    store.disputes.decide(LEAD, mine.id, answer="right", draft=WON, form=FORM)


def accepted(store):
    store.reviews.accept_rest(MEI, store.reviews.open(MEI, "call-a").id, form=FORM)


def submitted(store):
    review = decided(store, WON, said("AF-3", DecisionKind.REJECT))
    store.reviews.submit(MEI, review.id, form=FORM)


def forgotten(store):
    """As a store of an older version has it: decisions, and no score that counts."""
    decided(store, WON)
    with store.database.writing() as connection:
        connection.execute(sa.delete(decided_scores))


def brought_up(store):
    forgotten(store)
    store.people.refresh(SYSTEM, timezone="UTC", forms={"card-1": FORM})


@pytest.mark.parametrize(
    ("happens", "shown"),
    [
        ("nobody has looked", MACHINE),
        (lambda s: decided(s, said("S1.2", DecisionKind.COMMENT)), MACHINE),
        (accepted, (50.0, "low", "scored", True, 50.0)),
        (lambda s: decided(s, WON), (100.0, "top", "scored", True, 50.0)),
        (lambda s: decided(s, WON, LOST), (50.0, "low", "scored", True, 50.0)),
        (lambda s: decided(s, LOST), (0.0, "low", "scored", True, 50.0)),
        (
            lambda s: decided(s, WON, said("AF-3", DecisionKind.CONFIRM)),
            (0.0, "low", "scored", True, 50.0),
        ),
        (
            lambda s: decided(s, changed("S1.2", Outcome.NOT_APPLICABLE)),
            (None, "", "needs_person", True, 50.0),
        ),
        (submitted, (100.0, "top", "scored", True, 50.0)),
        (disputed, (100.0, "top", "scored", True, 50.0)),
        (lambda s: (decided(s, WON), again(s, quality=40.0)), (100.0, "top", "scored", True, 40.0)),
        (lambda s: (decided(s, WON), again(s, scorecard_version="2")), MACHINE),
        (forgotten, MACHINE),
        (brought_up, (100.0, "top", "scored", True, 50.0)),
    ],
)  # fmt: skip
def test_a_list_shows_the_score_that_counts(desk, happens, shown):
    if callable(happens):
        happens(desk)
    row = desk.calls.row("call-a")
    found = (row.quality_percent, row.band, row.state, row.is_decided, row.machine_percent)
    assert found == shown
    frame = desk.frames.calls_frame(limit=1).iloc[0]
    assert (frame["band"], bool(frame["is_decided"])) == (shown[1], shown[3])


def test_the_list_agrees_with_the_page_of_the_call(desk):
    decided(desk, WON, said("AF-3", DecisionKind.CONFIRM))
    page, row = desk.reviews.effective("call-a", form=FORM), desk.calls.row("call-a")
    assert (page.final_percent, page.final_band) == (row.quality_percent, row.band)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (CallFilter(), "abc"),
        (CallFilter(min_score=90.0), "a"),
        (CallFilter(max_score=60.0), "b"),
        (CallFilter(min_score=50.0, max_score=80.0), "c"),
        (CallFilter(bands=("top",)), "a"),
        (CallFilter(bands=("low",)), "b"),
        (CallFilter(bands=("B",)), "c"),
        (CallFilter(bands=("A", "D")), ""),
        (CallFilter(states=("needs_person",)), ""),
    ],
)
def test_filters_and_orders_go_by_the_score_that_counts(desk, wanted, found):
    scored(desk, "b", 90.0, band="A")
    scored(desk, "c", 80.0, band="B")
    decided(desk, WON)
    decided(desk, LOST, call_id="call-b")
    names = {row.call_id[-1] for row in desk.calls.find(wanted)}
    assert names == set(found)
    assert desk.calls.count(wanted) == desk.frames.totals(wanted).calls == len(found)
    lowest = [row.call_id[-1] for row in desk.calls.find(wanted, order="lowest")]
    assert lowest == [name for name in "bca" if name in found]
    assert [row.call_id[-1] for row in desk.calls.find(wanted, order="highest")] == lowest[::-1]
    scores = {"a": 100.0, "b": 0.0, "c": 80.0}
    mean = sum(scores[name] for name in found) / len(found) if found else None
    assert desk.frames.totals(wanted).mean_quality == mean


def test_who_sees_not_the_call_sees_not_its_score(desk):
    decided(desk, WON)
    stranger = Person(user_id="x", roles=frozenset({UserRole.COACH}), teams=frozenset({"none"}))
    for person, n in ((LEAD, 1), (stranger, 0)):
        with desk.seen_by(person).database.reading() as connection:
            assert len(connection.execute(sa.select(decided_scores)).all()) == n
