"""Networks and their parameters in one file: NumPy arrays and JSON, no pickle."""

import json
import os
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from sqsq.errors import DataError, SqsqError
from sqsq.model.ansatz_definition import AnsatzDefinition
from sqsq.model.ansatz_registry import register_definition
from sqsq.model.network import Network
from sqsq.model.neuron import Neuron
from sqsq.model.parameters import Parameters, check_parameters

FORMAT = "sqsq-model"
VERSION = 1


def save_model(path: str | os.PathLike[str], network: Network, parameters: Parameters) -> None:
    """Write a network and its parameters, replacing the file only once all is written.

    What users' own ansatze are is written down too.

    Raises:
        UsageError: If the parameters do not fit the network or are not finite.
        OSError: If the file cannot be written.
    """
    check_parameters(network, parameters)
    header = {
        "format": FORMAT,
        "version": VERSION,
        "inputs": network.inputs,
        "outputs": list(network.outputs),
        "neurons": [asdict(neuron) for neuron in network.neurons],
    }
    own = dict.fromkeys(neuron.own_definition for neuron in dict.fromkeys(network.neurons))
    if definitions := [definition.to_json() for definition in own if definition is not None]:
        header["ansatze"] = definitions
    path = Path(path)
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        np.savez_compressed(
            file,
            header=np.array(json.dumps(header)),
            delays=network.delays,
            weights=parameters.weights,
            theta=parameters.theta,
        )
    partial.replace(path)


def load_model(path: str | os.PathLike[str]) -> tuple[Network, Parameters]:
    """Read what ``save_model`` wrote; users' own ansatze that it holds are registered.

    Raises:
        DataError: If the file is missing, is no sqsq model, is of another version, holds arrays that do not
            fit its own description, or an ansatz under whose name another one is registered.
    """
    path = Path(path)
    try:
        with np.load(path, allow_pickle=False) as file:
            header = json.loads(str(file["header"]))
            arrays = {name: file[name] for name in ("delays", "weights", "theta")}
    except FileNotFoundError:
        raise DataError(f"no model file {path}") from None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} is not a model that sqsq wrote: {error}") from error
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise DataError(f"{path} is not a model that sqsq wrote")
    if header.get("version") != VERSION:
        raise DataError(
            f"{path} is a model file of version {header.get('version')}: this sqsq reads version {VERSION}"
        )
    return _build(path, header, arrays)


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
    except (KeyError, TypeError, ValueError, SqsqError) as error:
        raise DataError(f"{path} holds a model that does not fit together: {error}") from error
    return network, parameters
