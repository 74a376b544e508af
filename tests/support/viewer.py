"""How Video Annotation Viewer 0.6 finds its lanes in the files of a job: by names, and by how each file begins.

Only its rules are here, in the order in which it applies them; where it shows a file, it goes on to the next.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

VIDEOS = (".mp4", ".mov", ".avi", ".mkv", ".webm")
_CLOCK = r"\d+:\d\d:\d\d\.\d{3}"
_CUE = re.compile(rf"^({_CLOCK})\s+-->\s+({_CLOCK}).*\n(.+)", re.MULTILINE)


def lanes(files: Mapping[str, bytes]) -> dict[str, list[Any]]:
    """Return what the viewer shows of a job's files, by lane: video, persons, faces, scenes, speech and speakers."""
    found: dict[str, list[Any]] = {}
    for name, data in files.items():
        lane = lane_of(name, data)
        if lane == "video":
            found[lane] = [name]
        elif lane in ("speech", "speakers"):
            found[lane] = (_cues if lane == "speech" else _turns)(data.decode()) or found.get(lane, [])
        elif lane and not found.get(lane):
            found[lane] = _entries(lane, json.loads(data))
    return {lane: entries for lane, entries in found.items() if entries}


def lane_of(name: str, data: bytes) -> str | None:
    """Return the lane that a file is taken for."""
    if name.lower().endswith(VIDEOS):
        return "video"
    if name.endswith(".vtt") or "speech_recognition" in name:
        return "speech"
    if name.endswith(".rttm") or "speaker_diarization" in name:
        return "speakers"
    return _lane_of_json(name, data) if name.endswith(".json") else None


def _lane_of_json(name: str, data: bytes) -> str | None:
    if any(f'"{key}"' in _start(data, 8000) for key in ("face_id", "attributes", "emotions")):
        return "faces"
    if "face" in name.lower() and _has(data, 8000, "bbox", "score"):
        return "faces"
    if _has(data, 10_000, "keypoints", "bbox"):
        return "persons"
    of_scenes = any(_has(data, 10_000, key) for key in ("scene_type", "start_time", "end_time"))
    whole = json.loads(data) if len(data) <= 10_000 else {}
    if "annotations" in whole and not ("COCO" in whole["info"]["description"] and of_scenes):
        return "persons"
    if of_scenes:
        return "scenes"
    names = {"face_analysis": "faces", "person": "persons", "tracking": "persons", "scene": "scenes"}
    return next((lane for part, lane in names.items() if part in name), None)


def _entries(lane: str, content: Any) -> list[Any]:
    """Return what is in a JSON file; nothing if the viewer refuses it."""
    entries: list[Any] = content.get("scenes" if lane == "scenes" else "annotations", [])
    if lane == "persons" and not all(len(each.get("keypoints", ())) == 51 for each in entries):
        return []
    return entries


def _cues(text: str) -> list[str]:
    return [cue[2] for cue in _CUE.findall(text)] if text.startswith("WEBVTT\n") else []


def _turns(text: str) -> list[str]:
    lines = (line.split() for line in text.splitlines())
    return [line[7] for line in lines if len(line) >= 9 and line[0] == "SPEAKER" and float(line[4]) > 0]


def _start(data: bytes, size: int) -> str:
    return data[:size].decode(errors="replace")


def _has(data: bytes, size: int, *keys: str) -> bool:
    return all(f'"{key}"' in _start(data, size) for key in keys)
