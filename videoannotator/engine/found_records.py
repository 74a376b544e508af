"""What a pipeline found, by type of record, once it is sure that files can hold it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from videoannotator.annotations import RECORDS, Record
from videoannotator.errors import PipelineFailedError
from videoannotator.pipelines.spec import PipelineSpec
from videoannotator.record_types.values import first_problem


def found_records(spec: PipelineSpec, found: Sequence[Record]) -> Mapping[type[Record], Sequence[Record]]:
    """Return ``found`` by each type that ``spec`` declares.

    Raises:
        PipelineFailedError: When no file can hold one of them; it would spoil the files of other pipelines.
    """
    _require_declared(spec, found)
    types = spec.records
    single = len(types) == 1
    sorted_out = {each: found if single else [entry for entry in found if type(entry) is each] for each in types}
    for record, own in sorted_out.items():
        # Those that are built in are tested; nothing is known of what others make.
        if record not in RECORDS and (problem := first_problem(record, own)):
            raise PipelineFailedError(f"{spec.name} {problem}", {"pipeline": spec.name})
    return sorted_out


def _require_declared(spec: PipelineSpec, found: Sequence[Record]) -> None:
    # Records of a single type may be made only when they are asked for; the first one tells what they are.
    strange = {type(each) for each in (found if len(spec.records) > 1 else found[:1])} - set(spec.records)
    if strange:
        names = ", ".join(sorted(each.__name__ for each in strange))
        message = f"{spec.name} produced records that it does not declare: {names}."
        raise PipelineFailedError(message, {"pipeline": spec.name})
