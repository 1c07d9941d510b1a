"""The phrase bench: JSON lines in, hits out, bad lines named."""

import json

import pytest

from qa.errors import QaError
from scoring.matching import default_matcher
from scoring.matching.bench import match_lines


def line(**changes):
    entry = {"id": "1", "language": "zh", "side": "agent", "text": "工号一零二三为您服务"}
    return json.dumps({**entry, **changes}, ensure_ascii=False)


def test_each_line_gives_its_hits_in_the_published_shape():
    rows = list(match_lines([line(), "", line(id=2, text="……")], default_matcher()))
    assert [row["id"] for row in rows] == ["1", 2]
    assert rows[1]["hits"] == []
    (hit,) = [hit for hit in rows[0]["hits"] if hit["bank"] == "G3"]
    assert hit == {
        "bank": "G3",
        "match": "exact",
        "similarity": 1.0,
        "start": 0,
        "end": 10,
        "effect": "award",
    }
    json.dumps(rows)


@pytest.mark.parametrize("side", [None, "", "customer", "unknown"])
def test_the_side_may_be_left_open(side):
    assert list(match_lines([line(side=side)], default_matcher()))


@pytest.mark.parametrize(
    ("bad", "what"),
    [
        ("{", "not JSON"),
        ("[1]", "not a JSON object"),
        ('{"id": 1, "language": "zh", "side": "agent"}', "'text' is missing"),
        ('{"language": "zh", "side": "agent", "text": ""}', "'id' is missing"),
        (line(text=5), "'text' is not text"),
        (line(language=None), "'language' is not text"),
        (line(side="boss"), "'side' is 'boss'"),
        (line(side=["agent"]), "'side' is"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_bad_line_is_named_with_its_field(bad, what):
    with pytest.raises(QaError, match=what) as error:
        list(match_lines([line(), bad], default_matcher(), place="calls.jsonl"))
    assert "calls.jsonl:2" in str(error.value)
