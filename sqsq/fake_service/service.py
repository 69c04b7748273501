"""The state of the service: devices, jobs, batches, and what is to go wrong."""

import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from http.server import ThreadingHTTPServer
from typing import Any

from sqsq.engines import fake_backend
from sqsq.errors import UsageError
from sqsq.fake_service.faults import Fault, RandomFaults
from sqsq.fake_service.simulation import program_content, read_program, run_program

INSTANCE = "crn:v1:bluemix:public:quantum-computing:us-east:a/fake-service:0000-1111::"
TOKEN = "fake-service-key-that-must-never-be-printed"
API = "/experimental/api/v1"
FINAL = ("Completed", "Failed", "Cancelled")


@lru_cache(maxsize=4)
def _device(name: str) -> Any:
    return fake_backend(name)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that vanish are part of what is rehearsed."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@dataclass
class FakeService:
    """The service; it listens while it is entered as a context.

    Attributes:
        devices: The fake backends that play devices, by the names of those.
        noise: Whether their gates and measurements err.
        jobs: All jobs accepted, in order.
        results: Results of those that ended.
        sessions: Batches.
        faults: What goes wrong next.
        random_faults: What goes wrong at random, or None.
        fail_next: Reasons with which the next jobs fail.
        cancel_next: Reasons with which the next jobs are cancelled; None for no reason given.
        spoil_next: So many next jobs lose half of their shots.
        appears_after: Seconds until a job is found under its tag.
        seconds_charged: For every job that is completed.
        seconds_failed: For every other.
        charges_later: So many questions about ended jobs are answered before their charge is known.
        usage_limit_reached: Whether the instance has no time left.
        lacking: Instructions that devices lack.
        faulty: Qubits (q,) and couplings (q, r) that devices mark as faulty.
        most_pending: How many jobs may be pending; None for any number.
        refusal: The status with which more are refused.
        close_batches: So many next submissions find their batch closed.
        ignores_tags: Whether jobs are listed whatever tags are asked for.
        log: Method and path of every request.
    """

    devices: dict[str, Any] = field(default_factory=lambda: {"ibm_brisbane": _device("fake_brisbane")})
    noise: bool = False
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    results: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    random_faults: RandomFaults | None = None
    fail_next: list[str] = field(default_factory=list)
    cancel_next: list[str | None] = field(default_factory=list)
    spoil_next: int = 0
    appears_after: float = 0.0
    seconds_charged: float = 3.0
    seconds_failed: float = 0.0
    charges_later: int = 0
    usage_limit_reached: bool = False
    lacking: tuple[str, ...] = ()
    faulty: list[tuple[int, ...]] = field(default_factory=list)
    most_pending: int | None = None
    refusal: int = 403
    close_batches: int = 0
    ignores_tags: bool = False
    log: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        self._released = threading.Event()
        self._released.set()
        self._server: _Server | None = None

    def __enter__(self) -> "FakeService":
        from sqsq.fake_service.handler import handler_of

        try:
            self._server = _Server(("127.0.0.1", self.port), handler_of(self))
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or error
            raise UsageError(
                f"port {self.port} of 127.0.0.1 cannot be used: {why}; choose another, or 0 for a free one"
            ) from None
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self.release()
        self._server.shutdown()
        self._server.server_close()

    def environment(self) -> dict[str, str]:
        """The variables that point the real client here."""
        assert self._server is not None
        base = f"http://127.0.0.1:{self._server.server_address[1]}"
        return {
            "QISKIT_IBM_TOKEN": TOKEN,
            "QISKIT_IBM_URL": base + API,
            "QISKIT_IBM_INSTANCE": INSTANCE,
            "QISKIT_IBM_CHANNEL": "ibm_quantum_platform",
            "IAM_URL": base,
            "GLOBAL_SEARCH_URL": base,
            "GLOBAL_CATALOG_URL": base + "/gc/api/v1",
        }

    def hold(self) -> None:
        """Keep new jobs in the queue."""
        self._released.clear()

    def release(self) -> None:
        """Run them."""
        self._released.set()

    def contents(self) -> list[str]:
        """The content of every job that was accepted, in order."""
        with self.lock:
            return [job["content"] for job in self.jobs.values()]

    def pending(self) -> int:
        """How many jobs have not ended."""
        with self.lock:
            return sum(job["status"] not in FINAL for job in self.jobs.values())

    def forget(self, job_id: str) -> None:
        """Forget a job, as a service does after some time or where somebody deletes it."""
        with self.lock:
            self.jobs.pop(job_id)
            self.results.pop(job_id, None)

    def fault(self, method: str, path: str) -> Fault | None:
        """What goes wrong with a request, or None."""
        with self.lock:
            self.log.append((method, path))
            found = next((fault for fault in self.faults if fault.strikes(method, path)), None)
        return found or (None if self.random_faults is None else self.random_faults.next())

    def accept(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Take a job and start it."""
        job = {
            "id": uuid.uuid4().hex[:20],
            "backend": asked["backend"],
            "status": "Queued",
            "params": asked["params"],
            "program": {"id": asked["program_id"]},
            "created": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            "accepted": time.monotonic(),
            "session_id": asked.get("session_id"),
            "tags": asked.get("tags", []),
            "device": self.devices[asked["backend"]],
            "content": program_content(read_program(asked["params"])),
        }
        with self.lock:
            self.jobs[job["id"]] = job
        threading.Thread(target=self.run, args=(job["id"],), daemon=True).start()
        return job

    def found_by_tag(self, tag: str) -> list[dict[str, Any]]:
        """Jobs with a tag, as far as the service finds them yet."""
        with self.lock:
            jobs = [job for job in self.jobs.values() if tag in job["tags"]]
        return [job for job in jobs if time.monotonic() - job["accepted"] >= self.appears_after]

    def run(self, job_id: str) -> None:
        """Run a job to its end."""
        job = self.jobs.get(job_id, {})
        self._released.wait()
        with self.lock:
            if job_id not in self.jobs or job["status"] == "Cancelled":
                return
            if self.cancel_next:
                job |= {"status": "Cancelled", "reason": self.cancel_next.pop(0)}
                return
            job["status"] = "Running"
            reason = self.fail_next.pop(0) if self.fail_next else None
            spoiled = self.spoil_next > 0
            self.spoil_next -= spoiled
        if reason is None:
            try:
                self.results[job_id] = run_program(job["params"], job["device"], self.noise, spoiled)
            except Exception as error:  # a job that cannot run fails, as on the real service
                reason = repr(error)
        if reason is not None:
            self.results[job_id] = job["reason"] = reason
        job["status"] = "Completed" if reason is None else "Failed"
