"""A fresh `cupola serve` of one test run, reached the way an operator reaches it: by its ready line and demo.env."""

import os
import queue
import shlex
import signal
import subprocess
import threading
from pathlib import Path

# A debug build makes keys, hashes passwords and opens the model on first start; ten times what was ever seen.
READY_TIMEOUT_S = 120
# Draining waits for streams; tests leave none open.
STOP_TIMEOUT_S = 30
READY_PREFIX = "cupola ready on "


class Server:
    """A running server process with its data folder. `env` is demo.env as a dictionary, or operator.env without the demo."""

    def __init__(self, binary: Path, data_dir: Path, demo: bool = True, arguments: tuple[str, ...] = (), **environment: str):
        self.binary, self.data_dir = binary, data_dir
        self.stderr: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._process = subprocess.Popen(
            [binary, "serve", "--data-dir", data_dir, "--listen", "127.0.0.1:0", *(["--demo", "contoso"] if demo else []), *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_environment() | environment,
        )
        threading.Thread(target=self._read_stdout, daemon=True).start()
        threading.Thread(target=self._read_stderr, daemon=True).start()
        self.url = self._wait_until_ready()
        self.env = read_exports(data_dir / ("demo.env" if demo else "operator.env"))

    def _read_stdout(self):
        for line in self._process.stdout:
            self._lines.put(line.strip())
        self._lines.put(None)

    def _read_stderr(self):
        for line in self._process.stderr:
            self.stderr.append(line.rstrip())

    def _wait_until_ready(self) -> str:
        while True:
            try:
                line = self._lines.get(timeout=READY_TIMEOUT_S)
            except queue.Empty:
                self.kill()
                raise AssertionError(f"not ready after {READY_TIMEOUT_S} s; stderr:\n" + "\n".join(self.stderr))
            if line is None:
                code = self._process.wait(STOP_TIMEOUT_S)
                raise AssertionError(f"the server ended with {code} before it was ready; stderr:\n" + "\n".join(self.stderr))
            if line.startswith(READY_PREFIX):
                return line.removeprefix(READY_PREFIX).strip()

    def stop(self) -> int:
        """SIGTERM, and the exit code after the drain."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(STOP_TIMEOUT_S)

    def kill(self):
        """SIGKILL: a power cut."""
        self._process.kill()
        self._process.wait(STOP_TIMEOUT_S)

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        """Another `cupola` command beside the running server."""
        return subprocess.run([self.binary, *arguments], capture_output=True, text=True,
                              timeout=STOP_TIMEOUT_S, env=clean_environment())


def read_exports(path: Path) -> dict[str, str]:
    """The `export NAME=value` lines of a shell file."""
    exports = {}
    for line in path.read_text().splitlines():
        words = shlex.split(line, comments=True)
        if len(words) == 2 and words[0] == "export":
            name, _, value = words[1].partition("=")
            exports[name] = value
    return exports


def clean_environment() -> dict[str, str]:
    """This process's environment without anything that steers an Azure or OpenAI client, or Cupola itself."""
    steering = ("AZURE_", "ARM_", "OPENAI_", "CUPOLA_")
    keep = {"CUPOLA_MODEL_DIR"}
    return {name: value for name, value in os.environ.items() if name in keep or not name.startswith(steering)}
