"""Networks and their parameters in one file: NumPy arrays and JSON, no pickle."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqsq.errors import DataError
from sqsq.files import read_archive, write_archive
from sqsq.model.ansatz_definition import AnsatzDefinition
from sqsq.model.ansatz_registry import register_definition
from sqsq.model.network import Network
from sqsq.model.neuron import Neuron
from sqsq.model.parameters import Parameters, check_parameters

FORMAT = "sqsq-model"
VERSION = 2
"""Version 1 had no checksum and did not say of which run it was; it is still read."""
_ARRAYS = ("delays", "weights", "theta")


def save_model(
    path: str | os.PathLike[str], network: Network, parameters: Parameters, *, run: str | None = None
) -> None:
    """Write a network and its parameters, replacing the file only once all is written.

    What users' own ansatze are is written down too.

    Args:
        path: The file.
        network: The network.
        parameters: Its parameters.
        run: The run that trained it, if it was trained in a run directory.

    Raises:
        UsageError: If the parameters do not fit the network or are not finite.
        OSError: If the file cannot be written.
    """
    check_parameters(network, parameters)
    header = {
        "inputs": network.inputs,
        "outputs": list(network.outputs),
        "neurons": [asdict(neuron) for neuron in network.neurons],
    }
    own = dict.fromkeys(neuron.own_definition for neuron in dict.fromkeys(network.neurons))
    if definitions := [definition.to_json() for definition in own if definition is not None]:
        header["ansatze"] = definitions
    arrays: dict[str, NDArray[Any]] = dict(
        zip(_ARRAYS, (network.delays, parameters.weights, parameters.theta), strict=True)
    )
    write_archive(path, kind=FORMAT, version=VERSION, header=header, arrays=arrays, run=run, compress=True)


def load_model(path: str | os.PathLike[str], *, run: str | None = None) -> tuple[Network, Parameters]:
    """Read what ``save_model`` wrote; users' own ansatze that it holds are registered.

    Args:
        path: The file.
        run: The run that must have trained it; None for any or none.

    Raises:
        DataError: If the file is missing, is no sqsq model, is damaged, of another version or another
            run's, holds arrays that do not fit its own description, or an ansatz under whose name another
            one is registered.
    """
    path = Path(path)
    try:
        archive = read_archive(path, kind=FORMAT, version=VERSION, names=_ARRAYS, run=run, unsigned=(1,))
    except FileNotFoundError:
        raise DataError(f"no model file {path}") from None
    return _build(path, archive.header, archive.arrays)


def _build(
    path: Path, header: dict[str, Any], arrays: dict[str, np.ndarray[Any, Any]]
) -> tuple[Network, Parameters]:
    try:
        for definition in header.get("ansatze", ()):
            register_definition(AnsatzDefinition.from_json(definition))
        neurons = tuple(Neuron(**neuron) for neuron in header["neurons"])
        network = Network(header["inputs"], neurons, arrays["delays"], tuple(header["outputs"]))
        parameters = Parameters(arrays["weights"].astype(float), arrays["theta"].astype(float))
        check_parameters(network, parameters)
    except Exception as error:  # version 1 has no checksum: anything may stand in it
        raise DataError(f"{path} holds a model that does not fit together: {error}") from error
    return network, parameters
