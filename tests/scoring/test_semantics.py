import numpy as np
import pytest

from qa.errors import SettingsError
from scoring.semantics import SemanticReader, paraphrases, set_threshold, term_overlap


class Table:
    """An encoder that knows a few sentences."""

    digest = "table"

    def __init__(self, **vectors):
        self.vectors = {name: np.array(value, np.float32) for name, value in vectors.items()}

    def encode(self, texts):
        zero = np.zeros(2, np.float32)
        return np.array([self.vectors.get(text, zero) for text in texts]).reshape(len(texts), 2)


ENCODER = Table(a=(1, 0), b=(0.8, 0.6), c=(0, 1))


def test_similarity_takes_the_nearest_sample():
    reader = SemanticReader(ENCODER)
    assert reader.similarity("a", ["b", "c"]) == pytest.approx(0.8)
    assert [item.sample for item in reader.closest(["a", "c"], ["b", "c"])] == [0, 1]
    assert reader.method == "meaning"


class Crowded(Table):
    """An encoder whose vectors all lie close together, as those of the e5 family do."""

    def encode(self, texts):
        rows = np.array([[hash(text) % 97 + 1, 400.0] for text in texts], np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_similarity_is_scaled_to_what_the_encoder_gives_to_unrelated_sentences():
    reader = SemanticReader(Crowded())
    assert reader.floor > 0.95
    assert reader.similarity("a", ["a"]) == pytest.approx(1, abs=1e-3)
    assert SemanticReader(ENCODER).floor == 0


@pytest.mark.parametrize(("text", "samples"), [("", ["a"]), ("a", []), ("unseen", ["a"])])
def test_nothing_to_compare_is_not_similar(text, samples):
    reader = SemanticReader(ENCODER)
    assert reader.similarity(text, samples) == 0
    assert reader.closest([text], samples)[0].sample is None


def test_without_an_encoder_key_terms_decide():
    reader = SemanticReader()
    close = reader.similarity("您反映的是昨天宽带断网", ["家里宽带断网了"])
    far = reader.similarity("请您提供一下订单", ["家里宽带断网了"])
    assert close > 0.5 > far
    assert reader.method == "terms"


@pytest.mark.parametrize(
    ("sentence", "needs", "echoed"),
    [
        ("您是说昨天宽带断网了对吗", ["我家宽带昨天断网"], True),
        ("我跟您确认一下", ["我家宽带昨天断网"], False),
        ("so your router keeps dropping the connection", ["my router drops the connection"], True),
        ("let me make sure I understand", ["my router drops the connection"], False),
        ("", ["我家宽带昨天断网"], False),
        ("您是说宽带断网", [], False),
    ],
)
def test_paraphrase_by_terms(sentence, needs, echoed):
    assert paraphrases(sentence, needs).echoed is echoed


def test_paraphrase_by_meaning_needs_content():
    encoder = Table(线路不通=(1, 0), 宽带坏了=(0.95, 0.31), 好的=(1, 0))
    assert paraphrases("线路不通", ["宽带坏了"], reader=SemanticReader(encoder)).echoed
    assert not paraphrases("好的", ["宽带坏了"], reader=SemanticReader(encoder)).echoed


def test_overlap_of_empty_texts_is_zero():
    assert term_overlap("", "宽带") == 0
    assert term_overlap("宽带断网", "宽带断网") == 1


def test_threshold_keeps_precision_and_wins_recall():
    found = set_threshold([0.9, 0.85, 0.8, 0.7, 0.75, 0.5, 0.4, 0.3], [True] * 4 + [False] * 4)
    assert (found.value, found.precision, found.recall) == (0.8, 1.0, 0.75)
    assert sum(no + yes for no, yes in found.histogram) == 8


def test_threshold_that_cannot_be_kept_answers_never():
    found = set_threshold([0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9], [True] * 4 + [False] * 4)
    assert found.recall == 0
    assert found.value > 0.9


def test_too_few_examples():
    with pytest.raises(SettingsError, match=r"four"):
        set_threshold([0.1, 0.9], [False, True])


class _Alike:
    digest = "alike"

    def similarity(self, text, sentences):
        return 0.95 if "烦" in text else 0.1


LIKE = "{kind: semantic, sentences: {zh: [你这人真讨厌]}, threshold: 0.8}"


def test_meaning_alone_never_deducts_for_what_must_not_be_said():
    from tests.conversations import agent, call, customer, find

    said = call(agent("您真烦人"), customer("好"))
    fault = f"{{name: {{zh: 侮辱, en: insult}}, each: 1, rule: {LIKE}}}"
    found = find(f"{{kind: deductions, faults: [{fault}]}}", said, encoder=_Alike())
    assert (found.share, len(found.candidates), found.review) == (1.0, 1, True)
    assert find(f"{{kind: not, rule: {LIKE}}}", said, encoder=_Alike()).share is None
    clean = call(agent("您好"), customer("好"))
    assert find(f"{{kind: not, rule: {LIKE}}}", clean, encoder=_Alike()).share == 1.0


def test_meaning_alone_suspects_no_critical_error_whatever_the_bar_says():
    from qa.evaluation import CriticalState
    from scoring.engine import score
    from tests.conversations import FakeMatcher, agent, call, customer
    from tests.scoring.cards import BANKS, small

    card = small(
        (
            "criterion: polite\n    rule: {kind: phrase, banks: [F4]}",
            f"criterion: polite\n    bar: {{confidence: 0.5, matches: [semantic]}}\n    rule: {LIKE}",
        )
    )
    said = call(agent("您好，您真烦人"), customer("好"))
    result = score(said, card, matcher=FakeMatcher(BANKS), encoder=_Alike())
    assert [finding.state for finding in result.findings] == [CriticalState.CANDIDATE]


def test_only_scorecards_that_compare_meanings_depend_on_the_encoder():
    from scoring.engine import digest_of
    from tests.conversations import FakeMatcher
    from tests.scoring.cards import BANKS, small

    matcher = FakeMatcher(BANKS)
    words = small()
    meaning = small(("rule: {kind: phrase, banks: [G1]}", f"rule: {LIKE}"))
    assert digest_of(words, matcher, _Alike()) == digest_of(words, matcher)
    assert digest_of(meaning, matcher, _Alike()) != digest_of(meaning, matcher)
    other = _Alike()
    other.digest = "other"
    assert digest_of(meaning, matcher, _Alike()) != digest_of(meaning, matcher, other)


def test_shipped_thresholds_belong_to_the_labelled_pairs_and_the_scorecard_uses_them():
    from pathlib import Path

    from scoring.loader import load_scorecard
    from scoring.semantics import shipped_thresholds

    pairs = Path(__file__).parents[2] / "samples" / "semantics" / "pairs.tsv"
    rows = pairs.read_text("utf-8").splitlines()[1:]
    found = shipped_thresholds()
    assert {name: told["pairs"] for name, told in found.items()} == {
        name: sum(row.startswith(name) for row in rows)
        for name in ("paraphrase", "empathy", "answered", "explained")
    }
    for told in found.values():
        assert sum(map(sum, told["histogram"])) == told["pairs"]
        assert told["precision"] >= 0.9
    rules = load_scorecard("service-standard").rules()
    used = {rule.similarity for rule in rules if rule.kind == "paraphrase"}
    assert used == {round(found["paraphrase"]["threshold"] + 0.004, 2)}
