"""A store of the sample calls, built once for the page tests."""

import pytest
from streamlit import config

from tests.demo_store import SAMPLES, build_store


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
