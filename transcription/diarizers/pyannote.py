"""Speaker separation by pyannote.audio's own pipeline: the reference, and the door to any other.

With no pipeline named it runs on the local packs: PyanNet built without pickle, CAM++ behind
pyannote's embedding interface, agglomerative clustering. A folder with a pyannote `config.yaml`
(for example a downloaded `speaker-diarization-community-1`) is taken as it is.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from qa.errors import ModelError
from qa.modelpacks import find_pack, locate
from qa.runtime import OFFLINE_SWITCHES, guard_torchaudio
from qa.settings import DiarizationSettings
from qa.transcript import EngineStamp
from transcription.campplus import DIMENSION, CamPlus, embed, fbank, load_campplus
from transcription.diarizers.devices import pick_device
from transcription.protocols import SAMPLE_RATE_HZ, Samples, Separation, Span

if TYPE_CHECKING:
    from pyannote.audio import Model, Pipeline
    from pyannote.core import Annotation

#: Frames of speech (10 ms) below which a voice cannot be told; pyannote then leaves the slot out.
_SHORTEST_SPEECH_FRAMES = 40
_CLUSTERING = {"method": "centroid", "min_cluster_size": 12, "threshold": 0.7}


class PyannoteDiarizer:
    """pyannote.audio's `SpeakerDiarization` behind the `Diarizer` protocol."""

    def __init__(self, settings: DiarizationSettings) -> None:
        _prepare_import()
        self._device = pick_device(settings.device)
        self._pipeline = (
            _pipeline_from(settings.pipeline) if settings.pipeline else _local_pipeline()
        )
        self._pipeline.to(self._device)
        self.stamp = EngineStamp(
            name="pyannote.audio",
            version=version("pyannote.audio"),
            model=settings.pipeline or _pack_names(),
            settings_digest=settings.digest(),
        )

    def separate(
        self, samples: Samples, *, min_speakers: int = 1, max_speakers: int = 3
    ) -> Separation:
        """Who speaks when in one channel `(n,)` at 16 kHz."""
        if samples.size == 0:
            return Separation(spans=(), exclusive=(), stamp=self.stamp)
        padded = np.pad(samples, (0, max(0, SAMPLE_RATE_HZ - samples.size)))  # a second at least
        sound = {
            "waveform": torch.from_numpy(padded)[None],
            "sample_rate": SAMPLE_RATE_HZ,
            "uri": "call",
        }
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # numeric warnings about silent windows
            heard: Any = self._pipeline(sound, min_speakers=min_speakers, max_speakers=max_speakers)
        limit = samples.size * 1000 // SAMPLE_RATE_HZ
        labels = {
            label: f"S{i}" for i, label in enumerate(_by_first_word(heard.speaker_diarization))
        }
        return Separation(
            spans=_spans(heard.speaker_diarization, labels, limit),
            exclusive=_spans(heard.exclusive_speaker_diarization, labels, limit),
            embeddings=_voices(heard, labels),
            stamp=self.stamp,
        )


def _prepare_import() -> None:
    """Import with telemetry off, and without the warning about a decoder we do not use."""
    for name, value in OFFLINE_SWITCHES.items():
        os.environ.setdefault(name, value)
    guard_torchaudio()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pyannote.audio  # noqa: F401, PLC0415


def _pipeline_from(place: str) -> Pipeline:
    from pyannote.audio import Pipeline  # noqa: PLC0415

    folder = Path(place).expanduser()
    if not folder.exists():
        raise ModelError(
            "no such pipeline folder", place, "set diarization.pipeline to a local folder"
        )
    try:
        pipeline = Pipeline.from_pretrained(str(folder))
    except (OSError, ValueError, TypeError, KeyError, RuntimeError) as error:
        raise ModelError(f"pyannote cannot load it: {error}", place, "check the folder") from error
    if pipeline is None:
        raise ModelError("pyannote cannot load it", place, "check the folder's config.yaml")
    return pipeline


def _local_pipeline(*, step: float = 0.1) -> Pipeline:
    """The stock pipeline on the local packs; `step` is a share of the window."""
    from pyannote.audio.core.plda import PLDA  # noqa: PLC0415
    from pyannote.audio.pipelines import SpeakerDiarization  # noqa: PLC0415

    class NoPlda(PLDA):
        """Agglomerative clustering uses none, but the pipeline insists on an instance."""

        def __init__(self) -> None:
            pass

    pipeline = SpeakerDiarization(
        segmentation=_pyannet(),
        segmentation_step=step,
        segmentation_batch_size=16,
        embedding=_embedding_model(load_campplus()),
        embedding_exclude_overlap=True,
        embedding_batch_size=16,
        plda=NoPlda(),
        clustering="AgglomerativeClustering",
    )
    pipeline.instantiate({"segmentation": {"min_duration_off": 0.0}, "clustering": _CLUSTERING})
    return pipeline


def _pyannet() -> Model:
    """PyanNet with the parameters its pack lists, filled from the pack's state dict."""
    from pyannote.audio.core.task import Problem, Resolution, Specifications  # noqa: PLC0415
    from pyannote.audio.models.segmentation import PyanNet  # noqa: PLC0415

    path = locate("segmentation-3.0") / "segmentation.pt"
    saved = torch.load(path, map_location="cpu", weights_only=True)
    listed = saved["model"]
    model = PyanNet(sincnet=listed["sincnet"], lstm=listed["lstm"], linear=listed["linear"])
    model.specifications = Specifications(
        problem=Problem.MONO_LABEL_CLASSIFICATION,
        resolution=Resolution.FRAME,
        duration=saved["inference"]["duration"],
        classes=[f"speaker#{i + 1}" for i in range(listed["num_regular_classes"])],
        powerset_max_classes=listed["powerset_max_classes"],
        permutation_invariant=True,
    )
    model.build()  # type: ignore[no-untyped-call]
    model.load_state_dict(saved["state_dict"], strict=True)
    return model.eval()


def _embedding_model(network: CamPlus) -> Model:
    from pyannote.audio import Model  # noqa: PLC0415

    class CamPlusModel(Model):
        """CAM++ as pyannote wants it: (b, 1, n) samples and (b, frames) masks -> (b, 192)."""

        def __init__(self) -> None:
            super().__init__(sample_rate=SAMPLE_RATE_HZ, num_channels=1)
            self.network = network

        @property
        def dimension(self) -> int:
            return DIMENSION

        def forward(  # type: ignore[override]
            self, waveforms: Tensor, weights: Tensor | None = None
        ) -> Tensor:
            features = torch.stack([fbank(wave[0]) for wave in waveforms])
            if weights is None:
                return embed(network, features)
            frames = features.shape[1]
            places = torch.arange(frames, device=weights.device) * weights.shape[1] // frames
            masks = weights[:, places]
            audible = masks.sum(1) >= _SHORTEST_SPEECH_FRAMES
            voices = features.new_full((len(features), DIMENSION), torch.nan)
            if audible.any():
                voices[audible] = embed(network, features[audible], masks[audible])
            return voices

    return CamPlusModel()


def _by_first_word(annotation: Annotation) -> list[Any]:
    tracks: Iterable[tuple[Any, Any, Any]] = annotation.itertracks(yield_label=True)
    return list(dict.fromkeys(label for _, _, label in tracks))


def _spans(annotation: Annotation, labels: Mapping[Any, str], limit: int) -> tuple[Span, ...]:
    tracks: Iterable[tuple[Any, Any, Any]] = annotation.itertracks(yield_label=True)
    spans = [
        Span(
            start_ms=max(0, round(segment.start * 1000)),
            end_ms=min(limit, round(segment.end * 1000)),
            speaker=labels[label],
        )
        for segment, _, label in tracks
        if label in labels
    ]
    return tuple(
        sorted((s for s in spans if s.start_ms < s.end_ms), key=lambda s: (s.start_ms, s.end_ms))
    )


def _voices(heard: Any, labels: Mapping[Any, str]) -> dict[str, tuple[float, ...]]:
    vectors = heard.speaker_embeddings
    if vectors is None:
        return {}
    voices: dict[str, tuple[float, ...]] = {}
    for label, vector in zip(heard.speaker_diarization.labels(), vectors, strict=False):
        length = float(np.linalg.norm(vector))
        if label in labels and np.isfinite(length) and length > 0:
            voices[labels[label]] = tuple((vector / length).tolist())
    return voices


def _pack_names() -> str:
    names = ("segmentation-3.0", "campplus-zh-en")
    return " ".join(f"{name}@{find_pack(name).digest()}" for name in names)
