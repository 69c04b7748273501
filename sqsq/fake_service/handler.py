"""The HTTP side of the service: what the client asks for, and only that."""

import json
import re
import secrets
import socket
import time
import uuid
import zlib
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlparse

import jwt

from sqsq.fake_service.simulation import as_json

if TYPE_CHECKING:
    from sqsq.fake_service.service import FakeService

Reply = tuple[int, Any]
"""Status, and a JSON document, text, or None."""

MOST_BYTES = 2**26
"""Of a request: more than any job may have as input."""
_HOSTS = ("127.0.0.1", "localhost")
_SECRET = secrets.token_hex(32)
"""Signs access tokens; a service that is started again in this process knows them still."""
_HIDDEN = ("params", "content", "accepted", "device")


def handler_of(service: "FakeService") -> type[BaseHTTPRequestHandler]:
    """The handler class of one service."""

    class Handler(_Handler):
        fake_service = service

    return Handler


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else the body waits 40 ms for the headers to be acknowledged
    timeout = 60  # seconds that a connection may be silent
    fake_service: "FakeService"

    def log_message(self, *_: object) -> None:
        """Say nothing on the terminal."""

    def do_GET(self) -> None:
        self._handle("GET")

    def do_POST(self) -> None:
        self._handle("POST")

    def do_PATCH(self) -> None:
        self._handle("PATCH")

    def do_DELETE(self) -> None:
        self._handle("DELETE")

    def _handle(self, method: str) -> None:
        host = (self.headers.get("Host") or "").rsplit(":", 1)[0]
        if host not in _HOSTS:  # a page of another site whose name was made to point here
            self.close_connection = True
            return self._send(*_error(403, "this service answers to 127.0.0.1 and localhost only"))
        length = self.headers.get("Content-Length") or "0"
        if not length.isdecimal() or int(length) > MOST_BYTES:
            self.close_connection = True
            return self._send(*_error(413, f"a body may have {MOST_BYTES:,} bytes"))
        body = self.rfile.read(int(length))
        if self.headers.get("Content-Encoding") == "gzip":
            unpacked = zlib.decompressobj(zlib.MAX_WBITS | 16)
            body = unpacked.decompress(body, MOST_BYTES)
            if unpacked.unconsumed_tail:
                return self._send(*_error(413, f"a body may have {MOST_BYTES:,} bytes"))
        url = urlparse(self.path)
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        fault = self.fake_service.fault(method, url.path)
        try:
            if fault is not None and fault.status is not None:
                self._send(fault.status, {"error": {"code": fault.status, "message": "injected"}})
            elif fault is not None and fault.reply is not None:
                if fault.carried_out:
                    self._route(method, url.path, query, body)
                self._send(200, fault.reply)
            elif fault is not None and fault.drop == "before":
                self._reset()
            elif fault is not None:
                self._route(method, url.path, query, body)
                time.sleep(fault.reply_after)
                self._reset()
            else:
                self._send(*self._route(method, url.path, query, body))
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        return None

    def _send(self, status: int, document: Any) -> None:
        text = "" if document is None else document if isinstance(document, str) else json.dumps(document)
        raw = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _route(self, method: str, path: str, query: dict[str, str], body: bytes) -> Reply:
        from sqsq.fake_service.service import API, INSTANCE, TOKEN

        if path.endswith("/identity/token"):
            return _access_token(body)
        if path.endswith("/plan-id"):  # the catalogue of plans is public
            return 200, _PLAN
        # the client sends the key itself where it could not get an access token
        sent = self.headers.get("Authorization") or ""
        if not _was_issued(sent.removeprefix("Bearer ")) and sent != f"apikey {TOKEN}":
            return _error(401, "unauthorised")
        if path.endswith("/v3/resources/search"):
            return 200, {"items": [_INSTANCE_FOUND | {"crn": INSTANCE}], "limit": 100}
        if not path.startswith(API) or self.headers.get("Service-CRN") != INSTANCE:
            return _error(401, "unauthorised")
        path = path[len(API) :]
        service = self.fake_service
        if path == "/backends":
            return 200, {"devices": [_listed(name, device) for name, device in service.devices.items()]}
        if found := re.fullmatch(r"/backends/(\w+)/(configuration|properties|status)", path):
            return self._backend(*found.groups())
        if path == "/instances/usage":
            spent = 600 if service.usage_limit_reached else 1
            usage = {"instance_id": INSTANCE, "usage_consumed_seconds": spent, "usage_limit_seconds": 600}
            return 200, {**usage, "usage_limit_reached": service.usage_limit_reached}
        if path.startswith("/sessions"):
            return self._session(method, path, body)
        if path == "/jobs" and method == "POST":
            asked = json.loads(body)
            session = asked.get("session_id")
            if session and service.close_batches:
                service.close_batches -= 1
                service.sessions[session] |= {"accepting_jobs": False, "state": "closed"}
            if session and not service.sessions[session]["accepting_jobs"]:
                return _error(409, "the session is closed")
            if service.most_pending is not None and service.pending() >= service.most_pending:
                words = f"You have reached the limit of {service.most_pending} pending jobs. Please wait."
                return _error(service.refusal, words)
            return 200, {"id": service.accept(asked)["id"], "backend": asked["backend"]}
        if path == "/jobs":
            return self._jobs(query)
        if found := re.fullmatch(r"/jobs/(\w+)(/\w+)?", path):
            return self._job(found[1], found[2])
        return _error(404, path)

    def _backend(self, name: str, what: str) -> Reply:
        device = self.fake_service.devices.get(name)
        if device is None:
            return _error(404, name)
        if what == "status":
            return 200, {"backend_version": "1.0.0", "status": "active", "state": True, "length_queue": 4}
        if what == "properties":
            device._set_props_dict_from_json()
            return 200, as_json(
                _with_faults(dict(device._props_dict, backend_name=name), self.fake_service.faulty)
            )
        described = dict(device._get_conf_dict_from_json(), backend_name=name, simulator=False)
        for key in ("basis_gates", "supported_instructions"):
            described[key] = [
                each for each in described.get(key, ()) if each not in self.fake_service.lacking
            ]
        return 200, as_json(described)

    def _session(self, method: str, path: str, body: bytes) -> Reply:
        sessions = self.fake_service.sessions
        if path == "/sessions" and method == "POST":
            asked = json.loads(body)
            session = {
                "id": str(uuid.uuid4()),
                "backend_name": asked.get("backend"),
                "mode": asked.get("mode"),
                "max_ttl": 28800,
                "state": "open",
                "accepting_jobs": True,
            }
            sessions[session["id"]] = session
            return 200, session
        session = sessions.get(path.split("/")[2], {})
        if not session:
            return _error(404, "no session")
        if method in ("PATCH", "DELETE"):
            session |= {"accepting_jobs": False, "state": "closed"}
            return 204, None
        return 200, session

    def _jobs(self, query: dict[str, str]) -> Reply:
        service = self.fake_service
        with service.lock:
            jobs = list(service.jobs.values())
        if "tags" in query and not service.ignores_tags:
            jobs = service.found_by_tag(query["tags"])
        jobs.sort(key=lambda job: str(job["created"]), reverse=query.get("sort") != "ASC")
        offset, limit = int(query.get("offset", 0)), int(query.get("limit", 200))
        page = [_described(job) for job in jobs[offset : offset + limit]]
        return 200, {"jobs": page, "count": len(jobs), "limit": limit, "offset": offset}

    def _job(self, job_id: str, what: str | None) -> Reply:
        from sqsq.fake_service.service import FINAL

        service = self.fake_service
        job = service.jobs.get(job_id)
        if job is None:
            return _error(404, "Job not found")
        if what is None:
            return 200, _described(job)
        if what == "/results":
            return (200, service.results[job_id]) if job_id in service.results else (204, None)
        if what == "/cancel":
            with service.lock:
                if job["status"] in FINAL:
                    return _error(409, "cannot cancel")
                job |= {"status": "Cancelled", "reason": "cancelled by the user"}
            return 204, None
        if what == "/metrics":
            final = job["status"] in FINAL
            if final and service.charges_later > 0:
                service.charges_later -= 1
                final = False
            charged = service.seconds_charged if job["status"] == "Completed" else service.seconds_failed
            usage = {"qpu_charge_time_seconds": charged, "status": "final" if final else "pending"}
            position = {"position_in_queue": 7} if job["status"] == "Queued" else {}
            return 200, {"timestamps": {"created": job["created"]}, "usage": usage, **position}
        return 200, ""


def _with_faults(properties: dict[str, Any], faulty: list[tuple[int, ...]]) -> dict[str, Any]:
    """The properties of a device, with some qubits and couplings marked as not operational."""
    mark = {"name": "operational", "value": 0, "unit": "", "date": properties["last_update_date"]}
    qubits = [
        [*entries, mark] if (qubit,) in faulty else entries
        for qubit, entries in enumerate(properties["qubits"])
    ]
    gates = [
        {**gate, "parameters": [*gate["parameters"], mark]}
        if len(gate["qubits"]) > 1 and {tuple(gate["qubits"]), tuple(gate["qubits"][::-1])} & set(faulty)
        else gate
        for gate in properties["gates"]
    ]
    return {**properties, "qubits": qubits, "gates": gates}


def _error(status: int, message: str) -> Reply:
    return status, {"error": {"code": status, "message": message}}


def _access_token(body: bytes) -> Reply:
    from sqsq.fake_service.service import TOKEN

    if TOKEN not in body.decode():
        return 400, {"errorCode": "BXNIM0415E", "errorMessage": "key not found"}
    issued = int(time.time())
    token = jwt.encode({"iat": issued, "exp": issued + 3600}, _SECRET, algorithm="HS256")
    return 200, {
        "access_token": token,
        "refresh_token": "none",
        "token_type": "Bearer",
        "expires_in": 3600,
        "expiration": issued + 3600,
    }


def _was_issued(token: str) -> bool:
    """Whether an access token is one of this process's, and still valid."""
    try:
        jwt.decode(token, _SECRET, algorithms=["HS256"])
    except jwt.InvalidTokenError:
        return False
    return True


def _listed(name: str, device: Any) -> dict[str, Any]:
    return {
        "name": name,
        "status": {"name": "online", "reason": "available"},
        "is_simulator": False,
        "qubits": device.num_qubits,
        "queue_length": 4,
        "class": "device",
    }


def _described(job: dict[str, Any]) -> dict[str, Any]:
    state = {"status": job["status"]}
    if job.get("reason") is not None:
        state |= {"reason": job["reason"], "reasonCode": 1517}
    shown = {name: value for name, value in job.items() if name not in _HIDDEN}
    return {**shown, "state": state, "private": False, "runtime": "", "cost": 600}


_INSTANCE_FOUND = {
    "service_plan_unique_id": "plan-id",
    "name": "fake service",
    "doc": {"extensions": {"x": 1}},
    "tags": [],
}
_PLAN = {
    "overview_ui": {"en": {"display_name": "Open"}},
    "metadata": {"pricing": {"type": "free"}},
    "name": "open",
    "kind": "plan",
}
