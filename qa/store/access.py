"""Which rows of the store a person sees: the rule of every table, and the views that apply it.

A connection of `SeenDatabase` has temporary views that carry the names of the tables and hold only
what is in sight. Both databases look among temporary names first, so that every query of every
repository passes through them, whatever it was written for. (PostgreSQL has row security for this,
SQLite has not; one way for both is tested on both.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from qa.access import Action, Person, Scope, may, scope_of
from qa.store.tables import metadata


class Width(StrEnum):
    """How much of a kind of rows is in sight."""

    ALL = "all"
    SOME = "some"
    NONE = "none"


class Rule(StrEnum):
    """What decides about the rows of a table."""

    OPEN = "open"
    CALL = "call"
    RECORDING = "recording"
    PARENT = "parent"
    AGENT = "agent"
    NIGHT = "night"
    AUDIT = "audit"
    RAW = "raw"
    SHARED = "shared"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What one person sees. The views depend on `profile`; teams and agent id are values."""

    calls: Scope
    people: Scope
    night: bool
    raw: bool
    audit: bool

    @property
    def released_only(self) -> bool:
        """Whether calls come into sight only when released: who sees nobody's calls but her own.

        An agent should hear of a call from a person who has looked at it, not find it: neither
        the score nor what was said, felt or promised in it.
        """
        return bool(self.calls.agent_id) and not self.calls.everything and not self.calls.teams

    @property
    def profile(self) -> tuple[Width, Width, bool, bool, bool, bool]:
        """What the text of the views depends on; a dozen at most, whoever looks."""
        widths = width(self.calls), width(self.people)
        return *widths, self.night, self.raw, self.audit, self.released_only

    @property
    def values(self) -> tuple[tuple[str, str], ...]:
        """Teams and agent ids in sight, as (kind, value); with the profile, all that decides."""
        found = []
        for kind, scope in (("calls", self.calls), ("people", self.people)):
            found += [(f"{kind}_team", team) for team in sorted(scope.teams)]
            found += [(f"{kind}_agent", scope.agent_id)] if scope.agent_id else []
        return tuple(found)


def sight_of(person: Person) -> Sight:
    """What a person sees, by the rights table."""
    return Sight(
        calls=scope_of(person, Action.READ_CALLS),
        people=scope_of(person, Action.READ_AGENT),
        night=may(person, Action.READ_NIGHT),
        raw=may(person, Action.READ_RAW),
        audit=may(person, Action.READ_AUDIT),
    )


def width(scope: Scope) -> Width:
    """How much of the rows a scope covers."""
    if scope.everything:
        return Width.ALL
    return Width.SOME if scope.teams or scope.agent_id else Width.NONE


#: Tables whose columns do not say it, or say it wrongly.
_RULES = {
    "calls": Rule.CALL,
    "recordings": Rule.RECORDING,
    "agents": Rule.AGENT,
    "handled_calls": Rule.AGENT,
    "raw_transcripts": Rule.RAW,
    "clips": Rule.SHARED,
    **dict.fromkeys(("audit_events", "legal_holds", "deletions", "erasures"), Rule.AUDIT),
    **dict.fromkeys(("sessions", "saved_views"), Rule.NOBODY),
    **dict.fromkeys(("runs", "problems", "stage_runs", "source_files"), Rule.NIGHT),
    **dict.fromkeys(
        (
            *("accounts", "site_settings", "scorecard_criteria", "topics", "autonomy_levels"),
            *("samples", "calibrations", "calibration_raters"),
            *("appraisal_schemes", "appraisal_periods", "people_month_states"),
            "improvements",
            *("import_batches", "import_changes"),
        ),
        Rule.OPEN,
    ),
}
#: Shown empty to who may not see them.
_SECRET_COLUMNS = {("accounts", "password_hash"): None, ("turns", "raw_text"): Rule.RAW}


def rule_of(table: sa.Table) -> Rule | None:
    """What decides about a table's rows; None, where nothing says so: only who sees all does."""
    if table.name in _RULES:
        return _RULES[table.name]
    if "call_id" in table.c:
        return Rule.CALL
    if "agent_id" in table.c:
        return Rule.AGENT
    parents = {key.column.table.name for key in table.foreign_keys}
    if "recordings" in parents:
        return Rule.RECORDING
    return Rule.PARENT if _parent(table) is not None else None


def views(sight: Sight, schema: str) -> Iterator[str]:
    """Statements that make the views of a profile; `schema` is where the tables are."""
    first = [metadata.tables["calls"], metadata.tables["agents"]]
    for table in (*first, *(one for one in metadata.sorted_tables if one not in first)):
        where, columns = _condition(table, sight, schema), _columns(table, sight)
        if where or columns:
            yield (
                f'CREATE TEMP VIEW "{table.name}" AS SELECT {columns or "*"} '  # noqa: S608
                f'FROM "{schema}"."{table.name}" WHERE {where or "1 = 1"}'
            )


def _columns(table: sa.Table, sight: Sight) -> str:
    hidden = {
        column
        for (name, column), rule in _SECRET_COLUMNS.items()
        if name == table.name and not (rule is Rule.RAW and sight.raw)
    }
    if not hidden:
        return ""
    return ", ".join(f"'' AS {one.name}" if one.name in hidden else one.name for one in table.c)


def _condition(table: sa.Table, sight: Sight, schema: str) -> str:
    rule = rule_of(table)
    if rule in (Rule.CALL, Rule.RECORDING, Rule.PARENT, None):
        return _by_calls(table, rule, sight, schema)
    if rule is Rule.AGENT:
        return _by_people(table, sight, schema)
    if rule is Rule.NIGHT and not sight.night and "sha256" in table.c:
        return "sha256 IN (SELECT sha256 FROM recordings)"
    seen = {
        Rule.OPEN: True,
        Rule.NIGHT: sight.night,
        Rule.AUDIT: sight.audit,
        Rule.RAW: sight.raw,
        Rule.NOBODY: False,
    }
    if rule is Rule.SHARED:  # what its agent shares; she herself and who sees the call, before too
        seen_calls = _by_calls(table, Rule.CALL, sight, schema)
        hers = "agent_id IN (SELECT value FROM qa_sight WHERE kind = 'calls_agent')"
        return seen_calls and f"consented OR {hers} OR ({seen_calls})"
    if rule is Rule.RAW and sight.raw:
        return _by_calls(table, Rule.CALL, sight, schema)
    return "" if rule is not None and seen[rule] else "1 = 0"


def _by_calls(table: sa.Table, rule: Rule | None, sight: Sight, schema: str) -> str:
    some = width(sight.calls)
    if some is Width.ALL or (rule is Rule.RECORDING and sight.night):
        return ""
    if rule is None or (some is Width.NONE and rule is not Rule.PARENT):
        return "1 = 0"
    special = {
        "calls": _calls(schema) + (_released(schema) if sight.released_only else ""),
        "recordings": "id IN (SELECT recording_id FROM calls)",
    }
    if table.name in special or rule is Rule.CALL:
        return special.get(table.name, "call_id IN (SELECT id FROM calls)")
    parent = _parent(table)
    if rule is Rule.RECORDING or parent is None:
        return "recording_id IN (SELECT id FROM recordings)"
    there = parent.column
    return f"{parent.parent.name} IN (SELECT {there.name} FROM {there.table.name})"  # noqa: S608


def _released(schema: str) -> str:
    # SQLite keeps moments as text to the microsecond, and its own clock to the millisecond
    on_sqlite = "strftime('%Y-%m-%d %H:%M:%f999', 'now')"
    now = on_sqlite if schema == "main" else "CURRENT_TIMESTAMP"
    return (
        f' AND id IN (SELECT call_id FROM "{schema}".releases '  # noqa: S608
        f"WHERE visible_at <= {now})"
    )


def _calls(schema: str) -> str:
    """Calls of the teams given, of the own agent id, and by the roster where no team is stored."""
    return (
        "(team IN (SELECT value FROM qa_sight WHERE kind = 'calls_team') "  # noqa: S608
        "OR agent_id IN (SELECT value FROM qa_sight WHERE kind = 'calls_agent') "
        f"OR (team = '' AND EXISTS (SELECT 1 FROM \"{schema}\".agents AS who "
        "WHERE who.agent_id = calls.agent_id "
        "AND who.team IN (SELECT value FROM qa_sight WHERE kind = 'calls_team') "
        "AND who.valid_from <= calls.happened_at "
        "AND (who.valid_to IS NULL OR who.valid_to > calls.happened_at))))"
    )


def _by_people(table: sa.Table, sight: Sight, schema: str) -> str:
    roster = table.name == "agents"
    widths = {width(sight.people), *({width(sight.calls)} if roster else ())}
    if Width.ALL in widths:
        return ""
    if widths == {Width.NONE}:
        return "1 = 0"
    teams = "(SELECT value FROM qa_sight WHERE kind IN ('people_team', 'calls_team'))"
    own = "(SELECT value FROM qa_sight WHERE kind IN ('people_agent', 'calls_agent'))"
    if not roster:
        teams = "(SELECT value FROM qa_sight WHERE kind = 'people_team')"
        own = "(SELECT value FROM qa_sight WHERE kind = 'people_agent')"
    mine = f"agent_id IN {own}"
    if "team" in table.c:
        return f"team IN {teams} OR {mine}"
    return (
        f'{mine} OR agent_id IN (SELECT agent_id FROM "{schema}".agents '  # noqa: S608
        f"WHERE team IN {teams} AND valid_from <= CURRENT_DATE "
        "AND (valid_to IS NULL OR valid_to > CURRENT_DATE))"
    )


def _parent(table: sa.Table) -> sa.ForeignKey | None:
    """The foreign key to the table that decides, if one does."""
    for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
        if not key.parent.nullable and rule_of(key.column.table) in (Rule.CALL, Rule.PARENT):
            return key
    return None
