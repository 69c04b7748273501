"""Which groups of physical qubits run neurons side by side: disjoint, and of small reported error."""

from collections.abc import Iterator
from math import inf, log1p

import rustworkx as rx
from qiskit import QuantumCircuit
from qiskit.transpiler import Target
from qiskit.transpiler.passes import VF2Layout
from qiskit.transpiler.passmanager import PassManager

from sqsq.circuits.compiler import neuron_circuit
from sqsq.circuits.cut import cut_target
from sqsq.errors import BackendError
from sqsq.tables import Template

_SEED = 1
_UNUSABLE = 0.25
"""A group any of whose operations fails this often is not used."""


def find_groups(
    template: Template,
    target: Target,
    device: str,
    guard_qubits: bool = False,
    *,
    measurement: str = "measure",
) -> tuple[tuple[int, ...], ...]:
    """Find as many disjoint groups as fit, each of the qubits of one neuron.

    Pairs are chosen by a maximum-cardinality matching of least total cost, the cost of a pair being the
    sum of -log(1 - error) of what one time step does to it. Larger groups, and pairs with guard qubits,
    are chosen one by one, the best of what is left first.

    Args:
        template: The neuron.
        target: The device.
        device: Its name, for errors.
        guard_qubits: Whether no qubit of a group may be a neighbour of another group's.
        measurement: The name of the measurement that the circuits contain.

    Returns:
        Groups, best first; each lists physical qubits in the order of the circuit's: io, then memory.

    Raises:
        BackendError: If not even one group fits without a swap.
    """
    graph = _coupling(target)
    if _is_pair(template):
        costs = _pair_costs(target, graph, measurement)
        pairs = _spaced_pairs(costs, graph) if guard_qubits else _matched_pairs(costs, graph)
        groups: list[tuple[int, ...]] = list(pairs)
    else:
        groups = list(_one_by_one(template, target, graph, guard_qubits, measurement))
    if not groups:
        raise BackendError(
            f"{device} has no group of {template.neuron.io_qubits + template.neuron.memory_qubits} "
            "connected, working qubits on which this neuron needs no swap: give --layout or --pack off"
        )
    return tuple(groups)


def find_best_group(template: Template, target: Target, measurement: str) -> tuple[int, ...] | None:
    """The group of least error on which a neuron needs no swap; None where every group needs one.

    Args:
        template: The neuron.
        target: The device.
        measurement: The name of the measurement that the circuits contain.
    """
    graph = _coupling(target)
    if not _is_pair(template):
        return next(_one_by_one(template, target, graph, False, measurement), None)
    costs = _pair_costs(target, graph, measurement)
    return min(costs, key=lambda pair: (costs[pair], pair), default=None)


def _is_pair(template: Template) -> bool:
    return template.neuron.io_qubits == template.neuron.memory_qubits == 1


def _coupling(target: Target) -> rx.PyGraph:
    """The qubits, and an edge where a two-qubit gate exists in some direction."""
    graph = rx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(target.num_qubits))
    coupling = target.build_coupling_map()
    edges = [] if coupling is None else coupling.get_edges()
    graph.add_edges_from_no_data([(int(a), int(b)) for a, b in edges])
    return graph


def _pair_costs(
    target: Target, graph: rx.PyGraph, measurement: str = "measure"
) -> dict[tuple[int, int], float]:
    """The cost of each usable pair (io, memory), in the cheaper of its two orders."""
    costs = {}
    for edge in graph.edge_list():
        by_order = {pair: _pair_cost(target, *pair, measurement) for pair in (edge, edge[::-1])}
        best = min(by_order, key=lambda pair: by_order[pair])
        if by_order[best] < inf:
            costs[best] = by_order[best]
    return costs


def _pair_cost(target: Target, io: int, memory: int, measurement: str) -> float:
    """-log of the chance that one step does not fail: two two-qubit gates, measure, reset, and waiting."""
    entangle = min(
        (
            _error(target, name, qubits)
            for name in target.operation_names
            for qubits in ((io, memory), (memory, io))
            if qubits in (target[name] or {})
        ),
        default=1.0,
    )
    errors = [entangle, entangle, _error(target, measurement, (io,)), _error(target, "reset", (io,))]
    if max(errors) >= _UNUSABLE:
        return inf
    waiting = sum(_duration(target, name, (io,)) for name in (measurement, "reset"))
    properties = (target.qubit_properties or [None] * target.num_qubits)[memory]
    t2 = getattr(properties, "t2", None)
    return -sum(log1p(-error) for error in errors) + (waiting / t2 if t2 else 0.0)


def _error(target: Target, name: str, qubits: tuple[int, ...]) -> float:
    """The reported error of an operation, 0 where none is reported; 1 where the qubits do not offer it."""
    if name not in target.operation_names:
        return 1.0
    everywhere = target[name] or {None: None}
    if None in everywhere:  # an operation of every qubit
        return 0.0
    if qubits not in everywhere:
        return 1.0
    properties = everywhere[qubits]
    return 0.0 if properties is None or properties.error is None else float(properties.error)


def _duration(target: Target, name: str, qubits: tuple[int, ...]) -> float:
    properties = (target[name] or {}).get(qubits) if name in target.operation_names else None
    return 0.0 if properties is None or properties.duration is None else float(properties.duration)


def _matched_pairs(costs: dict[tuple[int, int], float], graph: rx.PyGraph) -> list[tuple[int, int]]:
    matched = rx.PyGraph(multigraph=False)
    matched.add_nodes_from(graph.nodes())
    worst = max(costs.values(), default=0.0)
    # whole numbers, as rustworkx wants: 0 to 1,000,000, more for a cheaper pair
    scale = 1_000_000 / worst if worst else 0.0
    matched.add_edges_from(
        [(io, memory, round((worst - cost) * scale)) for (io, memory), cost in costs.items()]
    )
    found = rx.max_weight_matching(matched, max_cardinality=True, weight_fn=int)
    pairs = [(io, memory) if (io, memory) in costs else (memory, io) for io, memory in found]
    return sorted(pairs, key=lambda pair: (costs[pair], pair))


def _spaced_pairs(costs: dict[tuple[int, int], float], graph: rx.PyGraph) -> list[tuple[int, int]]:
    taken: set[int] = set()
    pairs: list[tuple[int, int]] = []
    for pair in sorted(costs, key=lambda pair: (costs[pair], pair)):
        if taken.isdisjoint(pair):
            pairs.append(pair)
            taken |= {*pair, *(near for qubit in pair for near in graph.neighbors(qubit))}
    return pairs


def _one_by_one(
    template: Template, target: Target, graph: rx.PyGraph, guard_qubits: bool, measurement: str
) -> Iterator[tuple[int, ...]]:
    """The group of least error on the qubits that are left, again and again."""
    circuit = neuron_circuit(Template(template.neuron, 1)).circuit
    left = [qubit for qubit in range(target.num_qubits) if _error(target, measurement, (qubit,)) < _UNUSABLE]
    while (found := _best_group(circuit, target, left, measurement)) is not None:
        yield found
        gone = set(found)
        if guard_qubits:
            gone |= {near for qubit in found for near in graph.neighbors(qubit)}
        left = [qubit for qubit in left if qubit not in gone]


def _best_group(
    circuit: QuantumCircuit, target: Target, qubits: list[int], measurement: str
) -> tuple[int, ...] | None:
    """Where the circuit runs best without a swap on some of the qubits alone."""
    if len(qubits) < circuit.num_qubits:
        return None
    others = {name for name in target.operation_names if name.startswith("measure")} - {measurement}
    restricted = cut_target(
        target,
        tuple(qubits),
        lambda name, where: name not in others and _error(target, name, where) < _UNUSABLE,
    )
    search = PassManager([VF2Layout(target=restricted, seed=_SEED, max_trials=2_000)])
    search.run(circuit)
    layout = search.property_set["layout"]
    return None if layout is None else tuple(qubits[layout[qubit]] for qubit in circuit.qubits)
