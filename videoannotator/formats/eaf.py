"""EAF, the files of ELAN (archive.mpi.nl/tla/elan): tiers beside the video that they are about."""

from __future__ import annotations

from collections.abc import Sequence
from mimetypes import MimeTypes
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from videoannotator.formats.text_utils import one_line
from videoannotator.formats.tiers import Tier, tiers
from videoannotator.results.durable_files import binary_file
from videoannotator.results.result import Result

if TYPE_CHECKING:
    from pympi import Eaf

_TYPE = "default-lt"
_KNOWN_MEDIA = MimeTypes(filenames=())
"""The types that Python knows by itself: what is installed on a machine must not change a file."""


def write(results: Sequence[Result], path: Path) -> None:
    """Write the tiers of ``results``, which are all about one video. The video is looked for beside the file."""
    from pympi import Eaf
    from pympi.Elan import to_string

    document = Eaf(author="VideoAnnotator")
    provenance = results[0].provenance
    document.adocument["DATE"] = str(provenance["finished_at"])
    document.remove_tier("default")
    _link(document, str(provenance["video"].get("filename") or results[0].video))
    _fill(document, tiers(results))
    with binary_file(path) as file:
        file.write(b'<?xml version="1.0" encoding="UTF-8"?>\n')
        file.write(to_string(document, encoding="UTF-8"))


def _link(document: Eaf, filename: str) -> None:
    name = one_line(PurePosixPath(filename.replace("\\", "/")).name)
    media_type = _KNOWN_MEDIA.guess_type(name)[0] or "unknown"
    document.add_linked_file(f"file:///{name}", f"./{name}", media_type)


def _fill(document: Eaf, found: Sequence[Tier]) -> None:
    """Add tiers. Time slots must be in the order of their times, which pympi's own way of adding does not give."""
    for tier in found:
        document.add_tier(tier.name, _TYPE, part=tier.participant or None)
    numbered = [(tier.name, interval) for tier in found for interval in tier.intervals]
    edges = sorted(
        (time, number, side)
        for number, (_, interval) in enumerate(numbered)
        for side, time in enumerate((interval.start, interval.end))
    )
    slots = {(number, side): f"ts{slot}" for slot, (_, number, side) in enumerate(edges, start=1)}
    document.timeslots = {f"ts{slot}": time for slot, (time, _, _) in enumerate(edges, start=1)}
    for number, (name, interval) in enumerate(numbered):
        annotations = document.tiers[name][0]
        annotations[f"a{number + 1}"] = (slots[number, 0], slots[number, 1], interval.label, None)
    document.properties = [("lastUsedAnnotationId", len(numbered))]
