"""Which measurement a device offers for the middle of a circuit."""

from qiskit.circuit import Instruction
from qiskit.transpiler import Target


def mid_circuit_measurement(target: Target) -> Instruction:
    """``measure_2`` where the target has it, else ``measure``."""
    return target.operation_from_name("measure_2" if "measure_2" in target.operation_names else "measure")
