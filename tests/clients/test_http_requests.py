"""Raw HTTP: tricks with paths and bodies get a clear error in the right envelope, and change nothing."""

import json
import subprocess

import pytest

CHAT = "/accounts/{name}/openai/v1/chat/completions"
MIB = 1024 * 1024


def arm_get(tenant, path: str):
    return tenant.arm("GET", path)


@pytest.mark.parametrize("spell", [str.upper, str.lower, str.title], ids=["upper", "lower", "title"])
def test_a_resource_is_the_same_in_any_case(tenant, account, spell):
    answer = arm_get(tenant, spell(account.id))
    assert (answer.status, answer.json["id"]) == (200, account.id)


def test_double_and_trailing_slashes_name_the_same_resource(tenant, account):
    for path in (account.id.replace("/accounts/", "//accounts/"), f"{account.id}/"):
        answer = arm_get(tenant, path)
        assert (answer.status, answer.json["id"]) == (200, account.id)


@pytest.mark.parametrize("trick", [
    "%2Fprojects%2Fresearch", "/../{name}", "/./projects", "/%2e%2e/{name}", ";x=y", "%00", "%3Fa", "%23a", "%0d%0a", "/projects/%EF%BD%81",
    "/projects/r%E2%80%8B",
])
def test_a_trick_in_the_path_is_a_bad_request(tenant, account, trick):
    answer = arm_get(tenant, account.id + trick.format(name=account.name))
    assert answer.status == 400, answer.body
    assert answer.code and answer.json["error"]["message"]


@pytest.mark.parametrize("trick", ["%2F..%2F", "/../", "%00", ";a=b"])
def test_a_trick_in_a_data_plane_path_is_a_bad_request(wire, account, trick):
    answer = wire.send("POST", f"/accounts/{account.name}{trick}openai/v1/chat/completions", {}, {})
    assert answer.status == 400, answer.body


def test_a_path_without_end_is_too_long(tenant):
    for path in ("/subscriptions/" + "a" * 2100, "/subscriptions" + "/a" * 60):
        answer = arm_get(tenant, path)
        assert answer.status == 414, answer.body
        assert answer.json["error"]["message"]


@pytest.mark.parametrize("path, status, code", [
    ("{account}/nonsense/x", 404, "InvalidResourceType"),
    ("{group}/providers/Microsoft.Nobody/things/x", 404, None),
    ("{group}/providers/Microsoft.CognitiveServices", None, None),
    ("/subscriptions/00000000-0000-0000-0000-000000000001", None, None),
    ("/nonsense", 404, None),
])
def test_what_does_not_exist_is_said_in_the_envelope(tenant, account, path, status, code):
    answer = arm_get(tenant, path.format(account=account.id, group=account.group))
    assert 400 <= answer.status < 500
    assert answer.json["error"]["code"] and answer.json["error"]["message"]
    assert status in (None, answer.status), answer.body
    assert code in (None, answer.code), answer.body


def test_a_missing_api_version_is_asked_for(wire, tenant, account):
    token = tenant.token(tenant.admin, tenant.arm_audience)
    answer = wire.send("GET", account.id, {"Authorization": f"Bearer {token}"})
    assert (answer.status, answer.code) == (400, "MissingApiVersionParameter")
    for version in ("2025-09-01", "2026-05-15-preview", "1999-01-01"):
        assert tenant.arm("GET", account.id, version=f"api-version={version}").status == 200


def test_a_dated_route_without_its_version_is_not_found(wire, account):
    key = account.keys()["key1"]
    answer = wire.send("POST", f"/accounts/{account.name}/openai/deployments/chat/chat/completions", {"api-key": key},
                       {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1})
    assert (answer.status, answer.code) == (404, "404")
    assert "api-version" in answer.json["error"]["message"]


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b'"text"', b"null", b'{"location": 5}', b'{"properties": "text"}', b'{"location": "eastus2", "location": "westus"}',
    b'\xff\xfe', b'{"a":' * 10_000,
], ids=lambda body: repr(body[:20]))
def test_a_body_that_makes_no_sense_changes_nothing(tenant, account, body):
    before = tenant.arm("GET", account.id).json
    token = tenant.token(tenant.admin, tenant.arm_audience)
    answer = tenant.wire.send("PUT", f"{account.id}?api-version=2025-09-01",
                              {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}, body)
    assert answer.status == 400, answer.body
    assert answer.code and answer.json["error"]["message"]
    assert tenant.arm("GET", account.id).json == before


def test_a_body_that_names_another_resource_is_refused(tenant, account):
    body = tenant.arm("GET", account.id).json
    answer = tenant.arm("PUT", account.id, body | {"id": f"{account.id}x"})
    assert answer.status == 400, answer.body
    assert tenant.arm("PUT", account.id, body).status == 200


def test_a_control_plane_body_over_its_limit_is_too_large(tenant, account):
    answer = tenant.arm("PUT", account.id, {"location": "eastus2", "tags": {"big": "x" * (MIB + 1)}})
    assert answer.status == 413
    assert answer.code == "RequestTooLarge"


def test_an_inference_body_over_its_limit_is_too_large(wire, account):
    path, key = CHAT.format(name=account.name), account.keys()["key1"]
    announced = wire.send("POST", path, {"api-key": key, "Content-Length": str(17 * MIB)}, b"{")
    assert announced.status == 413
    assert announced.json["error"]["message"]
    # Above the control plane's limit and below inference's own: read, and refused for what it says.
    long = json.dumps({"model": "chat", "messages": [], "padding": "x" * (2 * MIB)}).encode()
    assert wire.send("POST", path, {"api-key": key, "Content-Type": "application/json"}, long).status == 400


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
@pytest.mark.parametrize("key, status", [("right", "413"), ("wrong", "401")])
def test_a_client_that_still_sends_sees_the_refusal_and_not_a_broken_connection(tenant, account, tmp_path, version, key, status):
    body = tmp_path / "body.json"
    body.write_bytes(b" " * (20 * MIB))
    # Without `Expect` the client sends at once; with it, it would ask first.
    done = subprocess.run(
        ["curl", "-sS", version, "-o", "/dev/null", "-w", "%{http_code}", "--cacert", tenant.env["SSL_CERT_FILE"], "-H", "Expect:",
         "-H", f"api-key: {account.keys()['key1'] if key == 'right' else key}", "--data-binary", f"@{body}",
         tenant.url + CHAT.format(name=account.name)],
        capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == (status, "")


def test_who_may_not_ask_is_refused_before_the_body_is_read(wire, account):
    answer = wire.send("POST", CHAT.format(name=account.name), {"api-key": "wrong", "Content-Length": str(10 * MIB)}, b"{")
    assert answer.status == 401


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b'{"messages": []}', b"", b'{"a":' * 10_000], ids=lambda body: repr(body[:20]))
def test_an_inference_body_that_makes_no_sense_is_refused_in_the_openai_envelope(wire, account, body):
    answer = wire.send("POST", CHAT.format(name=account.name),
                       {"api-key": account.keys()["key1"], "Content-Type": "application/json"}, body)
    assert answer.status == 400
    assert answer.json["error"]["message"]


def test_a_method_that_a_route_does_not_have_is_refused(wire, tenant, account):
    answer = wire.send("DELETE", CHAT.format(name=account.name), {"api-key": account.keys()["key1"]})
    assert answer.status in (404, 405)
    assert tenant.arm("POST", account.id, {}).status in (400, 404, 405)


def test_every_answer_can_be_told_apart_later(tenant, account):
    answers = [tenant.arm("GET", account.id) for _ in range(2)]
    ids = {answer.header("x-ms-request-id") for answer in answers}
    assert None not in ids and len(ids) == 2
    token = tenant.token(tenant.admin, tenant.arm_audience)
    echoed = tenant.wire.send("GET", f"{account.id}?api-version=2025-09-01",
                              {"Authorization": f"Bearer {token}", "x-ms-client-request-id": "my-own-id"})
    assert echoed.header("x-ms-client-request-id") == "my-own-id"
