"""Store URLs that may be handed around: the password stays in the environment of each process."""

from __future__ import annotations

import os

from sqlalchemy import URL

from qa.settings import load_settings
from qa.store.database import parse_url


def without_password(url: str) -> str:
    """The URL to hand to other processes and orchestrators.

    A password in it stays behind in `QA_STORE` of this process, which its children inherit; workers
    on other machines have their own `QA_STORE` (or `PGPASSFILE`).
    """
    parsed = parse_url(url)
    if parsed.password is None:
        return url
    os.environ["QA_STORE"] = url
    return _bare(parsed).render_as_string(hide_password=False)


def with_password(url: str) -> str:
    """The URL to connect with: this process's own setting, when that names the same store."""
    parsed = parse_url(url)
    own = load_settings().store
    if parsed.password is not None or not own:
        return url
    known = parse_url(own)
    return own if _bare(known) == parsed else url


def _bare(url: URL) -> URL:
    return url._replace(password=None)  # `set` takes None for "as it is"
