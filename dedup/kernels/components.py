"""Connected components of a graph of pairs."""

from __future__ import annotations

import numpy as np

from dedup.kernels import kernel, part


@part
def _root(parents, node):
    while parents[node] != node:
        parents[node] = parents[parents[node]]
        node = parents[node]
    return node


@kernel
def components(n_nodes, left, right):
    """Label the connected components of an undirected graph.

    Parameters
    ----------
    n_nodes : int
    left, right : int64 arrays, shape (m,)
        The two ends of each edge.

    Returns
    -------
    int64 array, shape (n_nodes,)
        For each node the smallest node of its component.
    """
    parents = np.arange(n_nodes)
    for i in range(len(left)):
        x, y = _root(parents, left[i]), _root(parents, right[i])
        if x < y:
            parents[y] = x
        elif y < x:
            parents[x] = y
    for node in range(n_nodes):
        parents[node] = _root(parents, node)
    return parents
