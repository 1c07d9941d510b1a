"""The sample calls: manifest, files, truth, scripts and people data say the same."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from qa.calls import ChannelLayout, Direction
from qa.evaluation import Outcome

SAMPLES = Path(__file__).parents[2] / "samples"
SCRIPTS = sorted((SAMPLES / "scripts").glob("*.yaml"))
NAMES = [path.stem for path in SCRIPTS]
SCORECARD = YAML(typ="safe").load(
    Path(__file__).parents[2] / "scoring" / "scorecards" / "service-standard.yaml"
)
CRITERIA = {row["id"] for section in SCORECARD["sections"] for row in section["criteria"]}
MAXIMUM_BYTES, MAXIMUM_TEXT_BYTES = 7_000_000, 3_000_000


def rows(name):
    with (SAMPLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def truth(name):
    return json.loads((SAMPLES / "truth" / f"{name}.json").read_text(encoding="utf-8"))


def script(name):
    return YAML(typ="safe").load(SAMPLES / "scripts" / f"{name}.yaml")


def utterances(name):
    """(role, text) of every spoken step, in the order of the script."""
    found = []
    for step in script(name)["timeline"]:
        ((role, value),) = step.items()
        if not role.endswith("_ms"):
            found.append((role, value if isinstance(value, str) else value["say"]))
    return found


@pytest.fixture(scope="module")
def listed():
    return {row["call_id"]: row for row in rows("calls/manifest.csv")}


@pytest.fixture(scope="module")
def probed():
    """Call id → (channels, rate, milliseconds, metadata) as PyAV decodes the file."""
    av = pytest.importorskip("av")
    found = {}
    for row in rows("calls/manifest.csv"):
        with av.open(str(SAMPLES / "calls" / row["file"])) as container:
            stream = container.streams.audio[0]
            tags = {**container.metadata, **stream.metadata}
            samples = sum(frame.samples for frame in container.decode(stream))
            rate = stream.codec_context.sample_rate
            found[row["call_id"]] = (stream.channels, rate, samples * 1000 // rate, tags)
    return found


class TestTheCollection:
    def test_every_script_has_audio_truth_and_a_row(self, listed):
        assert sorted(listed) == NAMES
        assert sorted(p.stem for p in (SAMPLES / "truth").glob("*.json")) == NAMES
        audio = {p.name for p in (SAMPLES / "calls").iterdir()} - {"manifest.csv"}
        assert audio == {row["file"] for row in listed.values()}

    def test_is_large_and_mixed_enough(self, listed):
        truths = [truth(name) for name in NAMES]
        assert len(truths) >= 16
        languages = Counter(t["language"] for t in truths)
        assert min(languages["zh"], languages["en"]) >= 8
        assert Counter(t["layout"] == "mono" for t in truths).most_common()[-1][1] >= 5
        assert len({Path(t["file"]).suffix for t in truths}) >= 4
        assert 6 <= len({row["agent_id"] for row in listed.values()}) <= 8
        assert len({row["team"] for row in listed.values()}) == 3
        days = [datetime.fromisoformat(row["started_at"]).date() for row in listed.values()]
        assert (max(days) - min(days)).days >= 21

    def test_covers_what_a_centre_meets(self):
        truths = [truth(name) for name in NAMES]
        assert {"inquiry", "transaction", "fault", "complaint", "retention", "void"} <= {
            t["call_type"] for t in truths
        }
        kinds = {event["kind"] for t in truths for event in t["events"]}
        assert kinds == {"music", "ringback", "ivr"}
        assert {"phone", "id_number", "card_number", "one_time_code", "security_code"} <= {
            span["kind"] for t in truths for span in t["personal"]
        }
        assert any(gap["end_ms"] - gap["start_ms"] > 20_000 for t in truths for gap in t["gaps"])
        assert any(row["direction"] == "outbound" for row in rows("calls/manifest.csv"))

    def test_stays_small(self):
        files = [p for p in SAMPLES.rglob("*") if p.is_file()]
        # What models learn from has a limit of its own.
        texts = [p for p in files if p.is_relative_to(SAMPLES / "phrases")]
        assert sum(p.stat().st_size for p in {*files} - {*texts}) < MAXIMUM_BYTES
        assert sum(p.stat().st_size for p in texts) < MAXIMUM_TEXT_BYTES

    def test_some_rows_leave_language_and_layout_open(self, listed):
        assert any(not row["language"] for row in listed.values())
        assert any(row["layout"] in {"", "unknown"} for row in listed.values())

    @pytest.mark.parametrize("criterion", ["S1.1", "S3.1", "S3.4", "S5.1", "S7.1", "S9", "S12.3"])
    def test_expects_good_and_bad_of_the_central_criteria(self, criterion):
        outcomes = {truth(name)["expected"].get(criterion) for name in NAMES}
        assert {"met", "missed"} <= outcomes


class TestOneCall:
    @pytest.fixture(params=NAMES)
    def name(self, request):
        return request.param

    def test_manifest_row_is_valid_and_agrees_with_the_truth(self, name, listed):
        row, facts = listed[name], truth(name)
        assert row["synthetic"] == "yes"
        assert row["file"] == facts["file"]
        assert Direction(row["direction"]).value == facts["direction"]
        assert datetime.fromisoformat(row["started_at"]).tzinfo is not None
        assert row["language"] in {"", facts["language"]}
        assert row["layout"] in {"", "unknown", facts["layout"]}
        assert ChannelLayout(facts["layout"]) is not ChannelLayout.UNKNOWN

    def test_file_is_labelled_synthetic_and_has_the_stated_length(self, name, probed):
        channels, rate, length_ms, tags = probed[name]
        facts = truth(name)
        assert channels == (1 if facts["layout"] == "mono" else 2)
        assert rate in {8_000, 48_000}
        assert abs(length_ms - facts["duration_ms"]) < 200
        assert 35_000 <= length_ms <= 122_000
        assert any("ynthetic" in value for value in tags.values())

    def test_turns_are_those_of_the_script_in_time_order_and_inside(self, name):
        facts = truth(name)
        turns = facts["turns"]
        assert Counter((t["role"], t["text"]) for t in turns) == Counter(utterances(name))
        starts = [t["start_ms"] for t in turns]
        assert starts == sorted(starts)
        assert [t["index"] for t in turns] == list(range(len(turns)))
        for turn in turns:
            assert 0 <= turn["start_ms"] < turn["end_ms"] <= facts["duration_ms"]

    def test_a_side_never_talks_over_itself(self, name):
        for role in ("agent", "customer", "system"):
            ends = 0
            for turn in truth(name)["turns"]:
                if turn["role"] == role:
                    assert turn["start_ms"] >= ends
                    ends = turn["end_ms"]

    def test_speaking_rate_is_possible(self, name):
        facts = truth(name)
        unit = r"[㐀-鿿]|[A-Za-z]+" if facts["language"] == "zh" else r"[A-Za-z]+(?:['-][a-z]+)*"
        lowest, highest = (120, 560) if facts["language"] == "zh" else (60, 360)
        for turn in facts["turns"]:
            length_ms = turn["end_ms"] - turn["start_ms"]
            if length_ms > 2_000:
                rate = len(re.findall(unit, turn["text"])) * 60_000 / length_ms
                assert lowest <= rate <= highest, turn["text"]

    def test_overlaps_and_gaps_are_where_the_turns_put_them(self, name):
        facts = truth(name)
        turns = facts["turns"]
        for overlap in facts["overlaps"]:
            second, first = turns[overlap["turn_index"]], turns[overlap["over_turn_index"]]
            assert overlap["by"] == second["role"] != first["role"]
            assert overlap["start_ms"] == max(first["start_ms"], second["start_ms"])
            assert overlap["end_ms"] == min(first["end_ms"], second["end_ms"])
        for gap in facts["gaps"]:
            for heard in [*turns, *facts["events"]]:
                assert heard["end_ms"] <= gap["start_ms"] or heard["start_ms"] >= gap["end_ms"]

    def test_personal_data_stands_where_it_is_said(self, name):
        facts = truth(name)
        assert {p["say"] for p in script(name).get("personal", [])} == {
            span["text"] for span in facts["personal"]
        }
        for span in facts["personal"]:
            spoken = facts["turns"][span["turn_index"]]["text"]
            assert spoken[span["start"] : span["end"]] == span["text"]

    def test_expectations_name_criteria_of_the_service_standard(self, name):
        facts = truth(name)
        assert facts["expected"] == script(name)["expected"]
        assert len(facts["expected"]) >= 4
        for criterion, outcome in facts["expected"].items():
            assert criterion in CRITERIA
            Outcome(outcome)

    def test_interruption_is_not_judged_on_one_channel(self, name):
        facts = truth(name)
        judged = facts["expected"].get("S3.1", "not_evaluable")
        assert (judged == "not_evaluable") == (facts["layout"] == "mono") or "S3.1" not in facts[
            "expected"
        ]


class TestPeople:
    def test_roster_knows_every_agent_in_the_team_of_the_day(self, listed):
        roster = rows("roster.csv")
        for row in listed.values():
            day = row["started_at"][:10]
            teams = [
                entry["team"]
                for entry in roster
                if entry["agent_id"] == row["agent_id"]
                and entry["valid_from"] <= day
                and (not entry["valid_to"] or day < entry["valid_to"])
            ]
            assert teams == [row["team"]]

    @pytest.mark.parametrize(
        ("name", "column"),
        [("attendance", "agent_id"), ("training", "agent_id"), ("ratings", "ratee")],
    )
    def test_people_files_cover_exactly_the_agents_with_calls(self, name, column, listed):
        agents = {row["agent_id"] for row in listed.values()}
        assert {row[column] for row in rows(f"kpi/{name}.csv")} == agents

    @pytest.mark.parametrize("name", ["calls", "csat", "crm"])
    def test_call_files_name_each_sample_call_at_most_once(self, name, listed):
        named = [row["call_id"] for row in rows(f"kpi/{name}.csv")]
        assert len(named) == len(set(named))
        assert set(named) <= set(listed)
        assert len(named) >= 14

    def test_attendance_adds_up(self):
        for row in rows("kpi/attendance.csv"):
            scheduled, worked = int(row["scheduled_min"]), int(row["worked_min"])
            late = int(row["late_min"])
            assert worked == (0 if row["absent_type"] else scheduled - late)
            assert 0 <= float(row["adherence_pct"]) <= 100

    def test_scores_lie_on_their_scales(self):
        assert all(1 <= int(row["score"]) <= 5 for row in rows("kpi/csat.csv"))
        assert all(1 <= int(row["score"]) <= 5 for row in rows("kpi/ratings.csv"))
        assert all(0 <= int(row["test_score"]) <= 100 for row in rows("kpi/training.csv"))
