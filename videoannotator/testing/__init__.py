"""Deterministic videos, sounds and damaged files for tests, with nothing left to chance."""
