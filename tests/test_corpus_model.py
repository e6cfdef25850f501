"""The corpus model: saved, loaded, added up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dedup import CorpusModel, Rule, Settings, scan
from dedup.config import FORMAT_VERSION
from dedup.corpus_model import SHINGLE_COUNTER_BITS, TERM_BITS
from dedup.errors import InputError
from tests.corpora import STORY, article, planted

ONE_THREAD = Settings(threads=1)


def test_a_model_comes_back_from_disk(tmp_path: Path) -> None:
    result = scan(planted(40), ONE_THREAD)
    model = result.model
    model.save(tmp_path / "stats.npz")
    again = CorpusModel.load(tmp_path / "stats.npz")
    assert again.n_units == model.n_units == result.counts["units"]
    assert (again.term_counts == model.term_counts).all()
    assert (again.shingle_counts == model.shingle_counts).all()
    assert (again.idf() == model.idf()).all()


def test_a_model_comes_back_whether_few_counters_are_used_or_most(tmp_path: Path) -> None:
    sizes = []
    for most_used in (False, True):
        model = CorpusModel.empty()
        model.n_units = 3
        model.term_counts[7] = 2**40
        model.shingle_counts[most_used:] = np.arange(len(model.shingle_counts) - most_used) % 9
        model.shingle_counts[:: 1 if not most_used else 10] = 0
        path = tmp_path / f"{most_used}.npz"
        model.save(path)
        again = CorpusModel.load(path)
        assert again.n_units == 3
        assert (again.term_counts == model.term_counts).all()
        assert (again.shingle_counts == model.shingle_counts).all()
        sizes.append(path.stat().st_size)
    few, most = sizes
    assert few < most / 20


def test_a_model_goes_by_the_name_of_its_file_too(tmp_path: Path) -> None:
    CorpusModel.empty().save(f"{tmp_path}/stats.npz")
    assert CorpusModel.load(f"{tmp_path}/stats.npz").n_units == 0
    with pytest.raises(InputError, match="cannot read the model none"):
        CorpusModel.load("none.npz")


def test_models_add_up_whatever_the_order() -> None:
    parts = [scan([article(60, n)], ONE_THREAD).model for n in range(3)]
    sums = []
    for order in ((0, 1, 2), (2, 0, 1)):
        summed = CorpusModel.empty()
        for n in order:
            summed.add(parts[n])
        sums.append(summed)
    assert sums[0].n_units == sums[1].n_units == 3
    assert (sums[0].term_counts == sums[1].term_counts).all()
    assert (sums[0].shingle_counts == sums[1].shingle_counts).all()


def test_counters_saturate_and_never_wrap() -> None:
    model, more = CorpusModel.empty(), CorpusModel.empty()
    model.shingle_counts[:] = 65_000
    more.shingle_counts[:] = 1000
    model.add(more)
    assert set(model.shingle_counts.tolist()) == {65_535}


def test_copies_count_once_in_the_model() -> None:
    one, many = (scan(texts, ONE_THREAD).model for texts in ([STORY], [STORY, STORY.upper()] * 9))
    assert many.n_units == one.n_units == 1
    assert (many.term_counts == one.term_counts).all()


def test_a_shingle_is_common_from_a_number_and_a_share_on() -> None:
    model, rule = CorpusModel.empty(), Rule()
    for n_units, common in ((10, 50), (10_000, 50), (20_000, 100)):
        model.n_units = n_units
        assert model.common_above(rule) == common


BROKEN = {
    "text": b"no model",
    "empty": b"",
    "half": b"PK\x03\x04half an archive",
    "pickle": b"\x80\x04K\x01.",
}


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.usefixtures("collected")
@pytest.mark.parametrize(
    "kind",
    [
        "text",
        "empty",
        "half",
        "pickle",
    ],
)
def test_what_is_no_model_is_refused_by_name(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "stats.npz"
    path.write_bytes(BROKEN[kind])
    with pytest.raises(InputError, match=r"stats\.npz is not a corpus model") as caught:
        CorpusModel.load(path)
    told = str(caught.value)
    assert "`dedup scan CORPUS --save-model FILE` makes one" in told
    assert "pickle" not in told
    assert ".." not in told


def test_a_model_that_cannot_be_read_is_told_from_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read the model .*: No such file"):
        CorpusModel.load(tmp_path / "none.npz")
    with pytest.raises(InputError, match=r"cannot read the model .*: Is a directory"):
        CorpusModel.load(tmp_path)


WHOLE = {
    "version": FORMAT_VERSION,
    "n_units": 3,
    "term_counts": np.zeros(1 << TERM_BITS, np.int64),
    "shingle_counts": np.zeros(1 << SHINGLE_COUNTER_BITS, np.uint16),
}
OTHER_MODELS: dict[str, dict[str, Any]] = {
    "two versions": {"version": [1, 2]},
    "few counters": {"term_counts": np.zeros(3, np.int64)},
    "counters of another type": {"shingle_counts": np.zeros(1 << SHINGLE_COUNTER_BITS)},
    "fewer places": {"term_counts": np.ones(3, np.uint8), "term_counts_at": np.arange(2)},
    "places beyond": {"term_counts": np.ones(1, np.uint8), "term_counts_at": [1 << TERM_BITS]},
}


@pytest.mark.parametrize("kind", OTHER_MODELS)
def test_a_model_of_another_kind_is_refused(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "stats.npz"
    np.savez(path, **WHOLE)
    assert CorpusModel.load(path).n_units == 3
    np.savez(path, **WHOLE | OTHER_MODELS[kind])
    with pytest.raises(InputError, match=r"stats\.npz is not a corpus model"):
        CorpusModel.load(path)


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.usefixtures("collected")
def test_an_array_alone_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "stats.npz"
    with path.open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(InputError, match=r"stats\.npz"):
        CorpusModel.load(path)


def test_a_model_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "stats.npz"
    empty = CorpusModel.empty()
    np.savez(
        path,
        version=np.array(99),
        n_units=np.array(0),
        term_counts=empty.term_counts,
        shingle_counts=empty.shingle_counts,
    )
    with pytest.raises(InputError, match="version 99"):
        CorpusModel.load(path)
