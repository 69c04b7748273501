"""What identifies one parametric neuron circuit."""

from dataclasses import dataclass

from sqsq.errors import UsageError
from sqsq.model import Neuron


@dataclass(frozen=True)
class Template:
    """One neuron over T time steps.

    Attributes:
        neuron: The neuron.
        steps: T, at least 1.

    Raises:
        UsageError: If ``steps`` is below 1.
    """

    neuron: Neuron
    steps: int

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise UsageError(f"T = {self.steps} time steps: at least 1")

    @property
    def phi_shape(self) -> tuple[int, int]:
        """The shape (T, N) of the current angles phi of one evaluation."""
        return self.steps, self.neuron.io_qubits

    @property
    def theta_shape(self) -> tuple[int, int]:
        """The shape (T, K) of the circuit angles theta of one evaluation."""
        return self.steps, len(self.neuron.angles)
