"""Cached reads of the night page."""

from __future__ import annotations

import streamlit as st

from qa.operations import Status, read_status
from qa.settings import load_settings
from qa.store import Store


@st.cache_data(ttl="15s", max_entries=4, show_spinner=False)
def status(url: str, _store: Store) -> Status:
    """How the night of this store stands, at most a quarter of a minute old."""
    del url  # only part of the cache key
    return read_status(_store, load_settings(), _store.database.now())
