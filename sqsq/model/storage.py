"""Networks and their parameters in one file: NumPy arrays and JSON, no pickle."""

import os
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from numpy.typing import NDArray

from sqsq.errors import DataError
from sqsq.files import Archive, read_archive, write_archive
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
    write_model(path, network, parameters, run=run)


def write_model(
    path: str | os.PathLike[str],
    network: Network | None,
    parameters: Parameters | None,
    *,
    run: str | None = None,
    header: Mapping[str, Any] | None = None,
    arrays: Mapping[str, NDArray[Any]] | None = None,
) -> None:
    """Write a model with whatever else belongs to it; see ``save_model``.

    Args:
        path: The file.
        network: Its network of neurons, if it is one.
        parameters: Its parameters.
        run: The run that trained it.
        header: More to be written down, JSON types.
        arrays: More arrays, by name.
    """
    described = dict(header or {})
    stored: dict[str, NDArray[Any]] = dict(arrays or {})
    if network is not None and parameters is not None:
        check_parameters(network, parameters)
        described |= {
            "inputs": network.inputs,
            "outputs": list(network.outputs),
            "neurons": [asdict(neuron) for neuron in network.neurons],
        }
        own = dict.fromkeys(neuron.own_definition for neuron in dict.fromkeys(network.neurons))
        if definitions := [definition.to_json() for definition in own if definition is not None]:
            described["ansatze"] = definitions
        stored |= zip(_ARRAYS, (network.delays, parameters.weights, parameters.theta), strict=True)
    write_archive(path, kind=FORMAT, version=VERSION, header=described, arrays=stored, run=run, compress=True)


def load_model(path: str | os.PathLike[str], *, run: str | None = None) -> tuple[Network, Parameters]:
    """Read a network that ``save_model`` or a run wrote; users' own ansatze that it holds are registered.

    Args:
        path: The file.
        run: The run that must have trained it; None for any or none.

    Raises:
        DataError: If the file is missing, is no sqsq model or one without neurons, is damaged, of another
            version or another run's, holds arrays that do not fit its own description, or an ansatz under
            whose name another one is registered.
    """
    network, parameters = network_of_archive(path, read_model_archive(path, run=run))
    if network is None or parameters is None:
        raise DataError(f"{path} holds a model without a network of neurons")
    return network, parameters


def read_model_archive(path: str | os.PathLike[str], *, run: str | None = None) -> Archive:
    """Read the file of any model, as it is.

    Raises:
        DataError: As ``load_model``.
    """
    try:
        return read_archive(path, kind=FORMAT, version=VERSION, run=run, unsigned=(1,))
    except FileNotFoundError:
        raise DataError(f"no model file {path}") from None


def network_of_archive(
    path: str | os.PathLike[str], archive: Archive
) -> tuple[Network | None, Parameters | None]:
    """The network and the parameters in the file of a model; None where it has none.

    Raises:
        DataError: As ``load_model``.
    """
    header, arrays = archive.header, archive.arrays
    if "neurons" not in header and archive.version == VERSION:
        return None, None
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
