"""What could not be written is refused when the registry is built, all of it at once and with the pipeline's name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pytest

from tests.support.declared import Gesture, Hand, Light
from videoannotator.errors import RegistryError
from videoannotator.pipelines.registry import BUILT_IN, Registry
from videoannotator.pipelines.spec import OutputSpec, PipelineSpec
from videoannotator.record_types import Arrow, CocoCategory, FrameType, Handler, IntervalType, RecordFile, RecordType

SCENE = next(spec for spec in BUILT_IN if spec.name == "scene_detection")
CSV = OutputSpec("csv", ("things",), "text/csv")


def spec(*records: Any, name: str = "plugin", outputs: tuple[OutputSpec, ...] = (CSV,)) -> PipelineSpec:
    return replace(SCENE, name=name, family=name, aliases=(), records=records, outputs=outputs)


def problems(*specs: PipelineSpec) -> list[str]:
    with pytest.raises(RegistryError) as caught:
        Registry((*BUILT_IN, *specs))
    found: list[str] = caught.value.detail["problems"]
    return found


def typed(**changes: Any) -> FrameType:
    return FrameType(**{"name": "thing", "noun": "thing", "plural": "things", **changes})


def thing(declared: object, **fields: Any) -> type[Any]:
    """Return a record class that declares ``declared`` and has ``fields`` beside those of a frame."""
    hints = {"record_type": ClassVar[RecordType], "frame": int, "time": float, **fields}
    return dataclass(frozen=True)(type("Thing", (), {"record_type": declared, "__annotations__": hints}))


def test_types_that_can_be_written_are_registered() -> None:
    everything = tuple(
        OutputSpec(name, ("things",), kind)
        for name, kind in {
            "coco": "application/json",
            "csv": "text/csv",
            "parquet": "application/vnd.apache.parquet",
            "eaf": "text/x-eaf+xml",
            "timeline": "image/png",
        }.items()
    )
    assert "plugin" in Registry((*BUILT_IN, spec(Hand, Gesture, outputs=everything), spec(Light, name="other")))


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        (int, "has no record_type"),
        (thing("gaze"), "has no record_type"),
        (type("Thing", (), {"record_type": typed()}), "is not a dataclass"),
        (thing(typed(name="Thing")), "is called 'Thing' in files: lower-case letters"),
        (thing(typed(name="frame")), "the name of another line"),
        (thing(typed(noun="")), "declares no noun"),
        (thing(typed(suffix="x/y")), "has the suffix 'x/y'"),
        (thing(typed(), frame=float), "has no field frame: int, which every FrameType needs"),
        (thing(IntervalType(name="thing", noun="t", plural="ts")), "has no field start: float"),
        (thing(typed(), track_id=str), "has a field track_id that is not int"),
        (thing(typed(), box=int), "has a field box without x, y, width and height"),
        (thing(typed(), scores=Mapping[str, float]), "has a field scores of type .*, which no table can hold"),
        (thing(typed(), points=tuple[float, ...]), "has a field points of type .*, which no table can hold"),
        (thing(typed(), thing=int), "has two columns called 'thing'"),
        (thing(typed(label="mood")), "declares the label 'mood', which it does not have"),
        (thing(typed(label="mood"), mood=int), "declares the label 'mood', which is not text"),
        (thing(typed(arrows=(Arrow("time", "tip"),))), "declares the point 'time', which has no x and y"),
        (thing(typed(arrows=(Arrow("time", "tip"),))), "declares the point 'tip', which it does not have"),
        (thing(typed(skeleton="joints")), "declares the skeleton 'joints'"),
        (thing(typed(files=(RecordFile("xml", ".xml", "json:dumps"),))), "the format 'xml', which does not exist"),
        (thing(typed(lanes=Handler("nowhere.at_all:draw"))), "names 'nowhere.at_all:draw', which does not exist"),
        (thing(typed(), mood="Missing"), "has type hints that cannot be read"),
    ],
)
def test_a_record_that_cannot_be_written_is_refused(record: Any, problem: str) -> None:
    found = problems(spec(record))
    assert any(re.search(problem, each) for each in found), found
    assert all("'plugin'" in each for each in found)


def test_captions_need_a_text() -> None:
    declared = IntervalType(name="thing", noun="t", plural="ts", overlay="captions")
    found = " ".join(problems(spec(thing(declared, start=float, end=float))))
    assert "has no field text, which captions need" in found


def test_an_output_without_a_place_for_any_record_is_refused() -> None:
    rttm, coco = OutputSpec("rttm", (), "text/plain"), OutputSpec("coco", (), "application/json")
    assert problems(spec(Gesture, outputs=(rttm, coco))) == [
        "'plugin' declares the output 'rttm', which has no place for any of its records.",
        "'plugin' declares the output 'coco', which has no place for any of its records.",
    ]
    declared = thing(typed(coco=CocoCategory("thing")))
    assert "plugin" in Registry((*BUILT_IN, spec(declared, outputs=(coco,))))


def test_an_output_that_does_not_exist_or_is_of_another_media_type_is_refused() -> None:
    wrong = (OutputSpec("xml", (), "text/xml"), replace(CSV, media_type="text/plain"))
    assert problems(spec(Hand, outputs=wrong)) == [
        "'plugin' declares the output 'xml', which does not exist.",
        "'plugin' declares the output 'csv' as text/plain, which is text/csv.",
    ]


def test_two_classes_of_one_name_in_files_are_refused() -> None:
    person = thing(typed(name="person"))
    assert problems(spec(person), spec(Hand, name="one"), spec(thing(typed(name="hand")), name="other")) == [
        "The record Thing of 'plugin' is called 'person' in files, and so is PersonObservation.",
        "The record Thing of 'other' is called 'hand' in files, and so is Hand.",
    ]
    assert "two" in Registry((*BUILT_IN, spec(Hand, name="one"), spec(Hand, name="two")))


def test_files_that_would_replace_each_other_are_refused() -> None:
    found = problems(spec(Hand, Light))
    assert found[0] == "'plugin' would write several files plugin.csv: give its types of record a suffix."


def test_the_problems_of_all_pipelines_are_told_at_once() -> None:
    found = problems(spec(int, name="one"), spec(thing(typed(label="mood")), name="two"))
    assert [("'one'" in each, "'two'" in each) for each in found] == [(True, False), (False, True)]
