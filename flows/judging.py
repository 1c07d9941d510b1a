"""The stages that need no audio: analyse a transcript, score an analysis."""

from __future__ import annotations

from functools import cache

from flows.insight import find_insight, save_insight
from flows.site import Site
from flows.work import Work, persist
from qa.calls import Call
from qa.review.silence import silence
from qa.transcript import Transcript
from scoring.abuse import ABUSIVE, YES, is_abusive
from scoring.analyse import Analysers, analyse_transcript
from scoring.calltype import facts_of
from scoring.engine import score as score_analysis
from scoring.form import form_rules
from scoring.sentiment import create_sentiment
from transcription.quality import grade


@cache
def analysers_of(site: Site) -> Analysers:
    """Matcher and sentiment model of a site, loaded once per process."""
    model, stamp = create_sentiment(site.settings.sentiment)
    return Analysers(matcher=site.matcher, sentiment=model, stamps=(stamp,))


def analyse(work: Work) -> None:
    """Measure the current transcript and save the analysis."""
    store = work.site.store
    transcript = store.transcripts.load(work.call.id)
    with work.timed("analyse"):
        analysers = analysers_of(work.site)
        analysis = analyse_transcript(
            work.call,
            transcript,
            analysers,
            quality=grade(transcript),
            facts=known_facts(work.call, transcript, work.site),
        )
    with work.timed("insight"):
        found = find_insight(work.site, analysis)
    work.audio_ms = transcript.duration_ms
    done = work.done()

    def save() -> None:
        with store.transaction():
            store.analyses.save(analysis, work.key.digest, done=done)
            save_insight(work.site, analysis, found)

    persist(save)


def known_facts(call: Call, transcript: Transcript, site: Site) -> dict[str, str]:
    """Contact reason, abuse, and the call type where the manifest says it; else scorecards do."""
    facts = facts_of(call, transcript, encoder=site.encoder, reasons=site.reasons)
    known = {name: value for name, value in facts.items() if name == "reason" or name in call.tags}
    return known | ({ABUSIVE: YES} if is_abusive(transcript) else {})


def score(work: Work) -> None:
    """Score the current analysis with the scorecard that applies, and append the evaluation."""
    store = work.site.store
    analysis = store.analyses.load(work.call.id)
    card = work.site.scorecard_for(analysis)
    with work.timed("score"):
        evaluation = score_analysis(
            analysis, card, matcher=work.site.matcher, encoder=work.site.reader
        )
        form = form_rules(card)
        evaluation = silence(evaluation, store.autonomy.off(card.id), form)
    work.audio_ms = analysis.transcript.duration_ms
    work.engine = f"{card.id} {card.version}"
    done = work.done()
    persist(lambda: store.evaluations.save(evaluation, done=done, form=form))
