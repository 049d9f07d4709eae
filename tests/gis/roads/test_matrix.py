"""Ways between many nodes at once, beside three independent searches: scipy, networkx, igraph."""

from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import igraph
import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gis.errors import ShapeError
from gis.roads import Network, build_network, node_matrix
from gis.roads._order import ordered
from tests.gis.roads.street_maker import CRS, at, streets

LUJIAZUI = Path(__file__).parents[2] / "data" / "osm" / "roads.geojson"


def graph_of(size: int, edges: dict[tuple[int, int], float]) -> csr_array:
    tails, heads = np.array(list(edges), dtype=np.int64).reshape(-1, 2).T
    graph = csr_array((np.array(list(edges.values())), (tails, heads)), shape=(size, size))
    graph.sort_indices()
    return graph


@st.composite
def any_graph(draw: st.DrawFn) -> csr_array:
    """Chains, rings, dead ends, one-ways, islands: up to 24 nodes in any order, edges in either or both directions."""
    size = draw(st.integers(1, 24))
    node = st.integers(0, size - 1)
    pairs = draw(st.lists(st.tuples(node, node).filter(lambda pair: pair[0] != pair[1]), max_size=50))
    chain = draw(st.permutations(range(size)))
    pairs += list(pairwise(chain))[: draw(st.integers(0, size))]
    lengths = draw(st.lists(st.integers(1, 9), min_size=len(pairs), max_size=len(pairs)))
    edges = {pair: float(length) for pair, length in zip(pairs, lengths, strict=True)}
    if draw(st.booleans()):
        edges |= {(b, a): length for (a, b), length in edges.items()}
    return graph_of(size, edges)


@settings(max_examples=200, deadline=None)
@given(graph=any_graph(), data=st.data())
def test_between_any_nodes_the_quickest_way_is_found(graph: csr_array, data: st.DataObject) -> None:
    """Start and end may lie inside a chain, in a dead end, on an island, and be the same."""
    node = st.integers(0, graph.shape[0] - 1)
    sources, targets = (np.array(data.draw(st.lists(node, max_size=20)), dtype=np.int64) for _ in range(2))
    seconds, metres = ordered(graph, csr_array(graph)).between(sources, targets)
    expected = dijkstra(graph, indices=sources)[:, targets] if len(sources) else np.empty((0, len(targets)))
    np.testing.assert_allclose(seconds, expected)
    np.testing.assert_array_equal(metres, seconds)


def test_metres_are_those_of_the_quickest_way_not_of_the_shortest() -> None:
    seconds = graph_of(3, {(0, 1): 5.0, (1, 2): 5.0, (0, 2): 30.0})
    metres = graph_of(3, {(0, 1): 100.0, (1, 2): 100.0, (0, 2): 60.0})
    found = ordered(seconds, metres).between(np.array([0]), np.array([2, 1, 0]))
    assert [values.tolist() for values in found] == [[[10.0, 5.0, 0.0]], [[200.0, 100.0, 0.0]]]


def test_of_equally_quick_ways_the_shorter_one_is_measured() -> None:
    quick = {(0, 1): 5.0, (1, 3): 5.0, (0, 2): 5.0, (2, 3): 5.0}
    long = {(0, 1): 90.0, (1, 3): 90.0, (0, 2): 50.0, (2, 3): 50.0}
    for _ in range(2):
        assert ordered(graph_of(4, quick), graph_of(4, long)).between(np.array([0]), np.array([3]))[1].item() == 100.0
        long = {edge: 140.0 - length for edge, length in long.items()}
        quick = dict(reversed(quick.items()))


def test_a_long_chain_and_a_long_ring_come_out_right() -> None:
    """5,000 bends between two ends; and the same closed to a ring, where the shorter side counts."""
    size = 5000
    forth = {(i, i + 1): 1.0 for i in range(size - 1)}
    chain = forth | {(b, a): 1.0 for a, b in forth}
    nodes = np.array([0, 1, 1234, size - 1])
    expected = np.abs(nodes[:, None] - nodes[None, :])
    found = ordered(graph_of(size, chain), graph_of(size, chain)).between(nodes, nodes)[0]
    np.testing.assert_array_equal(found, expected)
    ring = chain | {(size - 1, 0): 1.0, (0, size - 1): 1.0}
    found = ordered(graph_of(size, ring), graph_of(size, ring)).between(nodes, nodes)[0]
    np.testing.assert_array_equal(found, np.minimum(expected, size - expected))


def test_shortcuts_of_a_lattice_stay_few() -> None:
    """Row by row, 40 x 40 crossings would leave 40 a node; minimum degree leaves under 15."""
    number = np.arange(1600).reshape(40, 40)
    a = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    b = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    both = dict.fromkeys(zip(np.concatenate([a, b]).tolist(), np.concatenate([b, a]).tolist(), strict=True), 1.0)
    assert len(ordered(graph_of(1600, both), graph_of(1600, both)).near) < 15 * 1600


@pytest.fixture(scope="module")
def quarter() -> Network:
    return build_network(gpd.read_file(LUJIAZUI).assign(oneway=lambda t: np.arange(len(t)) % 3 == 0), mode="car", crs="EPSG:32651")  # fmt: skip


def test_all_ways_in_a_real_quarter_are_those_of_scipy(quarter: Network) -> None:
    seconds, metres = node_matrix(quarter, np.arange(0, len(quarter.xy), 7))
    expected = dijkstra(quarter.seconds, indices=np.arange(0, len(quarter.xy), 7))
    np.testing.assert_allclose(seconds, expected, rtol=1e-9)
    assert np.isinf(expected).any()
    assert np.isfinite(expected).mean() > 0.1
    np.testing.assert_array_equal(np.isfinite(metres), np.isfinite(seconds))


def test_ways_in_a_real_quarter_are_those_of_networkx(quarter: Network) -> None:
    graph = networkx.from_scipy_sparse_array(quarter.seconds, create_using=networkx.DiGraph)
    sources = np.arange(0, len(quarter.xy), 97)
    seconds, _ = node_matrix(quarter, sources)
    for row, source in zip(seconds, sources.tolist(), strict=True):
        found = networkx.single_source_dijkstra_path_length(graph, source)
        expected = np.full(len(row), np.inf)
        expected[list(found)] = list(found.values())
        np.testing.assert_allclose(row, expected, rtol=1e-9)


def test_ways_in_a_real_quarter_are_those_of_igraph(quarter: Network) -> None:
    pairs = quarter.seconds.tocoo()
    graph = igraph.Graph(n=len(quarter.xy), edges=np.column_stack(pairs.coords).tolist(), directed=True)
    sources = np.arange(0, len(quarter.xy), 97)
    expected = graph.distances(sources.tolist(), weights=pairs.data.tolist(), mode="out")
    np.testing.assert_allclose(node_matrix(quarter, sources)[0], np.array(expected, dtype=float), rtol=1e-9)


def test_a_limit_leaves_out_what_is_farther() -> None:
    network = build_network(streets([[(0.0, 0.0), (130.0, 0.0), (260.0, 0.0)]]), crs=CRS)
    west = int(np.argmin(network.xy[:, 0]))
    seconds, metres = node_matrix(network, np.array([west]), limit_s=150)
    assert sorted(np.round(seconds[0]).tolist()) == [0, 100, np.inf]
    np.testing.assert_array_equal(np.isinf(metres), np.isinf(seconds))


@pytest.mark.parametrize("numbers", [[-1], [3], [[0, 1]]])
def test_numbers_that_are_no_nodes_are_refused(numbers: list[object]) -> None:
    network = build_network(streets([at((0.0, 0.0), (1.0, 0.0), (2.0, 0.0))]), crs=CRS)
    with pytest.raises(ShapeError, match="Node numbers"):
        node_matrix(network, np.array(numbers))


@pytest.mark.real
@pytest.mark.parametrize("mode", ["foot", "car"])
def test_all_of_andorra_is_as_scipy_has_it(shared_data: Path, mode: str) -> None:
    from gis.layers import read_layer

    table = read_layer(shared_data / "patrol/streets/andorra.osm.pbf", "streets").frame
    network = build_network(table, mode=mode, crs="EPSG:32631")
    sources = np.random.default_rng(3).choice(len(network.xy), 40, replace=False)
    seconds, _ = node_matrix(network, sources)
    np.testing.assert_allclose(seconds, dijkstra(network.seconds, indices=sources), rtol=1e-9)
