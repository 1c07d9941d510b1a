"""The matcher: tiers, asymmetry, guards, sides and offsets."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.calls import Role
from scoring.matching import RULE_CONFIDENCE, BankKind, default_matcher, load_matcher


@pytest.fixture(scope="module")
def matcher():
    return default_matcher()


def find(matcher, text, bank, *, side=Role.AGENT, language="zh"):
    return [hit for hit in matcher.hits(text, language=language, side=side) if hit.bank == bank]


@pytest.mark.parametrize(
    ("text", "bank", "match", "quote"),
    [
        ("嗯，请问您贵姓？", "C2", "exact", "请问您贵姓"),
        ("好的，请问 有什么可以幫您的嗎", "G4", "exact", "请问 有什么可以幫您"),
        ("工号二零二四为您服务", "G3", "regex", "工号二零二四为您服务"),
        ("公号二零二四为你服务", "G3", "homophone", "公号二零二四为你服务"),
        ("工作人员绝不会向您所要验证吗", "C3", "homophone", None),
        ("感谢你的奈心等待", "H2", "regex", None),
        ("这件是我们的疏忽", "E2", "regex", None),
    ],
)
def test_positive_banks_are_found_by_the_strongest_tier(matcher, text, bank, match, quote):
    hit = find(matcher, text, bank)[0]
    assert hit.effect == "award"
    assert hit.match == match
    assert hit.confidence == RULE_CONFIDENCE[match]
    if quote is not None:
        assert text[hit.start : hit.end] == quote


@pytest.mark.parametrize(
    ("text", "bank"),
    [
        ("验证吗发给您了，念给我听", "F7"),
        ("你有饼吧", "F4"),
        ("加我个人威信", "F8"),
    ],
)
def test_a_forbidden_phrase_heard_by_sound_never_deducts(matcher, text, bank):
    assert all(
        hit.effect == "candidate"
        for hit in find(matcher, text, bank)
        if hit.match in ("fuzzy", "homophone", "semantic")
    )


@pytest.mark.parametrize(
    ("text", "promised"),
    [
        ("行了行了，你把订单号报一下，快点说。", False),
        ("单号您再念一遍", False),
        ("您的工单号是一零二三", True),
        ("受理编号2023", True),
    ],
)
def test_a_ticket_number_is_a_next_step_but_asking_for_one_is_none(matcher, text, promised):
    assert bool(find(matcher, text, "R3")) is promised


@given(st.text(st.sampled_from("您你的密码验证吗发给我听有病吧办不了投诉也没用再见"), max_size=14))
@settings(max_examples=80, deadline=None)
def test_asymmetry_is_law(text):
    matcher = default_matcher()
    for hit in matcher.hits(text, language="zh"):
        kind = matcher.banks[hit.bank].kind
        if hit.effect == "deduct":
            assert kind is BankKind.FORBIDDEN
            assert hit.match in ("exact", "regex", "semantic")  # never by sound or spelling
        if kind is BankKind.POSITIVE:
            assert hit.effect == "award"


@pytest.mark.parametrize(
    ("bad", "good", "bank", "language"),
    [
        ("这个办不了。", "您说的办不了是哪一步？", "F1", "zh"),
        ("我不知道", "我不知道您是否方便", "F1", "zh"),
        ("这不是我的责任", "这不是您的责任", "F2", "zh"),
        ("快点说", "您的合约快到期了", "F3", "zh"),
        ("我敢保证", "我不敢保证", "F5", "zh"),
        ("保证没问题", "为了保证服务质量，请稍等", "F5", "zh"),
        ("百分之百能解决", "这是百分之百纯棉", "F5", "zh"),
        ("把验证码告诉我", "请不要把验证码告诉任何人", "F7", "zh"),
        ("加我个人微信", "请添加我们的官方微信", "F8", "zh"),
        ("投诉也没用", "您可以投诉，我帮您登记", "F9", "zh"),
        ("你等一下", "您等一下", "F10", "zh"),
        ("神经病", "您说他骂您“神经病”", "F4", "zh"),
        ("I can't do that", "I can't do that, but I can email you", "F1", "en"),
        ("that's your fault", "it's not your fault", "F2", "en"),
        ("I guarantee it", "I can't guarantee it", "F5", "en"),
        ("tell me your PIN", "never tell anyone your PIN", "F7", "en"),
        ("you have to", "you have to be eighteen", "F10", "en"),
    ],
)
def test_guards_tell_the_fault_from_its_likeness(matcher, bad, good, bank, language):
    assert any(hit.effect == "deduct" for hit in find(matcher, bad, bank, language=language))
    assert not any(hit.effect == "deduct" for hit in find(matcher, good, bank, language=language))


def test_courteous_words_turn_impatience_into_a_matter_for_a_person(matcher):
    (hit,) = find(matcher, "你能不能快点说，谢谢", "F3")
    assert hit.effect == "candidate"


def test_each_side_has_its_banks(matcher):
    text = "我要投诉，请问有什么可以帮您"
    agent = {hit.bank for hit in matcher.hits(text, language="zh", side=Role.AGENT)}
    customer = {hit.bank for hit in matcher.hits(text, language="zh", side=Role.CUSTOMER)}
    anyone = {hit.bank for hit in matcher.hits(text, language="zh")}
    assert "G4" in agent
    assert "K1" not in agent
    assert "K1" in customer
    assert "G4" not in customer
    assert agent | customer == anyone


def test_a_speaker_nobody_knows_gets_no_deduction(matcher):
    (hit,) = [h for h in matcher.hits("神经病", language="zh", side=Role.UNKNOWN) if h.bank == "F4"]
    assert hit.effect == "candidate"


def test_a_recorded_voice_is_only_credited(matcher):
    hits = matcher.hits("本次通话将被录音，神经病", language="zh", side=Role.SYSTEM)
    assert {hit.bank for hit in hits} == {"C1"}


def test_only_the_banks_asked_for_are_returned(matcher):
    hits = matcher.hits("您好，请问您贵姓", language="zh", banks=("C2",))
    assert {hit.bank for hit in hits} == {"C2"}


def test_mixed_speech_is_searched_in_both_languages(matcher):
    text = "不好意思 my system is a little slow today，麻烦您稍等"
    banks = {hit.bank for hit in matcher.hits(text, language="en", side=Role.AGENT)}
    assert {"E2", "E3", "L4"} <= banks


def test_a_phrase_may_straddle_the_pieces_of_a_turn(matcher):
    assert find(matcher, "请问有什么 可以。帮您", "G4")
    assert find(matcher, "thank you. for your patience", "H2", language="en")


def test_company_names_of_the_site_count(matcher):
    text = "你好，小熊"
    assert not find(matcher, text, "G2")
    named = matcher.with_slots(company=["小熊"])
    assert named.digest != matcher.digest


@pytest.mark.parametrize(
    "text", ["", "   ", "👍", "\ud800", "\x00", "。！？", "嗯" * 5000, "好的" * 3000]
)
def test_odd_texts_never_crash(matcher, text):
    for hit in matcher.hits(text, language="zh"):
        assert 0 <= hit.start < hit.end <= len(text)


@settings(max_examples=120, deadline=None)
@given(
    st.text(st.characters(exclude_categories=()), max_size=40)
    | st.text(
        st.sampled_from("请问您贵姓工号一二三，。 😀为服务help you can I thank sorry密码"),
        max_size=40,
    )
)
def test_every_hit_lies_in_the_text_and_repeats(text):
    matcher = default_matcher()
    hits = matcher.hits(text, language="zh")
    for hit in hits:
        assert 0 <= hit.start < hit.end <= len(text)
        assert 0 < hit.similarity <= 1
        assert hit.effect in ("award", "deduct", "candidate", "signal")
    matcher._scan.cache_clear()
    assert matcher.hits(text, language="zh") == hits


def test_hits_of_one_bank_do_not_overlap(matcher):
    hits = find(matcher, "非常抱歉，实在不好意思，对不起，真的很抱歉", "E2")
    assert len(hits) >= 3
    for left, right in itertools.pairwise(hits):
        assert left.end <= right.start


@pytest.mark.parametrize(
    ("text", "bank", "language", "phrase", "least"),
    [
        ("请问您的贵姓是", "C2", "zh", "请问您贵姓", 0.7),
        ("非常报歉", "E2", "zh", "非常抱歉", 0.99),
        ("so sorry to keep you here waiting", "E2", "en", "sorry to keep you waiting", 0.7),
    ],
)
def test_the_nearest_phrase_explains_a_miss(matcher, *, text, bank, language, phrase, least):
    similarity, closest = matcher.nearest(text, language=language, bank=bank)
    assert closest == phrase
    assert least <= similarity <= 1


def test_nearest_of_nothing_is_zero(matcher):
    assert matcher.nearest("", language="zh", bank="C2")[0] == 0.0
    assert matcher.nearest("abc", language="fr", bank="C2") == (0.0, "")


class Rhymes:
    """An encoder that thinks two sentences alike when they share the word 'umbrella'."""

    def encode(self, texts):
        return np.array(
            [[1.0, 0.0] if "umbrella" in t or "no idea" in t else [0.0, 1.0] for t in texts]
        )


def test_meaning_only_raises_candidates_for_forbidden_banks():
    matcher = load_matcher(encoder=Rhymes())
    hits = matcher.hits("an umbrella perhaps for grandmother", language="en", side=Role.AGENT)
    (hit,) = [h for h in hits if h.bank == "F1"]
    assert (hit.match, hit.effect) == ("semantic", "candidate")
    assert hit.confidence == RULE_CONFIDENCE["semantic"]
    assert matcher.digest != default_matcher().digest
