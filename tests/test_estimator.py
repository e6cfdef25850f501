"""The estimator, as scikit-learn uses one."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import SkipTestWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import check_estimator

from dedup import NearDuplicates, Settings
from tests.corpora import COPY, OTHER, STORY, article

ONE_THREAD = Settings(threads=1)


def pickled(thing: object) -> object:
    return pickle.loads(pickle.dumps(thing))


def test_labels_group_copies_and_give_every_other_text_its_own() -> None:
    texts = [OTHER, STORY, COPY, STORY.upper(), article(50, "third"), OTHER]
    estimator = NearDuplicates(ONE_THREAD).fit(texts)
    labels = estimator.labels_.tolist()
    assert labels[1] == labels[2] == labels[3] == 0
    assert labels[0] == labels[5] == 1
    assert labels[4] == 2
    assert min(labels) >= 0


def test_empty_texts_have_labels_of_their_own() -> None:
    labels = NearDuplicates(ONE_THREAD).fit_predict(["", "", "…", "word", "word"])
    assert labels[3] == labels[4]
    assert len(set(labels.tolist())) == 4
    assert labels.min() == 0


def test_a_representative_stands_for_its_copies_and_for_itself() -> None:
    texts = [OTHER, COPY, STORY + " And a few words more.", OTHER]
    estimator = NearDuplicates(ONE_THREAD).fit(texts)
    assert estimator.representative_.tolist() == [0, 2, 2, 0]
    assert estimator.result_.counts["clusters"] == 2


def test_no_texts_have_no_labels() -> None:
    assert NearDuplicates(ONE_THREAD).fit_predict([]).tolist() == []


def test_fit_predict_returns_labels_and_fit_returns_itself() -> None:
    estimator = NearDuplicates(ONE_THREAD)
    assert estimator.fit([STORY, COPY], y=None) is estimator
    assert (estimator.fit_predict([STORY, COPY]) == estimator.labels_).all()


def test_arrays_and_series_are_taken() -> None:
    for texts in (np.array([STORY, COPY]), pd.Series([STORY, COPY]), (STORY, COPY)):
        assert NearDuplicates(ONE_THREAD).fit_predict(texts).tolist() == [0, 0]


def test_the_estimator_follows_the_conventions_of_scikit_learn() -> None:
    estimator = NearDuplicates(settings=ONE_THREAD)
    assert estimator.get_params() == {"settings": ONE_THREAD}
    copied = clone(estimator)
    assert copied is not estimator
    assert copied.get_params() == estimator.get_params()
    assert not hasattr(copied, "labels_")
    assert estimator.set_params(settings=None).settings is None
    assert "NearDuplicates" in repr(estimator)


def test_the_estimator_passes_the_checks_of_scikit_learn() -> None:
    estimator = NearDuplicates(ONE_THREAD)
    assert estimator.__sklearn_tags__().input_tags.string
    with pytest.warns(SkipTestWarning, match="requires input"):  # tables of numbers are no texts
        checks = check_estimator(estimator)
    assert [check["status"] for check in checks].count("failed") == 0


def test_the_estimator_works_in_a_pipeline() -> None:
    lower = FunctionTransformer(lambda texts: [text.lower() for text in texts])
    pipeline = make_pipeline(lower, NearDuplicates(ONE_THREAD))
    assert pipeline.fit_predict([STORY, STORY.upper(), OTHER]).tolist() == [0, 0, 1]


@pytest.mark.parametrize("copied", [pickled, copy.deepcopy], ids=["pickle", "deepcopy"])
def test_a_fitted_estimator_can_be_pickled_and_copied(copied: Callable[[Any], Any]) -> None:
    estimator = NearDuplicates(ONE_THREAD).fit([STORY, OTHER, COPY])
    again = copied(estimator)
    assert again.labels_.tolist() == estimator.labels_.tolist() == [0, 1, 0]
    assert again.representative_.tolist() == estimator.representative_.tolist()
    assert again.settings == ONE_THREAD
    assert not hasattr(again, "result_")
    assert estimator.result_.counts["clusters"] == 1
    assert copied(NearDuplicates(ONE_THREAD)).fit([STORY, COPY]).labels_.tolist() == [0, 0]


@pytest.mark.parametrize(("texts", "row"), [(["a", 7], 1), ([None], 0), ([b"bytes"], 0)])
def test_what_is_no_string_is_an_error_that_names_the_place(texts: list[Any], row: int) -> None:
    with pytest.raises(TypeError, match=f"text {row} is a"):
        NearDuplicates(ONE_THREAD).fit(texts)


def test_labels_stay_with_their_texts_when_one_cannot_be_read() -> None:
    labels = NearDuplicates(ONE_THREAD).fit_predict(["lone \ud800", STORY, COPY])
    assert labels[1] == labels[2] != labels[0]


def test_one_string_is_no_list_of_texts() -> None:
    with pytest.raises(TypeError, match="takes a list of texts"):
        NearDuplicates(ONE_THREAD).fit("one string")
