"""Phrase matching that survives recognition errors, with evidence offsets."""
