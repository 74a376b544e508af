"""COCO JSON of records whose type declares a category: what every annotation has, and all other fields as attributes.

``attributes`` is what tools such as CVAT and FiftyOne read beside a box.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from videoannotator.annotations import BoundingBox, FrameRecord
from videoannotator.formats.coco_document import bbox, image, image_id, info, write_document
from videoannotator.record_types import FrameType
from videoannotator.record_types.fields import FieldColumn, columns, has_field
from videoannotator.results.durable_files import text_file
from videoannotator.results.result import Result

_CATEGORY_ID = 1
_OWN_KEYS = ("frame", "time", "track_id", "box", "score")
"""Fields that stand in an annotation beside ``attributes``."""


def write(result: Result, path: Path) -> None:
    """Write an annotation for each record, and an image for each frame that was looked at."""
    declared = cast("FrameType", result.record.record_type)
    category = declared.coco
    if category is None:
        raise ValueError(f"{declared.name} declares no COCO category")
    annotation = _annotation_of(result)
    found = cast("Sequence[FrameRecord]", result.records)
    annotations = (annotation(number, record) for number, record in enumerate(found, start=1))
    images = (image(result, index, time) for index, time in result.frames)
    entry = {"id": _CATEGORY_ID, "name": category.name, "supercategory": category.supercategory}
    head = {"info": info(result), "licenses": [], "categories": [entry]}
    with text_file(path) as file:
        write_document(file, head, {"annotations": annotations, "images": images})


def _annotation_of(result: Result) -> Callable[[int, FrameRecord], dict[str, Any]]:
    whole = BoundingBox(0, 0, result.info.width or 0, result.info.height or 0)
    optional = [name for name in ("score", "track_id") if has_field(result.record, name)]
    attributes = [each for each in columns(result.record) if each.path[0] not in _OWN_KEYS]

    def annotation(number: int, record: FrameRecord) -> dict[str, Any]:
        return {
            "id": number,
            "image_id": image_id(result.video, record.frame),
            "category_id": _CATEGORY_ID,
            **bbox(getattr(record, "box", None) or whole),
            **{name: _rounded(getattr(record, name), 4) for name in optional},
            "timestamp": round(record.time, 6),
            "frame_number": record.frame,
            "attributes": {each.column.name: _value(each, record) for each in attributes},
        }

    return annotation


def _value(shown: FieldColumn, record: FrameRecord) -> Any:
    return _rounded(shown.value(record), shown.column.digits)


def _rounded(value: Any, places: int) -> Any:
    return round(value, places) if isinstance(value, float) else value
