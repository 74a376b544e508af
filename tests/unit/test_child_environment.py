"""What a process that opens untrusted media may know."""

from __future__ import annotations

import pytest

from videoannotator.child_environment import child_environment


@pytest.mark.parametrize(
    "name",
    [
        *("VIDEOANNOTATOR_DATABASE_URL", "VIDEOANNOTATOR_TOKEN", "DATABASE_URL", "PGPASSWORD"),
        *("HF_TOKEN", "HUGGINGFACE_TOKEN", "AWS_SECRET_ACCESS_KEY", "SSH_AUTH_SOCK", "path"),
    ],
)
def test_secrets_and_what_nobody_needs_are_not_passed_on(name: str) -> None:
    assert child_environment({name: "secret"}) == {}


@pytest.mark.parametrize("name", ["PATH", "HOME", "LC_ALL", "PYTHONPATH", "CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS"])
def test_what_makes_processes_work_is_passed_on(name: str) -> None:
    assert child_environment({name: "value"}) == {name: "value"}


def test_what_a_plugin_needs_is_passed_on_when_it_is_named() -> None:
    environment = {"GAZE_LICENCE": "x", "OTHER": "y"}
    assert child_environment(environment, ["GAZE_LICENCE", "ABSENT"]) == {"GAZE_LICENCE": "x"}
