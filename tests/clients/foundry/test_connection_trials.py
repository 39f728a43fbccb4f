"""`POST …/connections/{name}/test`, `?validate=true` and `cupola connection test`: what is wrong with a connection is said before it is
used, with what mends it."""

import pytest

from support.foundry import gateway_connection, static
from support.gateway import CLIENT, KEY, VERSION
from support.tenant import expect

STEPS = ["parameters", "address", "connect", "credential", "list", "get", "chat", "stream"]
DISCOVERY = {"listModelsEndpoint": "/models", "getModelEndpoint": "/models/{deploymentName}", "deploymentProvider": "OpenAI"}


def tried(place, name: str, **wishes) -> dict:
    """The report of a test."""
    return expect(200, place.tenant.arm("POST", f"{place.id}/connections/{name}/test", wishes))


def failed(report: dict) -> dict:
    """The one step that failed first."""
    assert report["ok"] is False, report
    return next(step for step in report["steps"] if step["ok"] is False)


@pytest.mark.parametrize("path, offered", [
    ("/v1", {"models": static("scripted")}), ("/v1", {"modelDiscovery": DISCOVERY}),
    ("", {"deploymentInPath": "true", "inferenceAPIVersion": VERSION, "models": static("scripted")}),
], ids=["static", "discovered", "in-path"])
def test_a_connection_that_works_passes_every_step(place, gateway, a_name, path, offered):
    place.connect(a_name, gateway_connection(f"{gateway.url}/key{path}", credentials={"key": KEY}, **offered))
    report = tried(place, a_name, model="scripted")
    assert report["ok"] is True and report["model"] == "scripted" and report["credentialKind"] == "ApiKey", report
    assert [step["name"] for step in report["steps"]] == STEPS
    assert KEY not in str(report)


@pytest.mark.parametrize("change, fault, mend", [
    ({"target": "/key", "deploymentInPath": "true"}, "apiVersion", "inferenceAPIVersion"),
    ({"target": "/key/v1", "deploymentInPath": "true"}, "pathForm", "deploymentInPath"),
    ({"target": "/key/v1", "key": "sk-wrong"}, "identity", "key"),
    ({"target": "/bearer/v1"}, "header", "authConfig"),
    ({"target": "/key/v1", "models": static("scriptd")}, "model", "scriptd"),
    ({"target": "http://127.0.0.1:9/v1"}, "network", "port"),
], ids=["no-version", "path-form", "key", "header", "model", "network"])
def test_each_mistake_is_named_with_its_mend(place, gateway, a_name, change, fault, mend):
    metadata = {name: value for name, value in change.items() if name not in ("target", "key")}
    target = change["target"] if change["target"].startswith("http") else gateway.url + change["target"]
    properties = gateway_connection(target, credentials={"key": change.get("key", KEY)}, **({"models": static("scripted")} | metadata))
    place.connect(a_name, properties)
    step = failed(tried(place, a_name))
    assert step["fault"] == fault and mend in step["mend"], step
    assert "sk-wrong" not in str(step)


def test_an_oauth_gateway_is_tried_with_a_token(place, gateway, a_name):
    properties = gateway_connection(f"{gateway.url}/oauth/v1", auth="OAuth2", more={"tokenUrl": f"{gateway.url}/token"},
                                    credentials={"clientId": CLIENT[0], "clientSecret": CLIENT[1]}, models=static("scripted"))
    place.connect(a_name, properties)
    assert tried(place, a_name)["ok"] is True
    place.connect(a_name, properties | {"credentials": {"clientId": CLIENT[0], "clientSecret": "secret-of-another"}})
    step = failed(tried(place, a_name))
    assert (step["name"], step["fault"]) == ("credential", "identity") and "secret-of-another" not in str(step)


def test_a_connection_that_does_not_work_is_not_made_where_that_is_asked(place, gateway, a_name):
    path = f"{place.id}/connections/{a_name}?validate=true"
    broken = gateway_connection(f"{gateway.url}/key/v1", credentials={"key": "sk-wrong"}, models=static("scripted"))
    refused = place.tenant.arm("PUT", path, {"properties": broken})
    assert refused.status == 400 and "was not written" in refused.json["error"]["message"] and "sk-wrong" not in str(refused.json)
    assert place.tenant.arm("GET", f"{place.id}/connections/{a_name}").status == 404
    expect(200, place.tenant.arm("PUT", path, {"properties": broken | {"credentials": {"key": KEY}}}))
    assert place.tenant.arm("GET", f"{place.id}/connections/{a_name}").status == 200


def test_a_test_of_a_stranger_is_refused(place, application):
    refused = place.tenant.arm("POST", f"{place.id}/connections/scripts/test", {}, caller=application)
    assert refused.status == 403 and "connections/test/action" in refused.json["error"]["message"]


def test_the_command_line_tells_the_same(server, place, gateway, tmp_path, a_name):
    place.connect(a_name, gateway_connection(f"{gateway.url}/bearer/v1", credentials={"key": KEY}, models=static("scripted")))
    token = tmp_path / "token"
    token.write_text(place.tenant.token(place.tenant.admin, place.tenant.arm_audience))

    def test(name: str):
        return server.run("connection", "test", name, "--account", place.account.name, "--project", "research", "--server", server.url,
                          "--token-file", str(token), "--ca", server.env["SSL_CERT_FILE"])
    good, bad = test("scripts"), test(a_name)
    assert good.returncode == 0 and all(step in good.stdout for step in STEPS), good.stderr
    assert bad.returncode == 1 and "authConfig" in bad.stdout, bad.stdout
