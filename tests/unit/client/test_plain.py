"""Messages as plain JSON."""

from __future__ import annotations

from google.protobuf.json_format import ParseDict
from videoannotator_client.plain import enum_name, enum_number, plain

from videoannotator.v1.jobs_pb2 import JobEvent
from videoannotator.v1.types_pb2 import Job, JobStatus, MediaInfo


def test_unset_is_null_and_set_is_itself():
    job = Job(id="a", status=JobStatus.JOB_STATUS_RUNNING, labels={"k": "v"}, video_size_bytes=2**40)
    value = plain(job)
    assert value["queue_position"] is None
    assert value["completed_at"] is None
    assert value["error"] is None
    assert value["priority"] == 0
    assert value["runs"] == []
    assert (value["status"], value["labels"], value["video_size_bytes"]) == ("running", {"k": "v"}, 2**40)


def test_an_optional_zero_is_not_null():
    assert plain(Job(queue_position=0))["queue_position"] == 0


def test_times_durations_and_structs_are_what_people_write():
    job = Job()
    job.created_at.FromJsonString("2026-01-02T03:04:05Z")
    job.config.CopyFrom(ParseDict({"scene_detection": {"threshold": None}}, job.config))
    media = MediaInfo()
    media.duration.FromMilliseconds(1500)
    assert plain(job)["created_at"] == "2026-01-02T03:04:05Z"
    assert plain(job)["config"] == {"scene_detection": {"threshold": None}}
    assert plain(media)["duration"] == 1.5


def test_of_a_choice_only_what_is_set_is_there():
    event = JobEvent(job_id="a", sequence=3)
    event.heartbeat.SetInParent()
    assert plain(event) == {"job_id": "a", "sequence": 3, "time": None, "heartbeat": {}}


def test_enum_names_go_both_ways():
    for number in JobStatus.values():
        name = enum_name(JobStatus.DESCRIPTOR, number)
        assert enum_number(JobStatus.DESCRIPTOR, name) == (number or None)
    assert enum_name(JobStatus.DESCRIPTOR, 99) == "99"
    assert enum_number(JobStatus.DESCRIPTOR, "nonsense") is None
