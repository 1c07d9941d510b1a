"""The tooltip of an evidence chip speaks the reader's language."""

import re

import pytest

from dashboards.rule_names import rule_name
from qa.evaluation import Bilingual
from qa.store import connect
from scoring.loader import load_scorecard
from scoring.naming import bank_names, pattern_names

KNOWN = {
    "asked to hold": Bilingual(zh="请客户稍等", en="asked to hold"),
    "X3": Bilingual(zh="致谢道别", en="Thanks and farewell"),
}


@pytest.mark.parametrize(
    ("rule", "zh", "en"),
    [
        ("asked to hold", "请客户稍等", "asked to hold"),
        ("candidate X3", "致谢道别（存疑）", "Thanks and farewell (uncertain)"),
        ("silence", "静默", "Silence"),
        ("searched", "查找的范围", "the part that was searched"),
        ("overlap major", "双方同时说话 · 明显", "Both talk at once · Major"),
        ("entity money", "说到某类信息 · 金额", "Something is named · Money"),
        ("麻烦", "“麻烦”", "“麻烦”"),
        ("a rule of 2019", "“a rule of 2019”", "“a rule of 2019”"),
    ],
)
def test_a_rule_has_a_name(rule, zh, en):
    assert rule_name(rule, language="zh-CN", known=KNOWN) == zh
    assert rule_name(rule, language="en", known=KNOWN) == en


def test_no_evidence_of_the_samples_is_named_in_english_on_a_chinese_page(demo_url):
    known = {**pattern_names(load_scorecard("service-standard")), **bank_names()}
    with connect(demo_url, read_only=True) as store:
        calls = store.frames.calls_frame()["call_id"]
        rules = {
            clip.rule
            for call in calls
            for result in store.evaluations.load(call).results
            for clip in result.verdict.evidence
        }
    names = {rule: rule_name(rule, language="zh-CN", known=known) for rule in rules}
    english = {r: n for r, n in names.items() if not re.search("[\u4e00-\u9fff]", n)}
    said = {rule for rule in english if english[rule] == f"“{rule}”"}
    assert english.keys() == said  # words of a list, as they were said
    assert said <= {"can i", "certainly", "may i", "please", "sorry", "thank you", "welcome"}
