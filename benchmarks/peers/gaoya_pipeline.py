"""gaoya as its documentation shows it: MinHashStringIndex with its own word analyzer.

Written against gaoya 0.2.2. 42 bands of 3 (126 values) and the threshold 0.5 are the README's
example; the built-in analyzer, the bulk calls and ``id_container="smallvec"`` are what the
docstrings name as the fast choices. The analyzer splits at ASCII white space and punctuation,
so its words differ a little from the other pipelines'. A query signs its text again (there is
no query by id), and answers only documents at or above the threshold, so nothing is left to
check.
"""

from __future__ import annotations

from pathlib import Path

from gaoya.minhash import MinHashStringIndex

from benchmarks.peers.common import Clusters, Setting, read_batches, run_pipeline


def find_clusters(corpus: Path, setting: Setting) -> tuple[list[str], Clusters]:
    """Return the ids in reading order and the clusters over them."""
    index = MinHashStringIndex(
        hash_size=32,
        jaccard_threshold=setting.threshold,
        num_bands=42,
        band_size=3,
        analyzer="word",
        lowercase=True,
        ngram_range=(setting.width, setting.width),
        id_container="smallvec",
    )
    ids: list[str] = []
    clusters = Clusters()
    for batch_ids, texts in read_batches(corpus):
        first = len(ids)
        ids += batch_ids
        clusters.grow(len(ids))
        index.par_bulk_insert_docs(list(range(first, len(ids))), texts)
        for document, matches in enumerate(index.par_bulk_query(texts), first):
            for other in matches:
                if other < document:
                    clusters.join(document, other)
    return ids, clusters


if __name__ == "__main__":
    run_pipeline(find_clusters)
