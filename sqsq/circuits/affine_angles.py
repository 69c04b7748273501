"""Circuits whose parameters are plain, with the angles they stand for worked out by NumPy.

Simulators bind a parameter expression one row of a table at a time, in Python. Here every
expression of a transpiled circuit becomes a parameter of its own, and all rows are worked out at
once: after transpilation the expressions are affine in phi and theta.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import IfElseOp, Parameter, ParameterExpression

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AffineCircuit:
    """A circuit with plain parameters, and the map to them from the original ones.

    Attributes:
        circuit: The circuit; every parametric angle is one bare Parameter.
        parameters: The bare parameters, in the order of the columns of ``angles``.
        matrix: Float64, shape (original parameters, bare parameters).
        offset: Float64, shape (bare parameters,).
    """

    circuit: QuantumCircuit
    parameters: tuple[Parameter, ...]
    matrix: FloatArray
    offset: FloatArray

    def angles(self, values: FloatArray) -> FloatArray:
        """Values of the bare parameters, shape (rows, bare), from those of the original ones."""
        return values @ self.matrix + self.offset


def affine_circuit(circuit: QuantumCircuit, order: Sequence[Parameter]) -> AffineCircuit:
    """Replace every expression of a circuit by a bare parameter.

    Args:
        circuit: A circuit, bodies of conditionals included.
        order: Its parameters (it may lack some), in the order of the columns of a table.

    Raises:
        NotImplementedError: If an expression is not affine in the parameters.
    """
    column = {parameter: k for k, parameter in enumerate(order)}
    bare: dict[ParameterExpression, Parameter] = {}
    plain = _with_bare_parameters(circuit, bare)
    matrix = np.zeros((len(order), len(bare)))
    offset = np.zeros(len(bare))
    for k, expression in enumerate(bare):
        zero = expression.bind(dict.fromkeys(expression.parameters, 0.0))
        offset[k] = float(zero)
        for parameter in expression.parameters:
            slope = expression.gradient(parameter)
            if isinstance(slope, ParameterExpression):
                raise NotImplementedError(
                    f"the angle {expression} is not affine in its parameters: an ansatz may use sums "
                    "and multiples of its angles"
                )
            matrix[column[parameter], k] = float(np.real(slope))
    return AffineCircuit(plain, tuple(bare.values()), matrix, offset)


def _with_bare_parameters(
    circuit: QuantumCircuit, bare: dict[ParameterExpression, Parameter]
) -> QuantumCircuit:
    """Replace expressions; ``bare`` gets what each was replaced by."""
    plain = circuit.copy_empty_like()
    plain.global_phase = 0  # turns no probability, and an expression here would have to be bound
    for item in circuit.data:
        operation = item.operation
        if isinstance(operation, IfElseOp):
            operation = operation.replace_blocks(
                [_with_bare_parameters(body, bare) for body in operation.blocks]
            )
        elif any(_is_free(value) for value in operation.params):
            operation = operation.to_mutable()
            operation.params = [
                bare.setdefault(value, Parameter(f"angle[{len(bare)}]")) if _is_free(value) else value
                for value in operation.params
            ]
        plain.append(operation, item.qubits, item.clbits)
    return plain


def _is_free(value: object) -> bool:
    return isinstance(value, ParameterExpression) and bool(value.parameters)
