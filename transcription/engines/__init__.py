"""Speech recognisers behind the `Transcriber` protocol."""

from __future__ import annotations

from qa.errors import SettingsError
from qa.settings import AsrSettings
from transcription.protocols import Transcriber

_loaded: dict[str, Transcriber] = {}


def create_transcriber(settings: AsrSettings) -> Transcriber:
    """The recogniser the settings ask for; loaded once per process and settings digest.

    Raises:
        ModelError: The weights are missing or damaged.
        SettingsError: The engine is not known.
    """
    key = settings.digest()
    if key not in _loaded:
        _loaded[key] = _load(settings)
    return _loaded[key]


def _load(settings: AsrSettings) -> Transcriber:
    if settings.engine == "faster_whisper":
        from transcription.engines.faster_whisper import load  # noqa: PLC0415 - heavy

        return load(settings)
    if settings.engine == "replay":
        from transcription.engines.replay import Replay  # noqa: PLC0415 - only when asked for

        return Replay.load(settings)
    raise SettingsError(
        f"no engine {settings.engine!r}", "asr.engine", "use faster_whisper or replay"
    )
