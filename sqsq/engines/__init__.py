"""One protocol, several engines: tables of evaluations in, spikes out."""

from sqsq.engines.choice import BackendChoice
from sqsq.engines.cost import OPEN_PLAN_SECONDS, Cost
from sqsq.engines.device_program import BadResultError, DevicePrograms, Pack, Placement
from sqsq.engines.fake import fake_backend, fake_names
from sqsq.engines.given import GIVEN, engine_of
from sqsq.engines.noise import with_device_errors
from sqsq.engines.noise_model import exact_engine_of
from sqsq.engines.protocol import Engine, ExactAnswers, IdentifiedEngine
from sqsq.engines.providers import (
    BackendProvider,
    backend_providers,
    device_name,
    find_provider,
    is_hardware,
    register_backend,
)
from sqsq.engines.queued import CancelOutcome, JobReport, NoRoomError, QueuedEngine, TemporaryError
from sqsq.engines.readout import ReportedReadout
from sqsq.engines.registry import (
    device_programs,
    fake_device_name,
    open_any,
    open_engine,
    open_hardware,
    open_simulator,
)
from sqsq.engines.reported import reported_readout
from sqsq.engines.sampler import SamplerEngine

__all__ = [
    "GIVEN",
    "OPEN_PLAN_SECONDS",
    "BackendChoice",
    "BackendProvider",
    "BadResultError",
    "CancelOutcome",
    "Cost",
    "DevicePrograms",
    "Engine",
    "ExactAnswers",
    "IdentifiedEngine",
    "JobReport",
    "NoRoomError",
    "Pack",
    "Placement",
    "QueuedEngine",
    "ReportedReadout",
    "SamplerEngine",
    "TemporaryError",
    "backend_providers",
    "device_name",
    "device_programs",
    "engine_of",
    "exact_engine_of",
    "fake_backend",
    "fake_device_name",
    "fake_names",
    "find_provider",
    "is_hardware",
    "open_any",
    "open_engine",
    "open_hardware",
    "open_simulator",
    "register_backend",
    "reported_readout",
    "with_device_errors",
]
