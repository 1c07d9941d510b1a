"""Local speaker segmentation: who of up to three voices speaks when inside ten seconds.

The network is PyanNet as trained for `segmentation-3.0` (Bredin, "pyannote.audio 2.1 speaker
diarization pipeline", Interspeech 2023; powerset training: Plaquet & Bredin, Interspeech 2023):
learned sinc filters, two convolutions, four bidirectional LSTM layers, two dense layers, and seven
classes. It is written out here because importing pyannote.audio takes eight seconds and half a
gigabyte; a test holds it equal to pyannote's own. The stock path uses pyannote's.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from qa.errors import ModelError
from qa.modelpacks import locate
from transcription.diarizers.frames import WINDOW_SAMPLES
from transcription.protocols import SAMPLE_RATE_HZ

#: Rows: nobody, each of three voices, each pair. Columns: the voices.
POWERSET = ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (1, 0, 1), (0, 1, 1))
_SINC_TAPS = 251
_SINC_STRIDE = 10
_MIN_HZ = 50.0


class _SincConv(nn.Module):
    """Forty band-pass filters, even and odd, computed once from their learned edges."""

    kernel: Tensor

    def __init__(self, low: Tensor, band: Tensor) -> None:
        super().__init__()
        self.register_buffer("kernel", _sinc_kernel(low, band))

    def forward(self, x: Tensor) -> Tensor:
        """Shapes: (b, 1, n) -> (b, 80, frames)."""
        return functional.conv1d(x, self.kernel, stride=_SINC_STRIDE)


def _sinc_kernel(low: Tensor, band: Tensor) -> Tensor:
    """Impulse responses (80, 1, 251) of ideal band-passes under a Hamming window.

    Even: (sin 2πf₂t − sin 2πf₁t) / πt; odd: (cos 2πf₁t − cos 2πf₂t) / πt; both divided by twice
    the bandwidth (Ravanelli & Bengio 2018; Pariente et al. 2020 for the odd half).
    """
    low = low.double().abs() + _MIN_HZ
    high = (low + _MIN_HZ + band.double().abs()).clamp(_MIN_HZ, SAMPLE_RATE_HZ / 2)
    half = _SINC_TAPS // 2
    time = torch.arange(-half, 0, dtype=torch.float64) / SAMPLE_RATE_HZ
    window = torch.hamming_window(_SINC_TAPS, periodic=False, dtype=torch.float64)[:half]
    turn_low, turn_high = 2 * math.pi * low * time, 2 * math.pi * high * time
    even = (turn_high.sin() - turn_low.sin()) / (math.pi * time) * window
    odd = (turn_low.cos() - turn_high.cos()) / (math.pi * time) * window
    width = high - low
    even = torch.cat([even, 2 * width, even.flip(1)], dim=1)
    odd = torch.cat([odd, torch.zeros_like(width), -odd.flip(1)], dim=1)
    return (torch.cat([even, odd]) / (2 * torch.cat([width, width]))).float().unsqueeze(1)


class SegmentationNet(nn.Module):
    """(b, n) samples -> (b, frames, 7) log-probabilities of the powerset classes."""

    def __init__(self, low: Tensor, band: Tensor) -> None:
        super().__init__()
        self.wav_norm = nn.InstanceNorm1d(1, affine=True)
        self.sinc = _SincConv(low, band)
        self.convs = nn.ModuleList([nn.Conv1d(80, 60, 5), nn.Conv1d(60, 60, 5)])
        self.norms = nn.ModuleList([nn.InstanceNorm1d(n, affine=True) for n in (80, 60, 60)])
        self.lstm = nn.LSTM(60, 128, num_layers=4, bidirectional=True, batch_first=True)
        self.linear = nn.ModuleList([nn.Linear(256, 128), nn.Linear(128, 128)])
        self.classifier = nn.Linear(128, len(POWERSET))

    def forward(self, samples: Tensor) -> Tensor:
        """Every window on its own: nothing is carried from one to the next."""
        return self._classify(self.sinc(self.wav_norm(samples.unsqueeze(1))))

    def slide(self, samples: Tensor, hop: int) -> Tensor:
        """(n,) samples -> (windows, frames, 7), a window of ten seconds every `hop` samples.

        Equal to `forward` on the cut windows, but the filters run once over the samples: being
        linear, they may come before the normalisation of each window's level.
        """
        windows = samples.unfold(0, WINDOW_SAMPLES, hop)
        variance, mean = torch.var_mean(windows, dim=1, correction=0)
        scale = self.wav_norm.weight / (variance + self.wav_norm.eps).sqrt()
        offset = (self.wav_norm.bias - mean * scale)[:, None] * self.sinc.kernel.sum((1, 2))
        heard = self.sinc(samples[None, None])[0]
        length = (WINDOW_SAMPLES - _SINC_TAPS) // _SINC_STRIDE + 1
        heard = heard.unfold(1, length, hop // _SINC_STRIDE).transpose(0, 1)
        return self._classify(torch.addcmul(offset.unsqueeze(-1), heard, scale[:, None, None]))

    def _classify(self, heard: Tensor) -> Tensor:
        """Shapes: (b, 80, t) filter outputs -> (b, frames, 7)."""
        out = self._pooled(heard.abs_(), 0)
        for index, conv in enumerate(self.convs, start=1):
            out = self._pooled(conv(out), index)
        out = self.lstm(out.transpose(1, 2))[0]
        for linear in self.linear:
            out = functional.leaky_relu(linear(out))
        return functional.log_softmax(self.classifier(out), dim=-1)

    def _pooled(self, x: Tensor, index: int) -> Tensor:
        return functional.leaky_relu_(self.norms[index](functional.max_pool1d(x, 3)))


def load_segmentation(pack: str = "segmentation-3.0") -> SegmentationNet:
    """The network with the weights of a pack, in inference mode.

    Raises:
        ModelError: The pack is missing, or its state dict does not fit.
    """
    path = locate(pack) / "segmentation.pt"
    try:
        state = dict(torch.load(path, map_location="cpu", weights_only=True)["state_dict"])
        return _build(state)
    except (KeyError, RuntimeError) as error:
        raise ModelError(
            f"these are not segmentation weights: {error}", str(path), "pull it again"
        ) from error


_RENAMED = {
    "sincnet.wav_norm1d": "wav_norm",
    "sincnet.conv1d.1": "convs.0",
    "sincnet.conv1d.2": "convs.1",
    "sincnet.norm1d": "norms",
}


def _build(state: dict[str, Tensor]) -> SegmentationNet:
    prefix = "sincnet.conv1d.0.filterbank."
    bank = {name: state.pop(prefix + name) for name in ("low_hz_", "band_hz_", "window_", "n_")}
    network = SegmentationNet(bank["low_hz_"], bank["band_hz_"])
    renamed = {"sinc.kernel": network.sinc.kernel}
    for name, value in state.items():
        old = next((old for old in _RENAMED if name.startswith(old + ".")), "")
        renamed[_RENAMED.get(old, "") + name[len(old) :] if old else name] = value
    network.load_state_dict(renamed, strict=True)
    return network.eval()
