"""What is found disappears, and only that."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from qa.privacy import Found, Numbering, detect, redact
from qa.privacy.detect import resolve
from qa.privacy.digits import digit_groups
from qa.privacy.view import fold

PIECES = [
    *"零一二三四五六七八九十百千万幺两〇要吧，。、 \n0123456789xX@.-()+:/$¥%",
    *(
        "手机号",
        "验证码",
        "身份证",
        "王先生",
        "我叫",
        "嗯",
        "one ",
        "two ",
        "double ",
        "oh ",
        "my pin ",
        "card ",
        "at ",
        "dot com",
    ),
    *(
        "13812345678",
        "北京市",
        "建国路",
        "88号",
        "Mr. ",
        "Tom ",
        "😀",
        "é",
        "ﬁ",
        "㎏",
        "１",
        "臺灣",
        "\u200b",
        "İ",
    ),
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=24).map("".join) | st.text(max_size=60)


@settings(max_examples=300, deadline=None)
@given(text=TEXTS, question=st.sampled_from(["", "验证码是多少？", "What's your name?"]))
def test_spans_lie_inside_the_text_in_order_and_apart(text, question):
    found = detect(text, question=question)
    position = 0
    for one in found:
        assert position <= one.start < one.end <= len(text)
        assert one.score >= 0.5
        assert one.reason
        position = one.end


@settings(max_examples=200, deadline=None)
@given(text=TEXTS)
def test_redaction_keeps_everything_but_the_spans(text):
    found = detect(text)
    shown = redact(text, found, Numbering())
    kept = "".join(
        text[start:end]
        for start, end in zip(
            [0, *(one.end for one in found)],
            [*(one.start for one in found), len(text)],
            strict=True,
        )
    )
    rest = shown
    numbering = Numbering()
    for one in found:
        rest = rest.replace(numbering.placeholder(one.type, text[one.start : one.end]), "", 1)
    assert rest == kept


@settings(max_examples=200, deadline=None)
@given(
    number=st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    lead=st.sampled_from(["", "手机", "call ", "我的号码是", "ok, "]),
)
def test_no_mobile_survives(number, lead):
    text = f"{lead}{number}，谢谢"
    assert number[3:] not in redact(text, detect(text), Numbering("zh"))


@settings(max_examples=200, deadline=None)
@given(text=TEXTS)
def test_folding_moves_nothing(text):
    folded = fold(text)
    assert len(folded) == len(text)
    position = 0
    for group in digit_groups(folded):
        assert position <= group.start < group.end <= len(text)
        position = group.end


def test_the_same_value_keeps_its_placeholder():
    numbering = Numbering("zh")
    lines = ["我的手机号13812345678", "是一三八幺二三四五六七八吗", "另一个手机13987654321"]
    assert [redact(line, detect(line), numbering) for line in lines] == [
        "我的手机号[电话1]",
        "是[电话1]吗",
        "另一个手机[电话2]",
    ]


def test_english_placeholders():
    text = "my pin is 4321"
    assert redact(text, detect(text), Numbering("en")) == "my pin is [PASSCODE_1]"


def test_what_sticks_out_of_a_surer_span_stays_hidden():
    sure = Found(type="PHONE", start=2, end=6, score=0.9, reason="")
    less = Found(type="NUMBER", start=0, end=8, score=0.55, reason="")
    assert [(one.type, one.start, one.end) for one in resolve([less, sure])] == [
        ("NUMBER", 0, 2),
        ("PHONE", 2, 6),
        ("NUMBER", 6, 8),
    ]


def test_a_text_of_digits_is_hidden_quickly():
    text = "1234567890 " * 300
    shown = redact(text, detect(text), Numbering())
    assert not any(
        len(group.digits) > 3
        for group in digit_groups(shown)
        if not group.lettered and "_" not in shown[group.start - 1]
    )
