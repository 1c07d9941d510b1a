"""Speaking rates of a built call, to keep the voices inside the norms they are meant to meet."""

from __future__ import annotations

import re
from typing import Any

LONG_TURN_MS = 3_000
_UNIT = {"zh": re.compile(r"[㐀-鿿]|[A-Za-z]+"), "en": re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")}


def rates_of(truth: dict[str, Any]) -> dict[str, int]:
    """Characters (zh) or words (en) a minute per role, over turns from 3 s (dossier §2.1)."""
    rates = {}
    for role in ("agent", "customer"):
        turns = [
            turn
            for turn in truth["turns"]
            if turn["role"] == role and turn["end_ms"] - turn["start_ms"] >= LONG_TURN_MS
        ]
        units = sum(len(_UNIT[truth["language"]].findall(turn["text"])) for turn in turns)
        minutes = sum(turn["end_ms"] - turn["start_ms"] for turn in turns) / 60_000
        if minutes:
            rates[role] = round(units / minutes)
    return rates
