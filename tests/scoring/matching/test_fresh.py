"""Wordings nobody looked at while writing frames or training: the floors are what unseen speech gets.

`fresh/*.jsonl` were invented after the model was trained and measured at first contact (positive
0.91 zh, 0.93 en; signals 0.89, 0.93). Forbidden rows have been used for frames since, and the
witness learned from them. `first-contact-*.jsonl` is read by nothing but this test: met for the first
time, 0.75 (zh) and 0.78 (en) of its forbidden wordings were deducted, 0.90 and 0.92 noticed, and 1 of
142 and 3 of 144 good sentences deducted.
"""

import json
from collections import Counter
from pathlib import Path

import pytest

from qa.calls import Role
from scoring.matching import BankKind, default_matcher

FRESH = Path(__file__).parent / "fresh"
FOUND = {"award", "deduct", "signal"}
FLOORS = {
    ("zh", BankKind.POSITIVE): 0.89,
    ("en", BankKind.POSITIVE): 0.91,
    ("zh", BankKind.SIGNAL): 0.86,
    ("en", BankKind.SIGNAL): 0.90,
}
#: Good sentences that still cost something; none may join them.
KNOWN_WRONG = {
    "first-contact-en": [
        "you were told to look it up yourself, and that's not good enough",
        "hang on, did you say fifteen",
    ],
}


def rows(language):
    return [json.loads(line) for line in (FRESH / f"{language}.jsonl").open(encoding="utf-8")]


@pytest.fixture(scope="module")
def matcher():
    return default_matcher()


def effects(matcher, row, side):
    found = {}
    for hit in matcher.hits(row["text"], language=row["language"], side=side):
        found.setdefault(hit.bank, set()).add(hit.effect)
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
def test_unseen_wordings_are_found(matcher, language):
    asked, found = Counter(), Counter()
    for row in rows(language):
        if row["bank"] != "none":
            bank = matcher.banks[row["bank"]]
            asked[bank.kind] += 1
            found[bank.kind] += bool(effects(matcher, row, bank.side).get(bank.id, set()) & FOUND)
    for kind in (BankKind.POSITIVE, BankKind.SIGNAL):
        assert found[kind] / asked[kind] >= FLOORS[language, kind], kind


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_bank_seldom_finds_the_sentences_of_others(matcher, language):
    wrong = pairs = 0
    for row in rows(language):
        side = matcher.banks[row["bank"]].side if row["bank"] != "none" else Role.AGENT
        found = effects(matcher, row, side)
        wrong += sum(bool(e & FOUND) for name, e in found.items() if name != row["bank"])
        pairs += sum(bank.side is side for bank in matcher.banks.values()) - 1
    assert wrong / pairs < 0.015


@pytest.mark.parametrize("language", ["zh", "en"])
def test_facts_belong_to_no_forbidden_bank(matcher, language):
    for row in rows(language):
        if row["bank"] == "none":
            found = effects(matcher, row, Role.AGENT)
            assert not {e for es in found.values() for e in es} & {"deduct", "candidate"}, row


@pytest.mark.parametrize(
    ("name", "deducted", "noticed"),
    [
        ("forbidden-zh", 0.86, 0.95),
        ("forbidden-en", 0.86, 0.95),
        ("first-contact-zh", 0.74, 0.89),
        ("first-contact-en", 0.80, 0.90),
    ],
)
def test_unseen_forbidden_wordings_are_noticed_and_good_ones_cost_nothing(
    matcher, name, deducted, noticed
):
    firm, any_effect, wrong = [], [], []
    for row in rows(name):
        found = effects(matcher, row, Role.AGENT)
        if row["bank"] == "none":
            if "deduct" in {effect for own in found.values() for effect in own}:
                wrong.append(row["text"])
            continue
        own = found.get(row["bank"], set())
        firm.append("deduct" in own)
        any_effect.append(bool(own))
    assert wrong == KNOWN_WRONG.get(name, [])
    assert sum(firm) / len(firm) >= deducted
    assert sum(any_effect) / len(any_effect) >= noticed
