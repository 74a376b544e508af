import pytest

from videoannotator.errors import InvalidRequestError
from videoannotator.formats.names import OUTPUTS, validate_outputs


def test_nothing_means_everything() -> None:
    assert validate_outputs(()) == OUTPUTS


def test_order_and_repeats_do_not_matter() -> None:
    assert validate_outputs(["preview", "coco", "preview"]) == ("coco", "preview")


def test_every_wrong_name_is_reported() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        validate_outputs(["coco", "xml", "pdf"])
    assert [violation.field for violation in caught.value.violations] == ["outputs[1]", "outputs[2]"]
