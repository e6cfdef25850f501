"""The whole flow in plain Python: the specification that the kernels are held to."""

from __future__ import annotations

from dedup.reference.flow import find

__all__ = ["find"]
