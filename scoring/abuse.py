"""Whether a customer was abusive: such calls do not count in the agent's appraisal (dossier §4.6).

Only gross insults and threats aimed at the person who answers, and an insult only when it is
repeated: swearing about a fault, or one outburst, is an unhappy customer. The label takes nothing
from anybody, so it is kept narrow rather than complete.
"""

from __future__ import annotations

import re

from qa.calls import Role
from qa.transcript import Transcript

#: Name of the fact, and its value.
ABUSIVE = "abusive_customer"
YES = "yes"
#: Insulting turns from which a call is abusive; one threat is enough.
_REPEATED = 2
_INSULT = re.compile(
    r"傻[逼比屄叉缺]|煞笔|脑残|智障|白痴|贱[人货]|畜生|王八蛋|混账|狗(?:东西|杂种|娘养|日的)|蠢[货猪]"
    r"|[操草艹肏日][你您](?:妈|大爷|全家|祖宗)|[你您]妈[的逼比屄]|滚(?:蛋|犊子|你妈)|去死|不得好死|死全家"
    r"|[你您](?:们)?(?:就是|真是|个|这个|这种|简直){0,2}(?:废物|垃圾|人渣)"
    r"|\bf+uck(?:ing)?[ ,]+(?:you|off|yourself|idiot|moron|liar)\b|\bscrew you\b|\bgo to hell\b"
    r"|\bshut the (?:fuck|hell) up\b|\b(?:bitch|cunt|asshole|arsehole|motherfucker|retard)\b"
    r"|\byou(?:'re| are)?(?: (?:a|an|such|all|just|bloody|fucking|damn|complete|total|little)){0,3}"
    r" (?:stupid|idiots?|morons?|imbeciles?|bastards?|scum|pieces? of (?:shit|crap))\b",
    re.IGNORECASE,
)
_THREAT = re.compile(
    r"(?:弄|砍|打|杀|整|捅)死[你您]|(?:打断|打折)[你您].{0,2}腿|找人(?:打|砍|弄|收拾|修理)[你您]|[你您](?:给我)?等着挨(?:打|揍)"
    r"|知道[你您](?:家)?住(?:在)?哪.{0,6}(?:小心|等着)"
    r"|\bi(?:'ll| will|'m going to| am going to|'m gonna) (?:kill|hurt|beat|smash|shoot|stab) you\b"
    r"|\bi know where you live\b|\byou(?:'ll| will) be dead\b",
    re.IGNORECASE,
)
#: Said of oneself or of somebody else, as in "he called me an idiot" or "我就是个傻子".
_REPORTED = re.compile(
    r"骂我|说我(?:是)?|我(?:就)?是个|called me|calling me|said i was|i'm (?:a|an)|i am (?:a|an)"
)


def is_abusive(transcript: Transcript) -> bool:
    """Whether the customer threatened the agent once, or insulted them repeatedly."""
    said = [turn.text.replace("’", "'") for turn in transcript.turns_of(Role.CUSTOMER)]
    aimed = [text for text in said if not _REPORTED.search(text.lower())]
    if any(_THREAT.search(text) for text in aimed):
        return True
    return sum(bool(_INSULT.search(text)) for text in aimed) >= _REPEATED
