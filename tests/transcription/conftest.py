"""Where the evaluation recordings are, for tests marked `evaldata`."""

import os
from pathlib import Path

import pytest


@pytest.fixture
def evaldata():
    place = Path(os.environ.get("QA_EVAL_DATA", Path(__file__).parents[3] / "shared" / "data"))
    if not place.is_dir():
        pytest.skip("no evaluation recordings: set QA_EVAL_DATA to their folder")
    return place
