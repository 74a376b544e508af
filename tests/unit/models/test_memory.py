import pytest
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, RuntimeException

from videoannotator.models.sessions import is_out_of_memory


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeException("BFCArena::AllocateRawInternal Failed to allocate memory for requested buffer of size 4096"),
        RuntimeError("can't start new thread"),
        RuntimeError("mkl_malloc: failed to allocate memory"),
        Fail("CUDA failure 2: out of memory ; GPU=0"),
    ],
)
def test_lack_of_memory_is_recognised(error: BaseException) -> None:
    assert is_out_of_memory(error)


@pytest.mark.parametrize("error", [ValueError("out of memory"), RuntimeException("bad shape"), KeyError("x")])
def test_other_errors_are_not(error: BaseException) -> None:
    assert not is_out_of_memory(error)
