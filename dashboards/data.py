"""Cached reads. Pages ask here; nothing here draws.

`store()` shows only what the viewer may see. The engine lives in `cache_resource`; frames are
cached for a minute, keyed by plain arguments and by who sees what (`BY_VIEWER`), and must not be
changed by who reads them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboards import frame, sound, sound_cache
from dashboards.callview import Lane
from qa import access
from qa.access import Action
from qa.analysis import Analysis
from qa.calls import Call, Recording, Role
from qa.errors import NotFoundError, QaError, StoreError
from qa.evaluation import Evaluation
from qa.privacy.audio import AudioSpan
from qa.settings import load_settings
from qa.sources import open_file
from qa.store import CallFilter, Problem, Store, connect
from qa.store.frames import Totals
from qa.transcript import Transcript

if TYPE_CHECKING:
    from transcription.playback import Playable, SoundMode

_TTL = "1m"
#: Louder than this, outside every turn, there is something that the transcript does not show.
_HEARD = 0.15
PEAK_BUCKETS = 900


def _whose_store(opened: Store) -> tuple[str, str]:
    return opened.url, opened.database.seen_by


#: For `st.cache_data(hash_funcs=…)` of every function that takes a store: people who see different
#: rows never share an entry. The parameter must not begin with an underscore.
BY_VIEWER: dict[Any, Any] = {Store: _whose_store}


@st.cache_resource
def _whole_store(url: str, *, read_only: bool) -> Store:
    store = connect(url, read_only=read_only)
    store.require_current()
    return store


def store_url() -> str:
    """Where the site's store is."""
    return os.environ.get("QA_STORE", "") or load_settings().store


def store() -> Store | None:
    """The site's store through the viewer's eyes, for reading; None when nothing has run yet."""
    try:
        return _whole_store(store_url(), read_only=True).seen_by(frame.viewer())
    except StoreError:
        return None


def writer() -> Store:
    """The whole store, for writing. It shows everything: check first, read through `store()`.

    Before a write about a call: `access.require(viewer, action)` and `store().calls.get(call_id)`,
    which fails for a call out of the viewer's sight.

    Raises:
        StoreError: There is no store yet, or its tables are of another version.
    """
    _whole_store(store_url(), read_only=True)  # a missing file is an error, not a new store
    return _whole_store(store_url(), read_only=False)


def require_store(message: str) -> Store:
    """The store, or a page that says what to do first."""
    opened = store()
    if opened is None:
        st.info(message, icon=":material/info:")
        st.stop()
    return opened


@st.cache_data(ttl=_TTL, max_entries=64, show_spinner=False, hash_funcs=BY_VIEWER)
def calls(wanted: CallFilter, limit: int, offset: int, opened: Store) -> pd.DataFrame:
    """One page of the call list."""
    return opened.frames.calls_frame(wanted, limit=limit, offset=offset)


@st.cache_data(ttl=_TTL, max_entries=64, show_spinner=False, hash_funcs=BY_VIEWER)
def count(wanted: CallFilter, opened: Store) -> int:
    """How many calls pass a filter."""
    return opened.calls.count(wanted)


@st.cache_data(ttl=_TTL, max_entries=64, show_spinner=False, hash_funcs=BY_VIEWER)
def totals(wanted: CallFilter, opened: Store) -> Totals:
    """What stands above the call list."""
    return opened.frames.totals(wanted)


@st.cache_data(ttl=_TTL, max_entries=8, show_spinner=False, hash_funcs=BY_VIEWER)
def choices(column: str, opened: Store) -> list[str]:
    """Values of a filter."""
    return opened.calls.choices(column)


@st.cache_data(ttl=_TTL, max_entries=32, show_spinner=False, hash_funcs=BY_VIEWER)
def scores(wanted: CallFilter, opened: Store) -> pd.DataFrame:
    """Scores of calls: who, when, which team and queue, score and whose it is, band and counts."""
    columns = (
        *("call_id", "happened_at", "agent_id", "agent_name", "team", "queue"),
        *("quality_percent", "is_decided", "machine_percent", "coverage"),
        *("band", "state", "finding_count", "review_count"),
    )
    return opened.frames.calls_frame(wanted, columns=columns)


def call_parts(
    call_id: str, opened: Store
) -> tuple[Call, Recording, Transcript | None, Analysis | None, Evaluation | None]:
    """Everything stored about a call; parts that do not exist are None.

    Raises:
        NotFoundError: There is no such call.
    """
    call = opened.calls.get(call_id)
    recording = opened.recordings.get(call.recording_id)
    transcript = _or_none(opened.transcripts, call_id)
    analysis = _or_none(opened.analyses, call_id)
    return call, recording, transcript, analysis, _or_none(opened.evaluations, call_id)


def _or_none(repository: Any, call_id: str) -> Any:
    try:
        return repository.load(call_id)
    except NotFoundError:
        return None


def problems_of(recording: Recording, opened: Store) -> list[Problem]:
    """Unresolved problems of a recording."""
    found = opened.problems.of_recording(recording.sha256)
    return [problem for problem in found if problem.resolved_at is None]


def hidden_sound(call_id: str, opened: Store) -> tuple[tuple[int, int, str], ...] | None:
    """Stretches of a call's recording that nobody may hear: start, end, speaker."""
    found = opened.privacy.sound(call_id)
    return None if found is None else tuple((s.start_ms, s.end_ms, s.speaker) for s in found)


def playback(
    uri: str, recording_id: str, hide: tuple[tuple[int, int, str], ...] | None
) -> Playable | None:
    """A recording that browsers play, and its outline; None when it cannot be read.

    `hide` is `hidden_sound`: without it (no transcript yet) personal data could be anywhere, and
    nothing is played unless the site turned redaction off.
    """
    policy = load_settings().privacy
    mode = policy.sound if policy.redact else "off"
    if hide is None and mode != "off":
        return None
    # the recording's id is of its bytes: the same path may hold others later
    return sound_cache.kept((uri, recording_id, hide, mode), partial(_made, uri, hide, mode))


def _made(
    uri: str, hide: tuple[tuple[int, int, str], ...] | None, mode: SoundMode
) -> Playable | None:
    from transcription.audio import decode  # noqa: PLC0415  (FFmpeg, only for pages that play)
    from transcription.playback import playable  # noqa: PLC0415

    spans = [AudioSpan(start_ms=start, end_ms=end, speaker=who) for start, end, who in hide or ()]
    try:
        with open_file(uri) as file:
            samples = decode(file, place=uri).samples
    except QaError:
        return None
    return playable(samples, spans, mode=mode, buckets=PEAK_BUCKETS)


def audio_url(wav: bytes, call_id: str, *, digest: str = "", seconds: float = 0.0) -> str:
    """Where this viewer's browser, and no other, may fetch the sound of a call for a while.

    Give only sound of a call that was read through `store()`. Each playback is an audit event.
    """
    viewer = frame.viewer()
    access.require(viewer, Action.PLAY_AUDIO)
    return sound.offer(
        wav,
        call_id=call_id,
        user_id=viewer.user_id,
        browser=frame.cookie(sound.BROWSER),
        digest=digest,
        seconds=seconds,
    )


def recording_url(whole: Playable, call_id: str) -> str:
    """As `audio_url`, of a whole recording."""
    return audio_url(whole.wav, call_id, digest=whole.digest, seconds=whole.seconds)


def lanes(transcript: Transcript, outline: Sequence[float]) -> tuple[Lane, ...]:
    """The outline split into one lane per side, by who was speaking."""
    length = max(1, transcript.duration_ms)
    split = {role: [0.0] * len(outline) for role in (Role.AGENT, Role.CUSTOMER)}
    rest = list(outline)
    for turn in transcript.turns:
        if turn.role not in split:
            continue
        first = turn.start_ms * len(outline) // length
        last = min(len(outline), turn.end_ms * len(outline) // length + 1)
        for at in range(first, last):
            split[turn.role][at] = outline[at]
            rest[at] = 0.0
    found = [Lane(role=role, peaks=tuple(values)) for role, values in split.items() if any(values)]
    if any(value > _HEARD for value in rest):
        found.append(Lane(role=Role.SYSTEM, peaks=tuple(rest)))
    return tuple(found)
