"""Wordings nobody looked at while writing frames or training: the floors are what unseen speech gets.

`fresh/zh.jsonl` and `en.jsonl` were invented after the model was trained and measured at first
contact (positive 0.91 zh, 0.93 en; signals 0.89, 0.93; sixty more a language later, 0.98 both); the
models have read none of them. `forbidden-*` and `first-contact-*` measured once, then frames were
written on what they showed; the models learned from the first three. So their floors keep what was
reached and say nothing of the unseen. `first-contact-5` to `-8`, by four examiners who knew nothing of
the rules, were met by frames and models that had read none of them: theirs are what unseen wordings of
the listed kinds get, good sentences close to a fault among them. `good-*`, by four writers, holds only
such: 5 (zh) and 6 (en) of the first writer's 390 lost points before guards were written on them, 3 and 3
of the second's 325 after that, some by "please repeat" with a reason. `good-2-*`: 5 and 7 of 493 and
487 when met, most of them sentences beside a bad line.

`service-*` and `customers-*` were met before the models read `samples/phrases/service` and `customers`,
by other writers: 0.87 to 0.93 of the agents' sentences were found then, 0.80 (zh) and 0.77 (en) of the
customers' signals, and 17 and 10 of 60 ordinary sentences near one were taken for one. Floors are what
is found since. `first-contact-9-*` asks for faults in words no list foresees, half of them idioms.
`service-2-*` and `first-contact-10-*` were met after all that: 0.97 (zh) and 0.98 (en) of the agents'
sentences found, 0.80 and 0.77 of the faults deducted, 0 and 2 of 156 good ones (guards since then).
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


NEVER_READ = {f"first-contact-{n}-{lang}" for n in (4, 5, 6, 7, 8, 9, 10) for lang in ("zh", "en")}


def rows(name):
    return [json.loads(line) for line in (FRESH / f"{name}.jsonl").open(encoding="utf-8")]


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


@pytest.mark.parametrize("name", ["service-zh", "service-en", "service-2-zh", "service-2-en"])
def test_service_wordings_of_other_writers_are_found(matcher, name):
    asked = [r for r in rows(name) if _is_service(matcher, r)]
    found = sum("award" in effects(matcher, r, Role.AGENT).get(r["bank"], set()) for r in asked)
    assert found / len(asked) >= 0.95


def _is_service(matcher, row):
    return matcher.banks[row["bank"]].kind is BankKind.POSITIVE


@pytest.mark.parametrize(("language", "least", "most"), [("zh", 0.88, 8), ("en", 0.72, 8)])
def test_customers_signals_are_told_from_ordinary_talk(matcher, language, least, most):
    asked, taken = Counter(), []
    for row in rows(f"customers-{language}"):
        found = effects(matcher, row, Role.CUSTOMER)
        signals = {name for name, e in found.items() if "signal" in e}
        if row["bank"] == "none":
            taken += [row["text"]] if signals - {"K4"} else []
        else:
            asked[row["bank"] in signals] += 1
    assert asked[True] / asked.total() >= least
    assert len(taken) <= most, taken


@pytest.mark.parametrize(
    ("name", "count", "most"),
    [("good-zh", 715, 3), ("good-en", 715, 3), ("good-2-zh", 493, 4), ("good-2-en", 487, 5)],
)
def test_good_sentences_close_to_a_fault_lose_nothing(matcher, name, count, most):
    found = rows(name)
    blamed = [r["text"] for r in found if "deduct" in _all_effects(matcher, r)]
    assert len(found) == count
    assert len(blamed) <= most, blamed


def _all_effects(matcher, row):
    return {e for es in effects(matcher, row, Role.AGENT).values() for e in es}


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
        ("first-contact-zh", 0.82, 0.97),
        ("first-contact-en", 0.90, 0.96),
        ("first-contact-2-zh", 0.96, 0.97),
        ("first-contact-2-en", 0.92, 0.96),
        ("first-contact-3-zh", 0.93, 0.98),
        ("first-contact-3-en", 0.97, 0.98),
        ("first-contact-4-zh", 0.80, 0.97),
        ("first-contact-4-en", 0.75, 0.95),
        ("first-contact-5-zh", 0.80, 0.89),
        ("first-contact-5-en", 0.78, 0.88),
        ("first-contact-6-zh", 0.89, 0.94),
        ("first-contact-6-en", 0.86, 0.92),
        ("first-contact-7-zh", 0.75, 0.90),
        ("first-contact-7-en", 0.76, 0.87),
        ("first-contact-8-zh", 0.85, 0.92),
        ("first-contact-8-en", 0.81, 0.90),
        ("first-contact-9-zh", 0.45, 0.68),
        ("first-contact-9-en", 0.53, 0.70),
        ("first-contact-10-zh", 0.76, 0.88),
        ("first-contact-10-en", 0.72, 0.88),
    ],
)
def test_forbidden_wordings_are_noticed_and_good_ones_cost_nothing(
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
    assert len(wrong) <= (0.02 * len(rows(name)) if name in NEVER_READ else 0), wrong
    assert sum(firm) / len(firm) >= deducted
    assert sum(any_effect) / len(any_effect) >= noticed
