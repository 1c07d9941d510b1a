"""Do phrase banks survive the telephone? Phrase → voice → 8 kHz µ-law → Whisper → matcher.

    python tests/benchmarks/spoken_phrases.py --per-bank 2 --language zh
    python tests/benchmarks/spoken_phrases.py --texts tests/scoring/matching/fresh/zh.jsonl
    python tests/benchmarks/spoken_phrases.py --heard heard.json    # match what was heard again
    python tests/benchmarks/spoken_phrases.py --heard heard.json --seconds 240    # go on hearing

Prints recall per bank on what was written and on what was heard (by effect: what counts at once,
and what only asks a person to look), the phrases lost, and false hits: a forbidden bank found in
a positive phrase or in a hard negative. Needs the packs `kokoro` and `whisper-base`. One sentence
at a time is harder than running speech: read the figures as a lower bound.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import re
import time
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

import numpy as np

from qa import modelpacks, runtime
from scoring.matching import BankKind, default_matcher

VOICES = {
    "zh": ("zf_xiaoxiao", "zm_yunjian", "zf_xiaobei", "zm_yunxi", "zf_xiaoyi"),
    "en": ("af_heart", "am_michael", "bf_emma", "am_fenrir", "bm_george"),
}
SPEED = {"zh": 0.87, "en": 0.78}
ZH_DIGITS = "零一二三四五六七八九"
EN_NUMBERS = {"24": "twenty four", "48": "forty eight"}
SNR_DB = 20
FORBIDDEN = BankKind.FORBIDDEN
PLACEHOLDER = re.compile(r"[<{[_]")


def chosen_phrases(matcher, languages, *, per_bank, seed):
    """(bank, language, phrase, negative?) rows: a seeded sample of every bank."""
    rng = random.Random(seed)
    rows = []
    for bank in matcher.banks.values():
        for language in languages:
            for texts, negative in ((bank.phrases, False), (bank.hard_negatives, True)):
                found = [text for text in texts.get(language, ()) if not PLACEHOLDER.search(text)]
                count = len(found) if per_bank is None else min(per_bank, len(found))
                rows += [
                    {"bank": bank.id, "language": language, "said": text, "negative": negative}
                    for text in rng.sample(found, count)
                ]
    return rows


def read_texts(path):
    """The same rows of a file of wordings; `none` marks good sentences of no bank."""
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [
        {"bank": row["bank"], "language": row["language"], "said": row["text"], "negative": False}
        for row in lines
        if row["bank"] != "none"
    ]


def mulaw(audio):
    """The sound after 8-bit µ-law (ITU-T G.711, µ = 255), continuous form."""
    squeezed = np.sign(audio) * np.log1p(255 * np.abs(audio)) / np.log1p(255)
    steps = np.round(squeezed * 127) / 127
    return np.sign(steps) * np.expm1(np.abs(steps) * np.log1p(255)) / 255


def as_spoken(text, language):
    """The phrase with its digits in words: long ones digit by digit, short ones as a number."""
    if language == "en":
        return re.sub(r"\d+", lambda found: EN_NUMBERS.get(found.group(), found.group()), text)

    def han(found):
        digits = found.group()
        if len(digits) > 2:
            return "".join(ZH_DIGITS[int(digit)] for digit in digits)
        tens, ones = divmod(int(digits), 10)
        head = ("" if tens == 1 else ZH_DIGITS[tens]) + "十" if tens else ""
        return head + (ZH_DIGITS[ones] if ones or not tens else "")

    return re.sub(r"\d+", han, text)


def telephone(clip, *, seed):
    """24 kHz voice → what a recogniser gets: 16 kHz of an 8 kHz µ-law line with noise."""
    import soxr

    from samples.speech import LOUDNESS_RMS, RATE_HZ
    from samples.telephone import LINE_HZ, line_band, line_noise

    narrow = np.pad(line_band(clip, RATE_HZ), LINE_HZ * 3 // 10)
    narrow += line_noise(len(narrow), snr_db=SNR_DB, speech_rms=LOUDNESS_RMS, seed=seed)
    return soxr.resample(mulaw(np.clip(narrow, -1, 1)), LINE_HZ, 16_000).astype(np.float32)


def hear(rows, *, seconds, keep):
    """Fill in `heard` of the rows that have none, until time is up; `keep` is called after each."""
    from faster_whisper import WhisperModel

    from samples.build import kokoro

    speaker = kokoro()
    model = WhisperModel(
        str(modelpacks.locate("whisper-base")),
        compute_type="int8",
        cpu_threads=runtime.thread_count(),
    )
    started = time.perf_counter()
    for number, row in enumerate(rows):
        if "heard" in row:
            continue
        if seconds and time.perf_counter() - started > seconds:
            return
        voices = VOICES[row["language"]]
        clip = speaker.say(
            as_spoken(row["said"], row["language"]),
            voice=voices[number % len(voices)],
            speed=SPEED[row["language"]],
        )
        segments, _ = model.transcribe(
            telephone(clip, seed=number), language=row["language"], beam_size=5
        )
        row["heard"] = "".join(segment.text for segment in segments).strip()
        keep(rows)


def found(matcher, row, text):
    """Effects with which the row's own bank is found, and forbidden banks that strike."""
    bank = matcher.banks[row["bank"]]
    hits = matcher.hits(text, language=row["language"], side=bank.side)
    own = {hit.effect for hit in hits if hit.bank == row["bank"]}
    struck = sorted({hit.bank for hit in hits if matcher.banks[hit.bank].kind is FORBIDDEN})
    deducted = sorted({hit.bank for hit in hits if hit.effect == "deduct"})
    return own, struck, deducted


def counted(matcher, rows):
    """(language, kind, bank) → [said, found in writing, found when heard, counting at once]."""
    counts, lost = defaultdict(lambda: [0, 0, 0, 0]), []
    for row in rows:
        if row["negative"]:
            continue
        written, _, _ = found(matcher, row, row["said"])
        own, _, _ = found(matcher, row, row["heard"])
        line = counts[row["language"], matcher.banks[row["bank"]].kind.value, row["bank"]]
        firm = own - {"candidate"}
        for place, value in enumerate((True, bool(written), bool(own), bool(firm))):
            line[place] += value
        if not own:
            lost.append(row)
    return counts, lost


def print_recall(counts):
    print(f"\n{'bank':>6} {'lang':4} {'n':>4} {'written':>8} {'heard':>6} {'at once':>8}")
    totals = defaultdict(lambda: [0, 0, 0, 0])
    for (language, kind, bank), line in sorted(counts.items()):
        print(f"{bank:>6} {language:4} {line[0]:4} {line[1]:8} {line[2]:6} {line[3]:8}")
        totals[language, kind] = [a + b for a, b in zip(totals[language, kind], line, strict=True)]
    for (language, kind), (n, written, own, firm) in sorted(totals.items()):
        print(
            f"{language} {kind:10} n={n:4}  written {written / n:6.1%}  heard {own / n:6.1%}"
            f"  at once {firm / n:6.1%}"
        )


def print_false_hits(matcher, rows):
    tested = [r for r in rows if r["negative"] or matcher.banks[r["bank"]].kind is not FORBIDDEN]
    wrong = [(row, *found(matcher, row, row["heard"])[1:]) for row in tested]
    wrong = [(row, struck, deducted) for row, struck, deducted in wrong if struck]
    firm = sum(bool(deducted) for _, _, deducted in wrong)
    print(
        f"forbidden banks found where they should not be, in {len(tested)} sentences: "
        f"{firm} deductions, {len(wrong) - firm} candidates"
    )
    for row, struck, deducted in wrong:
        effect = "DEDUCT" if deducted else "candidate"
        print(f"  {','.join(struck)} {effect}: {row['said']} → {row['heard']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--per-bank", type=int, help="phrases sampled per bank; all when left out")
    parser.add_argument("--language", action="append", choices=("zh", "en"))
    parser.add_argument("--banks", nargs="*", help="only these banks")
    parser.add_argument(
        "--texts", type=Path, help='wordings instead: JSON lines of "bank", "language", "text"'
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--heard", type=Path, help="what was heard: read, else written")
    parser.add_argument("--seconds", type=float, help="stop hearing after this time; 0: never")
    options = parser.parse_args()
    runtime.prepare()
    matcher = default_matcher()
    if options.heard and options.heard.exists():
        rows = json.loads(options.heard.read_text(encoding="utf-8"))
    else:
        rows = read_texts(options.texts) if options.texts else chosen_phrases(
            matcher, options.language or ["zh", "en"], per_bank=options.per_bank, seed=options.seed
        )  # fmt: skip
        rows = [row for row in rows if not options.banks or row["bank"] in options.banks]
        random.Random(options.seed).shuffle(rows)
        options.seconds = options.seconds or 0

    def keep(rows):
        if options.heard:
            options.heard.write_text(json.dumps(rows, ensure_ascii=False, indent=0), "utf-8")

    if options.seconds is not None:
        hear(rows, seconds=options.seconds, keep=keep)
    asked, rows = len(rows), [row for row in rows if "heard" in row]
    print(f"{len(rows)} of {asked} sentences heard")
    print(f"{platform.machine()}, {os.cpu_count()} cores, seed {options.seed}")
    print(f"faster-whisper {version('faster-whisper')} base int8, µ-law, {SNR_DB} dB SNR")
    counts, lost = counted(matcher, rows)
    print_recall(counts)
    print_false_hits(matcher, rows)
    print("lost:")
    for row in lost:
        print(f"  {row['bank']:4} {row['said']} → {row['heard']}")


if __name__ == "__main__":
    main()
