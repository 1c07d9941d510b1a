"""Rosters as they come out of spreadsheets."""

from datetime import date
from pathlib import Path

import pytest

from qa.errors import SourceError
from qa.people.roster import read_roster

SAMPLES = Path(__file__).parents[3] / "samples"


def write(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "roster.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_the_sample_roster_is_clean():
    agents, errors = read_roster(SAMPLES / "roster.csv")
    assert errors == []
    assert {agent.agent_id for agent in agents} >= {"A1023", "B2011"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_names_survive_the_encodings_of_spreadsheets(tmp_path, encoding):
    rows = "".join(f"A{n},2026-01-0{n},李敏{n},宽带客服一组\n" for n in range(1, 7))
    path = write(tmp_path, f"agent_id,valid_from,name,team\n{rows}", encoding)
    agents, errors = read_roster(path)
    assert errors == []
    assert (agents[0].name, agents[0].team) == ("李敏1", "宽带客服一组")


def test_an_agent_who_moves_has_two_rows(tmp_path):
    path = write(
        tmp_path,
        "agent_id,valid_from,valid_to,team\nA1,2026-01-01,2026-03-01,red\nA1,2026/03/01,,blue\n",
    )
    agents, errors = read_roster(path)
    assert errors == []
    assert [(a.team, a.valid_from, a.valid_to) for a in agents] == [
        ("red", date(2026, 1, 1), date(2026, 3, 1)),
        ("blue", date(2026, 3, 1), None),
    ]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (",2026-01-01,,x", "agent_id is empty"),
        ("A1,,,x", "valid_from is empty"),
        ("A1,01.02.2026,,x", "valid_from '01.02.2026' is no date"),
        ("A1,2026-02-01,2026-01-01,x", "valid_to is not after valid_from"),
        ("B7,2026-01-01,,x", "B7 from 2026-01-01 stands twice"),
    ],
)
def test_a_wrong_row_is_named_and_the_others_are_kept(tmp_path, row, told):
    path = write(tmp_path, f"agent_id,valid_from,valid_to,name\nB7,2026-01-01,,y\n{row}\n")
    agents, errors = read_roster(path)
    assert [agent.agent_id for agent in agents] == ["B7"]
    (error,) = errors
    assert told in str(error)
    assert error.place.endswith("roster.csv:3")


def test_a_missing_column_is_named(tmp_path):
    with pytest.raises(SourceError, match="column valid_from is missing"):
        read_roster(write(tmp_path, "agent_id,name\nA1,x\n"))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"none\.csv"):
        read_roster(tmp_path / "none.csv")
