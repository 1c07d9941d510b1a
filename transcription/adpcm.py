"""ADPCM kinds that FFmpeg misreads and libsndfile reads well.

FFmpeg takes NMS ADPCM for AMR (both claim WAV tag 0x38) and reads G.721 and G.723 with the wrong
bit order; found by decoding files made by libsndfile with both.
"""

from __future__ import annotations

import tempfile
from typing import BinaryIO, cast

import soundfile

from transcription.refusals import DamagedAudioError

#: WAV format tag → codec name.
MISREAD = {0x14: "g723_adpcm", 0x38: "nms_adpcm", 0x40: "g721_adpcm"}
_BLOCK = 1 << 16


def as_pcm(file: BinaryIO, place: str) -> BinaryIO:
    """A temporary 16-bit WAV with the same sound, at its start; closing it removes it.

    Raises:
        DamagedAudioError: libsndfile cannot read the file either.
    """
    pcm = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - the caller closes it
    try:
        with soundfile.SoundFile(file) as given:
            rate, channels = given.samplerate, given.channels
            with soundfile.SoundFile(
                pcm, "w", rate, channels, subtype="PCM_16", format="WAV"
            ) as made:
                while len(block := given.read(_BLOCK, dtype="int16")):
                    made.write(block)
    except soundfile.LibsndfileError as error:
        pcm.close()
        raise DamagedAudioError(f"cannot be decoded: {error}", place, "export it again") from error
    pcm.seek(0)
    return pcm
