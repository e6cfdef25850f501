"""The corpus model: the statistics that a verdict depends on besides the two texts."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo

import numpy as np
from numpy.typing import NDArray

from dedup.config import FORMAT_VERSION
from dedup.errors import InputError, OutputError
from dedup.model import Bytes, Floats, Int64s
from dedup.rule import Rule
from dedup.storage.partials import whole_file

TERM_BITS = 20
"""Terms are the upper 20 bits of a token hash: as many as HashingVectorizer's default."""
SHINGLE_COUNTER_BITS = 21
"""4 MB of counters: at 500 shingles a unit a counter is overestimated by 0.00025 N,
a twentieth of the share from which a shingle is common; a table of twice the size
makes the whole counting pass nearly twice as slow (it leaves the second-level cache)."""
KNOWN_FROM = 2
"""Units that hold a word which is no misprint of another."""
SATURATED = 65535
_PLACE = np.dtype(np.uint32)
_COUNTERS = ("term_counts", "shingle_counts")
_NO_MODEL = (LookupError, TypeError, ValueError, EOFError, RuntimeError, BadZipFile, zlib.error)
"""What numpy and zipfile raise where they meet other files; their words are about pickles."""
_MADE_BY = (
    "A model holds the statistics of a corpus; `dedup scan CORPUS --save-model FILE` makes one."
)


@dataclass(slots=True)
class CorpusModel:
    """Document frequencies over units: additive, and independent of order.

    Attributes
    ----------
    n_units : int
        Units counted.
    term_counts : int64 array, shape (2 ** TERM_BITS,)
        Units that hold each hashed term.
    shingle_counts : uint16 array, shape (2 ** SHINGLE_COUNTER_BITS,)
        Saturating counters of units per shingle; never too low below saturation.
    """

    n_units: int
    term_counts: Int64s
    shingle_counts: NDArray[np.uint16]

    @classmethod
    def empty(cls) -> CorpusModel:
        """Return a model that has seen nothing."""
        return cls(
            0,
            np.zeros(1 << TERM_BITS, np.int64),
            np.zeros(1 << SHINGLE_COUNTER_BITS, np.uint16),
        )

    def add(self, other: CorpusModel) -> None:
        """Add the counts of another model."""
        self.n_units += other.n_units
        self.term_counts += other.term_counts
        summed = self.shingle_counts.astype(np.uint32) + other.shingle_counts
        self.shingle_counts = np.minimum(summed, SATURATED).astype(np.uint16)

    def idf(self) -> Floats:
        """Inverse document frequencies as scikit-learn's ``TfidfTransformer`` smooths them.

        Returns
        -------
        float64 array, shape (2 ** TERM_BITS,)
            ``ln((1 + N) / (1 + df)) + 1``.
        """
        return _idf(self.n_units, self.term_counts)

    def weights(self) -> NDArray[np.float32]:
        """Squared inverse document frequencies, as the cosine takes them.

        In single precision (an error of 6e-8): twice as large they leave the share of the
        last-level cache that one core gets, and each look-up waits for memory.

        Returns
        -------
        float32 array, shape (2 ** TERM_BITS,)
        """
        counts = np.arange(int(self.term_counts.max(initial=0)) + 1)
        if len(counts) > len(self.term_counts):
            return _squared(self.idf())
        # most terms are as frequent as others: a tenth of the time, and of the memory
        return _squared(_idf(self.n_units, counts))[self.term_counts]

    def common_shingles(self, rule: Rule) -> Bytes:
        """Return which shingle counters are above what is common, a bit each.

        Returns
        -------
        uint8 array, shape (2 ** SHINGLE_COUNTER_BITS / 8,)
            Lowest bit first; small enough for a second-level cache.
        """
        return np.packbits(self.shingle_counts > self.common_above(rule), bitorder="little")

    def common_above(self, rule: Rule) -> int:
        """Return the highest count of units at which a shingle is not yet common."""
        share = int(rule.common_shingle_share * self.n_units)
        return min(max(rule.common_shingle_count, share), SATURATED - 1)

    def name_weights(self, rule: Rule) -> tuple[np.float32, np.float32]:
        """Return the weights from which on a word is rare, and up to which it is known.

        Known are words of two units and more: a misprint stands in one.
        """
        counts = np.array([self.rare_up_to(rule), KNOWN_FROM])
        rare, known = _squared(_idf(self.n_units, counts))
        return rare, known

    def rare_up_to(self, rule: Rule) -> int:
        """Return the highest count of units at which a word is still rare."""
        return int(rule.rare_word_share * self.n_units)

    def save(self, path: str | Path) -> None:
        """Write the model to one ``.npz`` file: the earlier one stands there until it is whole.

        Raises
        ------
        OutputError
            If the file cannot be written.
        """
        try:
            with whole_file(Path(path)) as place, ZipFile(place, "w") as file:
                _put(file, "version", np.array(FORMAT_VERSION))
                _put(file, "n_units", np.array(self.n_units))
                for name in _COUNTERS:
                    _put_counters(file, name, getattr(self, name))
        except OSError as error:
            message = f"cannot write the model to {path}: {error.strerror}"
            raise OutputError(message) from error

    @classmethod
    def load(cls, path: str | Path) -> CorpusModel:
        """Read a model that :meth:`save` wrote.

        Raises
        ------
        InputError
            If the file is no model, or of another format version.
        """
        try:
            with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as stored:
                version, n_units = int(stored["version"]), int(stored["n_units"])
                none = cls.empty()
                found = [_get_counters(stored, name, getattr(none, name)) for name in _COUNTERS]
        except OSError as error:
            message = f"cannot read the model {path}: {error.strerror or error}. {_MADE_BY}"
            raise InputError(message) from error
        except _NO_MODEL as error:
            message = f"{path} is not a corpus model, or it is damaged. {_MADE_BY}"
            raise InputError(message) from error
        if version != FORMAT_VERSION:
            message = (
                f"{path} is a corpus model of version {version}, this is version "
                f"{FORMAT_VERSION}: make it again with `dedup scan --save-model`."
            )
            raise InputError(message)
        return cls(n_units, *found)


def _put_counters(file: ZipFile, name: str, counters: NDArray[Any]) -> None:
    """Add counters in as few bytes as the highest takes; where few are in use, only these.

    Then their places stand beside them. That is as small as all of them compressed, which
    took 15 ms of every scan.
    """
    smallest = np.min_scalar_type(counters.max(initial=0))
    if np.can_cast(smallest, counters.dtype):
        counters = counters.astype(smallest)
    if np.count_nonzero(counters) * (_PLACE.itemsize + counters.itemsize) < counters.nbytes:
        used = np.flatnonzero(counters)
        _put(file, f"{name}_at", used.astype(_PLACE))
        counters = counters[used]
    _put(file, name, counters)


def _get_counters(stored: Mapping[str, Any], name: str, none: NDArray[Any]) -> NDArray[Any]:
    """Return counters that :func:`_put_counters` added; ``none`` have counted nothing."""
    places = f"{name}_at"
    counters, at = stored[name], stored[places] if places in stored else slice(None)
    if not np.can_cast(counters.dtype, none.dtype) or counters.shape != none[at].shape:
        message = f"{name} has the wrong size or type"
        raise ValueError(message)
    none[at] = counters
    return none


def _idf(n_units: int, counts: Int64s) -> Floats:
    return np.log((1 + n_units) / (1 + counts)) + 1


def _squared(idf: Floats) -> NDArray[np.float32]:
    return (idf**2).astype(np.float32)


def _put(file: ZipFile, name: str, values: NDArray[Any]) -> None:
    """Add an array as ``savez`` does; the fixed date keeps equal models equal bytes."""
    data = BytesIO()
    np.lib.format.write_array(data, values, allow_pickle=False)
    file.writestr(ZipInfo(f"{name}.npy"), data.getbuffer())


def check_model(model: CorpusModel | None) -> None:
    """Raise unless what a library user gave is a model, or none.

    Raises
    ------
    InputError
        If it is something else, such as the path of a model.
    """
    if model is not None and not isinstance(model, CorpusModel):  # pyright: ignore[reportUnnecessaryIsInstance]
        message = (
            f"the model is a {type(model).__name__}: read it by dedup.CorpusModel.load(path) first"
        )
        raise InputError(message)
