"""sqsq: train stochastic quantum spiking neural networks (SQSNNs) as dynamic circuits.

Names are imported when first used, so ``import sqsq`` is fast.
"""

from typing import TYPE_CHECKING

from sqsq._lazy import lazy_names

if TYPE_CHECKING:
    from sqsq.circuits import neuron_circuit, neuron_circuit_for_currents
    from sqsq.data import load_dataset
    from sqsq.engines import Placement, SamplerEngine, open_engine
    from sqsq.errors import SqsqError
    from sqsq.experiments import (
        ReservoirSettings,
        TrainUspsSettings,
        estimate_usps,
        evaluate_run,
        open_run,
        predict_run,
        train,
        train_reservoir,
        train_usps,
    )
    from sqsq.jobs import Execution
    from sqsq.learning import LocalRuleSettings, Optimiser, local_rule
    from sqsq.model import (
        Network,
        Neuron,
        Parameters,
        ansatz_from_circuit,
        fully_connected,
        initial_parameters,
        load_model,
        network_from_edges,
        save_model,
    )
    from sqsq.report import plot_accuracy, plot_loss, plot_spikes
    from sqsq.tables import EvaluationTable, NoiseScale, Template

__version__ = "0.1.0"

_MODULES = {
    "EvaluationTable": ".tables",
    "Execution": ".jobs",
    "LocalRuleSettings": ".learning",
    "Network": ".model",
    "Neuron": ".model",
    "NoiseScale": ".tables",
    "Optimiser": ".learning",
    "Parameters": ".model",
    "Placement": ".engines",
    "ReservoirSettings": ".experiments",
    "SamplerEngine": ".engines",
    "SqsqError": ".errors",
    "Template": ".tables",
    "TrainUspsSettings": ".experiments",
    "ansatz_from_circuit": ".model",
    "estimate_usps": ".experiments",
    "evaluate_run": ".experiments",
    "fully_connected": ".model",
    "initial_parameters": ".model",
    "load_dataset": ".data",
    "predict_run": ".experiments",
    "load_model": ".model",
    "local_rule": ".learning",
    "network_from_edges": ".model",
    "neuron_circuit": ".circuits",
    "neuron_circuit_for_currents": ".circuits",
    "open_engine": ".engines",
    "open_run": ".experiments",
    "plot_accuracy": ".report",
    "plot_loss": ".report",
    "plot_spikes": ".report",
    "save_model": ".model",
    "train": ".experiments",
    "train_reservoir": ".experiments",
    "train_usps": ".experiments",
}

__all__ = [
    "EvaluationTable",
    "Execution",
    "LocalRuleSettings",
    "Network",
    "Neuron",
    "NoiseScale",
    "Optimiser",
    "Parameters",
    "Placement",
    "ReservoirSettings",
    "SamplerEngine",
    "SqsqError",
    "Template",
    "TrainUspsSettings",
    "__version__",
    "ansatz_from_circuit",
    "estimate_usps",
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
    "predict_run",
    "save_model",
    "train",
    "train_reservoir",
    "train_usps",
]

__getattr__ = lazy_names(__name__, _MODULES)
