"""What Streamlit's own parts say in English only, said in the language of the interface."""

from __future__ import annotations

from streamlit import config

from dashboards.texts import translate

_UPLOADER = '[data-testid="stFileUploaderDropzone"] button p'
_LIMIT = '[data-testid="stFileUploaderDropzoneInstructions"] span'
_ENTER = '[data-testid="InputInstructions"]'
_AREA = f'[data-testid="stTextArea"] {_ENTER}'


def style(language: str) -> str:
    """A style sheet that puts the words in place; empty in English."""
    if language == "en":
        return ""
    limit = translate("app.upload_limit", language, mb=config.get_option("server.maxUploadSize"))
    enter, control = (translate(f"app.{key}", language) for key in ("enter", "control_enter"))
    return (
        f"<style>{_UPLOADER},{_LIMIT},{_ENTER} span{{font-size:0}}"
        f"{_after(_UPLOADER, translate('app.upload', language), '1rem')}"
        f"{_after(_LIMIT, limit, '.875rem')}{_after(_ENTER, enter, '.75rem')}"
        f"{_after(_AREA, control, '.75rem')}</style>"
    )


def _after(selector: str, words: str, size: str) -> str:
    return f'{selector}::after{{content:"{words}";font-size:{size}}}'
