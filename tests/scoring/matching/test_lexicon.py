"""Lexicon files: strict reading, layering, and errors a person can act on."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.calls import Role
from qa.errors import ScorecardError
from scoring.matching import PhraseMatcher, load_matcher
from scoring.matching.lexicon import load_lexicon
from scoring.matching.matcher import LEXICON_FOLDER

BANK = """\
version: 1
banks:
  Z1:
    title: {zh: 试, en: Trial}
    kind: positive
    side: agent
    phrases:
      zh: [测试一下这句话]
"""


def write(tmp_path, text, name="site.yaml"):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "line", "field", "what"),
    [
        (BANK.replace("kind:", "knid:"), 5, "knid", "unknown key 'knid'"),
        (BANK.replace("positive", "good"), 5, "kind", "'good' is not allowed"),
        (BANK.replace("side: agent", "side: both"), 6, "side", "'both' is not allowed"),
        (BANK.replace("    side: agent\n", ""), 3, "Z1", "has no side"),
        (BANK.replace("[测试一下这句话]", "测试"), 8, "zh", "expected list"),
        (BANK.replace("[测试一下这句话]", "[10.5]"), 8, "zh", "is not text"),
        (BANK.replace("[测试一下这句话]", "[no, yes, true]"), 8, "zh", "is not text"),
        (BANK.replace("zh: [测", "fr: [测"), 8, "fr", "unknown key 'fr'"),
        (BANK + "    short: never\n", 9, "short", "'never' is not allowed"),
        (BANK + "    exact_you: 1\n", 9, "exact_you", "expected true or false"),
        (BANK + "    unless: reported\n", 9, "unless", "expected a list of texts"),
        (BANK + "    frames:\n      zh: |\n        好\n        (坏\n", 12, "frames", "missing"),
        (BANK + "    regexes:\n      zh: [{pattern: '('}]\n", 10, "regexes", "missing )"),
        (BANK + "    regexes:\n      zh: [{regex: a}]\n", 10, "regex", "unknown key 'regex'"),
        (BANK + "extra: 1\n", 9, "extra", "unknown key 'extra'"),
    ],
)
def test_errors_name_file_line_and_field(tmp_path, text, line, field, what):
    path = write(tmp_path, text)
    with pytest.raises(ScorecardError) as error:
        PhraseMatcher(load_lexicon([path]))
    message = str(error.value)
    assert f"site.yaml:{line}" in message
    assert field in message
    assert what in message
    assert "->" in message


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("version: 2\n", "version must be 1"),
        ("- a\n", "a lexicon is a mapping"),
        ("version: 1\nbanks: [1]\n", "expected a mapping"),
        ("version: 1\nbanks: {1: {}}\n", "is not text"),
        ("a: [\n", "not valid YAML"),
        ("", "a lexicon is a mapping"),
        (BANK + "  Z1:\n    kind: positive\n", "not valid YAML"),
    ],
)
def test_what_is_no_lexicon_is_refused(tmp_path, text, what):
    with pytest.raises(ScorecardError, match=what):
        load_lexicon([write(tmp_path, text)])


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ScorecardError, match="not found"):
        load_lexicon([tmp_path / "nowhere.yaml"])


def test_text_that_is_not_utf8_is_refused(tmp_path):
    path = tmp_path / "gbk.yaml"
    path.write_bytes("version: 1\n# 您好".encode("gbk"))
    with pytest.raises(ScorecardError, match="UTF-8"):
        load_lexicon([path])


def test_an_unknown_guard_is_refused(tmp_path):
    path = write(tmp_path, BANK + "    unless: [repotred]\n")
    with pytest.raises(ScorecardError, match="unknown guard 'repotred'"):
        load_lexicon([path])


@pytest.mark.parametrize("pattern", ["(a|aa)+$", "(的|的的)+$"])
def test_a_regex_that_would_hang_is_refused(tmp_path, pattern):
    path = write(tmp_path, BANK + f"    regexes:\n      zh: [{{pattern: '{pattern}'}}]\n")
    with pytest.raises(ScorecardError, match="takes too long"):
        PhraseMatcher(load_lexicon([path]))


def test_a_site_lexicon_adds_banks_and_extends_the_standard(tmp_path):
    site = write(
        tmp_path,
        BANK
        + """\
  G1:
    phrases:
      zh: [亲爱的家人们]
    frames:
      zh: |
        家人 ~3 集合
    hard_negatives:
      zh: [家人们再见]
""",
    )
    matcher = load_matcher(lexicons=[site])

    def banks(text):
        return {hit.bank for hit in matcher.hits(text, language="zh", side=Role.AGENT)}

    assert "Z1" in banks("现在测试一下这句话")
    assert "G1" in banks("亲爱的家人们")
    assert "G1" in banks("家人快来集合")
    assert "G1" in banks("您好，李先生")
    assert matcher.digest != load_matcher().digest


def test_a_site_regex_finds_and_is_guarded(tmp_path):
    site = write(
        tmp_path,
        """\
version: 1
banks:
  Z9:
    title: {zh: 红线, en: Red line}
    kind: forbidden
    side: agent
    unless: [reported]
    regexes:
      zh: [{pattern: '飞单\\d*', anchors: [飞单]}]
""",
    )
    matcher = load_matcher(lexicons=[site])
    (hit,) = matcher.hits("这个可以飞单12", language="zh", side=Role.AGENT, banks={"Z9"})
    assert (hit.match, hit.effect, hit.start, hit.end) == ("regex", "deduct", 4, 8)
    assert not matcher.hits("您刚才说飞单的事", language="zh", side=Role.AGENT, banks={"Z9"})


def test_the_digest_follows_content_only(tmp_path):
    one = load_lexicon([write(tmp_path, BANK, "one.yaml")])
    other = load_lexicon([write(tmp_path, BANK + "# a comment\n", "two.yaml")])
    changed = load_lexicon([write(tmp_path, BANK.replace("这句话", "那句话"), "three.yaml")])
    assert one.digest == other.digest != changed.digest


def test_the_standard_has_its_word_lists_in_both_languages():
    lexicon = load_lexicon(sorted(LEXICON_FOLDER.glob("*.yaml")))
    for name in ("jargon", "courtesy", "fillers", "back_channels"):
        assert set(lexicon.words[name]) == {"zh", "en"}
        assert all(lexicon.words[name].values())


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "version",
                        "banks",
                        "guards",
                        "Z1",
                        "zh",
                        "en",
                        "title",
                        "kind",
                        "phrases",
                        "frames",
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_any_yaml_loads_or_is_refused_with_a_reason(tmp_path_factory, data):
    import json

    path = tmp_path_factory.mktemp("fuzz") / "any.yaml"
    path.write_text(json.dumps(data, ensure_ascii=True), "utf-8")
    with contextlib.suppress(ScorecardError):
        load_lexicon([path])
