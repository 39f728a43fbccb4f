"""`examples/byo-gateway`, run as its README says, against a fresh demo and a real LiteLLM with the example's own settings."""

import subprocess
import sys
from pathlib import Path

import pytest

from support.litellm import LiteLLM, executable
from support.server import Server, clean_environment

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "byo-gateway"
EXAMPLE_TIMEOUT_S = 120


@pytest.fixture
def fresh(binary, tmp_path):
    running = Server(binary, tmp_path / "data")
    yield running
    assert running.stop() == 0


@pytest.fixture
def litellm(fresh, tmp_path):
    found = executable()
    if found is None:
        pytest.skip("CUPOLA_LITELLM is not set; `cargo xtask test` sets it")
    running = LiteLLM(found, tmp_path, EXAMPLE / "litellm.yaml", fresh.env["SSL_CERT_FILE"])
    yield running
    running.stop()


def test_the_example_leads_from_a_mistake_to_an_agent(fresh, litellm):
    def run() -> str:
        done = subprocess.run([sys.executable, EXAMPLE / "run.py"], capture_output=True, text=True, timeout=EXAMPLE_TIMEOUT_S,
                              env=clean_environment() | fresh.env | {"LITELLM_URL": litellm.url})
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout
    said = run()
    steps = [said.index(f"\n{number}. " if number > 1 else "1. ") for number in range(1, 8)]
    assert steps == sorted(steps)
    assert "deploymentInPath" in said[:steps[1]] and "FAILED" not in said
    assert "AIServices/" in said[steps[3]:steps[4]] and "Foundry User" in said[steps[4]:steps[5]]
    assert "A cupola is a small dome on a roof." in said[steps[5]:] and "2 items" in said
    usage = fresh.run("connection", "usage", "lite", "--data-dir", str(fresh.data_dir))
    assert usage.returncode == 0 and "echo" in usage.stdout, usage.stderr
    # Run again, nothing is in its way.
    assert "A cupola is a small dome on a roof." in run()
