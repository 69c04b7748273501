"""The hardware notebook in clean kernels, the first of which is killed half way."""

import json
import time
from pathlib import Path

from jupyter_client.manager import KernelManager

NOTEBOOK = Path(__file__).resolve().parents[1] / "examples" / "hardware_run.ipynb"


def cells(tag):
    document = json.loads(NOTEBOOK.read_text())
    return ["".join(c["source"]) for c in document["cells"] if tag in c["metadata"].get("tags", ())]


class Kernel:
    def __init__(self, folder):
        self.manager = KernelManager()
        self.manager.start_kernel(cwd=str(folder))
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)

    def run(self, code):
        """Everything that a cell displays."""
        shown = []
        reply = self.client.execute_interactive(code, timeout=300, output_hook=shown.append)
        assert reply["content"]["status"] == "ok", reply["content"]
        return json.dumps([message["content"] for message in shown])

    def kill(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def test_the_first_kernel_is_thrown_away(fake_service, tmp_path):
    first = Kernel(tmp_path)
    for cell in cells("first kernel"):
        shown = first.run(cell)
    assert "QPU seconds" in shown
    assert not fake_service.jobs  # an estimate sends nothing
    (submit,) = cells("submit")
    first.client.execute(submit)
    until = time.monotonic() + 120
    while len(fake_service.jobs) < 3:
        assert time.monotonic() < until
        time.sleep(0.02)
    first.kill()
    second = Kernel(tmp_path)
    try:
        opened, resumed, figures = [second.run(cell) for cell in cells("second kernel")]
    finally:
        second.kill()
    assert "stopped" in opened
    assert "QPU seconds" in opened
    assert "sqsq resume runs/ibm-digits" in opened
    assert "finished" in resumed
    assert "6 of 6, accuracy" in resumed
    assert "single-shot accuracy" in figures
    assert "image/png" in figures
    assert len(fake_service.contents()) == len(set(fake_service.contents())) == 7
