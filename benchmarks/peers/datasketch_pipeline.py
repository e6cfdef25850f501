"""datasketch as its documentation shows it: MinHash in bulk, MinHashLSH, estimated Jaccard.

Written against datasketch 2.0.0. ``MinHash.generator`` is the documented way to make many
signatures (it shares the permutations), ``update_batch`` below it the documented fast update,
``check_duplication=False`` the documented switch for keys known to be new. The hash function is
the default one, SHA-1.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

from datasketch import MinHash, MinHashLSH

from benchmarks.peers.common import (
    NUM_PERM,
    Clusters,
    Setting,
    read_batches,
    run_pipeline,
    shingle,
)


def find_clusters(corpus: Path, setting: Setting) -> tuple[list[str], Clusters]:
    """Return the ids in reading order and the clusters over them."""
    index = MinHashLSH(threshold=setting.threshold, num_perm=NUM_PERM)
    ids: list[str] = []
    minhashes: list[MinHash] = []
    clusters = Clusters()
    for batch_ids, texts in read_batches(corpus):
        ids += batch_ids
        clusters.grow(len(ids))
        shingles = ([s.encode() for s in set(shingle(text, setting.width))] for text in texts)
        for minhash in MinHash.generator(shingles, num_perm=NUM_PERM):
            document = len(minhashes)
            minhashes.append(minhash)
            for key in index.query(minhash):
                other = cast(int, key)
                if minhash.jaccard(minhashes[other]) >= setting.threshold:
                    clusters.join(document, other)
            index.insert(document, minhash, check_duplication=False)
    return ids, clusters


if __name__ == "__main__":
    run_pipeline(find_clusters)
