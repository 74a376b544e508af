"""What the media layer gives to pipelines: pictures with their true times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""A picture: height x width x 3, RGB, 0..255, upright."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded picture.

    ``index`` counts the decoded frames of the stream from 0, whether or not a pipeline sampled them. ``time`` is the
    presentation timestamp of the container in seconds.
    """

    index: int
    time: float
    image: Image

