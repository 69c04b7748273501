"""What a device reports of its readout."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqsq.circuits import mid_circuit_measurement
from sqsq.engines.device import Device
from sqsq.errors import BackendError

Groups = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, eq=False)
class ReportedReadout:
    """The readout of the groups of qubits that run a neuron, as their device reports it.

    Attributes:
        qubits: The physical qubits of each group, io then memory; empty without a device.
        matrices: P(recorded | true) of the io qubits, shape (groups, N, 2, 2), rows true.
        updated_at: When the device was calibrated last; None where it does not say.
    """

    qubits: Groups
    matrices: NDArray[np.float64]
    updated_at: datetime | None


def readout_of_groups(device: Device, properties: Any, groups: Groups, io_qubits: int) -> ReportedReadout:
    """Look up what is reported of some qubits.

    Real devices report both errors of ``measure``; of a measurement made for the middle of a circuit,
    and in the target that fake devices are simulated with, there is one error for both states.

    Args:
        device: The device.
        properties: Its ``BackendProperties``, or None.
        groups: Groups of physical qubits, io then memory.
        io_qubits: N.

    Raises:
        BackendError: If no readout error of a qubit in use is reported.
    """
    name = mid_circuit_measurement(device.target).name if device.mid_circuit else "measure"
    matrices = [[_matrix(device, properties, name, qubit) for qubit in group[:io_qubits]] for group in groups]
    return ReportedReadout(groups, np.array(matrices), getattr(properties, "last_update_date", None))


def _matrix(device: Device, properties: Any, name: str, qubit: int) -> list[list[float]]:
    both = _both_errors(properties, qubit) if name == "measure" and device.mid_circuit else None
    if both is None:
        reported = (device.target[name] or {}).get((qubit,))
        if reported is None or reported.error is None:
            raise BackendError(
                f"{device.name} reports no readout error of qubit {qubit}: measure it (--readout calibration)"
            )
        both = float(reported.error), float(reported.error)
    up, down = both
    return [[1 - up, up], [down, 1 - down]]


def _both_errors(properties: Any, qubit: int) -> tuple[float, float] | None:
    """P(1 | 0) and P(0 | 1), where they are reported."""
    if properties is None:
        return None
    known = properties.qubit_property(qubit)
    names = ("prob_meas1_prep0", "prob_meas0_prep1")
    if not all(name in known for name in names):
        return None
    return float(known[names[0]][0]), float(known[names[1]][0])
