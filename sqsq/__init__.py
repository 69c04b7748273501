"""sqsq: train stochastic quantum spiking neural networks (SQSNNs) as dynamic circuits.

Names are imported when first used, so ``import sqsq`` is fast.
"""

from typing import TYPE_CHECKING

from sqsq._lazy import lazy_names

if TYPE_CHECKING:
    from sqsq.circuits import neuron_circuit, neuron_circuit_for_currents
    from sqsq.data import load_dataset, register_dataset, register_encoder
    from sqsq.engines import BackendProvider, Placement, SamplerEngine, open_engine, register_backend
    from sqsq.errors import SqsqError
    from sqsq.jobs import Resources
    from sqsq.learning import LocalRuleSettings, Optimiser, local_rule, register_optimiser
    from sqsq.model import (
        Network,
        Neuron,
        Parameters,
        ansatz_from_circuit,
        fully_connected,
        initial_parameters,
        network_from_edges,
        save_model,
    )
    from sqsq.models import Model, register_model
    from sqsq.report import plot_accuracy, plot_loss, plot_spikes
    from sqsq.runs import (
        RunSettings,
        estimate_run,
        evaluate_run,
        load_model,
        open_run,
        settings_with,
        train,
        train_usps,
    )
    from sqsq.tables import EvaluationTable, NoiseScale, Template

__version__ = "0.1.0"

_MODULES = {
    "RunSettings": ".runs",
    "estimate_run": ".runs",
    "evaluate_run": ".runs",
    "open_run": ".runs",
    "train": ".runs",
    "train_usps": ".runs",
    "load_model": ".runs",
    "settings_with": ".runs",
    "Model": ".models",
    "register_model": ".models",
    "register_optimiser": ".learning",
    "register_backend": ".engines",
    "BackendProvider": ".engines",
    "register_dataset": ".data",
    "register_encoder": ".data",
    "EvaluationTable": ".tables",
    "Resources": ".jobs",
    "LocalRuleSettings": ".learning",
    "Network": ".model",
    "Neuron": ".model",
    "NoiseScale": ".tables",
    "Optimiser": ".learning",
    "Parameters": ".model",
    "Placement": ".engines",
    "SamplerEngine": ".engines",
    "SqsqError": ".errors",
    "Template": ".tables",
    "ansatz_from_circuit": ".model",
    "fully_connected": ".model",
    "initial_parameters": ".model",
    "load_dataset": ".data",
    "local_rule": ".learning",
    "network_from_edges": ".model",
    "neuron_circuit": ".circuits",
    "neuron_circuit_for_currents": ".circuits",
    "open_engine": ".engines",
    "plot_accuracy": ".report",
    "plot_loss": ".report",
    "plot_spikes": ".report",
    "save_model": ".model",
}

__all__ = [
    "BackendProvider",
    "EvaluationTable",
    "LocalRuleSettings",
    "Model",
    "Network",
    "Neuron",
    "NoiseScale",
    "Optimiser",
    "Parameters",
    "Placement",
    "Resources",
    "RunSettings",
    "SamplerEngine",
    "SqsqError",
    "Template",
    "__version__",
    "ansatz_from_circuit",
    "estimate_run",
    "evaluate_run",
    "fully_connected",
    "initial_parameters",
    "load_dataset",
    "load_model",
    "local_rule",
    "network_from_edges",
    "neuron_circuit",
    "neuron_circuit_for_currents",
    "open_engine",
    "open_run",
    "plot_accuracy",
    "plot_loss",
    "plot_spikes",
    "register_backend",
    "register_dataset",
    "register_encoder",
    "register_model",
    "register_optimiser",
    "save_model",
    "settings_with",
    "train",
    "train_usps",
]

__getattr__ = lazy_names(__name__, _MODULES)
