"""Reviewing what the machine said: sampling, decisions, disputes, calibration, agreement."""
