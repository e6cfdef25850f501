"""The constants of the kernels, wherever among them they stand."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any

from dedup import kernels

_MODULES = [
    import_module(f"{kernels.__name__}.{found.name}")
    for found in pkgutil.iter_modules(kernels.__path__)
]


def kernel_constant(name: str) -> Any:
    """Return the value that every kernel module which has the constant gives it."""
    values = {getattr(module, name) for module in _MODULES if hasattr(module, name)}
    assert len(values) == 1, f"{name}: {values or 'in no kernel'}"
    return values.pop()
