import pytest

from qa.calls import Call, Direction, Role
from qa.transcript import Transcript, Turn
from scoring.calltype import call_type, default_types, facts_of, title_of

SIDES = {"A": "agent", "C": "customer", "U": "unknown"}


def talk(*lines, language="zh"):
    turns = tuple(
        Turn(
            index=at,
            role=Role(SIDES[line[0]]),
            start_ms=at * 1000,
            end_ms=at * 1000 + 900,
            text=line[3:],
        )
        for at, line in enumerate(lines)
    )
    return Transcript(call_id="c", language=language, duration_ms=60_000, turns=turns)


def call(direction=Direction.UNKNOWN, **tags):
    return Call(id="c", recording_id="r", direction=direction, tags=tags)


@pytest.mark.parametrize(
    ("lines", "language", "expected"),
    [
        (["A: 您好请问有什么可以帮您", "C: 请问你们营业厅几点开门"], "zh", "inquiry"),
        (["A: 您好", "C: 帮我办一个流量包"], "zh", "transaction"),
        (["A: 您好", "C: 我家宽带断网了上不了网"], "zh", "fault"),
        (["A: 您好", "C: 请问一下，我家断网了，你们到底管不管，我要投诉"], "zh", "complaint"),
        (["A: 您好", "C: 帮我退订这个套餐，我不用了"], "zh", "retention"),
        (["A: 您好，给您做个回访，打扰您了", "C: 嗯你说吧"], "zh", "outbound_service"),
        (
            ["A: 打扰您了，现在有优惠活动给您办理升级好不好", "C: 不需要谢谢"],
            "zh",
            "outbound_sales",
        ),
        (["A: 您好", "C: 不好意思打错了"], "zh", "void"),
        (["A: 您好", "A: 喂，您好"], "zh", "void"),
        (["A: 您好", "C: 今天天气还可以吧哈哈"], "zh", "other"),
        (["A: hello", "C: what time do you close today"], "en", "inquiry"),
        (["A: hello", "C: I'd like to book an appointment please"], "en", "transaction"),
        (["A: hello", "C: my internet isn't working since yesterday"], "en", "fault"),
        (["A: hello", "C: I want to make a complaint, this is ridiculous"], "en", "complaint"),
        (["A: hello", "C: please cancel my contract"], "en", "retention"),
        (["A: hi, is now a good time to talk", "C: sure go ahead"], "en", "outbound_service"),
        (["A: hello", "C: sorry wrong number"], "en", "void"),
    ],
)
def test_types(lines, language, expected):
    assert call_type(call(), talk(*lines, language=language)).id == expected


def test_metadata_decides_the_direction():
    lines = ("A: 您好，给您做个回访", "C: 请问营业厅几点开门")
    assert call_type(call(Direction.INBOUND), talk(*lines)).id == "inquiry"
    assert (
        call_type(call(Direction.OUTBOUND), talk("A: 您好", "C: 嗯你好")).id == "outbound_service"
    )


def test_calls_of_unknown_speakers_are_not_void():
    assert call_type(call(), talk("U: 您好", "U: 你好啊")).id != "void"


def test_facts_leave_out_an_unknown_type_and_obey_the_manifest():
    chat = talk("A: 您好", "C: 今天天气还可以吧哈哈")
    assert facts_of(call(), chat) == {"reason": "other"}
    assert facts_of(call(call_type="fault"), chat)["call_type"] == "fault"


def test_evidence_quotes_the_customer():
    found = call_type(call(), talk("A: 您好", "C: 我要投诉你们"))
    assert found.evidence[0].quote in "我要投诉你们"
    assert 0 < found.confidence <= 1


def test_titles_in_both_languages():
    for name in [*(item.id for item in default_types()), "void", "other", "outbound_sales"]:
        assert title_of(name).zh
        assert title_of(name).en
