"""An IBM Quantum service on 127.0.0.1 that the real qiskit-ibm-runtime client talks to.

The client is redirected by environment variables alone. Jobs are simulated without noise on Aer, each
connected component of a packed circuit apart, with seeds that are a function of the job's content.
Faults can be injected.
"""

import hashlib
import json
import re
import socket
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from urllib.parse import parse_qs, urlparse

import jwt
import numpy as np
import rustworkx as rx
from ibm_quantum_schemas.common import CompressedTensorModel
from ibm_quantum_schemas.executor.version_2_0 import QuantumProgramResultModel
from qiskit import ClassicalRegister, QuantumCircuit
from qiskit_aer import AerSimulator
from qiskit_ibm_runtime.fake_provider import FakeBrisbane
from qiskit_ibm_runtime.quantum_program.params_converters import QUANTUM_PROGRAM_PARAMS_CONVERTERS

CRN = "crn:v1:bluemix:public:quantum-computing:us-east:a/loopback:0000-1111::"
TOKEN = "loopback-key-that-must-never-be-printed"
FINAL = ("Completed", "Failed", "Cancelled")
API = "/experimental/api/v1"


@dataclass
class Fault:
    """Something that goes wrong ``times`` times with requests that match."""

    method: str
    path: str
    times: int = 1
    status: int | None = None
    drop: str | None = None  # "before" or "after" the request is carried out
    reply_after: float = 0.0  # seconds between carrying it out and the reply
    skip: int = 0  # so many matching requests pass first


@dataclass
class Loopback:
    """The state of the service."""

    jobs: dict = field(default_factory=dict)
    results: dict = field(default_factory=dict)
    sessions: dict = field(default_factory=dict)
    faults: list = field(default_factory=list)
    log: list = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    released: threading.Event = field(default_factory=threading.Event)
    devices: dict = field(default_factory=lambda: {"ibm_brisbane": FakeBrisbane()})
    fail_next: list = field(default_factory=list)  # reasons with which the next jobs fail
    spoil_next: int = 0  # so many next jobs return results of another shape
    appears_after: float = 0.0  # seconds until a job is found under its tag
    seconds_charged: float = 3.0
    usage_limit_reached: bool = False
    strip: tuple = ()  # instructions that devices lack
    server: ThreadingHTTPServer | None = None

    def __enter__(self):
        self.released.set()
        service = self

        class Handler(_Handler):
            loopback = service

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    def environment(self):
        base = f"http://127.0.0.1:{self.server.server_address[1]}"
        return {
            "QISKIT_IBM_TOKEN": TOKEN,
            "QISKIT_IBM_URL": base + API,
            "QISKIT_IBM_INSTANCE": CRN,
            "QISKIT_IBM_CHANNEL": "ibm_quantum_platform",
            "IAM_URL": base,
            "GLOBAL_SEARCH_URL": base,
            "GLOBAL_CATALOG_URL": base + "/gc/api/v1",
        }

    def hold(self):
        """Keep new jobs in the queue until ``release``."""
        self.released.clear()

    def release(self):
        self.released.set()

    def contents(self):
        """The canonical content of every job that was accepted, in order."""
        return [job["content"] for job in self.jobs.values()]

    def run(self, job_id):
        job = self.jobs[job_id]
        self.released.wait()
        with self.lock:
            if job["status"] == "Cancelled":
                return
            job["status"] = "Running"
            reason = self.fail_next.pop(0) if self.fail_next else None
            spoiled = self.spoil_next > 0
            self.spoil_next -= spoiled
        if reason is not None:
            job |= {"reason": reason, "status": "Failed"}
            self.results[job_id] = reason
            return
        try:
            self.results[job_id] = _execute(job, spoiled)
            job["status"] = "Completed"
        except Exception as error:  # a job that cannot run fails, as on the real service
            job |= {"reason": repr(error), "status": "Failed"}
            self.results[job_id] = repr(error)


def canonical(circuit, values, shots):
    """What a job does, independent of names of registers and of random identifiers."""
    place = {bit: f"{register.name}[{k}]" for register in circuit.cregs for k, bit in enumerate(register)}
    lines = [f"{shots}"]
    for item in circuit.data:
        qubits = [circuit.find_bit(qubit).index for qubit in item.qubits]
        bits = [place[bit] for bit in item.clbits]
        lines.append(
            f"{item.operation.name} {qubits} {bits} {[str(value) for value in item.operation.params]}"
        )
    text = "\n".join(lines).encode() + np.ascontiguousarray(values, "<f8").tobytes()
    return hashlib.sha256(text).hexdigest()


def _program(job):
    converter = QUANTUM_PROGRAM_PARAMS_CONVERTERS[job["params"]["schema_version"]]
    program, _ = converter.decoder(converter.model.model_validate(job["params"]))
    return program


def _execute(job, spoiled):
    program = _program(job)
    data = []
    for item in program.items:
        bits = _simulate(item.circuit, np.asarray(item.circuit_arguments), program.shots)
        if spoiled:
            bits = {name: array[:, : program.shots // 2] for name, array in bits.items()}
        data.append(
            {
                "results": {
                    name: CompressedTensorModel.from_numpy(array).model_dump() for name, array in bits.items()
                },
                "metadata": {},
            }
        )
    model = {
        "schema_version": "v2.0",
        "data": data,
        "metadata": {"chunk_timing": []},
        "passthrough_data": job["params"]["quantum_program"]["passthrough_data"],
        "semantic_role": program._semantic_role,
    }
    return QuantumProgramResultModel.model_validate(model).model_dump_json()


def _simulate(circuit, values, shots):
    """Bits of each register, bool, shape (bindings, shots, bits)."""
    graph = rx.PyGraph()
    graph.add_nodes_from(range(circuit.num_qubits))
    for item in circuit.data:
        qubits = [circuit.find_bit(qubit).index for qubit in item.qubits]
        graph.add_edges_from_no_data(list(pairwise(qubits)))
    bits = {register.name: np.zeros((len(values), shots, register.size), bool) for register in circuit.cregs}
    place = {bit: (register.name, k) for register in circuit.cregs for k, bit in enumerate(register)}
    for component in rx.connected_components(graph):
        part, wires = _component(circuit, component)
        if not wires:
            continue
        column = {parameter: k for k, parameter in enumerate(circuit.parameters)}
        binds = {parameter: values[:, column[parameter]].tolist() for parameter in part.parameters}
        content = canonical(part, values[:, [column[parameter] for parameter in part.parameters]], shots)
        simulator = AerSimulator(method="statevector", fusion_enable=False)
        result = simulator.run(
            part,
            parameter_binds=[binds] if binds else None,
            shots=shots,
            memory=True,
            seed_simulator=int(content[:12], 16),
        ).result()
        for binding in range(len(values)):
            for shot, word in enumerate(result.get_memory(binding)):
                for k, wire in enumerate(wires):
                    register, index = place[wire]
                    bits[register][binding, shot, index] = word[-1 - k] == "1"
    return bits


def _component(circuit, qubits):
    """The part of a circuit on some qubits, and which of its classical bits it writes."""
    inside = [
        item for item in circuit.data if {circuit.find_bit(q).index for q in item.qubits} <= set(qubits)
    ]
    wires = list(dict.fromkeys(bit for item in inside for bit in item.clbits))
    place = {qubit: k for k, qubit in enumerate(sorted(qubits))}
    part = QuantumCircuit(len(qubits))
    part.add_register(ClassicalRegister(len(wires), "c"))
    for item in inside:
        part.append(
            item.operation,
            [place[circuit.find_bit(qubit).index] for qubit in item.qubits],
            [wires.index(bit) for bit in item.clbits],
        )
    return part, wires


def _now():
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    loopback: Loopback

    def log_message(self, *_):
        pass

    def _send(self, code, body=None, text=None):
        raw = b"" if body is None and text is None else (json.dumps(body) if text is None else text).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _drop(self):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _fault(self, method, path):
        with self.loopback.lock:
            for fault in self.loopback.faults:
                if fault.method == method and re.search(fault.path, path) and fault.times > 0:
                    if fault.skip > 0:
                        fault.skip -= 1
                        continue
                    fault.times -= 1
                    return fault
        return None

    def _handle(self, method):
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Content-Encoding") == "gzip":
            import gzip

            raw = gzip.decompress(raw)
        url = urlparse(self.path)
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        self.loopback.log.append((method, url.path))
        fault = self._fault(method, url.path)
        try:
            if fault is not None and fault.status is not None:
                error = {"code": fault.status, "message": "injected"}
                return self._send(fault.status, {"error": error})
            if fault is not None and fault.drop == "before":
                return self._drop()
            if fault is not None and fault.drop == "after":
                self._send = lambda *_, **__: None
                self._route(method, url.path, query, raw)
                return self._drop()
            if fault is not None and fault.reply_after:
                reply, self._send = self._send, lambda *_, **__: None
                self._route(method, url.path, query, raw)
                time.sleep(fault.reply_after)
                self._send = reply
                return self._drop()
            return self._route(method, url.path, query, raw)
        except (BrokenPipeError, ConnectionResetError):
            return None

    def _route(self, method, path, query, raw):
        service = self.loopback
        if path.endswith("/identity/token"):
            if TOKEN not in raw.decode():
                return self._send(400, {"errorCode": "BXNIM0415E", "errorMessage": "key not found"})
            issued = int(time.time())
            token = jwt.encode({"iat": issued, "exp": issued + 3600}, "x" * 32, algorithm="HS256")
            return self._send(
                200,
                {
                    "access_token": token,
                    "refresh_token": "r",
                    "token_type": "Bearer",
                    "expires_in": 3600,
                    "expiration": issued + 3600,
                },
            )
        if path.endswith("/v3/resources/search"):
            item = {
                "crn": CRN,
                "service_plan_unique_id": "plan-id",
                "name": "loopback",
                "doc": {"extensions": {"x": 1}},
                "tags": [],
            }
            return self._send(200, {"items": [item], "limit": 100})
        if path.endswith("/plan-id"):
            return self._send(
                200,
                {
                    "overview_ui": {"en": {"display_name": "Open"}},
                    "metadata": {"pricing": {"type": "free"}},
                    "name": "open",
                    "kind": "plan",
                },
            )
        authorised = (self.headers.get("Authorization") or "").startswith("Bearer ")
        if not path.startswith(API) or not authorised or self.headers.get("Service-CRN") != CRN:
            return self._send(401, {"error": {"code": 1200, "message": "unauthorised"}})
        path = path[len(API) :]
        if path == "/backends":
            return self._send(200, {"devices": [self._device(name) for name in service.devices]})
        if found := re.fullmatch(r"/backends/(\w+)/(configuration|properties|status)", path):
            return self._backend(*found.groups())
        if path == "/instances/usage":
            spent = 600 if service.usage_limit_reached else 1
            usage = {"instance_id": CRN, "usage_consumed_seconds": spent, "usage_limit_seconds": 600}
            return self._send(200, {**usage, "usage_limit_reached": service.usage_limit_reached})
        if path.startswith("/sessions"):
            return self._session(method, path, raw)
        if path == "/jobs" and method == "POST":
            return self._submit(json.loads(raw))
        if path == "/jobs":
            return self._list(query)
        if found := re.fullmatch(r"/jobs/(\w+)(/\w+)?", path):
            return self._job(method, found[1], found[2])
        return self._send(404, {"error": {"code": 404, "message": path}})

    def _device(self, name):
        return {
            "name": name,
            "status": {"name": "online", "reason": "available"},
            "is_simulator": False,
            "qubits": self.loopback.devices[name].num_qubits,
            "queue_length": 4,
            "class": "device",
        }

    def _backend(self, name, what):
        device = self.loopback.devices.get(name)
        if device is None:
            return self._send(404, {"error": {"code": 404, "message": name}})
        if what == "status":
            status = {"backend_version": "1.0.0", "status": "active", "state": True, "length_queue": 4}
            return self._send(200, status)
        if what == "configuration":
            described = dict(device._get_conf_dict_from_json(), backend_name=name, simulator=False)
            lacking = self.loopback.strip
            for key in ("basis_gates", "supported_instructions"):
                described[key] = [each for each in described.get(key, ()) if each not in lacking]
        else:
            device._set_props_dict_from_json()
            described = dict(device._props_dict, backend_name=name)
        as_json = lambda o: [o.real, o.imag] if isinstance(o, complex) else o.isoformat()  # noqa: E731
        return self._send(200, text=json.dumps(described, default=as_json))

    def _session(self, method, path, raw):
        service = self.loopback
        if path == "/sessions" and method == "POST":
            asked = json.loads(raw)
            session = {
                "id": str(uuid.uuid4()),
                "backend_name": asked.get("backend"),
                "mode": asked.get("mode"),
                "max_ttl": 28800,
                "state": "open",
                "accepting_jobs": True,
            }
            service.sessions[session["id"]] = session
            return self._send(200, session)
        session = service.sessions.get(path.split("/")[2])
        if session is None:
            return self._send(404, {"error": {"code": 404, "message": "no session"}})
        if method in ("PATCH", "DELETE"):
            session |= {"accepting_jobs": False, "state": "closed"}
            return self._send(204)
        return self._send(200, session)

    def _submit(self, asked):
        service = self.loopback
        session = asked.get("session_id")
        if session and not service.sessions[session]["accepting_jobs"]:
            return self._send(409, {"error": {"code": 1217, "message": "the session is closed"}})
        job = {
            "id": uuid.uuid4().hex[:20],
            "backend": asked["backend"],
            "status": "Queued",
            "params": asked["params"],
            "program": {"id": asked["program_id"]},
            "created": _now(),
            "accepted": time.time(),
            "session_id": session,
            "tags": asked.get("tags", []),
        }
        program = _program(job)
        job["content"] = "+".join(
            canonical(item.circuit, np.asarray(item.circuit_arguments), program.shots)
            for item in program.items
        )
        with service.lock:
            service.jobs[job["id"]] = job
        threading.Thread(target=service.run, args=(job["id"],), daemon=True).start()
        return self._send(200, {"id": job["id"], "backend": asked["backend"]})

    def _list(self, query):
        service = self.loopback
        with service.lock:
            jobs = list(service.jobs.values())
        if "tags" in query:
            seen = [job for job in jobs if time.time() - job["accepted"] >= service.appears_after]
            jobs = [job for job in seen if query["tags"] in job["tags"]]
        jobs.sort(key=lambda job: job["created"], reverse=query.get("sort") != "ASC")
        offset, limit = int(query.get("offset", 0)), int(query.get("limit", 200))
        page = [self._described(job) for job in jobs[offset : offset + limit]]
        return self._send(200, {"jobs": page, "count": len(jobs), "limit": limit, "offset": offset})

    def _described(self, job):
        shown = {k: v for k, v in job.items() if k not in ("params", "content", "accepted")}
        state = {"status": job["status"]}
        if "reason" in job:
            state |= {"reason": job["reason"], "reasonCode": 1517}
        return {**shown, "state": state, "private": False, "runtime": "", "cost": 600}

    def _job(self, method, job_id, what):
        service = self.loopback
        job = service.jobs.get(job_id)
        if job is None:
            return self._send(404, {"error": {"code": 1291, "message": "Job not found"}})
        if what is None:
            return self._send(200, self._described(job))
        if what == "/results":
            done = job_id in service.results
            return self._send(200, text=service.results[job_id]) if done else self._send(204)
        if what == "/cancel":
            with service.lock:
                if job["status"] in FINAL:
                    return self._send(409, {"error": {"code": 1305, "message": "cannot cancel"}})
                job |= {"status": "Cancelled", "reason": "cancelled by the user"}
            return self._send(204)
        if what == "/metrics":
            final = job["status"] in FINAL
            charged = service.seconds_charged if job["status"] == "Completed" else 0
            usage = {"qpu_charge_time_seconds": charged, "status": "final" if final else "pending"}
            position = {"position_in_queue": 7} if job["status"] == "Queued" else {}
            return self._send(200, {"timestamps": {"created": job["created"]}, "usage": usage, **position})
        return self._send(200, text="")

    def do_GET(self):
        self._handle("GET")

    def do_POST(self):
        self._handle("POST")

    def do_PATCH(self):
        self._handle("PATCH")

    def do_DELETE(self):
        self._handle("DELETE")
