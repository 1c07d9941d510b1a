"""What every page shares: who looks, page set-up, language switch, links between pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboards import language_cookie, own_words
from dashboards.texts import LANGUAGES, translate
from qa.access import Action, Person, may
from qa.errors import QaError
from qa.settings import load_settings

_KEY = "language"
_PAGES = "pages"
_VIEWER = "viewer"
#: Streamlit leaves a hand's breadth above every page; people who work here all day need the room.
#: Its tables offer themselves as CSV, unnoted and with cells that spreadsheets run; `exports`
#: does neither.
_STYLE = (
    "<style>.stMainBlockContainer{padding-top:2.2rem;padding-bottom:3rem}"
    ".stMainBlockContainer h1{line-height:1.4}"  # or Chinese titles lose their tops
    '[data-testid="stElementToolbarButton"]:has([aria-label^="Download as CSV"]){display:none}'
    "</style>"
)
Translate = Callable[..., str]


def configure_page() -> None:
    """Page title, width and the language switch in the sidebar."""
    language = interface_language()
    st.set_page_config(page_title=translate("app.title", language), page_icon="🎧", layout="wide")
    st.html(_STYLE + own_words.style(language))
    with st.sidebar:
        st.segmented_control(
            translate("app.language", language),
            [*LANGUAGES],
            format_func=LANGUAGES.__getitem__,
            default=language,
            key="language_choice",
            on_change=_language_chosen,
        )
        if cookie(language_cookie.COOKIE) != language:
            language_cookie.keep_language(language)


def interface_language() -> str:
    """Language of this session: chosen, else the link's (`?lang=en`), the browser's, the site's."""
    if _KEY not in st.session_state:
        asked = st.query_params.get("lang", "")
        before, default = cookie(language_cookie.COOKIE), load_settings().language
        st.session_state[_KEY] = next(
            (name for name in (asked, before, default) if name in LANGUAGES), "zh-CN"
        )
    return str(st.session_state[_KEY])


def _language_chosen() -> None:
    chosen = st.session_state.get("language_choice")
    if chosen:
        st.session_state[_KEY] = chosen


def translator() -> Translate:
    """`t(key, **values)` in the session's language."""
    return partial(_translated, interface_language())


def _translated(language: str, key: str, **values: Any) -> str:
    return translate(key, language, **values)


def set_viewer(person: Person) -> None:
    """Note who looks, at the start of every run of the script."""
    st.session_state[_VIEWER] = person


def viewer() -> Person:
    """Who looks at this page. Nobody, with no rights at all, before sign-in."""
    person: Person = st.session_state.get(_VIEWER) or Person(user_id="")
    return person


def cookie(name: str) -> str:
    """A cookie of the viewer's browser, `""` without one (tests have no browser)."""
    value = st.context.cookies.get(name, "")
    return value if isinstance(value, str) else ""


def roles_of(person: Person) -> str:
    """The person's roles in the session's language."""
    t = translator()
    return " / ".join(t(f"user_role.{role}") for role in sorted(person.roles))


def require(action: Action) -> None:
    """Go on only for a viewer who may do this; others read that the page is not for them."""
    person = viewer()
    if may(person, action):
        return
    t = translator()
    st.warning(t("access.not_for_you"), icon=":material/lock:")
    st.caption(t("access.not_for_you_hint", name=plain(person.name), roles=plain(roles_of(person))))
    st.stop()


def add_page(
    name: str,
    render: Callable[[], None],
    *,
    title: str,
    icon: str,
    default: bool,
    hidden: bool = False,
) -> StreamlitPage:
    """A page under `/name`, remembered so that other pages can link to it."""
    made = st.Page(
        render,
        title=title,
        icon=icon,
        url_path=name,
        default=default,
        visibility="hidden" if hidden else "visible",
    )
    st.session_state.setdefault(_PAGES, {})[name] = made
    return made


def page(name: str) -> StreamlitPage:
    """The page under `/name`."""
    found: StreamlitPage = st.session_state[_PAGES][name]
    return found


def evidence_language() -> str:
    """`zh` or `en`, for bilingual values of the store."""
    return "zh" if interface_language().startswith("zh") else "en"


def attempt(act: Callable[[], object]) -> None:
    """Do it and draw the page again, or say why it cannot be done; None means nothing was done."""
    try:
        done = act()
    except QaError as error:
        refuse(error)
        return
    if done is not None:
        st.rerun()


def label_name(value: str) -> str:
    """A label of a call (`inbound`, `zh`), as reasons name it, in the viewer's language."""
    from scoring.criteria.labels import value_name  # noqa: PLC0415  (rules load with it)

    zh, en = value_name(value)
    return zh if evidence_language() == "zh" else en


def carry_out(write: Callable[[], object], *, stale: Callable[[], object] | None = None) -> None:
    """Do it and draw the page again, or say why it cannot be done.

    Args:
        write: What to do; whatever it returns, it is done.
        stale: Forgets what pages remember of the thing written.
    """
    try:
        write()
    except QaError as error:
        refuse(error)
        return
    if stale is not None:
        stale()
    st.rerun()


def refuse(error: QaError) -> None:
    """Show what could not be done, and what to do instead."""
    parts = (error.message, error.remedy)
    st.error(" — ".join(plain(part) for part in parts if part), icon=":material/error:")


def plain(text: str) -> str:
    """Text of a call or a name, safe inside Markdown: nothing in it is markup."""
    return "".join(f"\\{char}" if char in _MARKUP else char for char in text)


_MARKUP = set("\\`*_{}[]<>()#+-.!|$:~")
