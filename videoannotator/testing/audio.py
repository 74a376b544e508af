"""Sounds whose content is known. Samples are float32, -1..1, one row per channel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

AUDIO_RATE = 48_000
"""Samples per second of everything made here."""

Audio = NDArray[np.float32]


def tone(frequency: float, seconds: float, *, amplitude: float = 0.5, channels: int = 1) -> Audio:
    """Return a sine of so many hertz, the same in all channels."""
    times = np.arange(round(seconds * AUDIO_RATE)) / AUDIO_RATE
    wave = (amplitude * np.sin(2 * np.pi * frequency * times)).astype(np.float32)
    return np.repeat(wave[None, :], channels, axis=0)


def silence(seconds: float, *, channels: int = 1) -> Audio:
    """Return nothing to hear."""
    return np.zeros((channels, round(seconds * AUDIO_RATE)), np.float32)


def joined(*sounds: Audio) -> Audio:
    """Return sounds with the same number of channels, one after the other."""
    return np.concatenate(sounds, axis=1)
