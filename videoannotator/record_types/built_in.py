"""What the built-in types of record declare: persons, faces, scenes, utterances and speaker turns."""

from __future__ import annotations

from videoannotator.record_types.declaration import FrameType, Handler, IntervalType, RecordFile, RecordTable

_COCO = "videoannotator.formats.coco"
_TABLES = "videoannotator.formats.tables"
_TIERS = "videoannotator.formats.tiers"
_LANES = "videoannotator.drawing.timeline_tracks"
_SECTIONS = "videoannotator.drawing.preview"
_MOT = RecordFile("mot", "_mot.txt", "videoannotator.formats.mot:write")

PERSON = FrameType(
    name="person",
    noun="person",
    plural="people",
    presence="persons",
    skeleton="keypoints",
    full_height=120,
    files=(RecordFile("coco", ".json", f"{_COCO}:write_persons"), _MOT),
    tables=(RecordTable("", f"{_TABLES}:PEOPLE"), RecordTable("_keypoints", f"{_TABLES}:KEYPOINTS")),
    tiers=Handler(f"{_TIERS}:frame_tiers", 2),
    lanes=Handler(f"{_LANES}:frame_lanes", 2),
    section=Handler(f"{_SECTIONS}:frame_section", 1),
)

FACE = FrameType(
    name="face",
    noun="face",
    plural="faces",
    label="emotion",
    files=(RecordFile("coco", ".json", f"{_COCO}:write_faces"), _MOT),
    tables=(RecordTable("", f"{_TABLES}:FACES"),),
    tiers=Handler(f"{_TIERS}:frame_tiers", 3),
    lanes=Handler(f"{_LANES}:face_lanes", 3),
    section=Handler(f"{_SECTIONS}:frame_section", 2),
)

SCENE = IntervalType(
    name="scene",
    noun="scene",
    plural="scenes",
    label="name",
    files=(RecordFile("coco", ".json", f"{_COCO}:write_scenes"),),
    tables=(RecordTable("", f"{_TABLES}:SCENES"),),
    tiers=Handler(f"{_TIERS}:scene_tiers", 1),
    lanes=Handler(f"{_LANES}:scene_lanes", 1),
    section=Handler(f"{_SECTIONS}:scene_section", 3),
)

UTTERANCE = IntervalType(
    name="utterance",
    noun="utterance",
    plural="utterances",
    title="Speech",
    label="text",
    files=(
        RecordFile("webvtt", ".vtt", "videoannotator.formats.captions:write_webvtt"),
        RecordFile("srt", ".srt", "videoannotator.formats.captions:write_srt"),
    ),
    tables=(RecordTable("", f"{_TABLES}:UTTERANCES"), RecordTable("_words", f"{_TABLES}:WORDS")),
    overlay="captions",
    tiers=Handler(f"{_TIERS}:utterance_tiers", 4),
    lanes=Handler(f"{_LANES}:utterance_lanes", 5),
    section=Handler(f"{_SECTIONS}:utterance_section", 5),
)

TURN = IntervalType(
    name="turn",
    noun="speaker",
    plural="speakers",
    label="speaker",
    files=(RecordFile("rttm", ".rttm", "videoannotator.formats.rttm:write"),),
    tables=(RecordTable("_turns", f"{_TABLES}:TURNS"),),
    overlay="voices",
    tiers=Handler(f"{_TIERS}:turn_tiers", 5),
    lanes=Handler(f"{_LANES}:turn_lanes", 4),
    section=Handler(f"{_SECTIONS}:turn_section", 4),
)
