"""The table of behaviours and the level of listening, from verdicts."""

import pandas as pd
import pytest

from qa.coaching.behaviours import BEHAVIOURS, Level, listening_level, shown_behaviours


def verdicts(**by_criterion):
    """`S3_3="oox-"`: met, met, missed, not applicable, a call each."""
    outcome = {"o": "met", "p": "partial", "x": "missed", "-": "not_applicable"}
    share = {"o": 1.0, "p": 0.5}
    return pd.DataFrame(
        [
            {
                "call_id": f"c{at}",
                "criterion_id": key.replace("_", "."),
                "outcome": outcome[sign],
                "share": share.get(sign, 0.0),
                "confidence": 0.5 + at / 100,
            }
            for key, text in by_criterion.items()
            for at, sign in enumerate(text)
        ]
    )


def test_a_behaviour_has_its_rate_and_its_clips():
    found = {row.behaviour.stage.en: row for row in shown_behaviours(verdicts(
        S1_1="oo", S1_2="ox", S3_1="xx", S3_3="-",
    ))}  # fmt: skip
    assert list(found) == ["Opening", "Listening"]
    opening = found["Opening"]
    assert (opening.rate.value, opening.rate.n) == (0.75, 4)
    assert (opening.good, opening.bad) == (("c1", "S1.1"), ("c1", "S1.2"))
    assert (found["Listening"].good, found["Listening"].bad) == (None, ("c1", "S3.1"))


def test_every_row_has_both_languages_and_its_own_criteria():
    for row in BEHAVIOURS:
        for text in (row.stage, row.high, row.low):
            assert text.zh
            assert text.en
    every = [key for row in BEHAVIOURS for key in row.criteria]
    assert len(every) == len(set(every))


@pytest.mark.parametrize(
    ("given", "level"),
    [
        ({"S3_3": "oo"}, None),  # too few
        ({"S3_3": "ooo", "S3_5": "xxx"}, Level.IGNORING),
        ({"S3_3": "xxx", "S4_1": "xxx", "S3_2": "ooo"}, Level.PRETENDING),
        ({"S3_3": "xxo", "S4_1": "ooo"}, Level.SELECTIVE),
        ({"S3_3": "ooo", "S3_1": "xxo", "S4_1": "ooo"}, Level.SELECTIVE),
        ({"S3_3": "ooo", "S3_1": "ooo", "S4_1": "ooo", "S5_1": "xox"}, Level.ATTENTIVE),
        ({"S3_3": "ooo", "S3_1": "ooo", "S4_1": "ooo", "S5_1": "ooo"}, Level.EMPATHIC),
        ({"S3_3": "ooo", "S3_1": "ooo", "S5_1": "---"}, Level.EMPATHIC),  # no trigger
    ],
)
def test_the_level_of_listening(given, level):
    assert listening_level(verdicts(**given)) == level
