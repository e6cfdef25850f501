"""A scikit-learn style estimator over a list of texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from sklearn.base import BaseEstimator, ClusterMixin

from dedup.api import scan
from dedup.arguments import table_rows
from dedup.config import Settings
from dedup.found.result import Result
from dedup.model import Document, Int64s

if TYPE_CHECKING:
    from sklearn.utils import Tags


class NearDuplicates(ClusterMixin, BaseEstimator):
    """Cluster texts that are exact, normalised or near duplicates of one another.

    Parameters
    ----------
    settings : Settings, optional
        All settings of a scan; the defaults when None.

    Attributes
    ----------
    labels_ : int64 array, shape (n_texts,)
        Equal for texts of one cluster. Clusters are numbered from 0, largest first;
        every text that has no duplicate has a label of its own after them, never -1.
    representative_ : int64 array, shape (n_texts,)
        The text that stands for each text; its own row where it stands for itself.
    result_ : Result
        Everything else that the scan found. It lies in temporary files, and is left behind
        when the estimator is pickled or copied; :func:`dedup.write_results` keeps it.

    Examples
    --------
    >>> texts = ["Snow fell on the pass.", "A dry day.", "snow fell on the pass."]
    >>> NearDuplicates().fit_predict(texts).tolist()
    [0, 1, 0]
    """

    labels_: Int64s
    representative_: Int64s
    result_: Result

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings

    def __sklearn_tags__(self) -> Tags:
        """Tell scikit-learn that texts are taken, and no tables of numbers."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string = tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        return tags

    def __getstate__(self) -> dict[str, Any]:
        """Return what can be pickled: all but :attr:`result_`."""
        state = cast("dict[str, Any]", super().__getstate__())
        return {name: value for name, value in state.items() if name != "result_"}

    def fit(self, X: Sequence[str], y: object = None) -> NearDuplicates:
        """Cluster texts.

        Parameters
        ----------
        X : sequence of str
        y : ignored
            Present because scikit-learn's pipelines pass it.

        Raises
        ------
        TypeError
            If an item is no string, naming its position, or if the texts are a table.
        """
        del y
        documents = _documents(X)
        self.result_ = scan(iter(documents), self.settings)
        n = len(documents)
        self.labels_ = np.full(n, -1, np.int64)
        self.representative_ = np.arange(n)
        lines = np.asarray(self.result_.found.records.lines) - 1
        n_clusters = self.result_.counts["clusters"]
        for number in range(n_clusters):
            # a text that cannot be encoded is in no record: lines count the texts given
            rows = lines[self.result_.cluster_records(number + 1)]
            self.labels_[rows] = number
            self.representative_[rows] = rows[0]
        alone = np.flatnonzero(self.labels_ < 0)
        self.labels_[alone] = n_clusters + np.arange(len(alone))
        return self

    def fit_predict(self, X: Sequence[str], y: object = None, **kwargs: object) -> Int64s:
        """Cluster texts and return :attr:`labels_`."""
        del kwargs  # scikit-learn passes fit parameters; there are none
        return self.fit(X, y).labels_


def _documents(texts: Sequence[str]) -> list[Document]:
    """Return texts as documents, or say what was given instead of them."""
    if isinstance(texts, str):
        message = "one string was given; NearDuplicates takes a list of texts"
        raise TypeError(message)
    if table_rows(texts) is not None:
        message = (
            f"a table was given ({type(texts).__name__}); NearDuplicates takes one column of "
            'texts, such as table["text"]'
        )
        raise TypeError(message)
    documents: list[Document] = []
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            message = f"text {row} is a {type(text).__name__}; NearDuplicates takes strings"
            raise TypeError(message)
        documents.append(Document(text))
    return documents
