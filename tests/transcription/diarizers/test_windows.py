"""Cutting a recording into windows, with a network of random weights (torch, no model packs)."""

import numpy as np
import pytest

pytestmark = pytest.mark.models
torch = pytest.importorskip("torch", reason="the diarization extra is not installed")


@pytest.fixture(scope="module")
def network():
    from transcription.diarizers.segmentation import SegmentationNet

    torch.manual_seed(5)
    return SegmentationNet(torch.rand(40, 1) * 3000, torch.rand(40, 1) * 300).eval()


def test_sliding_equals_window_by_window(network):
    from transcription.diarizers.frames import FRAME_STEP, STEP_FRAMES
    from transcription.diarizers.windows import segment, window_count, window_samples

    sound = np.random.default_rng(1).normal(0, 0.05, 16_000 * 17).astype(np.float32)
    sound[: 16_000 * 6] *= 0.01
    sound += 0.02
    windows = segment(network, sound, torch.device("cpu"))
    assert len(windows) == window_count(sound) == 4
    assert windows.frames == len(sound) // FRAME_STEP
    assert windows.start(1) == STEP_FRAMES
    sets = torch.tensor(
        [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 0, 1], [0, 1, 1.0]]
    )
    with torch.inference_mode():
        for window in range(len(windows)):
            cut = torch.from_numpy(window_samples(sound, window))
            expected = network(cut[None]).exp() @ sets
            assert np.allclose(windows.probability[window], expected[0].numpy(), atol=1e-3)


@pytest.mark.parametrize(
    ("samples", "count"),
    [(1, 1), (160_000, 1), (160_001, 2), (160_000 + 39_960, 2), (160_000 + 39_961, 3)],
)
def test_windows_cover_the_recording(samples, count):
    from transcription.diarizers.windows import window_count

    assert window_count(np.zeros(samples, np.float32)) == count


def test_silence_is_not_heard(network):
    from transcription.diarizers.windows import segment

    windows = segment(network, np.full(200_000, 1e-5, np.float32), torch.device("cpu"))
    assert not windows.active.any()
    assert not windows.probability.any()


def test_every_second_is_embedded_once():
    from transcription.diarizers.voices import embedded_windows

    assert embedded_windows(1) == [0]
    assert embedded_windows(4) == [0, 3]
    assert embedded_windows(9) == [0, 4, 8]
    assert embedded_windows(10) == [0, 4, 8, 9]


def test_runs_have_vectors_of_their_own():
    from transcription.campplus import CamPlus
    from transcription.diarizers.frames import LOCAL_SPEAKERS, WINDOW_FRAMES, Windows
    from transcription.diarizers.voices import embed_voices

    torch.manual_seed(2)
    active = np.zeros((1, WINDOW_FRAMES, LOCAL_SPEAKERS), np.bool_)
    active[0, 10:200, 0] = True  # 3.2 s
    active[0, 210:290, 0] = True  # 1.4 s
    active[0, 300:340, 1] = True  # two short words, 1.3 s in all
    active[0, 350:390, 1] = True
    active[0, 395:410, 2] = True  # 0.25 s: too short
    windows = Windows(probability=active.astype(np.float32), active=active, frames=WINDOW_FRAMES)
    sound = np.random.default_rng(1).normal(0, 0.05, 160_000).astype(np.float32)
    voices, runs = embed_voices(CamPlus().eval(), sound, windows, torch.device("cpu"))
    assert list(zip(voices.window, voices.slot, strict=True)) == [(0, 0), (0, 1)]
    assert voices.seconds == pytest.approx([4.56, 1.35], abs=0.1)
    assert list(zip(runs.start, runs.end, strict=True)) == [(10, 200), (210, 290)]
    assert np.allclose(np.linalg.norm(runs.vector, axis=1), 1, atol=1e-5)
