"""What can be trained: one file a model, settings and trainer, and a registry of names."""

from sqsq.models.groups import MitigationSettings, NetworkSettings, TrainingSettings
from sqsq.models.ideal import IDEAL, IdealSettings
from sqsq.models.lif import LIF_MODEL, LifSettings
from sqsq.models.local import LOCAL, LocalSettings, LocalTrainer
from sqsq.models.network_trainer import NetworkTrainer
from sqsq.models.registry import MODELS, Model, find_model, register_model
from sqsq.models.reservoir import RESERVOIR, ReservoirSettings

for model in (LOCAL, IDEAL, RESERVOIR, LIF_MODEL):
    register_model(model)

__all__ = [
    "MODELS",
    "IdealSettings",
    "LifSettings",
    "LocalSettings",
    "LocalTrainer",
    "MitigationSettings",
    "Model",
    "NetworkSettings",
    "NetworkTrainer",
    "ReservoirSettings",
    "TrainingSettings",
    "find_model",
    "register_model",
]
