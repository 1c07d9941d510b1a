"""The chosen language, kept by the browser: over a reload, and over a sign-in elsewhere."""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

#: Not secret, and sent along when an OpenID Connect provider leads back (hence `Lax`).
COOKIE = "qa_language"
_SCRIPT = f"""
export default function ({{ data }}) {{
  const secure = location.protocol === "https:" ? "; Secure" : "";
  const life = "; Path=/; Max-Age=31536000; SameSite=Lax";
  document.cookie = "{COOKIE}=" + data.language + life + secure;
}}
"""


@cache
def _component() -> Any:
    return st.components.v2.component("qa_language_cookie", html="<span></span>", js=_SCRIPT)


def keep_language(language: str) -> None:
    """Let the browser remember a language of the interface."""
    _component()(key="language_cookie", data={"language": language}, height=0)
