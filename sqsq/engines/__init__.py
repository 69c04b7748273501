"""One protocol, several engines: tables of evaluations in, spikes out."""

from sqsq.engines.choice import BackendChoice
from sqsq.engines.cost import OPEN_PLAN_SECONDS, Cost
from sqsq.engines.device_program import BadResultError, DevicePrograms, Pack, Placement
from sqsq.engines.network_table import NetworkTable, network_table
from sqsq.engines.protocol import Engine, IdentifiedEngine, Table
from sqsq.engines.queued import CancelOutcome, JobReport, NoRoomError, QueuedEngine, TemporaryError
from sqsq.engines.readout import ReportedReadout
from sqsq.engines.registry import device_programs, open_engine, open_hardware, open_simulator
from sqsq.engines.reported import reported_readout
from sqsq.engines.row_groups import GroupsRequest, RowGroups, one_group
from sqsq.engines.sampler import SamplerEngine
from sqsq.engines.scores import ExactAnswers, ScoreRequest, Scores
from sqsq.engines.table import EvaluationTable, Spikes

__all__ = [
    "OPEN_PLAN_SECONDS",
    "BackendChoice",
    "BadResultError",
    "CancelOutcome",
    "Cost",
    "DevicePrograms",
    "Engine",
    "EvaluationTable",
    "ExactAnswers",
    "GroupsRequest",
    "IdentifiedEngine",
    "JobReport",
    "NetworkTable",
    "NoRoomError",
    "Pack",
    "Placement",
    "QueuedEngine",
    "ReportedReadout",
    "RowGroups",
    "SamplerEngine",
    "ScoreRequest",
    "Scores",
    "Spikes",
    "Table",
    "TemporaryError",
    "device_programs",
    "network_table",
    "one_group",
    "open_engine",
    "open_hardware",
    "open_simulator",
    "reported_readout",
]
