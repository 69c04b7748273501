"""The contract between those who ask and those who answer: tables, requests, answers and plans.

Knows NumPy, not Qiskit.
"""

from sqsq.tables.evaluation_table import EvaluationTable, Role, Spikes
from sqsq.tables.fused_plan import ChannelPlan, FusedAngles, FusedPlan, input_range, plan_fused
from sqsq.tables.idle_angles import IdleAnglesRequest
from sqsq.tables.lowering import MAX_FAN_IN, Condition, LoweredAngle, Lowering, lower_angle
from sqsq.tables.network_table import NetworkTable, network_table
from sqsq.tables.noise_scale import UNSCALED, FoldedGates, NoiseScale
from sqsq.tables.plan import Plan, Result, Table, Usage
from sqsq.tables.row_groups import GroupsRequest, RowGroups, one_group, spread_rows
from sqsq.tables.scores import ScoreRequest, Scores
from sqsq.tables.template import MOST_STEPS, Template

__all__ = [
    "MAX_FAN_IN",
    "MOST_STEPS",
    "UNSCALED",
    "ChannelPlan",
    "Condition",
    "EvaluationTable",
    "FoldedGates",
    "FusedAngles",
    "FusedPlan",
    "GroupsRequest",
    "IdleAnglesRequest",
    "LoweredAngle",
    "Lowering",
    "NetworkTable",
    "NoiseScale",
    "Plan",
    "Result",
    "Role",
    "RowGroups",
    "ScoreRequest",
    "Scores",
    "Spikes",
    "Table",
    "Template",
    "Usage",
    "input_range",
    "lower_angle",
    "network_table",
    "one_group",
    "plan_fused",
    "spread_rows",
]
