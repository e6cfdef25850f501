"""Errors that a user can read: what happened, where, and what to do about it."""

from __future__ import annotations


class DedupError(Exception):
    """Base of every error this package raises on purpose.

    Attributes
    ----------
    exit_code : int
        The code the command line ends with (docs/cli.md lists them).
    """

    exit_code: int = 2


class SettingsError(DedupError):
    """A setting has a value that cannot be used, or two settings contradict."""


class MissingExtraError(DedupError):
    """An optional package is needed; the message names the ``pip install`` line."""


class ResultsError(DedupError):
    """A results folder is damaged, of another version, or in the way."""

    exit_code = 4


class InputError(DedupError):
    """An input path cannot be opened or read at all."""

    exit_code = 5


class OutputError(DedupError):
    """A result cannot be written: no space, no permission, the path is taken."""

    exit_code = 5


class CountsError(DedupError):
    """The counts of a run do not add up: a defect of this package, never hidden."""

    exit_code = 70
