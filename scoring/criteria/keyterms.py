"""Key terms: what a sentence is about, to tell an echo of the customer's need from an empty phrase."""

from __future__ import annotations

import re
from functools import lru_cache

from scoring.criteria.view import CallView

_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]+|\d+")
#: Characters that carry grammar, politeness or conversation, not a topic (own list).
_ZH_EMPTY = frozenset(
    "的了吗呢吧啊呀嘛是不有没我你您他她它们这那个和跟与就都也还在到给把被让请问好嗯哦喂对要会能可以"
    "什么怎样么为很太真非常现想说话讲看来去过得着里上下来电谢感客服先生女士姐哥做用知道意思理解情况事"
    "然后因但而且或者所如果那种些一二两三几多少再又只才已经候帮办处确认核实总结复述"
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
    """Topic terms of a text: Chinese character pairs without empty characters, English stems."""
    terms = set()
    for run in _HAN_RUN.findall(text):
        for index in range(len(run) - 1):
            pair = run[index : index + 2]
            if pair[0] not in _ZH_EMPTY and pair[1] not in _ZH_EMPTY:
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
