"""The service standard's banks: complete, bilingual, and right about sentences they never saw."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from qa.calls import Role
from scoring.matching import BankKind, default_matcher

DATA = Path(__file__).parent / "data"
_IDS = (
    "G1 G2 G3 G4 G5 C1 C2 C3 C4 L2 L3 L4 L5x Q1 Q2x E1 E2 E3 R1 R2 R3 R4 J1 N1 V1 V5 H1 H2 H3 T1 "
    "X1 X2 X3 X4 F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 K1 K2 K3 K4 K5"
)
BANK_IDS = _IDS.split()


def load(name):
    return YAML(typ="safe").load((DATA / name).read_text("utf-8"))


@pytest.fixture(scope="module")
def matcher():
    return default_matcher()


def effects(matcher, text, bank, language):
    side = matcher.banks[bank].side
    return {h.effect for h in matcher.hits(text, language=language, side=side) if h.bank == bank}


def recall(matcher, sets, kind, language):
    """Share of sentences that get the full effect of their own bank."""
    full = {"award", "deduct", "signal"}
    found = [
        bool(effects(matcher, text, bank, language) & full)
        for bank, by_language in sets.items()
        if matcher.banks[bank].kind is kind
        for text in by_language[language]
    ]
    return sum(found) / len(found)


def test_all_banks_of_the_standard_are_there(matcher):
    assert sorted(matcher.banks) == sorted(BANK_IDS)


@pytest.mark.parametrize("bank", BANK_IDS)
def test_a_bank_is_bilingual_and_on_the_right_side(matcher, bank):
    entry = matcher.banks[bank]
    assert entry.id == bank
    assert set(entry.title) == {"zh", "en"}
    assert all(len(entry.phrases[language]) >= 10 for language in ("zh", "en"))
    assert all(entry.frames[language] for language in ("zh", "en"))
    assert entry.side is (Role.CUSTOMER if bank.startswith("K") else Role.AGENT)
    forbidden = bank.startswith("F") or bank in ("L5x", "Q2x")
    signal = bank.startswith("K")
    expected = BankKind.FORBIDDEN if forbidden else BankKind.SIGNAL if signal else BankKind.POSITIVE
    assert entry.kind is expected


@pytest.mark.parametrize("bank", BANK_IDS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_phrase_of_the_standard_is_found(matcher, bank, language):
    missed = [
        phrase
        for phrase in matcher.banks[bank].phrases[language]
        if not effects(matcher, phrase, bank, language) & {"award", "deduct", "signal"}
    ]
    assert not missed


@pytest.mark.parametrize("bank", BANK_IDS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_hard_negative_of_the_standard_counts(matcher, bank, language):
    counted = [
        text
        for text in matcher.banks[bank].hard_negatives.get(language, ())
        if effects(matcher, text, bank, language) & {"deduct", "signal"}
    ]
    assert not counted


@pytest.mark.parametrize("language", ["zh", "en"])
def test_good_service_sentences_never_deduct(matcher, language):
    deducted = [
        (text, hit.bank, hit.pattern)
        for text in load("hard-negatives-dev.yaml")[language]
        for hit in matcher.hits(text, language=language, side=Role.AGENT)
        if hit.effect == "deduct"
    ]
    assert not deducted


@pytest.mark.parametrize("language", ["zh", "en"])
def test_wordings_used_while_writing_frames_are_found(matcher, language):
    sets = load("paraphrases-dev.yaml")
    for kind in BankKind:
        assert recall(matcher, sets, kind, language) >= 0.95


@pytest.mark.parametrize("language", ["zh", "en"])
def test_wordings_never_looked_at_are_found(matcher, language):
    sets = load("paraphrases-held-out.yaml")
    assert recall(matcher, sets, BankKind.POSITIVE, language) >= 0.85
    assert recall(matcher, sets, BankKind.FORBIDDEN, language) >= 0.80
    assert recall(matcher, sets, BankKind.SIGNAL, language) >= 0.85


@pytest.mark.parametrize("language", ["zh", "en"])
def test_sentences_of_other_banks_rarely_hit(matcher, language):
    sets = load("paraphrases-held-out.yaml")
    pairs = hits = 0
    for bank, by_language in sets.items():
        side = matcher.banks[bank].side
        others = [name for name, entry in matcher.banks.items() if entry.side is side]
        for text in by_language[language]:
            found = {h.bank for h in matcher.hits(text, language=language, side=side)} - {bank}
            pairs += len(others) - 1
            hits += len(found)
    assert hits / pairs < 0.02
