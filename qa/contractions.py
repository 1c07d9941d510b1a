"""English contractions written out, and the fillers matching ignores."""

from __future__ import annotations

EN_FILLERS = frozenset({"um", "uh", "uhm", "umm", "er", "erm", "hmm", "ah", "eh"})

_HOSTS = {
    ("'s", " is"): (
        "it that this what who where when how why there here he she everything name one "
        "something anything nothing system line whatever"
    ),
    ("n't", " not"): (
        "do does did is are was were has have had could would should must might need"
    ),
    ("'re", " are"): "you we they what who there",
    ("'m", " am"): "i",
    ("'ve", " have"): "i you we they could would should",
    ("'ll", " will"): "i you we they he she it that this there someone",
    ("'d", " would"): "i you we they he she it that who what",
}
_CONTRACTIONS = {
    **{
        host + ending: host + expansion
        for (ending, expansion), hosts in _HOSTS.items()
        for host in hosts.split()
    },
    "can't": "can not",
    "cannot": "can not",
    "won't": "will not",
    "shan't": "shall not",
    "let's": "let us",
    "ma'am": "maam",
    "y'all": "you all",
    "gonna": "going to",
    "wanna": "want to",
    "gotta": "got to",
    "gimme": "give me",
    "lemme": "let me",
    "dunno": "do not know",
    "okay": "ok",
    "okey": "ok",
    "alright": "all right",
    "thankyou": "thank you",
}
# Without the apostrophe some are words of their own (ill, well, were, hell, shell, id, wed, its).
_AMBIGUOUS_BARE = frozenset(
    {"ill", "well", "were", "hell", "shell", "id", "wed", "shed", "its", "itll"}
)
EN_REPLACEMENTS = {
    **{
        word.replace("'", ""): expansion
        for word, expansion in _CONTRACTIONS.items()
        if "'" in word and word.replace("'", "") not in _AMBIGUOUS_BARE
    },
    **_CONTRACTIONS,
}
