"""Whether everything that a pipeline finds can be written, found out before it finds anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from videoannotator.annotations import RECORDS, Record
from videoannotator.pipelines.spec import PipelineSpec
from videoannotator.record_types import RecordType
from videoannotator.record_types.outputs import MEDIA_TYPES, can_hold, suffixes
from videoannotator.record_types.problems import problems


def record_problems(spec: PipelineSpec) -> Iterator[str]:
    """Yield what is wrong with the types of record of ``spec``."""
    for record in spec.records:
        for problem in problems(record):
            yield f"The record {_name(record)} of {spec.name!r} {problem}."


def output_problems(spec: PipelineSpec) -> Iterator[str]:
    """Yield which outputs of ``spec`` cannot be written, and which files of it would replace each other."""
    types = [record.record_type for record in spec.records if isinstance(_declared(record), RecordType)]
    for output in spec.outputs:
        if output.format not in MEDIA_TYPES:
            yield f"{spec.name!r} declares the output {output.format!r}, which does not exist."
        elif len(types) == len(spec.records) and not any(can_hold(output.format, each) for each in types):
            yield f"{spec.name!r} declares the output {output.format!r}, which has no place for any of its records."
        elif output.media_type != MEDIA_TYPES[output.format]:
            yield (
                f"{spec.name!r} declares the output {output.format!r} as {output.media_type}, "
                f"which is {MEDIA_TYPES[output.format]}."
            )
    for name in MEDIA_TYPES:
        files = Counter(suffix for each in types for suffix in suffixes(each, name))
        for suffix in (suffix for suffix, count in files.items() if count > 1):
            yield f"{spec.name!r} would write several files {spec.name}{suffix}: give its types of record a suffix."


def clashing_names(specs: Iterable[PipelineSpec]) -> Iterator[str]:
    """Yield the names in files that several record classes have."""
    owners: dict[str, type[Record]] = {record.record_type.name: record for record in RECORDS}
    for spec in specs:
        for record in spec.records:
            declared = _declared(record)
            if not isinstance(declared, RecordType):
                continue
            owner = owners.setdefault(declared.name, record)
            if owner is not record:
                yield (
                    f"The record {_name(record)} of {spec.name!r} is called {declared.name!r} in files, "
                    f"and so is {_name(owner)}."
                )


def _declared(record: type[Record]) -> object:
    return getattr(record, "record_type", None)


def _name(record: type[Record]) -> str:
    return getattr(record, "__name__", repr(record))
