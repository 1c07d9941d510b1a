"""CAM++: the features are Kaldi's, the weights fit, and voices are told apart."""

import numpy as np
import pytest

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch", reason="the diarization extra is not installed")


@pytest.fixture(scope="module")
def network(torch):
    from qa.errors import ModelError
    from transcription.campplus import load_campplus

    try:
        return load_campplus()
    except ModelError as error:
        pytest.skip(str(error))


def test_features_are_those_of_kaldi(torch):
    from qa.runtime import guard_torchaudio
    from transcription.campplus import fbank

    guard_torchaudio()
    kaldi = pytest.importorskip("torchaudio.compliance.kaldi")
    sound = torch.randn(24_000, generator=torch.Generator().manual_seed(1)) * 0.1
    sound[8000:12_000] *= 1e-3
    expected = kaldi.fbank(sound[None] * 32_768, num_mel_bins=80)
    assert fbank(sound).shape == expected.shape == (148, 80)
    assert torch.allclose(fbank(sound), expected, atol=5e-3)


def test_the_network_is_whole_and_pools_only_weighted_frames(torch, network):
    from transcription.campplus import DIMENSION, CamPlus, embed

    assert sum(p.numel() for p in network.parameters()) == sum(
        p.numel() for p in CamPlus().parameters()
    )
    features = torch.randn(2, 300, 80, generator=torch.Generator().manual_seed(2))
    plain = embed(network, features)
    assert plain.shape == (2, DIMENSION)
    assert torch.allclose(plain.norm(dim=1), torch.ones(2), atol=1e-5)
    everything = embed(network, features, torch.ones(2, 300))
    assert torch.allclose(plain, everything, atol=1e-4)
    half = torch.zeros(2, 300)
    half[:, :150] = 1
    assert not torch.allclose(plain, embed(network, features, half), atol=1e-2)


def test_weights_of_another_network_are_refused(torch, tmp_path, monkeypatch):
    from qa.errors import ModelError
    from transcription import campplus

    torch.save({"head.conv1.weight": torch.zeros(1)}, tmp_path / "campplus.pt")
    monkeypatch.setattr(campplus, "locate", lambda _: tmp_path)
    with pytest.raises(ModelError, match="not CAM"):
        campplus.load_campplus()


@pytest.mark.evaldata
def test_two_clips_of_one_speaker_are_closer_than_two_speakers(evaldata, network, torch):
    """Every pair of clips of one AISHELL speaker beats every pair across the two speakers."""
    soundfile = pytest.importorskip("soundfile")
    from transcription.campplus import embed, fbank

    folder = evaldata / "pii" / "zh_spoken_numbers"
    vectors = {"S0150": [], "S0252": []}
    for speaker, found in vectors.items():
        for path in sorted(folder.glob(f"*{speaker}*.wav"))[:6]:
            sound, _ = soundfile.read(path, dtype="float32")
            found.append(embed(network, fbank(torch.from_numpy(sound))[None])[0].numpy())
    first, second = (np.stack(found) for found in vectors.values())
    same = np.concatenate([(a @ a.T)[np.triu_indices(len(a), 1)] for a in (first, second)])
    assert same.min() > (first @ second.T).max()
    assert same.mean() - (first @ second.T).mean() > 0.3
