"""Scorecard files: what is refused, with which line and which advice."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.calls import Call, Direction
from qa.errors import ScorecardError
from scoring.loader import (
    PACKAGED,
    SCHEMA_FILE,
    check_scorecard,
    choose_scorecard,
    list_scorecards,
    load_scorecard,
    parse_scorecard,
    schema_text,
)
from scoring.scorecard import Scorecard
from tests.scoring.cards import SMALL, small


def problems(*changes):
    text = SMALL
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text, check_scorecard(text, file="card.yaml")[1]


@pytest.mark.parametrize(
    ("old", "new", "at", "message", "advice"),
    [
        (
            "weight: 6\n        evidence",
            "weight: 10:30\n        evidence",
            "weight: 10:30",
            "valid number",
            "630",
        ),
        (
            "weight: 6\n        evidence",
            "bonus: no\n        weight: 6\n        evidence",
            "bonus: no",
            "boolean",
            "true or false",
        ),
        (
            "weight: 6\n        evidence",
            "weight: '6'\n        evidence",
            "weight: '6'",
            "valid number",
            "without quotes",
        ),
        ("en: Greeting", "en: 12", "en: 12", "valid string", '"12"'),
        (
            "evidence: absence",
            "evidnce: absence",
            "evidnce",
            "unknown key",
            "did you mean `evidence`",
        ),
        (
            "kind: phrase, banks: [G1]",
            "kind: phrse, banks: [G1]",
            "phrse",
            "does not match",
            "did you mean kind: phrase",
        ),
        ("kind: phrase, banks: [G1]", "banks: [G1]", "banks: [G1]", "kind", "add `kind:`"),
        (
            "name: {zh: 问候, en: Greeting}",
            "name: {zh: 问候}",
            "{zh: 问候}",
            "is missing",
            "add `en:`",
        ),
        (
            "id: polite",
            "id: greet",
            "id: greet\n        name: {zh: 礼貌",
            "used twice",
            "another id",
        ),
        ("weight: 6\n    criteria", "weight: 7\n    criteria", "weight: 7", "sum to 6", "write 6"),
        ("total: 10", "total: 100", "sections", "weights sum to 10", "scoring.total"),
        (
            "criterion: polite",
            "criterion: polit",
            "criterion: polit",
            "no criterion 'polit'",
            "did you mean 'polite'",
        ),
        (
            "banks: [G1]}",
            "banks: [G1], window: {after: ned}}",
            "- id: greet",
            "no anchor 'ned'",
            "",
        ),
        (
            "banks: [G1]}",
            "banks: [G1], window: {open_s: 5, last_s: 5}}",
            "banks: [G1]",
            "one of open_s",
            "",
        ),
        ("weight: 4", "weight: 4\n        weight: 5", "weight: 5", "given twice", "keep one"),
        ("at_least: 80", "at_least: .nan", "at_least: .nan", "finite", ""),
        ("at_least: 80", "at_least: -5", "bands", "highest", ""),
        (
            "rule: {kind: phrase, banks: [G1]}",
            "rule: {kind: regex, pattern: {zh: '(a'}}",
            "pattern",
            "regular expression",
            "",
        ),
        ('version: "1"', "version: 1", "version: 1", "valid string", '"1"'),
    ],
)
def test_a_problem_names_line_field_and_advice(old, new, at, message, advice):
    text, found = problems((old, new))
    line = text[: text.index(at)].count("\n") + 1
    match = [p for p in found if message in p.message and advice in p.suggestion]
    assert match, [str(p) for p in found]
    assert match[0].line in (line, line + 1), (str(match[0]), line)
    assert match[0].field
    assert str(match[0]).startswith("card.yaml:")


def test_all_problems_come_at_once():
    _, found = problems(
        ("en: Greeting", "en: 12"),
        ("weight: 4", "weight: no"),
        ("evidence: words", "evidense: words"),
    )
    assert len(found) == 3


@pytest.mark.parametrize(
    "text",
    ["", "   ", "[]", "just text", "a: [", "a: b: c", "? {x: 1}\n: 2", "1: 2", "id: \x01", "{" * 100, "a: &x [*x]",
     "<<: {id: a}", "- " * 2000, "\ufeff", "id: 9" + "9" * 5000, "id: !!python/object:os.system x"],
)  # fmt: skip
def test_nonsense_is_refused_with_a_reason(text):
    with pytest.raises(ScorecardError) as caught:
        parse_scorecard(text, file="bad.yaml")
    assert "bad.yaml" in str(caught.value)


def test_aliases_cannot_blow_a_file_up():
    text = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for one, two in zip("abcdefgh", "bcdefghi", strict=True):
        text += f"{two}: &{two} [{', '.join([f'*{one}'] * 9)}]\n"
    with pytest.raises(ScorecardError, match="values"):
        parse_scorecard(text)


def test_a_date_needs_no_quotes_and_no_is_text():
    card = small(
        ("scoring:", "routing: {effective_from: 2026-01-01}\noptions: {survey: no}\nscoring:")
    )
    assert card.routing.effective_from.year == 2026
    assert card.options["survey"] == "no"


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_a_scorecard_or_an_error(text):
    try:
        outcome = parse_scorecard(text)
    except ScorecardError as error:
        outcome = error
    assert isinstance(outcome, Scorecard) or outcome.place


_LINES = SMALL.splitlines(keepends=True)


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, len(_LINES) - 1),
    st.sampled_from(["", "  x: 1\n", "- \n", "\t\n", "kind: all\n", "  : :\n"]),
    st.booleans(),
)
def test_any_damage_is_a_scorecard_or_an_error(line, damage, replace):
    lines = list(_LINES)
    lines[line : line + int(replace)] = [damage]
    card, found = check_scorecard("".join(lines), file="x.yaml")
    assert card is not None or found
    assert all(p.message for p in found)


def test_the_published_schema_is_current():
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text()


def test_the_schema_accepts_what_the_loader_accepts():
    jsonschema = pytest.importorskip("jsonschema")
    from scoring.loader_yaml import read_yaml

    schema = json.loads(schema_text())
    for path in sorted(PACKAGED.glob("*.yaml")):
        jsonschema.validate(read_yaml(path.read_text("utf-8"), file=path.name).data, schema)
    broken = read_yaml(SMALL.replace("weight: 4", "weight: four"), file="x").data
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, schema)


def test_scorecards_are_found_by_name_and_by_path(tmp_path):
    (tmp_path / "own.yaml").write_text(SMALL, encoding="utf-8")
    assert load_scorecard("own", folder=tmp_path).id == "small"
    assert load_scorecard(tmp_path / "own.yaml").id == "small"
    assert "service-standard" in list_scorecards(tmp_path)
    with pytest.raises(ScorecardError, match="did you mean service-standard"):
        load_scorecard("service-standart")
    with pytest.raises(ScorecardError):
        load_scorecard(tmp_path / "absent.yaml")
    (tmp_path / "latin.yaml").write_bytes("name: é".encode("latin-1"))
    with pytest.raises(ScorecardError, match="UTF-8"):
        load_scorecard(tmp_path / "latin.yaml")


def routed(name, routing):
    return small(("id: small", f"id: {name}"), ("scoring:", f"routing: {routing}\nscoring:"))


CARDS = [
    routed("default", "{}"),
    routed("sales", "{queues: [sales]}"),
    routed("sales-zh", "{queues: [sales], languages: [zh]}"),
    routed("out", "{directions: [outbound]}"),
    routed("vip", '{metadata: {vip: "yes"}}'),
    routed("complaints", "{call_types: [complaint]}"),
    routed("old", "{queues: [service], effective_to: 2026-01-01}"),
    routed("new", "{queues: [service], effective_from: 2026-01-01}"),
]


@pytest.mark.parametrize(
    ("fields", "type_", "expected"),
    [
        ({}, "", "default"),
        ({"queue": "sales"}, "", "sales"),
        ({"queue": "sales", "language": "zh"}, "", "sales-zh"),
        ({"direction": Direction.OUTBOUND}, "", "out"),
        ({"tags": {"vip": "yes"}}, "", "vip"),
        ({}, "complaint", "complaints"),
        ({"queue": "service", "started_at": datetime(2025, 12, 31, tzinfo=UTC)}, "", "old"),
        ({"queue": "service", "started_at": datetime(2026, 1, 1, tzinfo=UTC)}, "", "new"),
    ],
)
def test_routing(fields, type_, expected):
    call = Call(id="c", recording_id="r", **fields)
    assert choose_scorecard(call, CARDS, call_type=type_).id == expected


def test_a_call_nobody_is_routed_for_is_an_error():
    with pytest.raises(ScorecardError, match="no scorecard applies"):
        choose_scorecard(Call(id="c", recording_id="r"), CARDS[1:2])


def test_the_digest_follows_meaning_not_layout():
    assert small().digest() == parse_scorecard("# comment\n" + SMALL).digest()
    assert (
        small().digest()
        != small(
            ("weight: 4", "weight: 4.0\n        bonus: true"), ("total: 10", "total: 6")
        ).digest()
    )
    assert small().digest("a") != small().digest("b")
