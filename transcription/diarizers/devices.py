"""Which device a torch model runs on."""

from __future__ import annotations

import torch

from qa.errors import SettingsError


def pick_device(name: str) -> torch.device:
    """`auto` takes the GPU where there is one.

    Raises:
        SettingsError: `cuda` was asked for and there is none.
    """
    available = torch.cuda.is_available()
    if name == "cuda" and not available:
        raise SettingsError("no CUDA device is visible", "diarization.device", "use auto or cpu")
    return torch.device("cuda" if available and name != "cpu" else "cpu")
