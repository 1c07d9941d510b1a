import numpy as np
import pytest

from qa.calls import Role
from qa.errors import ScorecardError
from qa.transcript import Transcript, Turn
from scoring.categories import parse_categories, sort_call
from scoring.reasons import contact_reason, default_reasons, load_reasons, pareto, title_of


def said(*texts, language="zh"):
    turns = tuple(
        Turn(index=at, role=Role.CUSTOMER, start_ms=at * 1000, end_ms=at * 1000 + 900, text=text)
        for at, text in enumerate(texts)
    )
    return Transcript(call_id="c", language=language, duration_ms=9000, turns=turns)


@pytest.mark.parametrize(
    ("text", "language", "reason"),
    [
        ("你们这个月多扣了我二十块钱", "zh", "bill_dispute"),
        ("我的退款什么时候到账啊", "zh", "refund"),
        ("我的快递到哪了", "zh", "delivery"),
        ("家里断网了上不了网", "zh", "outage"),
        ("我忘记密码了登录不上", "zh", "login"),
        ("银行卡丢了我要挂失", "zh", "security"),
        ("我要销户", "zh", "cancel"),
        ("你们那个师傅态度特别差", "zh", "staff"),
        ("I was charged twice this month", "en", "bill_dispute"),
        ("where is my parcel, it hasn't arrived", "en", "delivery"),
        ("I can't log in, I forgot my password", "en", "login"),
        ("I lost my card and need to block my card", "en", "security"),
        ("I need help with my reservation", "en", "other"),
        ("今天天气不错啊", "zh", "other"),
        ("", "zh", "other"),
        ("bonjour, je voudrais parler", "fr", "other"),
    ],
)
def test_by_words(text, language, reason):
    assert contact_reason(said(text, language=language)).id == reason


class Bags:
    """An encoder of character counts: near texts share characters."""

    digest = "bags"

    def encode(self, texts):
        rows = np.zeros((len(texts), 512), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for char in text:
                row[ord(char) % 512] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def test_meaning_finds_what_words_miss():
    call = said("办理过户要怎么弄呀")
    assert contact_reason(call, encoder=Bags()).id == "profile"


def test_meaning_keeps_other_honest():
    assert contact_reason(said("哈哈哈哈哈哈"), encoder=Bags()).id == "other"


def test_words_alone_rarely_send_a_shipped_example_astray():
    right, wrong, total = 0, 0, 0
    for reason in default_reasons():
        for language in ("zh", "en"):
            assert len(reason.examples[language]) >= 5, reason.id
            for text in reason.examples[language]:
                found = contact_reason(said(text, language=language)).id
                right += found == reason.id
                wrong += found not in {reason.id, "other"}
                total += 1
    assert right / total > 0.6
    assert wrong / total < 0.03


def test_early_turns_count_more():
    turns = ["我的快递到哪了"] + ["我想问一下这个情况是什么样的"] * 5 + ["开发票也行"]
    assert contact_reason(said(*turns)).id == "delivery"


def test_pareto_puts_other_last():
    rows = pareto(["other"] * 5 + ["refund"] * 3 + ["login"] * 2)
    assert [row.reason for row in rows] == ["refund", "login", "other"]
    assert rows[-1].running == 1
    assert rows[0].share == pytest.approx(0.3)
    assert pareto([]) == ()


@pytest.mark.parametrize(
    "text",
    [
        "reasons: {}",
        "reasons: {a: {title: {zh: 甲, en: a}}}",
        "reasons: {a: {title: {zh: 甲}, zh: {words: [x]}}}",
        "reasons: {a: {title: {zh: 甲, en: a}, zh: {words: ['(']}}}",
        "reasons: {a: {title: {zh: 甲, en: a}, zh: {words: x}}}",
        "reasons: {other: {title: {zh: 甲, en: a}, zh: {words: [x]}}}",
        "reasons: [",
    ],
)
def test_bad_taxonomies_name_the_place(text):
    with pytest.raises(ScorecardError, match=r"t\.yaml"):
        parse_categories(text, key="reasons", place="t.yaml")


def test_a_site_adds_its_own(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text("reasons: {tea: {title: {zh: 茶, en: tea}, zh: {words: [喝茶]}}}", "utf-8")
    assert sort_call(said("我想喝茶"), load_reasons(path)).id == "tea"
    assert title_of("tea", load_reasons(path)).zh == "茶"
    assert title_of("gone").en == "gone"
    with pytest.raises(ScorecardError):
        load_reasons(tmp_path / "none.yaml")
