"""`az cognitiveservices account connection` and `account project connection`."""

import json

import pytest

from support.tenant import FOUNDRY, FOUNDRY_USER, READER

MODELS = json.dumps([{"name": "gpt-4o", "properties": {"model": {"name": "gpt-4o", "format": "OpenAI"}}}])
SECRET = "a-secret-of-the-other-side"


def at(account, project: str | None, name: str) -> tuple[str, str]:
    """The command group, and the place that it acts on."""
    place = f"-n {account.name} -g {account.group.rsplit('/', 1)[1]} --connection-name {name}"
    if project is None:
        return "cognitiveservices account connection", place
    return "cognitiveservices account project connection", f"{place} --project-name {project}"


@pytest.fixture
def gateway_file(tmp_path):
    """Writes the file that `az` makes a connection from."""
    def write(**changes) -> str:
        wanted = {
            "type": "model_gateway",
            "target": "https://llm.contoso.com/v1",
            "credentials": {"type": "api_key", "key": SECRET},
            "metadata": {"models": MODELS},
        } | changes
        path = tmp_path / "connection.json"
        path.write_text(json.dumps(wanted))
        return str(path)
    return write


@pytest.mark.parametrize("project", [None, "research"])
def test_a_connection_lives_from_create_to_delete(az, account, a_name, gateway_file, project):
    command, place = at(account, project, a_name)
    created = az(f"{command} create {place} --file {gateway_file()}")
    assert created["name"] == a_name
    assert created["properties"]["category"] == "ModelGateway"
    assert created["properties"]["authType"] == "ApiKey"
    shown = az(f"{command} show {place}")
    assert shown["properties"]["target"] == "https://llm.contoso.com/v1"
    assert SECRET not in json.dumps([created, shown])
    listed = az(f"{command} list {place.replace(f' --connection-name {a_name}', '')}")
    assert created["id"] in [entry["id"] for entry in listed]
    assert SECRET not in json.dumps(listed)
    az(f"{command} delete {place}")
    code, message = az.refused(f"{command} show {place}")
    assert code == 3 and "ResourceNotFound" in message


@pytest.mark.parametrize("project", [None, "research"])
def test_an_update_sends_everything_back_and_the_secret_stays(az, tenant, application, account, a_name, gateway_file, project):
    command, place = at(account, project, a_name)
    tenant.grant(application, FOUNDRY_USER, account.id)
    az(f"{command} create {place} --file {gateway_file()}")
    updated = az(f"{command} update {place} --set properties.metadata.team=retail")
    assert updated["properties"]["metadata"] == {"models": MODELS, "team": "retail"}
    if project is None:
        az(f"{command} update {place} --set properties.isSharedToAll=true")
    token = tenant.token(application, FOUNDRY)
    path = f"/accounts/{account.name}/api/projects/research/connections/{a_name}/getConnectionWithCredentials?api-version=v1"
    opened = tenant.wire.send("POST", path, {"Authorization": f"Bearer {token}"})
    assert opened.status == 200, opened.body
    assert opened.json["credentials"] == {"type": "ApiKey", "key": SECRET}
    moved = f"{command} update {place} --set properties.target=https://elsewhere.contoso.com/v1"
    _, message = az.refused(moved)
    assert "give it again" in message
    assert az(f"{moved} properties.credentials.key=another")["properties"]["target"] == "https://elsewhere.contoso.com/v1"


def test_a_mistake_is_said_with_its_mend_when_the_connection_is_made(az, account, a_name, gateway_file):
    command, place = at(account, "research", a_name)
    for changes, expected in [
        ({"target": "https://llm.contoso.com/v1/chat/completions"}, "set it to `https://llm.contoso.com/v1`"),
        ({"metadata": {"Models": MODELS}}, "spelled `models`"),
        ({"target": "https://169.254.169.254/v1"}, "never asked"),
    ]:
        _, message = az.refused(f"{command} create {place} --file {gateway_file(**changes)}")
        assert expected in message, message


def test_other_kinds_of_connections_are_made_as_az_writes_them(az, account, a_name, gateway_file):
    command, place = at(account, None, a_name)
    openai = gateway_file(type="azure_open_ai", target="https://contoso.openai.azure.com", metadata={"ApiType": "Azure"})
    created = az(f"{command} create {place} --file {openai}")
    assert (created["properties"]["category"], created["properties"]["authType"]) == ("AzureOpenAI", "ApiKey")
    blob = {"type": "azure_blob", "target": "https://contoso.blob.core.windows.net/files", "credentials": {"type": "none"}, "metadata": {}}
    replaced = az(f"{command} create {place} --file {gateway_file(**blob)}")
    assert replaced["properties"]["authType"] == "AAD"


def test_a_reader_makes_no_connection(stranger, application, tenant, account, a_name, gateway_file):
    tenant.grant(application, READER, account.id)
    stranger.login(application.app_id, application.secret)
    command, place = at(account, None, a_name)
    _, message = stranger.refused(f"{command} create {place} --file {gateway_file()}")
    assert "AuthorizationFailed" in message
    assert "Microsoft.CognitiveServices/accounts/connections/write" in message
