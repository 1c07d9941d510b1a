"""A store of the sample calls, built once for the page tests."""

import shutil

import pytest
from streamlit import config

from tests.demo_store import SAMPLES, build_store

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)


@pytest.fixture(autouse=True)
def demonstration(isolated, monkeypatch):
    """Pages are looked at as the people of the samples: `?as=A1023`, the QA lead without it."""
    monkeypatch.setenv("QA_SETTINGS", str(SAMPLES / "qa.toml"))
    config.set_option("server.address", "127.0.0.1")


@pytest.fixture(scope="session")
def demo_url(tmp_path_factory):
    """URL of a store with evaluations of the sample calls' truth."""
    url = f"sqlite:///{tmp_path_factory.mktemp('demo') / 'store.db'}"
    build_store(url).close()
    return url


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium of the system."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed: the browser tier is NOT TESTED")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=program, args=FLAGS)
        yield opened
        opened.close()
