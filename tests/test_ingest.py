"""The pass over the texts, where something fails in one of several threads."""

from __future__ import annotations

import numpy as np
import pytest

from dedup import collapse, scan
from dedup.config import Settings
from dedup.errors import InputError, OutputError
from dedup.ingest import Ingest
from dedup.metadata.records import TextFacts
from dedup.model import Batch, Ragged
from dedup.parallel import open_executor
from dedup.storage.spill import Spill

N_THREADS = 3
N_BATCHES = 12


class FullDisk:
    """A writer that has no room for one of the batches."""

    def __init__(self, fails_at: int) -> None:
        self.n_records = 0
        self._fails_at = fails_at
        self._n_batches = 0

    def append(self, batch: Batch, texts: TextFacts, *, against: bool) -> None:
        del texts, against
        if self._n_batches == self._fails_at:
            message = "no space left"
            raise OutputError(message)
        self._n_batches += 1
        self.n_records += len(batch)


def batches() -> list[Batch]:
    """Return batches of which the earlier ones take longer to sign."""
    made: list[Batch] = []
    for number in range(N_BATCHES):
        n_words = 40_000 if number % 2 == 0 else 10
        text = " ".join(f"w{number}x{word}" for word in range(n_words)).encode()
        none = np.zeros(1, np.int64)
        texts, ids = Ragged.from_bytes([text]), Ragged.from_strings(["1"])
        made.append(Batch(texts, ids, none.astype(np.int32), none, none))
    return made


@pytest.mark.parametrize("fails_at", range(N_BATCHES))
def test_what_failed_is_said_whatever_batches_were_cancelled_by_it(fails_at: int) -> None:
    settings = Settings(threads=N_THREADS)
    with Spill(None) as spill, open_executor(N_THREADS) as executor:
        writer = FullDisk(fails_at)
        ingest: Ingest[Batch] = Ingest(writer, settings, spill, executor, N_THREADS)
        with pytest.raises(OutputError, match="no space left"):  # noqa: PT012 - any of the calls
            for batch in batches():
                ingest.push(batch, against=False)
            ingest.finish()


@pytest.mark.parametrize("threads", [1, 2])
def test_more_texts_than_rows_can_number_are_refused(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collapse, "MOST_UNITS", 50)
    texts = [f"text number {n}" for n in range(51)]
    settings = Settings(threads=threads, batch_bytes=40)
    assert scan(iter(texts[:49]), settings).counts["units"] == 49
    with pytest.raises(InputError, match=r"51 different texts, .* 50 at most.*--against"):
        scan(iter(texts), settings)
