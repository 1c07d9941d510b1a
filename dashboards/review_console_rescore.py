"""Corrections from the call page: kept beside the machine's transcript, scored again at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dashboards import review_data
from qa import codec
from qa.access import Action, Person
from qa.analysis import Analysis
from qa.calls import Role
from qa.errors import NotFoundError, ReviewError
from qa.evaluation import Evaluation
from qa.review.corrections import TurnEdit
from qa.review.diff import EvaluationDiff, compare
from qa.review.silence import silence
from qa.settings import Settings, load_settings
from qa.store import Store
from qa.store.review_rows import CallFacts, forbid_own, require_row
from qa.transcript import Transcript

_OTHER_SIDE = {Role.AGENT: Role.CUSTOMER, Role.CUSTOMER: Role.AGENT}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Means:
    """What a transcript is analysed and scored with; one per process."""

    analysers: Any
    encoder: Any
    folder: str


def means() -> Means:
    """Matcher, sentiment model and encoder of the site, loaded once per process."""
    with _loading:
        return _means(load_settings().model_dump_json())


def warm_up() -> None:
    """Load them in the background, once somebody reviews: her first correction need not wait."""
    global _is_warming  # noqa: PLW0603 - one thread per process
    if not _is_warming:
        _is_warming = True
        threading.Thread(target=means, name="console-means", daemon=True).start()


_loading = threading.Lock()
_is_warming = False


@lru_cache(maxsize=2)
def _means(settings_json: str) -> Means:
    from scoring.analyse import Analysers  # noqa: PLC0415  (lexicons load with it)
    from scoring.encoder_lazy import find_encoder  # noqa: PLC0415
    from scoring.matching import load_matcher  # noqa: PLC0415
    from scoring.semantics import SemanticReader  # noqa: PLC0415
    from scoring.sentiment import create_sentiment  # noqa: PLC0415

    settings = Settings.model_validate_json(settings_json)
    matcher = load_matcher(company_names=tuple(settings.roles.company_names))
    model, stamp = create_sentiment(settings.sentiment)
    encoder = find_encoder(settings.insight.encoder)
    return Means(
        analysers=Analysers(matcher=matcher, sentiment=model, stamps=(stamp,)),
        encoder=SemanticReader(encoder) if encoder else None,
        folder=str(settings.scoring.place),
    )


def correct(
    store: Store, person: Person, call_id: str, edit: TurnEdit, *, using: Means | None = None
) -> EvaluationDiff:
    """Keep a person's text or speaker of one turn, and score the call again.

    Returns:
        What changed from the evaluation that was current before.

    Raises:
        ReviewError: The edit changes nothing, or there is nothing to score again.
        AccessDeniedError: No right to review this call.
        NotFoundError: The call is gone.
    """
    return _again(
        store, call_id, lambda: store.corrections.save(person, call_id, [edit]), using=using
    )


def swap_roles(
    store: Store, person: Person, call_id: str, *, using: Means | None = None
) -> EvaluationDiff:
    """Note that agent and customer are the wrong way round, and score the call again.

    Raises:
        ReviewError: No turn belongs to an agent or a customer.
        AccessDeniedError: No right to review this call.
    """

    def swap() -> Transcript:
        call = store.calls.get(call_id)
        facts = CallFacts(call_id=call_id, agent_id=call.agent_id, team=call.team)
        require_row(person, Action.REVIEW, facts)
        forbid_own(person, facts)
        shown = store.transcripts.load(call_id)
        roles = {
            turn.speaker: _OTHER_SIDE[turn.role] for turn in shown.turns if turn.role in _OTHER_SIDE
        }
        if not roles:
            raise ReviewError(
                "nobody is known to be agent or customer",
                f"call {call_id}",
                "correct who speaks in single turns",
            )
        store.transcripts.override_roles(call_id, roles, made_by=person.user_id)
        store.audit.record(person.user_id, "roles_swapped", kind="call", subject=call_id)
        return store.transcripts.load(call_id)

    return _again(store, call_id, swap, using=using)


def _again(
    store: Store, call_id: str, change: Callable[[], Transcript], *, using: Means | None
) -> EvaluationDiff:
    try:
        before, known = store.evaluations.load(call_id), store.analyses.load(call_id)
    except NotFoundError as error:
        raise ReviewError(
            "the call has not been scored yet", f"call {call_id}", "wait for the night run"
        ) from error
    transcript = change()
    analysis, after = _judged(known, transcript, before, using or means())
    off, form = store.autonomy.off(after.scorecard_id), review_data.form_of(after.scorecard_id)
    after = silence(after, off, form)
    mark = codec.digest([store.transcripts.digest_of(call_id), codec.to_plain(transcript.roles)])
    with store.transaction():
        store.analyses.save(analysis, mark)
        store.evaluations.save(after, form=form)
        _tell_again(store, analysis)
    return compare(before, after)


def _tell_again(store: Store, analysis: Analysis) -> None:
    """Risks, promises and mood of the corrected call; type and reason stay as found."""
    from scoring.insight_saving import find_insight, save_insight  # noqa: PLC0415

    settings = load_settings()
    save_insight(store, analysis, find_insight(store, analysis, settings), settings)


def _judged(
    known: Analysis, transcript: Transcript, before: Evaluation, using: Means
) -> tuple[Analysis, Evaluation]:
    from scoring.analyse import analyse_transcript  # noqa: PLC0415
    from scoring.engine import digest_of, score  # noqa: PLC0415
    from scoring.loader import load_scorecard  # noqa: PLC0415

    analysis = analyse_transcript(
        known.call, transcript, using.analysers, quality=known.quality, facts=known.facts
    )
    card = load_scorecard(before.scorecard_id, folder=using.folder)
    matcher = using.analysers.matcher
    # what was scored without meaning is scored without it again: only the correction may differ
    without = before.digest == digest_of(card, matcher)
    encoder = None if without else using.encoder
    return analysis, score(analysis, card, matcher=matcher, encoder=encoder)
