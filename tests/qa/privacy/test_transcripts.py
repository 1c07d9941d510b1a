"""A whole call without personal data: turns, words, names of either side, and doing it twice."""

from __future__ import annotations

import pytest

from qa.calls import Role
from qa.privacy.transcripts import Policy, redact_transcript
from qa.transcript import RoleAssignment, Transcript, Turn, Word

A, C = Role.AGENT, Role.CUSTOMER


def transcript(*lines, language="zh", words=True, confidence=0.95):
    turns, at = [], 0
    for index, (role, text) in enumerate(lines):
        pieces = text.split() if language == "en" else list(text)
        step = 200
        heard = tuple(
            Word(text=piece, start_ms=at + n * step, end_ms=at + (n + 1) * step)
            for n, piece in enumerate(pieces)
        )
        end = at + len(pieces) * step
        turns.append(
            Turn(
                index=index,
                role=role,
                speaker={A: "left", C: "right"}[role],
                start_ms=at,
                end_ms=end,
                text=text,
                words=heard if words else (),
            )
        )
        at = end + 300
    return Transcript(
        call_id="c",
        language=language,
        duration_ms=at,
        turns=tuple(turns),
        roles=RoleAssignment(roles={"left": A, "right": C}, confidence=confidence),
    )


ZH = transcript(
    (A, "您好，我是王小丽，工号8023，请问怎么称呼您？"),
    (C, "我叫李明华。"),
    (A, "李先生您好，请报一下手机号。"),
    (C, "幺三八零零幺三八零零零。"),
    (A, "幺三八零零幺三八零零零，对吗？"),
    (C, "对，卡的安全码是三六九。"),
)


def texts(redacted):
    return [turn.text for turn in redacted.transcript.turns]


def test_typed_placeholders_keep_their_number_within_the_call():
    shown = texts(redact_transcript(ZH))
    assert shown[1] == "我叫[姓名1]。"
    assert shown[3] == "[电话1]。"
    assert shown[4] == "[电话1]，对吗？"
    assert "[安全码1]" in shown[5]


def test_the_agents_own_name_stays_unless_the_policy_hides_it():
    assert "王小丽" in texts(redact_transcript(ZH))[0]
    assert "王小丽" not in texts(redact_transcript(ZH, Policy(keep_agent_names=False)))[0]


def test_when_roles_are_doubtful_no_name_stays():
    unsure = transcript((A, "我叫王小丽。"), (C, "你好。"), confidence=0.4)
    assert "王小丽" not in texts(redact_transcript(unsure))[0]


def test_a_customer_asked_for_by_name_is_not_the_agent():
    call = transcript((A, "Am I speaking with Olivia Grant?"), (C, "Yes."), language="en")
    assert "Olivia" not in texts(redact_transcript(call))[0]


def test_words_say_no_more_than_the_text():
    redacted = redact_transcript(ZH)
    for turn in redacted.transcript.turns:
        for word in turn.words:
            assert word.text in turn.text
    phone = [word for word in redacted.transcript.turns[3].words if "电话" in word.text]
    assert len(phone) == 1
    assert (phone[0].start_ms, phone[0].end_ms) == (
        ZH.turns[3].words[0].start_ms,
        ZH.turns[3].words[10].end_ms,
    )


def test_the_sound_of_the_same_words_is_marked_for_its_speaker():
    spans = redact_transcript(ZH).sound
    turn = ZH.turns[3]
    mine = [s for s in spans if s.start_ms < turn.end_ms and s.end_ms > turn.start_ms]
    assert {span.speaker for span in mine} == {"right"}
    assert mine[0].start_ms <= turn.words[0].start_ms - 100
    assert mine[0].end_ms >= turn.words[10].end_ms + 100


def test_security_codes_are_not_even_in_the_raw_text():
    raw = redact_transcript(ZH).raw
    assert "三六九" not in raw.turns[5].text
    assert "三六九" not in "".join(word.text for word in raw.turns[5].words)
    assert raw.turns[3].text == ZH.turns[3].text


@pytest.mark.parametrize("language", ["zh", "en", ""])
def test_redacting_again_changes_nothing(language):
    once = redact_transcript(transcript(*[(t.role, t.text) for t in ZH.turns], language="zh"))
    again = redact_transcript(once.transcript)
    assert again.transcript == once.transcript
    assert again.counts == {}
    del language


def test_new_values_get_new_numbers_beside_old_placeholders():
    call = transcript((C, "我的手机是[电话1]。"), (C, "另一个手机是13911112222。"))
    assert texts(redact_transcript(call)) == ["我的手机是[电话1]。", "另一个手机是[电话2]。"]


def test_a_number_read_back_has_the_type_of_the_number_given():
    call = transcript(
        (A, "请把验证码告诉我。"), (C, "六六二七零九。"), (A, "六六二七零九，好，卡已挂失。")
    )
    shown = texts(redact_transcript(call))
    assert shown[1].startswith("[密码1]")
    assert shown[2].startswith("[密码1]")


def test_the_recognisers_wording_goes_when_it_says_more():
    from dataclasses import replace

    call = transcript((C, "我叫李明华。"), (A, "好的。"))
    first = replace(call.turns[0], raw_text="我叫李明華")
    shown = redact_transcript(replace(call, turns=(first, call.turns[1]))).transcript
    assert shown.turns[0].raw_text == ""


def test_a_turn_of_english_in_a_chinese_call_keeps_its_script():
    call = transcript((A, "您好。"), (C, "My phone number is 202 555 0142 please call me"))
    assert "[PHONE_1]" in texts(redact_transcript(call))[1]
