"""Reading the store for the command line: plain data, documented and stable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from flows.headings import in_words
from flows.output import print_table
from qa import codec
from qa.clock import clock
from qa.errors import NotFoundError
from qa.review.autonomy import START, standing
from qa.settings import load_settings
from qa.store import CallFilter, Store, connect

#: What of a line of the call list says how a call was scored.
_SCORE = ("quality_percent", "band", "state", "is_decided", "machine_percent")


def open_reader(url: str) -> Store:
    """The store, for reading only.

    Raises:
        StoreError: It is missing, or of another version.
    """
    store = connect(url or load_settings().store, read_only=True)
    store.require_current()
    return store


def find_calls(
    url: str, *, agent: str = "", team: str = "", queue: str = "", text: str = "", limit: int = 100
) -> list[dict[str, Any]]:
    """Lines of the call list as dictionaries, newest first."""
    wanted = CallFilter(
        agents=(agent,) if agent else (),
        teams=(team,) if team else (),
        queues=(queue,) if queue else (),
        text=text,
    )
    with open_reader(url) as store:
        return [asdict(row) for row in store.calls.find(wanted, limit=limit)]


def call_cells(row: dict[str, Any], columns: Sequence[str]) -> list[Any]:
    """A line of the call list for people: the site's time, minutes, words for states."""
    score = row["quality_percent"]
    shown = {
        "happened_at": f"{row['happened_at'].astimezone(_zone()):%Y-%m-%d %H:%M}",
        "duration_ms": clock(row["duration_ms"]),
        "quality_percent": None if score is None else f"{score:.1f}",
        "scored_by": scored_by(row),
        "state": in_words(row["state"]) if row["state"] else None,
    }
    cells = {**row, **shown}
    return [None if cells[name] == "" else cells[name] for name in columns]


def scored_by(row: Mapping[str, Any]) -> str | None:
    """Whose score a line of the call list shows: `machine`, or `person · machine 82.0`."""
    if row["state"] is None:
        return None
    if not row["is_decided"]:
        return in_words("machine")
    machine = row["machine_percent"]
    word = in_words("no score") if machine is None else f"{machine:.1f}"
    return f"{in_words('person')} · {in_words('machine')} {word}"


def _zone() -> ZoneInfo:
    return ZoneInfo(load_settings().timezone)


def call_document(url: str, call_id: str) -> dict[str, Any]:
    """Everything about one call, by part: `call`, `recording`, `transcript`, `evaluation` and more.

    `evaluation` is the machine's; `score` is what counts, a person's where one has decided.

    Parts that do not exist (yet) are None; `problems` says why.
    """
    with open_reader(url) as store:
        call = store.calls.get(call_id)
        recording = store.recordings.get(call.recording_id)
        document: dict[str, Any] = {
            "call": codec.to_plain(call),
            "recording": codec.to_plain(recording),
        }
        for name, repository in (
            ("transcript", store.transcripts),
            ("analysis", store.analyses),
            ("evaluation", store.evaluations),
        ):
            document[name] = _loaded(repository, call_id)
        if document["analysis"]:
            for repeated in ("call", "transcript"):
                document["analysis"].pop(repeated, None)
        row = asdict(store.calls.row(call_id))
        document["score"] = {name: row[name] for name in _SCORE} if row["state"] else None
        document["standing"] = _standing(store, document["evaluation"])
        problems = store.problems.of_recording(recording.sha256)
        document["problems"] = [codec.to_plain(item) for item in problems]
    return document


def _standing(store: Store, evaluation: dict[str, Any] | None) -> dict[str, Any]:
    """Criterion → how far its verdict stands: what a person decided, or the word for its level."""
    if evaluation is None:
        return {}
    counted = store.reviews.effective(evaluation["call_id"])
    levels = store.autonomy.known(evaluation["scorecard_id"])
    found = {}
    for result in counted.evaluation.results:
        key, outcome = result.criterion_id, result.verdict.outcome.value
        if key in counted.decided:
            found[key] = {"zh": f"人工判定 {outcome}", "en": f"a person: {outcome}"}
        elif word := standing(levels.get(key, START)):
            found[key] = codec.to_plain(word)
    return found


def _loaded(repository: Any, call_id: str) -> Any:
    try:
        return codec.to_plain(repository.load(call_id))
    except NotFoundError:
        return None


def print_call(document: dict[str, Any], language: str) -> None:
    """One call for a person at a terminal, reasons in `language`."""
    call, evaluation = document["call"], document["evaluation"]
    facts = [[in_words(k), in_words(v) if isinstance(v, str) else v] for k, v in call.items()]
    title = f"{in_words('call')} {call['id']}"
    print_table(title, ["field", "value"], [[k, v or None] for k, v in facts])
    turns = (document["transcript"] or {}).get("turns", [])
    rows = [[clock(turn["start_ms"]), in_words(turn["role"]), turn["text"]] for turn in turns]
    print_table("Transcript", ["at", "who", "text"], rows)
    if evaluation:
        side = "zh" if language.startswith("zh") else "en"
        counts = document["score"]
        score = counts["quality_percent"]
        card = f"{evaluation['scorecard_id']} {evaluation['scorecard_version']}"
        title = f"{in_words('Evaluation')} {card}: "
        state = in_words(counts["state"])
        title += state if score is None else f"{score:.1f} ({counts['band']})"
        title += f" · {scored_by(counts)}" if counts["is_decided"] else ""
        rows = [_result_cells(result, side) for result in evaluation["results"]]
        for row in rows:
            row.insert(3, document["standing"].get(row[0], {}).get(side))
        columns = ["criterion", "name", "outcome", "standing", "points", "reason", "evidence"]
        print_table(title, columns, rows)
    if document["problems"]:
        rows = [[item["stage"], item["message"], item["remedy"]] for item in document["problems"]]
        print_table("Problems", ["stage", "reason", "what to do"], rows)


def _result_cells(result: dict[str, Any], side: str) -> list[Any]:
    verdict = result["verdict"]
    quotes = "; ".join(
        f"{clock(item['start_ms'])} {item['quote']}".strip() for item in verdict["evidence"][:3]
    )
    points = f"{result['points']:.1f}/{result['applied_weight']:g}"
    name = result["name"][side]
    return [
        result["criterion_id"],
        name,
        in_words(verdict["outcome"]),
        points,
        verdict["reason"][side],
        quotes,
    ]
