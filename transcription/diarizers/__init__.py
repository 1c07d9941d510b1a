"""Speaker separation of mono channels: the call-optimised path and pyannote's own."""

from __future__ import annotations

from functools import lru_cache

from qa.settings import DiarizationSettings
from transcription.protocols import Diarizer


def create_diarizer(settings: DiarizationSettings) -> Diarizer:
    """The diarizer these settings ask for, built once per process and settings.

    Naming a `pipeline` folder chooses pyannote's engine, whatever `engine` says.

    Raises:
        ModelError: A model pack or the pipeline folder is missing or not loadable.
        SettingsError: A GPU was asked for and there is none.
    """
    return _create(settings.model_dump_json())


@lru_cache(maxsize=2)
def _create(settings_json: str) -> Diarizer:
    settings = DiarizationSettings.model_validate_json(settings_json)
    if settings.engine == "pyannote" or settings.pipeline:
        from transcription.diarizers.pyannote import PyannoteDiarizer  # noqa: PLC0415

        return PyannoteDiarizer(settings)
    from transcription.diarizers.call import CallDiarizer  # noqa: PLC0415

    return CallDiarizer(settings)
