"""Personal data: find it in text and across turns, redact the text, silence the sound.

`detect(text)` and `detect_turns(turns)` find it; `redact(text, found, numbering)` and
`audio_spans(transcript, found)` + `mute(samples, rate, ranges)` remove it.
"""

from __future__ import annotations

from qa.privacy.detect import detect
from qa.privacy.found import Found
from qa.privacy.redaction import Numbering, redact
from qa.privacy.turns import detect_turns

__all__ = ["Found", "Numbering", "detect", "detect_turns", "redact"]
