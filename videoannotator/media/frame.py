"""What the media layer gives to pipelines: frames with their true times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""A frame as an image: height x width x 3, RGB, 0..255, upright."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded frame.

    ``index`` counts the frames of the stream from 0, whether or not a pipeline sampled them and whether or not they
    could be decoded. ``time`` is the presentation timestamp of the container in seconds.
    """

    index: int
    time: float
    image: Image


@dataclass(frozen=True, slots=True)
class LostFrame:
    """A frame that is in the file but cannot be decoded; ``time`` in seconds is estimated if its packet has none."""

    index: int
    time: float
