"""Criterion kinds, one per module."""
