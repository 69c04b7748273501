"""Runs plans: each request goes to the handler of its type, usage is counted."""

from collections.abc import Callable
from typing import Any

from sqsq.engines import Engine, ExactAnswers, QueuedEngine
from sqsq.errors import UsageError
from sqsq.tables import (
    EvaluationTable,
    GroupsRequest,
    IdleAnglesRequest,
    NetworkTable,
    Plan,
    Result,
    ScoreRequest,
    Usage,
)

Handler = Callable[[Any, Engine], tuple[Any, Usage]]
"""Answers a request with an engine, and says what that used."""

_HANDLERS: dict[type, Handler] = {}


def handle_requests(kind: type, handler: Handler) -> None:
    """Have requests of a type answered.

    Args:
        kind: The type, as it is yielded.
        handler: What answers.

    Raises:
        UsageError: If another handler answers them already.
    """
    if _HANDLERS.setdefault(kind, handler) is not handler:
        raise UsageError(f"requests of type {kind.__name__} have a handler already")


def answer_request(request: object, engine: Engine) -> tuple[Any, Usage]:
    """Answer one request of a plan.

    Raises:
        UsageError: If nobody answers requests of its type, or the engine cannot.
    """
    handler = _HANDLERS.get(type(request))
    if handler is None:
        known = ", ".join(kind.__name__ for kind in _HANDLERS)
        raise UsageError(f"a plan asks for a {type(request).__name__}: what can be answered is {known}")
    return handler(request, engine)


def drive(plan: Plan[Result], engine: Engine) -> tuple[Result, Usage]:
    """Run a plan to its end.

    Args:
        plan: The generator.
        engine: What runs its tables.

    Returns:
        The plan's result, and what it used; exact answers use no executions.

    Raises:
        UsageError: If nobody answers a request, such as one for exact answers of an engine that has none.
    """
    usage = Usage()
    try:
        request = next(plan)
        while True:
            found, used = answer_request(request, engine)
            usage += used
            request = plan.send(found)
    except StopIteration as stop:
        return stop.value, usage


def exact_answers(engine: Engine | QueuedEngine) -> ExactAnswers:
    """The engine, if it knows probabilities.

    Raises:
        UsageError: If it knows spikes only.
    """
    if not isinstance(engine, ExactAnswers):
        raise UsageError(
            f"the backend {engine.name} knows no exact gradients: use exact, exact:fake_<device> or, for LIF "
            "neurons, lif"
        )
    return engine


def _run_table(table: EvaluationTable | NetworkTable, engine: Engine) -> tuple[Any, Usage]:
    return engine.run(table), Usage(1, table.evaluations, table.evaluations * table.shots)


def _score(request: ScoreRequest, engine: Engine) -> tuple[Any, Usage]:
    return exact_answers(engine).score(request), Usage(1, request.table.evaluations, 0)


def _find_groups(request: GroupsRequest, engine: Engine) -> tuple[Any, Usage]:
    return engine.groups_of(request.table), Usage()


def _find_idle_angles(request: IdleAnglesRequest, engine: Engine) -> tuple[Any, Usage]:
    from sqsq.engines.exact import angles_without_effect

    return angles_without_effect(request.neuron), Usage()


handle_requests(EvaluationTable, _run_table)
handle_requests(NetworkTable, _run_table)
handle_requests(ScoreRequest, _score)
handle_requests(GroupsRequest, _find_groups)
handle_requests(IdleAnglesRequest, _find_idle_angles)
