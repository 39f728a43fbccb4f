"""schemathesis reads `/openapi.json` and asks every operation in it what it allows and what it forbids, before a scripted provider that
answers whatever is sound. No answer may be a failure of the server, or one that the document does not name."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from support.server import clean_environment
from support.tenant import FOUNDRY, FOUNDRY_USER, expect

CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")
# Of each operation; the same ones in every run.
EXAMPLES = 5
# Three times what it takes on two busy cores, most of it for the cases that are the same in every run.
TIMEOUT_S = 240
CAPACITY = 1000


@pytest.fixture(scope="module")
def described(front) -> dict[str, str]:
    """What there is, for support/described.py."""
    front.deploy("described", "openai-says", CAPACITY)
    front.deploy("described-vectors", "openai-vectors", CAPACITY)
    caller = front.tenant.new_application()
    front.tenant.grant(caller, FOUNDRY_USER, front.account.project)
    token = front.tenant.token(caller, FOUNDRY)
    asked = {"model": "described", "input": "Hello"}
    made = front.tenant.wire.send("POST", f"/accounts/{front.account.name}/openai/v1/responses", {"api-key": front.key}, asked)
    project = f"/accounts/{front.account.name}{front.account.project_endpoint.split(front.account.name, 1)[1]}"
    bearer, says = {"Authorization": f"Bearer {token}"}, {"type": "message", "role": "user", "content": "Hello"}
    agent = {"name": "described", "definition": {"kind": "prompt", "model": "described"}}
    expect(200, front.tenant.wire.send("POST", f"{project}/agents?api-version=v1", bearer, agent))
    conversation = expect(200, front.tenant.wire.send("POST", f"{project}/openai/v1/conversations", bearer, {"items": [says]}))["id"]
    items = expect(200, front.tenant.wire.send("GET", f"{project}/openai/v1/conversations/{conversation}/items", bearer))
    return {"DESCRIBED_AGENT": "described", "DESCRIBED_VERSION": "1", "DESCRIBED_MODEL": "described",
            "DESCRIBED_CONVERSATION": conversation, "DESCRIBED_ITEM": items["data"][0]["id"],
            "DESCRIBED_ACCOUNT": front.account.name, "DESCRIBED_PROJECT": front.account.project.rsplit("/", 1)[1],
            "DESCRIBED_DEPLOYMENT": "described", "DESCRIBED_VECTORS": "described-vectors", "DESCRIBED_RESPONSE": expect(200, made)["id"],
            "DESCRIBED_KEY": front.key, "DESCRIBED_TOKEN": token}


@pytest.fixture(scope="module")
def schemathesis() -> Path:
    """$CUPOLA_SCHEMATHESIS, the `st` of an environment with requirements-schemathesis.txt."""
    given = os.environ.get("CUPOLA_SCHEMATHESIS")
    if given is None:
        pytest.skip("CUPOLA_SCHEMATHESIS is not set; `cargo xtask test` sets it")
    return Path(given)


def test_every_operation_answers_as_its_description_says(front, described, schemathesis, tmp_path):
    report = tmp_path / "report.ndjson"
    done = subprocess.run(
        [schemathesis, "run", f"{front.server.url}/openapi.json", "--tls-verify", front.ca_file, "--checks", ",".join(CHECKS),
         "--phases", "examples,coverage,fuzzing", "--mode", "all", "--max-examples", str(EXAMPLES),
         "--generation-deterministic", "--suppress-health-check", "all", "--continue-on-failure",
         "--generation-with-security-parameters", "false", "--warnings", "off", "--no-color", "--report-ndjson-path", report],
        capture_output=True, text=True, timeout=TIMEOUT_S, cwd=tmp_path,
        env=clean_environment() | described | {"SCHEMATHESIS_HOOKS": "described", "PYTHONPATH": str(Path(__file__).parent / "support")})
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_reached_what_is_there_and_what_is_not(front, described, schemathesis):
    lines = front.server.run("audit", "tail", "--data-dir", str(front.server.data_dir)).stdout.splitlines()
    seen = {(record["route"], record["status"]) for record in map(json.loads, lines)}
    for end in ("/openai/v1/chat/completions", "/deployments/{deployment}/embeddings", "/anthropic/v1/messages", "/openai/v1/responses",
                "/api/projects/{project}/openai/v1/completions"):
        statuses = {status for route, status in seen if route.endswith(end)}
        assert {200, 400, 404} <= statuses, (end, statuses)
