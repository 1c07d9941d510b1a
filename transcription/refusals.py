"""Why a recording cannot be heard: one class per reason, each with a stable `code`."""

from __future__ import annotations

from typing import ClassVar

from qa.errors import AudioError


class EmptyAudioError(AudioError):
    """The file has no bytes, or a header and no sound."""

    code: ClassVar[str] = "audio.empty"


class NotAudioError(AudioError):
    """The bytes are not a sound file this system knows."""

    code: ClassVar[str] = "audio.not_audio"


class HeaderlessAudioError(AudioError):
    """Bare samples: codec and rate are written nowhere in the file."""

    code: ClassVar[str] = "audio.no_header"


class EncryptedAudioError(AudioError):
    """The sound is protected (DRM) or the whole file is encrypted."""

    code: ClassVar[str] = "audio.encrypted"


class ShortAudioError(AudioError):
    """Too short to hold a word."""

    code: ClassVar[str] = "audio.too_short"


class DamagedAudioError(AudioError):
    """The container is known, but nothing in it can be decoded."""

    code: ClassVar[str] = "audio.damaged"


class UnreadableAudioError(AudioError):
    """The operating system does not let us read the file."""

    code: ClassVar[str] = "audio.unreadable"
