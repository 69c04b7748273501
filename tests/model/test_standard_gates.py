from qiskit.circuit.library import get_standard_gate_name_mapping

from sqsq.model.standard_gates import GATES, gate_class


def test_all_of_qiskits_on_one_or_two_qubits():
    theirs = {
        name: (gate.num_qubits, len(gate.params))
        for name, gate in get_standard_gate_name_mapping().items()
        if gate.num_qubits in (1, 2) and not gate.num_clbits and name not in ("delay", "reset")
    }
    assert theirs == GATES


def test_a_name_leads_to_its_gate():
    for name, (qubits, angles) in GATES.items():
        gate = gate_class(name)(*[0.1] * angles)
        assert (gate.name, gate.num_qubits) == (name, qubits)
        assert gate.to_matrix().shape == (2**qubits, 2**qubits)
