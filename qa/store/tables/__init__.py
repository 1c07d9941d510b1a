"""The tables of the store. What is read whole is JSON text; what is filtered is a column."""

from qa.store.columns import metadata
from qa.store.tables.appraisal import (
    appraisal_adjustments,
    appraisal_decisions,
    appraisal_periods,
    appraisal_schemes,
)
from qa.store.tables.insight import (
    call_insights,
    commitments,
    risk_events,
    risk_messages,
    risks,
    topic_calls,
    topics,
)
from qa.store.tables.intake import calls, recording_aliases, recordings, source_files
from qa.store.tables.people import (
from qa.store.tables.operations import urgent_calls
    agents,
    attendance,
    call_facts,
    crm_cases,
    csat,
    handled_calls,
    import_batches,
    import_changes,
    people_month_states,
    people_months,
    ratings,
    role_overrides,
    site_settings,
    training,
)
from qa.store.tables.results import (
    criterion_results,
    evaluation_bodies,
    evaluations,
    findings,
    scorecard_criteria,
)
from qa.store.tables.speech import analyses, transcript_bodies, transcripts, turns
from qa.store.tables.voices import voiceprints
from qa.store.tables.work import problems, runs, stage_runs

__all__ = [
    "agents",
    "analyses",
    "appraisal_adjustments",
    "appraisal_decisions",
    "appraisal_periods",
    "appraisal_schemes",
    "attendance",
    "call_facts",
    "call_insights",
    "calls",
    "commitments",
    "criterion_results",
    "crm_cases",
    "csat",
    "evaluation_bodies",
    "evaluations",
    "findings",
    "handled_calls",
    "import_batches",
    "import_changes",
    "metadata",
    "people_month_states",
    "people_months",
    "problems",
    "ratings",
    "recording_aliases",
    "recordings",
    "risk_events",
    "risk_messages",
    "risks",
    "role_overrides",
    "runs",
    "scorecard_criteria",
    "site_settings",
    "source_files",
    "stage_runs",
    "topic_calls",
    "topics",
    "training",
    "transcript_bodies",
    "transcripts",
    "turns",
    "voiceprints",
]
    "urgent_calls",
