"""`az login --identity` and azure-identity's managed identity: both forms, each selector, and who is turned away."""

import http.client
import json
from urllib.parse import urlsplit

import pytest
from azure.identity import ManagedIdentityCredential

from support.azcli import Az
from support.server import Server, read_exports
from support.tenant import FOUNDRY, READER, Tenant, claims, expect


@pytest.fixture(scope="module")
def machine(binary, tmp_path_factory):
    """A server of its own, asked to answer for the demo's first account; `identity` is identity.env."""
    running = Server(binary, tmp_path_factory.mktemp("machine"), arguments=("--identity-listen", "127.0.0.1:0"))
    running.identity = read_exports(running.data_dir / "identity.env")
    running.tenant = Tenant(running.env)
    account = running.tenant.arm("GET", running.tenant.demo_account().id)
    running.account = expect(200, account)
    yield running
    assert running.stop() == 0


@pytest.fixture
def az(machine, tmp_path) -> Az:
    """`az` that knows the machine's cloud, with nobody signed in."""
    cli = Az(machine.env, tmp_path / "azure")
    cli(f"cloud register -n cupola --endpoint-resource-manager {machine.url}")
    cli("cloud set -n cupola")
    return cli


def app_service(machine):
    return {name: machine.identity[name] for name in ("IDENTITY_ENDPOINT", "IDENTITY_HEADER")}


def imds(machine):
    return {"AZURE_POD_IDENTITY_AUTHORITY_HOST": machine.identity["AZURE_POD_IDENTITY_AUTHORITY_HOST"]}


def ask(machine, path: str, headers: dict[str, str]):
    """Status and body of a plain request."""
    host = urlsplit(machine.identity["IDENTITY_ENDPOINT"]).netloc
    connection = http.client.HTTPConnection(host, timeout=30)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    return response.status, json.loads(response.read())


MACHINE = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://ai.azure.com"
APP_SERVICE = "/msi/token?api-version=2019-08-01&resource=https://ai.azure.com"


@pytest.mark.parametrize("form", [app_service, imds])
@pytest.mark.parametrize("selector", ["none", "client", "object", "resource"])
def test_az_signs_in_as_the_managed_identity(machine, az, form, selector):
    principal = machine.account["identity"]["principalId"]
    az.environment |= form(machine)
    client_id = claims(ask(machine, MACHINE, {"Metadata": "true"})[1]["access_token"])["appid"]
    arguments = {"none": "", "client": f"--client-id {client_id}", "object": f"--object-id {principal}",
                 "resource": f"--resource-id {machine.account['id']}"}[selector]
    az(f"login --identity --allow-no-subscriptions {arguments}")
    token = az(f"account get-access-token --resource {FOUNDRY}")["accessToken"]
    assert claims(token)["oid"] == principal
    assert claims(token)["xms_mirid"].lower() == machine.account["id"].lower()


def test_what_the_identity_may_do_is_its_roles(machine, az):
    az.environment |= imds(machine)
    principal, group = machine.account["identity"]["principalId"], machine.tenant.new_group()
    _, message = az.refused("login --identity")
    assert "No subscriptions found" in message or "No access was configured" in message
    assignment = machine.tenant.grant(principal, READER, group)
    az("login --identity")
    assert [entry["id"] for entry in az("group list")] == [group]
    machine.tenant.revoke(assignment)


@pytest.mark.parametrize("form", [app_service, imds])
def test_azure_identity_gets_a_token(machine, monkeypatch, form):
    for name, value in form(machine).items():
        monkeypatch.setenv(name, value)
    token = ManagedIdentityCredential().get_token(f"{FOUNDRY}/.default").token
    assert claims(token)["oid"] == machine.account["identity"]["principalId"]


def test_an_identity_that_is_not_named_does_not_answer(machine):
    other = "00000000-1111-2222-3333-444444444444"
    assert ask(machine, f"{MACHINE}&client_id={other}", {"Metadata": "true"}) == (
        400, {"error": "invalid_request", "error_description": "Identity not found"})
    header = {"X-IDENTITY-HEADER": machine.identity["IDENTITY_HEADER"]}
    for selector in (f"client_id={other}", f"object_id={other}", f"mi_res_id={machine.account['id']}x"):
        status, body = ask(machine, f"{APP_SERVICE}&{selector}", header)
        assert (status, body) == (400, {"statusCode": 400, "message": "Identity not found"})


def test_who_does_not_mean_to_ask_gets_nothing(machine):
    good = {"Metadata": "true"}
    assert ask(machine, MACHINE, good)[0] == 200
    assert ask(machine, MACHINE, {}) == (
        400, {"error": "invalid_request", "error_description": "Required metadata header not specified"})
    for headers in ({"X-Forwarded-For": "10.0.0.1"}, {"Forwarded": "for=10.0.0.1"}, {"Host": "evil.example.com"}):
        assert ask(machine, MACHINE, good | headers)[0] == 400, headers
    assert ask(machine, MACHINE.replace("https://ai.azure.com", "https://nowhere.example.com"), good)[0] == 400
    assert ask(machine, MACHINE.split("&resource")[0], good)[0] == 400


def test_the_app_service_form_needs_its_secret(machine):
    good = {"X-IDENTITY-HEADER": machine.identity["IDENTITY_HEADER"]}
    assert ask(machine, APP_SERVICE, good)[0] == 200
    for headers in ({}, {"X-IDENTITY-HEADER": "wrong"}, {"Metadata": "true"}):
        assert ask(machine, APP_SERVICE, headers)[0] == 401, headers
    assert ask(machine, APP_SERVICE, good | {"X-Forwarded-For": "10.0.0.1"})[0] == 400


def test_the_servers_own_port_answers_for_no_identity(machine):
    for path, headers in ((MACHINE, {"Metadata": "true"}), (APP_SERVICE, {"X-IDENTITY-HEADER": machine.identity["IDENTITY_HEADER"]})):
        assert machine.tenant.wire.send("GET", path, headers).status == 404
    status, _ = ask(machine, "/v1.0/me", {})
    assert status == 404, "and the identity's port is nothing else"
