import pytest

from videoannotator.annotations import RECORDS, Record
from videoannotator.errors import InvalidRequestError
from videoannotator.export.writers import job_writer, writers
from videoannotator.formats import names
from videoannotator.formats.names import DEFAULT_OUTPUTS, OUTPUTS, validate_outputs
from videoannotator.formats.tables import Table
from videoannotator.pipelines.registry import BUILT_IN
from videoannotator.record_types import FrameType, IntervalType
from videoannotator.record_types.names import resolve
from videoannotator.record_types.outputs import OF_A_JOB


def test_nothing_means_what_viewers_read_and_all_means_everything() -> None:
    assert validate_outputs(()) == DEFAULT_OUTPUTS
    assert set(DEFAULT_OUTPUTS) < set(OUTPUTS)
    assert validate_outputs(["all"]) == validate_outputs(["csv", "all"]) == OUTPUTS


def test_order_and_repeats_do_not_matter() -> None:
    assert validate_outputs(["preview", "coco", "preview"]) == ("coco", "preview")


def test_every_wrong_name_is_reported() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        validate_outputs(["coco", "xml", "pdf"])
    assert [violation.field for violation in caught.value.violations] == ["outputs[1]", "outputs[2]"]
    assert caught.value.violations[0].allowed == [*OUTPUTS, "all"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("vtt", "webvtt"),
        ("CSV", "csv"),
        (".srt", "srt"),
        ("ELAN", "eaf"),
        ("text-grid", "textgrid"),
        ("parket", "parquet"),
    ],
)
def test_a_name_that_is_nearly_right_is_suggested(written: str, meant: str) -> None:
    with pytest.raises(InvalidRequestError, match=f"Did you mean '{meant}'"):
        validate_outputs([written])


def test_a_format_whose_library_is_missing_is_refused_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "find_spec", lambda library: None if library == "pympi" else object())
    with pytest.raises(InvalidRequestError, match="'eaf' needs pympi") as caught:
        validate_outputs(["csv", "eaf"])
    assert caught.value.hint == "pip install 'videoannotator[formats]'"
    with pytest.raises(InvalidRequestError, match="'eaf' needs pympi"):
        validate_outputs(["all"])
    assert validate_outputs(["textgrid", "parquet"]) == ("parquet", "textgrid")


def test_every_built_in_pipeline_declares_the_formats_that_its_records_can_be_written_to() -> None:
    for spec in BUILT_IN:
        possible = {
            output: {writer.media_type for record in spec.records for writer in writers(output, record)}
            for output in OUTPUTS
        }
        possible |= {output: {writer.media_type} for output in OUTPUTS if (writer := job_writer(output))}
        declared = {output.format: {output.media_type} for output in spec.outputs}
        assert declared.keys() <= {output for output in OUTPUTS if possible[output]}, spec.name
        assert {output for output in OUTPUTS if possible[output]} - declared.keys() <= {"preview"}, spec.name
        assert declared.items() <= possible.items(), spec.name


def test_formats_of_a_whole_job_are_those_that_have_a_job_writer() -> None:
    assert {output for output in OUTPUTS if job_writer(output)} == set(OF_A_JOB)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_everything_that_built_in_types_name_is_there(record: type[Record]) -> None:
    declared = record.record_type
    handlers = [each.function for each in (declared.tiers, declared.lanes, declared.section) if each is not None]
    assert all(callable(resolve(name)) for name in [*handlers, *(file.writer for file in declared.files)])
    assert all(isinstance(resolve(table.table), Table) for table in declared.tables)


@pytest.mark.parametrize("kind", [FrameType, IntervalType])
def test_what_a_plugin_has_without_saying_so_is_there(kind: type[FrameType] | type[IntervalType]) -> None:
    declared = kind(name="thing", noun="thing", plural="things")
    for handler in (declared.tiers, declared.lanes, declared.section):
        assert handler is None or callable(resolve(handler.function))
