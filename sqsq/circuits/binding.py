"""Values in place of the parameters of a dynamic circuit."""

from collections.abc import Mapping

from qiskit import QuantumCircuit
from qiskit.circuit import Parameter, ParameterExpression


def bind_parameters(circuit: QuantumCircuit, values: Mapping[Parameter, float]) -> QuantumCircuit:
    """Put in values, block by block.

    ``assign_parameters`` does the same, but in a time that grows with the number of parameters times that of
    conditionals: 177 s for 8,600 operations, where this takes one.

    Args:
        circuit: The circuit.
        values: A value for each of its parameters, and perhaps for others.
    """
    bound = circuit.copy_empty_like()
    bound.global_phase = _bound(circuit.global_phase, values)
    for item in circuit.data:
        operation = item.operation
        if hasattr(operation, "blocks"):
            operation = operation.replace_blocks(bind_parameters(block, values) for block in operation.blocks)
        elif any(isinstance(value, ParameterExpression) for value in operation.params):
            operation = operation.to_mutable()
            operation.params = [_bound(value, values) for value in operation.params]
        bound._append(item.replace(operation=operation))
    return bound


def _bound(value: object, values: Mapping[Parameter, float]) -> object:
    if not isinstance(value, ParameterExpression):
        return value
    return value.bind({parameter: values[parameter] for parameter in value.parameters}).numeric()
