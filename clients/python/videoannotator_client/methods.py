"""Methods of a client that are made of plans look, to `help` and to editors, like methods written by hand."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

Method = TypeVar("Method", bound=Callable[..., Any])


def as_method(method: Method, plan: Callable[..., Any], returns: str | None = None) -> Method:
    """Give ``method`` the name, the documentation and the parameters of ``plan``.

    ``returns`` is the annotation of what it returns: the result of the plan unless given.
    """
    signature = inspect.signature(plan)
    result = str(signature.return_annotation).removeprefix("Plan[").removesuffix("]")
    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    method.__name__ = plan.__name__
    method.__qualname__ = f"{method.__qualname__.partition('.')[0]}.{plan.__name__}"
    method.__doc__ = plan.__doc__
    method.__signature__ = signature.replace(  # type: ignore[attr-defined] # functions take any attribute
        parameters=[own, *signature.parameters.values()], return_annotation=returns or result
    )
    return method
