"""The two diarizers on real sound, and the segmentation network against pyannote's own."""

import itertools

import numpy as np
import pytest

from qa.errors import ModelError, SettingsError
from qa.settings import DiarizationSettings

pytestmark = pytest.mark.models
RATE = 16_000


def require_pyannote():
    """pyannote imports torchaudio, whose compiled part may not fit: the guard comes first."""
    from qa.runtime import guard_torchaudio

    guard_torchaudio()
    pytest.importorskip("pyannote.audio", reason="pyannote.audio is not installed")


@pytest.fixture(scope="module", params=["call", "pyannote"])
def diarizer(request):
    pytest.importorskip("torch", reason="the diarization extra is not installed")
    if request.param == "pyannote":
        require_pyannote()
    from transcription.diarizers import create_diarizer

    try:
        return create_diarizer(DiarizationSettings(engine=request.param, device="cpu"))
    except ModelError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def conversation():
    """The bundled two-party telephone conversation, or a skip."""
    import os
    from pathlib import Path

    soundfile = pytest.importorskip("soundfile")
    root = Path(os.environ.get("QA_EVAL_DATA", Path(__file__).parents[4] / "shared" / "data"))
    path = root / "diarization" / "phone_sample.wav"
    if not path.is_file():
        pytest.skip("no evaluation recordings: set QA_EVAL_DATA to their folder")
    return soundfile.read(path, dtype="float32")[0]


def assert_contract(separation, samples):
    limit = len(samples) * 1000 // RATE
    for spans in (separation.spans, separation.exclusive):
        assert all(0 <= span.start_ms < span.end_ms <= limit for span in spans)
        assert list(spans) == sorted(spans, key=lambda span: span.start_ms)
    for before, after in itertools.pairwise(separation.exclusive):
        assert before.end_ms <= after.start_ms
    names = {span.speaker for span in separation.spans}
    assert names == {f"S{index}" for index in range(len(names))}
    assert set(separation.embeddings) <= names
    for vector in separation.embeddings.values():
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-4)
    assert separation.stamp.name
    assert separation.stamp.settings_digest


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(0, np.float32),
        np.zeros(100, np.float32),
        np.zeros(5 * RATE, np.float32),
        np.full(2 * RATE, 0.4, np.float32),
        np.random.default_rng(0).normal(0, 1e-3, 12 * RATE).astype(np.float32),
    ],
    ids=["empty", "six milliseconds", "silence", "direct current", "faint noise"],
)
def test_nothing_said_gives_nothing(diarizer, samples):
    separation = diarizer.separate(samples)
    assert_contract(separation, samples)
    assert sum(s.end_ms - s.start_ms for s in separation.spans) <= 500


@pytest.mark.evaldata
def test_two_people_on_the_telephone(diarizer, conversation):

    separation = diarizer.separate(conversation)
    assert_contract(separation, conversation)
    assert {span.speaker for span in separation.spans} == {"S0", "S1"}
    assert separation.spans[0].speaker == "S0"
    assert len(separation.embeddings) == 2
    if separation.stamp.name == "call-diarizer":  # pyannote pools voices within mixed windows
        assert np.dot(*separation.embeddings.values()) < 0.6


@pytest.mark.evaldata
def test_more_speakers_than_allowed_are_not_returned(diarizer, conversation):
    separation = diarizer.separate(conversation, max_speakers=1)
    assert {span.speaker for span in separation.spans} == {"S0"}


@pytest.mark.evaldata
def test_the_same_sound_gives_the_same_answer(diarizer, conversation):
    piece = conversation[: 12 * RATE]
    assert diarizer.separate(piece).spans == diarizer.separate(piece.copy()).spans


def test_segmentation_equals_that_of_pyannote():
    torch = pytest.importorskip("torch")
    require_pyannote()
    from transcription.diarizers.pyannote import _prepare_import, _pyannet
    from transcription.diarizers.segmentation import load_segmentation

    _prepare_import()
    try:
        ours, theirs = load_segmentation(), _pyannet()
    except ModelError as error:
        pytest.skip(str(error))
    sound = torch.randn(2, 160_000, generator=torch.Generator().manual_seed(3)) * 0.05
    with torch.inference_mode():
        expected = theirs(sound[:, None])
        assert expected.shape == (2, 589, 7)
        assert torch.allclose(ours(sound), expected, atol=1e-3)


def test_a_pipeline_folder_that_is_not_there_is_said(tmp_path):
    require_pyannote()
    from transcription.diarizers import create_diarizer

    with pytest.raises(ModelError, match=r"no such pipeline folder.*local folder"):
        create_diarizer(DiarizationSettings(pipeline=str(tmp_path / "absent")))


def test_a_gpu_that_is_not_there_is_said():
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    from transcription.diarizers.devices import pick_device

    with pytest.raises(SettingsError, match="no CUDA device"):
        pick_device("cuda")
    assert pick_device("auto").type == "cpu"


def test_one_diarizer_per_settings(diarizer):
    from transcription.diarizers import create_diarizer

    name = "call" if diarizer.stamp.name == "call-diarizer" else "pyannote"
    assert create_diarizer(DiarizationSettings(engine=name, device="cpu")) is diarizer
