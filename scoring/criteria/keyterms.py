"""Key terms: what a sentence is about, to tell an echo of the need from an empty phrase."""

from __future__ import annotations

import re
from functools import lru_cache

from scoring.criteria.view import CallView

_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]+|\d+")
#: Characters that are grammar: a pair with one of them is no term (own list).
_ZH_PARTICLES = frozenset(
    "的了吗呢吧啊呀嘛是不我你您他她它们这那和跟与就都也还把被让嗯哦喂对很太为什怎么样请"
)
#: Characters of conversation: a pair of two of them is no term, one of them is fine (到期, 三天).
_ZH_COMMON = frozenset(
    "有没个给在到问好要会能可以真非常现想说话讲看来去过得着里上下电谢感客服先生女士姐哥做用知道意思"
    "理解情况事然后因但而且或者所如果种些一二两三四五六七八九十几多少再又只才已经候帮办处确认核实总结复述"
)
_EN_EMPTY = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "or",
        "but",
        "if",
        "so",
        "to",
        "of",
        "in",
        "on",
        "at",
        "for",
        "from",
        "with",
        "by",
        "as",
        "is",
        "am",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "do",
        "does",
        "did",
        "have",
        "has",
        "had",
        "i",
        "me",
        "my",
        "you",
        "your",
        "yours",
        "he",
        "she",
        "it",
        "its",
        "we",
        "us",
        "our",
        "they",
        "them",
        "their",
        "this",
        "that",
        "these",
        "those",
        "there",
        "here",
        "what",
        "which",
        "who",
        "when",
        "where",
        "why",
        "how",
        "not",
        "no",
        "yes",
        "yeah",
        "ok",
        "okay",
        "right",
        "just",
        "like",
        "about",
        "can",
        "could",
        "would",
        "will",
        "shall",
        "should",
        "may",
        "might",
        "must",
        "please",
        "thank",
        "thanks",
        "hello",
        "hi",
        "sorry",
        "well",
        "know",
        "think",
        "mean",
        "want",
        "need",
        "get",
        "got",
        "go",
        "going",
        "let",
        "make",
        "sure",
        "see",
        "say",
        "said",
        "tell",
        "told",
        "call",
        "calling",
        "called",
        "help",
        "now",
        "today",
        "really",
        "very",
        "much",
        "some",
        "any",
        "one",
        "all",
        "also",
        "then",
        "than",
        "because",
        "into",
        "out",
        "up",
        "down",
        "over",
        "back",
        "i'm",
        "you're",
        "it's",
        "that's",
        "don't",
        "i've",
        "i'll",
        "we're",
        "we'll",
        "didn't",
        "can't",
        "understand",
        "correct",
        "confirm",
        "correctly",
        "give",
    ]
)


@lru_cache(maxsize=8192)
def key_terms(text: str) -> frozenset[str]:
    """Topic terms of a text: Chinese character pairs, English stems."""
    terms = set()
    for run in _HAN_RUN.findall(text):
        for index in range(len(run) - 1):
            pair = run[index : index + 2]
            if _ZH_PARTICLES.isdisjoint(pair) and not _ZH_COMMON.issuperset(pair):
                terms.add(pair)
    for word in _WORD.findall(text.lower()):
        if word not in _EN_EMPTY and (len(word) > 2 or word.isdigit()):
            terms.add(_stem(word))
    return frozenset(terms)


def _stem(word: str) -> str:
    """A crude common stem: enough to match refund, refunds, refunded."""
    for ending in ("'s", "ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def customer_terms(view: CallView, before: tuple[int, int] | None = None) -> frozenset[str]:
    """Key terms of what the customer said (before a place in reading order)."""
    terms: set[str] = set()
    for pos, turn in enumerate(view.turns):
        if before is not None and (pos, 0) >= before:
            break
        if turn.role == "customer":
            terms |= key_terms(turn.text)
    return frozenset(terms)
