"""Ways between many nodes beside scipy, networkx and igraph, in one run: a lattice of 50,176 crossings and Andorra's streets.

Ours includes preparing the graph, every time anew. networkx searches a few sources only and its time is scaled up. Peers are
left out where they are not installed (extra ``bench``). Seconds are CPU seconds of one core; all answers are compared.
"""

import argparse
import importlib.util
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gis.layers import read_layer
from gis.roads import build_network
from gis.roads._order import ordered

ANDORRA = Path(__file__).resolve().parents[2] / "shared" / "data" / "patrol" / "streets" / "andorra.osm.pbf"
SIDE = 224
FEW = 4


def lattice(side: int, seed: int) -> csr_array:
    """A square lattice of two-way streets of 50 to 150 s."""
    number = np.arange(side * side).reshape(side, side)
    a = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    b = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    weight = np.random.default_rng(seed).uniform(50, 150, len(a))
    both = (np.concatenate([weight, weight]), (np.concatenate([a, b]), np.concatenate([b, a])))
    graph = csr_array(both, shape=(side * side, side * side))
    graph.sort_indices()
    return graph


def timed(work: Callable[[], np.ndarray]) -> tuple[np.ndarray, float]:
    """An answer and the CPU seconds it took."""
    begun = time.process_time()
    answer = work()
    return answer, time.process_time() - begun


def by_igraph(graph: csr_array, stops: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, float]:
    """The same matrix by igraph; building its graph is not counted."""
    import igraph

    pairs = graph.tocoo()
    peer = igraph.Graph(n=graph.shape[0], edges=np.column_stack(pairs.coords).tolist(), directed=True)
    weights, sources = pairs.data.tolist(), stops.tolist()
    wanted = targets.tolist()
    return timed(lambda: np.array(peer.distances(sources, wanted, weights=weights, mode="out")))


def by_networkx(graph: csr_array, stops: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, float]:
    """A few rows of the matrix by networkx, its seconds scaled up to all of them."""
    import networkx

    peer = networkx.from_scipy_sparse_array(graph, create_using=networkx.DiGraph)

    def rows() -> np.ndarray:
        found = [networkx.single_source_dijkstra_path_length(peer, stop) for stop in stops[:FEW].tolist()]
        return np.array([[row.get(target, np.inf) for target in targets.tolist()] for row in found])

    answer, seconds = timed(rows)
    return answer, seconds * len(stops) / len(answer)


def compare(name: str, seconds: csr_array, metres: csr_array, stops: np.ndarray, targets: np.ndarray) -> None:
    """Print one line a peer."""
    size = f"{seconds.shape[0]:,} nodes x {len(stops):,} x {len(targets):,}"
    ours, spent = timed(lambda: ordered(seconds, metres).between(stops, targets)[0])
    peers = {"scipy": lambda: timed(lambda: dijkstra(seconds, indices=stops)[:, targets])}
    if importlib.util.find_spec("igraph"):
        peers["igraph"] = lambda: by_igraph(seconds, stops, targets)
    if importlib.util.find_spec("networkx"):
        peers["networkx"] = lambda: by_networkx(seconds, stops, targets)
    for peer, run in peers.items():
        answer, took = run()
        np.testing.assert_allclose(ours[: len(answer)], answer, rtol=1e-9)
        line = {
            "name": f"many-to-many, {name}", "n": size, "ours": round(spent, 2), "peer": round(took, 2),
            "peer_name": peer, "unit": "CPU s", "ratio": round(took / spent, 1), "differences": "none",
        }  # fmt: skip
        print(json.dumps(line), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    stops = 200 if parser.parse_args().quick else 1000
    rng = np.random.default_rng(11)
    small = lattice(12, 1)
    ordered(small, small).between(np.arange(3), np.arange(3))
    grid = lattice(SIDE, 1)
    chosen = rng.choice(grid.shape[0], stops, replace=False)
    compare("lattice", grid, grid, chosen, chosen)
    compare("lattice, to all nodes", grid, grid, chosen[: stops // 2], np.arange(grid.shape[0]))
    if ANDORRA.is_file():
        network = build_network(read_layer(ANDORRA, "streets").frame, mode="ebike", crs="EPSG:32631")
        chosen = rng.choice(len(network.xy), stops, replace=False)
        compare("Andorra by e-bike", network.seconds, network.metres, chosen, chosen)


if __name__ == "__main__":
    main()
