"""Release, acknowledgement, dispute, decision: each step in one transaction, each step kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from qa.access import Action, Person, require
from qa.errors import NotFoundError, ReviewError
from qa.evaluation import Evaluation, Outcome
from qa.form import STANDARD, FormRules
from qa.review.disputes import (
    PENDING,
    Dispute,
    DisputePolicy,
    DisputeState,
    advance,
    forbid_own_decision,
    is_expired,
    next_round,
)
from qa.review.drafts import settle
from qa.review.effective import latest
from qa.review.values import DecisionKind, Draft, machine_view
from qa.store import decided_scores, review_decisions
from qa.store.database import Database
from qa.store.evaluations import Evaluations
from qa.store.review_decisions import Context
from qa.store.review_releases import Releases
from qa.store.review_rows import Recorder, call_facts, forbid_own, no_record, require_row
from qa.store.tables import dispute_events, disputes, reviews


class Disputes(Releases):
    """Disputes of released evaluations."""

    def __init__(
        self,
        database: Database,
        evaluations: Evaluations,
        *,
        policy: DisputePolicy | None = None,
        record: Recorder = no_record,
    ) -> None:
        super().__init__(database, policy=policy, record=record)
        self._evaluations = evaluations

    def open(
        self,
        person: Person,
        call_id: str,
        subject: str,
        *,
        comment: str,
        wished: Outcome | None = None,
    ) -> Dispute:
        """Dispute one criterion or auto-fail of a released evaluation.

        Raises:
            ReviewError: Not released, window closed, rounds used, pending, or no comment.
            AccessDeniedError: No right, or somebody else's call.
        """
        with self._database.writing() as connection:
            facts = call_facts(connection, call_id, lock=True)
            require_row(person, Action.DISPUTE, facts)
            release = self._release(connection, call_id)
            evaluation = self._evaluations.get(release.evaluation_id)
            earlier = self._find(
                connection, disputes.c.release_id == release.id, disputes.c.subject == subject
            )
            now = self._database.now()
            number = next_round(release, earlier, now, self.policy, comment=comment)
            row = self._about(connection, evaluation, subject) | {
                "call_id": call_id,
                "release_id": release.id,
                "evaluation_id": release.evaluation_id,
                "round": number,
                "state": DisputeState.OPEN.value,
                "wished": wished.value if wished else None,
                "comment": comment.strip(),
                "opened_by": person.user_id,
                "opened_at": now,
                "due_at": now + timedelta(days=self.policy.decide_days),
            }
            key = connection.scalars(sa.insert(disputes).returning(disputes.c.id), row).one()
            self._event(connection, person, key, DisputeState.OPEN, comment)
            self._record(person, "dispute_opened", call_id=call_id, subject=subject, round=number)
            return self._get(connection, key)

    def take(self, person: Person, dispute_id: int) -> Dispute:
        """Begin to decide a dispute.

        Raises:
            ReviewError: The person took part in what is disputed, or it is not open.
        """
        with self._database.writing() as connection:
            dispute = self._lock(connection, dispute_id)
            self._may_decide(connection, person, dispute)
            return self._move(
                connection, person, dispute, DisputeState.IN_REVIEW, taken_by=person.user_id
            )

    def decide(
        self,
        person: Person,
        dispute_id: int,
        *,
        answer: str,
        draft: Draft | None = None,
        form: FormRules = STANDARD,
    ) -> Dispute:
        """Decide a dispute: the verdict stands (no draft), or is changed as the draft says.

        The change is a decision like any other: appended, with its cause, and it counts at once.

        Args:
            person: Somebody who took no part in what is disputed.
            dispute_id: The dispute; taken by this person if it is still open.
            answer: The reason, for the agent; mandatory.
            draft: The new decision; it must differ from what counted before.
            form: Arithmetic of the evaluation's scorecard (`scoring.form.form_rules`).

        Raises:
            ReviewError: No answer, a wrong state, an own decision, or a draft that changes nothing.
        """
        if not answer.strip():
            raise ReviewError("the answer is empty", f"dispute {dispute_id}", "say why")
        with self._database.writing() as connection:
            dispute = self._lock(connection, dispute_id)
            self._may_decide(connection, person, dispute)
            if dispute.state == DisputeState.OPEN:
                dispute = self._move(
                    connection, person, dispute, DisputeState.IN_REVIEW, taken_by=person.user_id
                )
            state, after = DisputeState.UPHELD, dispute.outcome_before
            if draft is not None:
                after = self._overturn(connection, person, dispute, draft, form)
                state = DisputeState.OVERTURNED
            decided = self._move(
                connection,
                person,
                dispute,
                state,
                answer=answer.strip(),
                outcome_after=after,
                taken_by=person.user_id,
            )
            self._record(
                person,
                "dispute_decided",
                call_id=dispute.call_id,
                subject=dispute.subject,
                state=state.value,
            )
            return decided

    def withdraw(self, person: Person, dispute_id: int) -> Dispute:
        """Take an own dispute back while it is not decided."""
        with self._database.writing() as connection:
            require(person, Action.DISPUTE)
            dispute = self._lock(connection, dispute_id)
            if dispute.opened_by != person.user_id:
                raise ReviewError(
                    "somebody else opened it", f"dispute {dispute_id}", "only she may withdraw it"
                )
            return self._move(connection, person, dispute, DisputeState.WITHDRAWN)

    def expire(self, person: Person) -> list[Dispute]:
        """Close what nobody decided for too long; the agents lose no round by it."""
        require(person, Action.DECIDE_DISPUTE)
        now = self._database.now()
        with self._database.writing() as connection:
            late = [
                dispute
                for dispute in self._find(connection, _pending())
                if is_expired(dispute, now, self.policy)
            ]
            return [
                self._move(connection, person, dispute, DisputeState.EXPIRED) for dispute in late
            ]

    def get(self, dispute_id: int) -> Dispute:
        """A dispute by id.

        Raises:
            NotFoundError: There is none.
        """
        with self._database.reading() as connection:
            return self._get(connection, dispute_id)

    def pending(self) -> list[Dispute]:
        """Everything undecided, most urgent first."""
        with self._database.reading() as connection:
            return self._find(connection, _pending())

    def of_call(self, call_id: str) -> list[Dispute]:
        """All disputes on a call."""
        with self._database.reading() as connection:
            return self._find(connection, disputes.c.call_id == call_id)

    def between(self, since: datetime, until: datetime) -> list[Dispute]:
        """Disputes opened in a half-open stretch of time, and all their outcomes so far."""
        with self._database.reading() as connection:
            return self._find(
                connection, disputes.c.opened_at >= since, disputes.c.opened_at < until
            )

    def events(self, dispute_id: int) -> list[tuple[datetime, str, DisputeState, str]]:
        """Every step of a dispute: (when, who, state, comment)."""
        query = (
            sa.select(dispute_events)
            .where(dispute_events.c.dispute_id == dispute_id)
            .order_by(dispute_events.c.id)
        )
        with self._database.reading() as connection:
            return [
                (row.made_at, row.made_by, DisputeState(row.state), row.comment)
                for row in connection.execute(query)
            ]

    def _about(
        self, connection: sa.Connection, evaluation: Evaluation, subject: str
    ) -> dict[str, Any]:
        """What is disputed: the latest decision of a person, else the machine's verdict."""
        machine = machine_view(evaluation, subject)
        if machine is None:
            raise ReviewError(
                f"{subject} is not part of this evaluation", "dispute", "reload the call"
            )
        said = latest(review_decisions.of_call(connection, evaluation.call_id)).get(subject)
        before = machine.outcome
        if said is not None:
            before = said.outcome.value if said.outcome else said.kind.value
        return {
            "scorecard_id": evaluation.scorecard_id,
            "scorecard_version": evaluation.scorecard_version,
            "subject": subject,
            "reviewer": said.made_by if said else "",
            "outcome_before": before,
        }

    def _may_decide(self, connection: sa.Connection, person: Person, dispute: Dispute) -> None:
        facts = call_facts(connection, dispute.call_id, lock=True)
        require_row(person, Action.DECIDE_DISPUTE, facts)
        forbid_own(person, facts)
        query = sa.select(reviews.c.reviewer).where(reviews.c.call_id == dispute.call_id)
        judges = [*connection.scalars(query)]
        judges += [item.made_by for item in review_decisions.of_call(connection, dispute.call_id)]
        forbid_own_decision(person, dispute, judges)
        if dispute.state == DisputeState.IN_REVIEW and dispute.taken_by != person.user_id:
            raise ReviewError(
                f"{dispute.taken_by} is deciding it", f"dispute {dispute.id}", "leave it to them"
            )

    def _overturn(
        self,
        connection: sa.Connection,
        person: Person,
        dispute: Dispute,
        draft: Draft,
        form: FormRules,
    ) -> str:
        evaluation_id = self._evaluations.current_id(dispute.call_id) or dispute.evaluation_id
        evaluation = self._evaluations.get(evaluation_id)
        settled = settle(draft, evaluation)
        after = settled.outcome.value if settled.outcome else draft.kind.value
        same = after == dispute.outcome_before and settled.outcome != Outcome.PARTIAL
        if draft.subject != dispute.subject or draft.kind == DecisionKind.COMMENT or same:
            raise ReviewError(
                "the decision changes nothing", f"dispute {dispute.id}", "uphold it instead"
            )
        found = review_decisions.of_call(connection, dispute.call_id)
        seen = max((item.version for item in found if item.subject == draft.subject), default=0)
        about = Context(
            review_id=None,
            evaluation_id=dispute.evaluation_id,
            evaluation=evaluation,
            made_by=person.user_id,
            seen=seen,
            round=dispute.round,
        )
        review_decisions.append(self._database, connection, draft, settled, about)
        decided_scores.keep(self._database, connection, evaluation_id, evaluation, form)
        return after

    def _move(
        self,
        connection: sa.Connection,
        person: Person,
        dispute: Dispute,
        to: DisputeState,
        **values: Any,
    ) -> Dispute:
        advance(dispute.state, to)
        values["state"] = to.value
        if to not in PENDING:
            values["closed_at"] = self._database.now()
        mine = disputes.c.id == dispute.id
        connection.execute(sa.update(disputes).where(mine).values(values))
        self._event(connection, person, dispute.id, to, str(values.get("answer", "")))
        return self._get(connection, dispute.id)

    def _event(
        self,
        connection: sa.Connection,
        person: Person,
        dispute_id: int,
        state: DisputeState,
        comment: str,
    ) -> None:
        row = {
            "dispute_id": dispute_id,
            "state": state.value,
            "comment": comment.strip(),
            "made_by": person.user_id,
            "made_at": self._database.now(),
        }
        connection.execute(sa.insert(dispute_events), row)

    def _lock(self, connection: sa.Connection, dispute_id: int) -> Dispute:
        lock = sa.select(disputes.c.id).where(disputes.c.id == dispute_id).with_for_update()
        connection.execute(lock)
        return self._get(connection, dispute_id)

    @staticmethod
    def _get(connection: sa.Connection, dispute_id: int) -> Dispute:
        query = sa.select(disputes).where(disputes.c.id == dispute_id)
        row = connection.execute(query).first()
        if row is None:
            raise NotFoundError(f"no dispute {dispute_id}", "store", "reload the list")
        return _to_dispute(row)

    @staticmethod
    def _find(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> list[Dispute]:
        query = sa.select(disputes).where(*where).order_by(disputes.c.due_at, disputes.c.id)
        return [_to_dispute(row) for row in connection.execute(query)]


def _pending() -> sa.ColumnElement[bool]:
    return disputes.c.state.in_([state.value for state in PENDING])


def _to_dispute(row: Any) -> Dispute:
    fields = {name: getattr(row, name) for name in Dispute.__slots__}
    wished = Outcome(row.wished) if row.wished else None
    return Dispute(**fields | {"state": DisputeState(row.state), "wished": wished})
