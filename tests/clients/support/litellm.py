"""The real LiteLLM proxy, as a provider behind Cupola."""

import json
import os
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

from support.server import clean_environment

# It imports for ten to twenty seconds before it listens; ten times what was ever seen.
READY_TIMEOUT_S = 180
STOP_TIMEOUT_S = 30
MASTER_KEY = "sk-litellm-of-these-tests-0123456789"

# A model that always says the same, and asks nobody.
ECHO = {"model": "openai/echo", "api_key": "none", "mock_response": "Berlin is the capital of Germany."}


def executable() -> Path | None:
    """$CUPOLA_LITELLM, the `litellm` of an environment with requirements-litellm.txt."""
    given = os.environ.get("CUPOLA_LITELLM")
    return Path(given) if given else None


class LiteLLM:
    """A running proxy. `settings` are a file of its own, or its models, each by name with LiteLLM's parameters."""

    def __init__(self, executable: Path, folder: Path, settings: Path | dict[str, dict], ca_file: str):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        config = settings if isinstance(settings, Path) else self._written(folder / "litellm.yaml", settings)
        self._log = open(folder / "litellm.log", "w+")
        # Nothing is fetched and nothing is reported: the tests know no network.
        quiet = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False", "SSL_CERT_FILE": ca_file}
        self._process = subprocess.Popen([executable, "--config", config, "--host", "127.0.0.1", "--port", str(self.port)],
                                         stdout=self._log, stderr=subprocess.STDOUT, env=clean_environment() | quiet)
        self._wait_until_ready()

    @staticmethod
    def _written(config: Path, models: dict[str, dict]) -> Path:
        # JSON is YAML too.
        config.write_text(json.dumps({"model_list": [{"model_name": name, "litellm_params": more} for name, more in models.items()],
                                      "general_settings": {"master_key": MASTER_KEY}}))
        return config

    def _wait_until_ready(self):
        deadline = time.monotonic() + READY_TIMEOUT_S
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/health/liveliness", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.2)
        self.stop()
        raise AssertionError(f"LiteLLM did not start:\n{self.log()}")

    def log(self) -> str:
        self._log.seek(0)
        return "".join(self._log.readlines()[-60:])

    def stop(self):
        self._process.terminate()
        self._process.wait(STOP_TIMEOUT_S)
