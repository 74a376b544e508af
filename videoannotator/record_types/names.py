"""Things that are named as ``module:attribute``, so that a specification needs none of them."""

from __future__ import annotations

import ast
import importlib
import importlib.util
from typing import Any


def resolve(name: str) -> Any:
    """Import and return what ``name`` names."""
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


def exists(name: str) -> bool:
    """Whether ``module:attribute`` is there, found out without running the module: it may import heavy libraries."""
    module, _, attribute = name.partition(":")
    try:
        found = importlib.util.find_spec(module) if module and attribute else None
    except (ImportError, ValueError):
        return False
    if found is None:
        return False
    source = getattr(found.loader, "get_source", lambda _: None)(module)
    return source is None or attribute in _top_level_names(source)


def _top_level_names(source: str) -> set[str]:
    names: set[str] = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names
