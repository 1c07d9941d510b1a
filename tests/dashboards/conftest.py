"""A store of the sample calls, built once for the page tests."""

import pytest

from tests.demo_store import build_store


@pytest.fixture(scope="session")
def demo_url(tmp_path_factory):
    """URL of a store with evaluations of the sample calls' truth."""
    url = f"sqlite:///{tmp_path_factory.mktemp('demo') / 'store.db'}"
    build_store(url).close()
    return url
