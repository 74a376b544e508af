"""The reference of the contract has everything that the contract has."""

from __future__ import annotations

from pathlib import Path

import pytest
from google.protobuf.descriptor import FileDescriptor

from scripts.contract_pages import FOLDER, index, page, pages
from scripts.openapi.contract import NATIVE

BY_NAME = {Path(file.name).stem: file for file in NATIVE}


def text_of(file: FileDescriptor) -> str:
    return "\n".join(page(file))


def test_every_file_has_a_page_that_the_index_names() -> None:
    listed = "\n".join(index())
    assert set(pages()) == {f"{FOLDER}/index.md"} | {f"{FOLDER}/{name}.md" for name in BY_NAME}
    assert all(f"({name}.md)" in listed for name in BY_NAME)


@pytest.mark.parametrize("name", BY_NAME)
def test_a_page_has_every_call_message_field_and_value(name: str) -> None:
    file, text = BY_NAME[name], text_of(BY_NAME[name])
    calls = [method for service in file.services_by_name.values() for method in service.methods]
    kinds = [*file.message_types_by_name.values(), *file.enum_types_by_name.values()]
    assert all(f"### {each.name}\n" in text for each in [*calls, *kinds])
    assert all(f"| `{field.name}` |" in text for each in file.message_types_by_name.values() for field in each.fields)
    assert all(f"| `{value.name}` |" in text for each in file.enum_types_by_name.values() for value in each.values)


def test_a_call_tells_its_messages_its_scope_and_its_path() -> None:
    run = text_of(BY_NAME["jobs"]).partition("### RunJob")[2].partition("###")[0]
    assert "Request: [SubmitJobRequest](jobs.md#submitjobrequest)" in run
    assert "Response: stream of [JobEvent](jobs.md#jobevent)" in run
    assert "Scope of the token: `write`" in run
    assert "REST: `POST /api/v1/jobs/run`" in run


def test_a_field_tells_its_type_and_presence() -> None:
    types, jobs = text_of(BY_NAME["types"]), text_of(BY_NAME["jobs"])
    assert "| `runs` | list of [PipelineRun](types.md#pipelinerun) |" in types
    assert "| `labels` | map of `string` to `string` |" in types
    assert "| `queue_position` | `int32` | Optional. " in types
    assert "| `terminal` | [Terminal](jobs.md#terminal) | One of `event`. " in jobs
