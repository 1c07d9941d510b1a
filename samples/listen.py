"""Hear the samples by proxy: transcribe them and compare with what was meant to be said.

    python -m samples.listen zh-01 en-

Prints the error rate per call and side (characters zh, words en). It finds faults of pronunciation,
not of recognition: 10–30 % is what the base model makes of clean telephone speech.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa import modelpacks, runtime

HERE = Path(__file__).parent
_DIGITS_ZH = str.maketrans("0123456789幺两", "零一二三四五六七八九一二")
_DIGITS_EN = {
    "0": "zero", "1": "one", "2": "two", "3": "three", "4": "four",
    "5": "five", "6": "six", "7": "seven", "8": "eight", "9": "nine",
}  # fmt: skip


def units(text: str, language: str) -> list[str]:
    """Comparable characters (zh) or words (en): no punctuation, digits spoken one by one."""
    if language == "zh":
        import opencc

        simple = opencc.OpenCC("t2s").convert(text).translate(_DIGITS_ZH).lower()
        return re.findall(r"[㐀-鿿]|[a-z]+", simple)
    spelled = re.sub(r"\d", lambda digit: f" {_DIGITS_EN[digit.group()]} ", text.lower())
    words = re.findall(r"[a-z]+(?:'[a-z]+)*", spelled.replace("’", "'"))
    return ["zero" if word == "oh" else word for word in words]


def error_rate(meant: str, heard: str, language: str) -> float:
    """Edit distance over the length of what was meant."""
    from rapidfuzz.distance import Levenshtein

    reference, found = units(meant, language), units(heard, language)
    return Levenshtein.distance(reference, found) / max(1, len(reference))


def sides(truth: dict[str, Any]) -> dict[str, int | None]:
    """Role → channel of the file; one side with channel None for mono."""
    if truth["layout"] == "mono":
        return {"both": None}
    agent = 0 if truth["layout"] == "agent_left" else 1
    return {"agent": agent, "customer": 1 - agent}


def spoken_on(truth: dict[str, Any], side: str) -> list[dict[str, Any]]:
    """The turns heard on a side; recorded voices are heard beside the agent."""
    heard = {"agent": {"agent", "system"}, "customer": {"customer"}}
    return [turn for turn in truth["turns"] if side == "both" or turn["role"] in heard[side]]


def recognise(model: Any, audio: NDArray[np.float32], truth: dict[str, Any], side: str) -> float:
    """Error rate of a side, each turn recognised by itself so that music cannot interfere."""
    meant, heard = [], []
    for turn in spoken_on(truth, side):
        first, last = (turn[edge] * 16 for edge in ("start_ms", "end_ms"))
        segments, _ = model.transcribe(
            audio[max(0, first - 2400) : last + 2400], language=truth["language"], beam_size=2
        )
        text = "".join(segment.text for segment in segments)
        meant.append(turn["text"])
        heard.append(text)
        rate = error_rate(turn["text"], text, truth["language"])
        if rate > 0.34:
            print(f"    {rate:4.0%}  {turn['text']}\n       →  {text.strip()}")
    return error_rate(" ".join(meant), " ".join(heard), truth["language"])


def main(arguments: list[str] | None = None) -> int:
    """Transcribe the chosen samples and print their error rates."""
    parser = argparse.ArgumentParser(description="Hear the samples by proxy.")
    parser.add_argument("names", nargs="*", help="beginnings of call names; all when left out")
    chosen = tuple(parser.parse_args(arguments).names) or ("",)
    runtime.prepare()
    from faster_whisper import WhisperModel, decode_audio

    model = WhisperModel(
        str(modelpacks.locate("whisper-base")),
        compute_type="int8",
        cpu_threads=runtime.thread_count(),
    )
    for path in sorted((HERE / "truth").glob("*.json")):
        if not path.stem.startswith(chosen):
            continue
        truth = json.loads(path.read_text(encoding="utf-8"))
        stereo = truth["layout"] != "mono"
        decoded = decode_audio(str(HERE / "calls" / truth["file"]), split_stereo=stereo)
        for side, channel in sides(truth).items():
            audio = decoded if channel is None else decoded[channel]
            rate = recognise(model, audio, truth, side)
            print(f"{path.stem:34} {side:9} {rate:5.1%}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
