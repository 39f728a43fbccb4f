"""`cupola audit tail`: one record for each request, allowed or refused, while the server runs."""

import json
import time

import pytest

from support.tenant import COGNITIVE, OPENAI_USER

HELLO = {"model": "chat", "max_tokens": 2, "messages": [{"role": "user", "content": "Hi"}]}
# A record is written before the reply's last byte; only a disconnect is noticed a little later.
RECORD_TIMEOUT_S = 30


@pytest.fixture
def records(server):
    """Reads the journal until a record fits, and returns all that fit."""
    def find(fits) -> list[dict]:
        deadline = time.monotonic() + RECORD_TIMEOUT_S
        while True:
            done = server.run("audit", "tail", "--data-dir", str(server.data_dir))
            assert done.returncode == 0, done.stderr
            found = [record for record in map(json.loads, done.stdout.splitlines()) if fits(record)]
            if found or time.monotonic() > deadline:
                return found
    return find


def test_an_allowed_request_names_assignment_and_role(records, wire, account, tenant, application):
    assignment = tenant.grant(application, OPENAI_USER, account.id)
    token = tenant.token(application, COGNITIVE)
    answer = wire.send("POST", f"/accounts/{account.name}/openai/v1/chat/completions", {"Authorization": f"Bearer {token}"}, HELLO)
    assert answer.status == 200
    (record,) = records(lambda record: record.get("principalId") == application.object_id and record.get("deployment") == "chat")
    assert record["outcome"] == "allowed"
    assert record["assignment"] == assignment
    assert record["roleName"] == "Cognitive Services OpenAI User"
    assert record["status"] == 200
    assert record["promptTokens"] == answer.json["usage"]["prompt_tokens"]
    assert record["completionTokens"] == answer.json["usage"]["completion_tokens"]


def test_a_refused_request_names_the_step_that_failed(records, wire, account, tenant, application):
    token = tenant.token(application, COGNITIVE)
    refused = wire.send("POST", f"/accounts/{account.name}/openai/v1/chat/completions", {"Authorization": f"Bearer {token}"}, HELLO)
    decision = refused.json["error"]["additionalInfo"][0]["info"]["decisionId"]
    (record,) = records(lambda record: record.get("decisionId") == decision)
    assert (record["outcome"], record["step"], record["status"]) == ("refused", "authorization", 401)
    assert record["principalId"] == application.object_id
    assert record["action"].endswith("/chat/completions/action") and record["isDataAction"] is True


def test_a_request_turned_away_before_its_decision_is_recorded_too(records, wire, account, tenant, application):
    tenant.grant(application, OPENAI_USER, account.id)
    refused = wire.send("POST", f"/accounts/{account.name}/openai/v1/chat/completions",
                        {"Authorization": f"Bearer {tenant.token(application, COGNITIVE)}"}, b"{")
    assert refused.status == 400
    (record,) = records(lambda record: record.get("requestId") == refused.header("x-ms-request-id"))
    assert (record["outcome"], record["step"], record["status"]) == ("refused", "admission", 400)
    assert record["principalId"] == application.object_id


def test_a_control_plane_write_is_recorded_with_who_and_what(records, tenant, account):
    account.update(dynamicThrottlingEnabled=False)
    found = records(lambda record: record.get("method") == "PATCH" and record.get("target") == account.id)
    assert found[-1]["outcome"] == "allowed"
    assert found[-1]["action"] == "Microsoft.CognitiveServices/accounts/write"
    assert found[-1]["roleName"] == "Owner"


def test_a_failed_authentication_is_counted(records, wire, account):
    wire.send("POST", f"/accounts/{account.name}/openai/v1/chat/completions", {"api-key": "wrong"}, HELLO)
    found = records(lambda record: record.get("outcome") == "unauthenticated" and "chat/completions" in record.get("route", ""))
    assert found[-1]["status"] == 401


def test_a_client_that_hangs_up_stops_the_model_and_is_settled(records, wire, account, tenant, application):
    tenant.grant(application, OPENAI_USER, account.id)
    body = json.dumps(HELLO | {"max_tokens": 400, "stream": True, "messages": [{"role": "user", "content": "Tell a long story."}]}).encode()
    response = wire.open("POST", f"/accounts/{account.name}/openai/v1/chat/completions",
                         [("Authorization", f"Bearer {tenant.token(application, COGNITIVE)}"), ("Content-Type", "application/json")], body)
    assert response.status == 200
    assert response.getheader("content-type").startswith("text/event-stream")
    assert response.readline().startswith(b"data: ")
    response.connection_to_close.sock.close()
    response.close()
    (record,) = records(lambda record: record.get("principalId") == application.object_id and record.get("deployment") == "chat")
    assert record["completionTokens"] < 400
    assert record["finish"] == "cancelled"


def test_no_secret_and_no_prompt_is_in_any_record(server, wire, account, tenant, application):
    canary = "canary-7f3a9c"
    key, token = account.keys()["key1"], tenant.token(application, COGNITIVE)
    prompt = HELLO | {"messages": [{"role": "user", "content": canary}]}
    for headers in ({"api-key": key}, {"Authorization": f"Bearer {token}"}):
        wire.send("POST", f"/accounts/{account.name}/openai/v1/chat/completions?api-key={key}", headers, prompt)
    tailed = server.run("audit", "tail", "--data-dir", str(server.data_dir)).stdout
    for secret in (canary, key, token, application.secret, tenant.admin.secret):
        assert secret not in tailed
        assert not any(secret in line for line in server.stderr)
    for path in server.data_dir.rglob("*"):
        if path.is_file() and path.name != "demo.env":
            content = path.read_bytes()
            assert not any(secret.encode() in content for secret in (canary, key, token, application.secret, tenant.admin.secret)), path
