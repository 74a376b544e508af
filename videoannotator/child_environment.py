"""The environment of processes that open untrusted media or run plugins: what they need to work, and no secret."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_NAMES = frozenset(
    {
        *("PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH"),
        *("XDG_CACHE_HOME", "SSL_CERT_FILE", "HF_HOME", "HF_HUB_CACHE", "HF_HUB_OFFLINE", "DEEPFACE_HOME"),
        "VIDEOANNOTATOR_CRASH_AT",
    }
)
_PREFIXES = (
    *("LC_", "PYTHON", "COVERAGE_"),
    *("CUDA_", "NVIDIA_", "NCCL_", "TORCH_", "PYTORCH_", "ORT_"),
    *("OMP_", "MKL_", "OPENBLAS_", "KMP_", "GOMP_", "MALLOC_"),
)
"""Of variables that steer the interpreter, graphics processors and libraries that compute."""


def child_environment(environment: Mapping[str, str], more: Iterable[str] = ()) -> dict[str, str]:
    """Return the part of an environment that a child process gets; ``more``: names of further variables for it."""
    wanted = _NAMES | set(more)
    return {name: value for name, value in environment.items() if name in wanted or name.startswith(_PREFIXES)}
