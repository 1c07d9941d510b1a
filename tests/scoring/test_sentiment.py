import pytest

from qa.analysis import TurnSentiment
from qa.calls import Role
from qa.settings import SentimentSettings
from qa.transcript import Transcript, Turn
from scoring.sentiment import course_of, create_sentiment, sentiment_of, theil_sen
from scoring.sentiment_lexicon import LexiconSentiment


def transcript(*lines, language="zh", timed=True):
    turns = tuple(
        Turn(index=at, role=Role(role), start_ms=at * 1000, end_ms=at * 1000 + 900, text=text)
        for at, (role, text) in enumerate(lines)
    )
    return Transcript(
        call_id="c", language=language, duration_ms=len(lines) * 1000, turns=turns, timed=timed
    )


def judged(values, step=1):
    call = transcript(*[("customer", "x")] * (len(values) * step))
    items = [
        TurnSentiment(turn_index=at * step, label="neutral", score=value)
        for at, value in enumerate(values)
    ]
    return call, items


def test_only_customer_turns_are_judged():
    call = transcript(("agent", "太差了"), ("customer", "太好了"), ("unknown", "太差了"))
    assert [item.turn_index for item in sentiment_of(call, LexiconSentiment())] == [1]


def test_turns_without_an_honest_answer_are_left_out():
    call = transcript(("customer", ""), ("customer", "こんにちはありがとう"), ("customer", "谢谢"))
    assert [item.turn_index for item in sentiment_of(call, LexiconSentiment())] == [2]


def test_no_customer_turns_no_sentiment():
    assert sentiment_of(transcript(("agent", "您好")), LexiconSentiment()) == ()
    assert course_of(transcript(("agent", "您好")), ()).turns == 0


def test_course_of_a_call_that_recovers():
    call, items = judged([0.0, 0.0, -0.3, -0.9, -0.6, -0.3, 0.2, 0.6, 0.7, 0.8])
    course = course_of(call, items)
    assert course.start == pytest.approx(-0.1)
    assert course.end == pytest.approx(0.7)
    assert course.change == pytest.approx(0.8)
    assert course.lowest == pytest.approx(-0.6)
    assert course.lowest_turn_index == 3
    assert course.lowest_ms == 3000
    assert course.recovery == pytest.approx(1.3)
    assert course.quarters[0] > course.quarters[1]
    assert course.quarters[3] > 0.5
    assert course.slope > 0


def test_short_calls_have_no_start_and_end():
    call, items = judged([0.5, -0.5, 0.5])
    course = course_of(call, items)
    assert (course.start, course.end, course.change, course.recovery) == (None,) * 4
    assert course.mean == pytest.approx(0.1667)


def test_untimed_transcripts_have_no_moment():
    call = transcript(*[("customer", "谢谢")] * 6, timed=False)
    course = course_of(call, sentiment_of(call, LexiconSentiment()))
    assert course.lowest_ms is None
    assert None not in course.quarters


def test_theil_sen_is_robust_to_one_outlier():
    assert theil_sen([0, 1, 2, 30, 4]) == pytest.approx(1, abs=0.5)
    assert theil_sen([1.0]) is None


def test_lexicon_by_setting_and_off():
    model, stamp = create_sentiment(SentimentSettings(engine="lexicon"))
    assert (model.name, stamp.name) == ("lexicon", "sentiment:lexicon")
    assert create_sentiment(SentimentSettings(engine="off"))[0] is None
