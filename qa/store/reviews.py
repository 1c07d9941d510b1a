"""Reviews: one person's pass over one call, its decisions, and what counts after them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from qa.access import Action, Person, require
from qa.errors import NotFoundError, ReviewError
from qa.evaluation import Evaluation
from qa.form import STANDARD, FormRules
from qa.review.drafts import settle
from qa.review.effective import Effective, effective
from qa.review.values import Decision, DecisionKind, Draft, Purpose, Review, ReviewState, Saved
from qa.review.work import AssignmentState
from qa.store import decided_scores, review_decisions
from qa.store.database import Database
from qa.store.evaluations import Evaluations
from qa.store.review_decisions import Context
from qa.store.review_rows import Recorder, call_facts, forbid_own, no_record, require_row
from qa.store.tables import assignments, reviews

_DAY_MS = 24 * 3_600_000


class Reviews:
    """Opening, deciding and submitting. A submitted review takes no further decisions."""

    def __init__(
        self, database: Database, evaluations: Evaluations, *, record: Recorder = no_record
    ) -> None:
        self._database = database
        self._evaluations = evaluations
        self._record = record

    def open(
        self,
        person: Person,
        call_id: str,
        *,
        purpose: Purpose = Purpose.FIRST,
        assignment_id: int | None = None,
    ) -> Review:
        """Begin, or go on with, this person's review of a call's current evaluation.

        Two tabs of one person share the review.

        Raises:
            AccessDeniedError: No right to review, or the call is the person's own.
            NotFoundError: No such call, or it has not been scored.
        """
        with self._database.writing() as connection:
            facts = call_facts(connection, call_id, lock=True)
            require_row(person, Action.REVIEW, facts)
            forbid_own(person, facts)
            known = self._open_one(connection, person, call_id, purpose)
            if known is not None:
                return known
            evaluation_id = self._evaluations.current_id(call_id)
            if evaluation_id is None:
                raise NotFoundError(
                    f"call {call_id!r} has not been scored", "review", "run `qa run`"
                )
            assignment_id = assignment_id or _assigned(connection, person, call_id, purpose)
            row = {
                "call_id": call_id,
                "evaluation_id": evaluation_id,
                "assignment_id": assignment_id,
                "reviewer": person.user_id,
                "purpose": purpose.value,
                "state": ReviewState.OPEN.value,
                "opened_at": self._database.now(),
            }
            key = connection.scalars(sa.insert(reviews).returning(reviews.c.id), row).one()
            return _get(connection, key)

    def decide(
        self,
        person: Person,
        review_id: int,
        draft: Draft,
        *,
        seen: int = 0,
        form: FormRules = STANDARD,
    ) -> Saved:
        """Save one decision beside the machine's verdict.

        Args:
            person: Whose review it is.
            review_id: From `open`.
            draft: What is decided.
            seen: Version of the subject on the screen (`versions`); a later decision by somebody
                else that says something different comes back as a conflict. Both are kept.
            form: Arithmetic of the evaluation's scorecard (`scoring.form.form_rules`).

        Raises:
            ReviewError: The draft is incomplete, or the review is submitted already.
        """
        with self._database.writing() as connection:
            review = self._mine(connection, person, review_id)
            call_facts(connection, review.call_id, lock=True)
            evaluation_id = self._evaluations.current_id(review.call_id) or review.evaluation_id
            evaluation = self._evaluations.get(evaluation_id)
            about = Context(
                review_id=review_id,
                evaluation_id=evaluation_id,
                evaluation=evaluation,
                made_by=person.user_id,
                seen=seen,
            )
            settled = settle(draft, evaluation)
            saved = review_decisions.append(self._database, connection, draft, settled, about)
            decided_scores.keep(self._database, connection, evaluation_id, evaluation, form)
            self._touch(connection, review, evaluation_id)
            if saved.decision.overrides:
                self._record(
                    person,
                    "override",
                    call_id=review.call_id,
                    subject=draft.subject,
                    before=settled.machine.outcome,
                    after=settled.outcome.value if settled.outcome else draft.kind.value,
                    cause=draft.cause.value if draft.cause else "",
                )
            return saved

    def accept_rest(
        self, person: Person, review_id: int, *, form: FormRules = STANDARD
    ) -> list[Decision]:
        """Accept every criterion that this person has not decided, explicitly and one by one.

        Untouched criteria say nothing about agreement; a reviewer who has listened to the whole
        call says so with this. In a first review, what others have decided stays as it is.
        `form` is as for `decide`.
        """
        with self._database.writing() as connection:
            review = self._mine(connection, person, review_id)
            call_facts(connection, review.call_id, lock=True)
            evaluation_id = self._evaluations.current_id(review.call_id) or review.evaluation_id
            evaluation = self._evaluations.get(evaluation_id)
            made = review_decisions.of_call(connection, review.call_id)
            # a second opinion is one's own: what the first reviewer decided does not settle it
            alone = review.purpose != Purpose.FIRST
            known = {
                item.subject
                for item in made
                if item.settles and (item.made_by == person.user_id or not alone)
            }
            about = Context(
                review_id=review_id,
                evaluation_id=evaluation_id,
                evaluation=evaluation,
                made_by=person.user_id,
                seen=0,
            )
            saved = []
            for result in evaluation.results:
                if result.criterion_id in known:
                    continue
                draft = Draft(subject=result.criterion_id, kind=DecisionKind.ACCEPT)
                settled = settle(draft, evaluation)
                done = review_decisions.append(self._database, connection, draft, settled, about)
                saved.append(done.decision)
            decided_scores.keep(self._database, connection, evaluation_id, evaluation, form)
            self._touch(connection, review, evaluation_id)
            return saved

    def submit(
        self,
        person: Person,
        review_id: int,
        *,
        form: FormRules = STANDARD,
        comment: str = "",
        active_ms: int = 0,
    ) -> Review:
        """End the review: keep its effective score, and close its assignment.

        Args:
            person: Whose review it is.
            review_id: From `open`.
            form: As for `decide`.
            comment: For the agent and the coach.
            active_ms: Time spent, as the page measured it.

        Raises:
            ReviewError: Something still waits for this person's decision, or it is submitted.
        """
        with self._database.writing() as connection:
            review = self._mine(connection, person, review_id)
            facts = call_facts(connection, review.call_id, lock=True)
            result = self.effective(review.call_id, form=form)
            if open_findings := [s for s in result.waiting if s in _findings(result.machine)]:
                raise ReviewError(
                    f"suspected auto-fails are not decided: {', '.join(open_findings)}",
                    f"review of {facts.call_id}",
                    "confirm or reject each after listening",
                )
            after = result.evaluation
            now = self._database.now()
            values = {
                "state": ReviewState.SUBMITTED.value,
                "first_action_at": review.first_action_at or now,
                "submitted_at": now,
                "active_ms": max(0, min(int(active_ms), _DAY_MS)),
                "comment": comment.strip(),
                "quality_percent": after.quality_percent,
                "final_percent": result.final_percent,
                "band": after.band,
            }
            connection.execute(sa.update(reviews).where(reviews.c.id == review_id).values(values))
            self._close_assignment(connection, review)
            evaluation_id = self._evaluations.current_id(review.call_id) or review.evaluation_id
            decided_scores.keep(self._database, connection, evaluation_id, result.machine, form)
            self._record(person, "review_submitted", call_id=review.call_id, review=review_id)
            return _get(connection, review_id)

    def get(self, review_id: int) -> Review:
        """A review by id.

        Raises:
            NotFoundError: There is none.
        """
        with self._database.reading() as connection:
            return _get(connection, review_id)

    def of_call(self, call_id: str) -> list[Review]:
        """All reviews of a call, oldest first."""
        query = sa.select(reviews).where(reviews.c.call_id == call_id).order_by(reviews.c.id)
        with self._database.reading() as connection:
            return [_to_review(row) for row in connection.execute(query)]

    def decisions(self, call_id: str) -> list[Decision]:
        """All decisions on a call, in the order they were saved."""
        with self._database.reading() as connection:
            return review_decisions.of_call(connection, call_id)

    def decisions_of(self, call_ids: Sequence[str]) -> dict[str, list[Decision]]:
        """All decisions on several calls; every call has an entry."""
        with self._database.reading() as connection:
            return review_decisions.of_calls(connection, call_ids)

    def versions(self, call_id: str) -> dict[str, int]:
        """Subject → version of its newest decision: what a page has seen."""
        return {item.subject: item.version for item in self.decisions(call_id)}

    def effective(
        self, call_id: str, *, form: FormRules = STANDARD, evaluation: Evaluation | None = None
    ) -> Effective:
        """What counts for a call: the machine's current evaluation and the latest decisions.

        Raises:
            NotFoundError: The call has not been scored.
        """
        found = evaluation or self._evaluations.load(call_id)
        return effective(found, self.decisions(call_id), form)

    def between(self, since: datetime, until: datetime) -> list[Review]:
        """Reviews submitted in a half-open stretch of time, oldest first."""
        when = reviews.c.submitted_at
        query = sa.select(reviews).where(when >= since, when < until).order_by(when, reviews.c.id)
        with self._database.reading() as connection:
            return [_to_review(row) for row in connection.execute(query)]

    def _open_one(
        self, connection: sa.Connection, person: Person, call_id: str, purpose: Purpose
    ) -> Review | None:
        row = connection.execute(
            sa.select(reviews).where(
                reviews.c.call_id == call_id,
                reviews.c.reviewer == person.user_id,
                reviews.c.purpose == purpose.value,
                reviews.c.state == ReviewState.OPEN.value,
            )
        ).first()
        return _to_review(row) if row is not None else None

    def _mine(self, connection: sa.Connection, person: Person, review_id: int) -> Review:
        require(person, Action.REVIEW)
        review = _get(connection, review_id)
        place = f"review {review_id}"
        if review.reviewer != person.user_id:
            raise ReviewError("the review is somebody else's", place, "open your own")
        if review.state != ReviewState.OPEN:
            raise ReviewError(
                "the review is submitted already", place, "open a second one, or a dispute"
            )
        return review

    def _touch(self, connection: sa.Connection, review: Review, evaluation_id: int) -> None:
        values: dict[str, Any] = {"evaluation_id": evaluation_id}
        if review.first_action_at is None:
            values["first_action_at"] = self._database.now()
        connection.execute(sa.update(reviews).where(reviews.c.id == review.id).values(values))

    def _close_assignment(self, connection: sa.Connection, review: Review) -> None:
        if review.assignment_id is None:
            return
        mine = assignments.c.id == review.assignment_id
        values = {"state": AssignmentState.DONE.value, "closed_at": self._database.now()}
        connection.execute(sa.update(assignments).where(mine).values(values))


def _findings(evaluation: Evaluation) -> set[str]:
    return {f.code for f in evaluation.findings if f.state.value == "suspected"}


def _assigned(
    connection: sa.Connection, person: Person, call_id: str, purpose: Purpose
) -> int | None:
    """An assignment that this review fulfils without having been opened from it."""
    return connection.scalar(
        sa.select(assignments.c.id).where(
            assignments.c.call_id == call_id,
            assignments.c.reviewer == person.user_id,
            assignments.c.purpose == purpose.value,
            assignments.c.state == AssignmentState.OPEN.value,
        )
    )


def _get(connection: sa.Connection, review_id: int) -> Review:
    row = connection.execute(sa.select(reviews).where(reviews.c.id == review_id)).first()
    if row is None:
        raise NotFoundError(f"no review {review_id}", "store", "open the call again")
    return _to_review(row)


def _to_review(row: Any) -> Review:
    fields = {name: getattr(row, name) for name in Review.__slots__}
    return Review(**fields | {"purpose": Purpose(row.purpose), "state": ReviewState(row.state)})
