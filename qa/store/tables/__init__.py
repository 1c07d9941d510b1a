"""The tables of the store. What is read whole is JSON text; what is filtered is a column."""

from qa.store.columns import metadata
from qa.store.tables.access import accounts, audit_events, sessions
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
from qa.store.tables.operations import urgent_calls
from qa.store.tables.people import (
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
from qa.store.tables.privacy import deletions, legal_holds, raw_transcripts, redactions
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
    "accounts",
    "agents",
    "analyses",
    "appraisal_adjustments",
    "appraisal_decisions",
    "appraisal_periods",
    "appraisal_schemes",
    "attendance",
    "audit_events",
    "call_facts",
    "call_insights",
    "calls",
    "commitments",
    "criterion_results",
    "crm_cases",
    "csat",
    "deletions",
    "evaluation_bodies",
    "evaluations",
    "findings",
    "handled_calls",
    "import_batches",
    "import_changes",
    "legal_holds",
    "metadata",
    "people_month_states",
    "people_months",
    "problems",
    "ratings",
    "raw_transcripts",
    "recording_aliases",
    "recordings",
    "redactions",
    "risk_events",
    "risk_messages",
    "risks",
    "role_overrides",
    "runs",
    "scorecard_criteria",
    "sessions",
    "site_settings",
    "source_files",
    "stage_runs",
    "topic_calls",
    "topics",
    "training",
    "transcript_bodies",
    "transcripts",
    "turns",
    "urgent_calls",
    "voiceprints",
]
