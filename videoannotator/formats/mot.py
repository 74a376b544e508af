"""MOTChallenge (motchallenge.net): boxes with identities, as tools for tracking read and score them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from videoannotator.annotations import FaceObservation, PersonObservation
from videoannotator.results.durable_files import text_file
from videoannotator.results.result import Result


def write(result: Result, path: Path) -> None:
    """Write a line for each box that has an identity: frame, id, left, top, width, height, score, -1, -1, -1.

    Frames and pixels are counted from 1, as the format wants it; a box without identity has no place in it.
    """
    with text_file(path) as file:
        for seen in cast("Sequence[PersonObservation | FaceObservation]", result.records):
            if seen.track_id is not None:
                box = seen.box
                sides = (box.x + 1, box.y + 1, box.width, box.height)
                place = ",".join(f"{side:.2f}" for side in sides)
                file.write(f"{seen.frame + 1},{seen.track_id},{place},{seen.score:.4f},-1,-1,-1\n")
