"""Speed of the sentence encoder on this machine, and what int8 costs in accuracy.

    python tests/benchmarks/encoder.py [SENTENCES]

Prints sentences a second by wall clock and by processor time (the latter holds on a busy machine),
the share of cosine kept by int8, and the time the same sentences take from the cache.
"""

import os
import random
import sys
import time

import numpy as np

from qa import runtime

runtime.prepare()

from scoring.encoder import open_encoder  # noqa: E402 - after the thread counts are set

STARTS = ["我想问一下", "麻烦帮我", "你们", "I want to", "can you", "昨天", "my"]
MIDDLES = ["宽带断网", "这个月的账单", "退款", "check my bill", "cancel the order", "套餐"]
ENDS = ["怎么办理", "还没到", "please", "为什么扣钱", "today", "好的谢谢"]


def sentences(count):
    dice = random.Random(7)
    parts = (STARTS, MIDDLES, ENDS)
    return [" ".join(dice.choice(part) for part in parts) + str(at) for at in range(count)]


def measured(encoder, texts):
    wall, used = time.perf_counter(), time.process_time()
    vectors = encoder.encode(texts)
    wall, used = time.perf_counter() - wall, time.process_time() - used
    return vectors, len(texts) / wall, len(texts) / used


def main():
    import torch

    torch.set_num_threads(runtime.thread_count())
    texts = sentences(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
    kept = {}
    print(
        f"cores {os.cpu_count()}, threads {torch.get_num_threads()}, load {os.getloadavg()[0]:.1f}"
    )
    print(f"{len(texts)} sentences of {np.mean([len(text) for text in texts]):.0f} characters")
    print("| precision | sentences/s (wall) | sentences/s (per processor second) |\n|---|---|---|")
    for precision in ("float32", "int8"):
        encoder = open_encoder("e5-small", device="cpu", precision=precision)
        encoder.encode(["warm up", "热身"])
        kept[precision], wall, used = measured(encoder, texts)
        print(f"| {precision} | {wall:.0f} | {used:.0f} |")
    cosine = (kept["float32"] * kept["int8"]).sum(axis=1)
    print(f"int8 against float32: mean cosine {cosine.mean():.4f}, lowest {cosine.min():.4f}")
    _, wall, _ = measured(encoder, texts)
    print(f"from the cache: {wall:.0f} sentences/s")


if __name__ == "__main__":
    main()
