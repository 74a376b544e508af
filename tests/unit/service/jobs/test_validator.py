"""A request becomes a job only if everything about it is right."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from videoannotator.errors import InvalidConfigError, InvalidRequestError, PipelineNotFoundError
from videoannotator.models.store import ModelStore
from videoannotator.pipelines.availability import Availability
from videoannotator.pipelines.registry import BUILT_IN, Registry
from videoannotator.service.jobs.request import JobRequest
from videoannotator.service.jobs.validator import JobValidator

REQUEST = JobRequest(video_id="v", pipelines=("scene",))


@pytest.fixture
def validator() -> JobValidator:
    return JobValidator(Registry(BUILT_IN), Availability(ModelStore()), default_attempts=3)


def test_names_become_canonical_and_defaults_are_filled_in(validator: JobValidator) -> None:
    new = validator.validate(REQUEST)
    assert new.pipelines == ("scene_detection",)
    assert set(new.config) == {"scene_detection"}
    assert new.max_attempts == 3
    assert new.outputs == ()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"video_id": ""}, "video_id"),
        ({"priority": 101}, "priority"),
        ({"priority": -101}, "priority"),
        ({"max_attempts": 0}, "max_attempts"),
        ({"max_attempts": 11}, "max_attempts"),
        ({"request_id": ""}, "request_id"),
        ({"request_id": "x" * 129}, "request_id"),
        ({"labels": {str(n): "" for n in range(33)}}, "labels"),
        ({"labels": {"": "x"}}, "labels."),
        ({"labels": {"a": "x" * 257}}, "labels.a"),
        ({"outputs": ("xml",)}, "outputs[0]"),
    ],
)
def test_each_field_has_its_limits(validator: JobValidator, change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequestError) as error:
        validator.validate(replace(REQUEST, **change))
    assert [violation.field for violation in error.value.violations] == [field]


def test_problems_of_every_kind_are_told_together(validator: JobValidator) -> None:
    request = replace(REQUEST, config={"scene": {"x": 1}}, priority=200, outputs=("xml",))
    with pytest.raises(InvalidConfigError) as error:
        validator.validate(request)
    assert [violation.field for violation in error.value.violations] == ["config.scene.x", "outputs[0]", "priority"]


def test_an_unknown_pipeline_alone_is_not_found(validator: JobValidator) -> None:
    with pytest.raises(PipelineNotFoundError):
        validator.validate(replace(REQUEST, pipelines=("nope",)))


def test_a_job_knows_which_of_its_pipelines_need_frames(validator: JobValidator) -> None:
    assert validator.validate(REQUEST).need_frames == ("scene_detection",)


def test_requests_that_differ_have_other_digests(validator: JobValidator) -> None:
    new = validator.validate(REQUEST)
    assert new.digest == validator.validate(replace(REQUEST, request_id="r")).digest
    assert new.digest != validator.validate(replace(REQUEST, priority=1)).digest
