"""Clips of the library: a card with words and sound, and the form that proposes one."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboards import data, frame
from qa.calls import Role
from qa.coaching.clips import Clip, around
from qa.errors import QaError
from qa.evaluation import Evidence
from qa.privacy.audio import AudioSpan
from qa.settings import load_settings
from qa.sources import open_file


def card(clip: Clip, t: frame.Translate) -> None:
    """What is good about it, what is said, and the sound."""
    st.markdown(f"**{frame.plain(clip.why)}**")
    hear(clip.call_id, (clip.start_ms, clip.end_ms), clip.lines, t)


def hear(
    call_id: str, span: tuple[int, int], lines: Sequence[tuple[Role, str]], t: frame.Translate
) -> None:
    """A stretch of a call: who says what, and its sound, redacted.

    Args:
        call_id: Of the call.
        span: Start and end in milliseconds.
        lines: What is said meanwhile.
        t: Interface texts.
    """
    said = [f":gray[{t(f'role.{role}')}] {frame.plain(text)}" for role, text in lines]
    st.markdown("  \n".join(said))
    wav = _sound(call_id, *span)
    if wav is None:
        st.caption(f":material/volume_off: {t('clips.no_sound')}")
        return
    address = data.audio_url(wav, call_id)
    st.html(f'<audio controls preload="none" style="width:100%;height:36px" src="{address}">')


def consent(clip: Clip, t: frame.Translate) -> str:
    """What the clip's agent has said to its being heard by others."""
    answer = {None: "waiting", True: "shared", False: "withheld"}[clip.consented]
    return t(f"clips.{answer}")


def propose(call_id: str, criterion_id: str, evidence: Evidence, t: frame.Translate) -> None:
    """A form that puts a moment into the library; its agent is asked before others hear it."""
    key = f"clip-{call_id}-{criterion_id}"
    with (
        st.popover(t("clips.propose"), icon=":material/bookmark_add:", key=f"{key}-open"),
        st.form(key, border=False),
    ):
        st.caption(t("clips.propose_help"))
        why = st.text_input(t("clips.why"))
        if not st.form_submit_button(t("clips.save"), type="primary"):
            return
        writer = data.writer()
        try:
            length = writer.transcripts.load(call_id).duration_ms
            span = around(evidence.start_ms, evidence.end_ms, length)
            writer.clips.propose(frame.viewer(), call_id, criterion_id, span, why=why)
        except QaError as error:
            frame.refuse(error)
            return
        st.success(t("clips.saved"), icon=":material/check_circle:")


@st.cache_data(ttl="1h", max_entries=64, show_spinner=False)
def _sound(call_id: str, start_ms: int, end_ms: int) -> bytes | None:
    """The clip's own stretch of the recording, always redacted; None where it cannot be had."""
    from transcription.playback import SoundMode, clip  # noqa: PLC0415  (FFmpeg)

    whole = data.writer()
    mode: SoundMode = "silence" if load_settings().privacy.sound == "silence" else "beep"
    try:
        recording = whole.recordings.get(whole.calls.get(call_id).recording_id)
        spans = data.hidden_sound(call_id, whole)
        if spans is None:
            return None
        hide = [AudioSpan(start_ms=start, end_ms=end, speaker=who) for start, end, who in spans]
        with open_file(recording.uri) as file:
            return clip(file, start_ms, end_ms, hide=hide, mode=mode)
    except QaError:
        return None
