"""Connections to somebody else's gateway: every way to sign in, both lists of models, what is sent and what comes back."""

import json
import threading
import uuid

import openai
import pytest
from azure.ai.projects import AIProjectClient
from azure.identity import DeviceCodeCredential

from support.foundry import Project, gateway_connection, static
from support.gateway import BUSY_FOR_S, CLIENT, KEY, MODELS, VERSION
from support.person import fresh_person
from support.script import SAYS, STRUCTURED
from support.tenant import COGNITIVE, FOUNDRY_USER, OPENAI_USER, access_decision, claims, expect

HELLO = [{"role": "user", "content": "Which capital?"}]
SCHEMA = {"type": "json_schema", "json_schema": {"name": "city", "strict": True, "schema": {
    "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}}}


def records(server, fits) -> list[dict]:
    """The journal's records that fit, oldest first."""
    lines = server.run("audit", "tail", "--data-dir", str(server.data_dir)).stdout.splitlines()
    return [record for record in map(json.loads, lines) if fits(record)]


# Ways to sign in

@pytest.mark.parametrize("door, path, metadata", [
    ("key", "/v1", {}),
    ("key", "/v1/", {"deploymentInPath": "false", "inferenceAPIVersion": ""}),
    ("key", "", {"deploymentInPath": "true", "inferenceAPIVersion": VERSION}),
    ("bearer", "/v1", {"authConfig": {"type": "api_key", "name": "Authorization", "format": "Bearer {api_key}"}}),
    ("custom", "/v1", {"authConfig": {"type": "api_key", "name": "x-gateway-key", "format": "Key {api_key}"},
                       "customHeaders": {"x-team": "research"}}),
], ids=["key", "slash", "in-path", "bearer", "custom"])
@pytest.mark.parametrize("models", ["static", "openai", "azure"])
def test_a_key_is_sent_as_the_gateway_wants_it(place, client, gateway, a_name, door, path, metadata, models):
    offered = {"static": {"models": static("scripted")},
               "openai": {"modelDiscovery": {"listModelsEndpoint": "models", "getModelEndpoint": "/models/{deploymentName}",
                                             "deploymentProvider": "OpenAI"}},
               "azure": {"modelDiscovery": {"listModelsEndpoint": "/deployments", "getModelEndpoint": "/deployments/{deploymentName}",
                                            "deploymentProvider": "AzureOpenAI"}}}[models]
    place.connect(a_name, gateway_connection(f"{gateway.url}/{door}{path}", credentials={"key": KEY}, **offered, **metadata))
    made = client.responses.create(model=f"{a_name}/scripted", input=f"say {a_name}")
    assert (made.status, made.output_text) == ("completed", a_name)
    (asked,) = gateway.asked(a_name)
    in_path = f"/{door}/deployments/scripted/chat/completions?api-version={VERSION}"
    assert asked.path == (f"/{door}/v1/chat/completions" if path else in_path)
    assert asked.headers["x-ms-foundry-model-id"] == f"{a_name}/scripted" and asked.headers["x-ms-foundry-project-id"]
    assert "x-ms-foundry-agent-id" not in asked.headers and asked.headers["x-ms-client-request-id"]
    # What the caller signed in with stays here.
    assert "Bearer ey" not in str(asked.headers)


def test_an_oauth_gateway_is_asked_for_one_token_and_again_when_it_refuses(place, client, gateway, a_name):
    place.connect(a_name, gateway_connection(
        f"{gateway.url}/oauth/v1", auth="OAuth2", credentials={"clientId": CLIENT[0], "clientSecret": CLIENT[1]},
        more={"tokenUrl": f"{gateway.url}/token", "scopes": ["models"]}, models=static("scripted")))
    before = gateway.issued
    for _ in range(3):
        assert client.responses.create(model=f"{a_name}/scripted", input="Hello").output_text == SAYS
    assert gateway.issued == before + 1
    gateway.forget_tokens()
    assert client.responses.create(model=f"{a_name}/scripted", input="Hello").output_text == SAYS
    assert gateway.issued == before + 2


def test_an_oauth_gateway_that_issues_nothing_is_named(place, client, gateway, a_name):
    place.connect(a_name, gateway_connection(
        f"{gateway.url}/oauth/v1", auth="OAuth2", credentials={"clientId": CLIENT[0], "clientSecret": "secret-of-another"},
        more={"tokenUrl": f"{gateway.url}/token"}, models=static("scripted")))
    with pytest.raises(openai.APIStatusError) as refused:
        client.responses.create(model=f"{a_name}/scripted", input="Hello")
    assert refused.value.status_code == 502 and a_name in refused.value.message and "credential" in refused.value.message
    # What the token endpoint said is the operator's to read, and the secret nobody's.
    assert "secret-of" not in refused.value.response.text


@pytest.mark.parametrize("category", ["ApiManagement", "ModelGateway"])
@pytest.mark.parametrize("auth, more", [("ProjectManagedIdentity", {"audience": "https://gateway.contoso.com"}), ("AAD", {})])
def test_the_projects_identity_signs_in_by_a_token(place, client, gateway, a_name, category, auth, more):
    place.connect(a_name, gateway_connection(f"{gateway.url}/identity/v1", category=category, auth=auth, more=more,
                                             deploymentInPath="false", models=static("scripted")))
    assert client.responses.create(model=f"{a_name}/scripted", input=f"say {a_name}").output_text == a_name
    (asked,) = gateway.asked(a_name)
    said = claims(asked.headers["authorization"].removeprefix("Bearer "))
    assert said["aud"].rstrip("/") == more.get("audience", COGNITIVE) and said["oid"] == place.principal
    assert said["xms_mirid"] == place.id.replace("/resourceGroups/", "/resourcegroups/")


def test_an_agent_signs_in_as_itself_and_nobody_else_can(place, project, client, agent, gateway, a_name):
    place.connect(a_name, gateway_connection(f"{gateway.url}/identity/v1", auth="AgenticIdentityToken",
                                             more={"audience": "https://gateway.contoso.com"}, models=static("scripted")))
    reference = agent(model=f"{a_name}/scripted")
    client.responses.create(input=f"say {a_name}", extra_body=reference)
    (asked,) = gateway.asked(a_name)
    principal = project.agents.get(reference["agent_reference"]["name"]).instance_identity.principal_id
    assert claims(asked.headers["authorization"].removeprefix("Bearer "))["oid"] == principal
    with pytest.raises(openai.BadRequestError) as refused:
        client.responses.create(model=f"{a_name}/scripted", input="Hello")
    assert "agent" in refused.value.message


def test_a_person_signs_in_by_passing_through_and_an_application_cannot(place, client, tenant, gateway, a_name):
    place.connect(a_name, gateway_connection(f"{gateway.url}/identity/v1", auth="UserEntraToken",
                                             more={"audience": "https://gateway.contoso.com"}, models=static("scripted")))
    person = fresh_person(tenant)
    tenant.grant(person.object_id, FOUNDRY_USER, place.id, "User")
    credential = DeviceCodeCredential(authority=tenant.url, disable_instance_discovery=True, tenant_id=tenant.id,
                                      prompt_callback=lambda address, code, until: person.enter_code(code))
    own = AIProjectClient(place.endpoint, credential).get_openai_client(max_retries=0)
    own.responses.create(model=f"{a_name}/scripted", input=f"say {a_name}")
    (asked,) = gateway.asked(a_name)
    said = claims(asked.headers["authorization"].removeprefix("Bearer "))
    assert said["oid"] == person.object_id and said["aud"] == "https://gateway.contoso.com"
    with pytest.raises(openai.BadRequestError) as refused:
        client.responses.create(model=f"{a_name}/scripted", input="Hello")
    assert "not a user" in refused.value.message and "UserEntraToken" in refused.value.message


@pytest.mark.parametrize("audience", ["https://management.azure.com", "https://graph.microsoft.com/", "https://ai.azure.com"])
def test_a_token_that_opens_this_server_itself_goes_nowhere(place, client, gateway, a_name, audience):
    place.connect(a_name, gateway_connection(f"{gateway.url}/identity/v1", auth="ProjectManagedIdentity",
                                             more={"audience": audience}, models=static("scripted")))
    with pytest.raises(openai.BadRequestError) as refused:
        client.responses.create(model=f"{a_name}/scripted", input=f"say {a_name}")
    assert "would open this server itself" in refused.value.message and not gateway.asked(a_name)


def test_a_second_account_is_a_gateway_for_the_projects_identity(place, client, tenant, group, agent, a_name):
    other = tenant.new_account(group)
    place.connect(a_name, gateway_connection(f"{other.endpoint}/openai", category="ApiManagement", auth="ProjectManagedIdentity",
                                             more={"audience": COGNITIVE}, deploymentInPath="true", inferenceAPIVersion=VERSION,
                                             models=static("chat")))
    with pytest.raises(openai.APIStatusError) as refused:
        client.responses.create(model=f"{a_name}/chat", input="Hello", max_output_tokens=3)
    assert refused.value.status_code == 401 and "OpenAI/deployments/chat/completions/action" in refused.value.message
    tenant.grant(place.principal, OPENAI_USER, other.id)
    assert client.responses.create(model=f"{a_name}/chat", input="Hello", max_output_tokens=3).output
    events = list(client.responses.create(input="Hello", stream=True, extra_body=agent(model=f"{a_name}/chat")))
    assert events[-1].type in ("response.completed", "response.incomplete")


# What comes back

def test_the_true_status_reaches_the_caller(client):
    with pytest.raises(openai.RateLimitError) as refused:
        client.responses.create(model="scripts/busy", input="Hello")
    assert refused.value.response.headers["retry-after"] == str(BUSY_FOR_S) and "Too many tokens" in refused.value.message
    with pytest.raises(openai.InternalServerError) as refused:
        client.responses.create(model="scripts/fails", input="Hello")
    assert refused.value.status_code == 500 and "The model broke down." in refused.value.message


def test_a_wrong_key_of_the_connection_is_the_gateways_refusal_and_not_shown(place, client, gateway, a_name):
    place.connect(a_name, gateway_connection(f"{gateway.url}/key/v1", credentials={"key": "a-wrong-key"}, models=static("scripted")))
    with pytest.raises(openai.APIStatusError) as refused:
        client.responses.create(model=f"{a_name}/scripted", input="Hello")
    assert refused.value.response.headers["x-cupola-answered-by"] == "upstream"
    assert refused.value.status_code == 401 and "a-wrong-key" not in refused.value.response.text


def test_a_gateway_that_is_not_there_is_502_and_names_its_connection(place, client, a_name):
    place.connect(a_name, gateway_connection("http://127.0.0.1:9/v1", credentials={"key": KEY}, models=static("scripted")))
    with pytest.raises(openai.APIStatusError) as refused:
        client.responses.create(model=f"{a_name}/scripted", input="Hello")
    assert refused.value.status_code == 502 and a_name in refused.value.message


@pytest.mark.parametrize("model", ["scripted", "whole"])
def test_chat_completions_go_through_a_connection_whole_and_streamed(client, model):
    asked = {"model": f"scripts/{model}", "messages": HELLO}
    assert client.chat.completions.create(**asked).choices[0].message.content == SAYS
    chunks = list(client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True}))
    assert "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices) == SAYS
    assert chunks[-1].usage.completion_tokens > 0
    assert json.loads(client.chat.completions.create(**asked, response_format=SCHEMA).choices[0].message.content) == STRUCTURED


def test_many_at_once_through_one_connection_do_not_mix(client):
    said = {}

    def ask(at: int):
        said[at] = client.responses.create(model="scripts/scripted", input=f"say number {at}").output_text
    threads = [threading.Thread(target=ask, args=(at,)) for at in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == {at: f"number {at}" for at in range(5)}


# Names

def test_the_default_connection_answers_for_a_model_that_is_not_deployed(tenant, group, gateway, a_name):
    place = Project(tenant, tenant.new_account(group))
    client = place.client(place.new_user()).get_openai_client(max_retries=0)
    ask = lambda: client.responses.create(model="scripted", input="Hello")
    with pytest.raises(openai.NotFoundError):
        ask()
    place.connect(a_name, gateway_connection(f"{gateway.url}/key/v1", credentials={"key": KEY}, more={"isDefault": True},
                                             models=static("scripted")))
    assert ask().output_text == SAYS


def test_what_the_name_has_wrong_is_said(place, client, gateway, a_name):
    place.connect(a_name, {"category": "CustomKeys", "target": gateway.url, "authType": "CustomKeys",
                           "credentials": {"keys": {"x-their-key": "theirs"}}, "metadata": {}})
    for model, said in (("script/scripted", "`scripts`"), ("scripts/scriptd", "`scripted`"), (f"{a_name}/scripted", "CustomKeys")):
        with pytest.raises(openai.APIStatusError) as refused:
            client.responses.create(model=model, input="Hello")
        assert 400 <= refused.value.status_code < 500 and said in refused.value.message, refused.value.message


def test_at_the_account_no_connection_is_known(account, tenant, openai_client, application):
    tenant.grant(application, FOUNDRY_USER, account.id)
    at_account = openai_client(account.openai_endpoint, tenant.token(application, COGNITIVE))
    with pytest.raises(openai.NotFoundError):
        at_account.chat.completions.create(model="scripts/scripted", messages=HELLO)


# Who may, and who did

def without_connections(tenant) -> str:
    """A role of everything that Foundry User may, but connections."""
    name = str(uuid.uuid4())
    body = {"properties": {"roleName": f"no connections {name[:8]}", "type": "CustomRole", "assignableScopes": [tenant.subscription],
                           "permissions": [{"actions": [], "notActions": [], "dataActions": ["Microsoft.CognitiveServices/*"],
                                            "notDataActions": ["Microsoft.CognitiveServices/accounts/AIServices/connections/*"]}]}}
    path = f"{tenant.subscription}/providers/Microsoft.Authorization/roleDefinitions/{name}"
    expect(201, tenant.arm("PUT", path, body, version="api-version=2022-04-01"))
    return name


def test_a_connection_needs_its_own_permission(place, project, tenant, agent, application):
    reference = agent()
    role = without_connections(tenant)
    tenant.grant(application, role, place.id)
    own = place.client(application).get_openai_client(max_retries=0)
    for ask in (lambda: own.responses.create(model="scripts/scripted", input="Hello"),
                lambda: own.chat.completions.create(model="scripts/scripted", messages=HELLO),
                lambda: own.responses.create(input="Hello", extra_body=reference)):
        with pytest.raises(openai.AuthenticationError) as refused:
            ask()
        assert "AIServices/connections/read" in refused.value.message
        decision = access_decision(refused.value.body)
        assert decision["action"].endswith("connections/read") and "Foundry User" in str(decision["rolesThatWouldGrant"])
    # Held by the agent, it is enough for whoever may use the agent.
    principal = project.agents.get(reference["agent_reference"]["name"]).instance_identity.principal_id
    tenant.grant(principal, FOUNDRY_USER, place.id)
    assert own.responses.create(input="Hello", extra_body=reference).output_text == SAYS


def test_every_use_is_a_record_of_who_for_whom_with_what_and_where(server, place, tenant, agent, application, gateway):
    reference = agent()
    tenant.grant(application, FOUNDRY_USER, place.id)
    own = place.client(application).get_openai_client(max_retries=0)
    own.responses.create(model="scripts/scripted", input="Hello")
    own.responses.create(input="Hello", extra_body=reference)
    found = records(server, lambda record: record.get("connection") and application.object_id in json.dumps(record))
    assert len(found) >= 2
    for record in found:
        assert "scripts" in record["connection"] and record["credentialKind"] == "ApiKey"
        assert record["upstreamHost"] == gateway.url.removeprefix("http://") and record["connectionIdentity"]
        assert KEY not in json.dumps(record)
    assert any(record.get("agent") == f"{reference['agent_reference']['name']}:1" for record in found)


def test_the_use_of_a_connection_is_counted_at_the_command_line(server, place, a_name):
    user = place.new_user()
    place.client(user).get_openai_client(max_retries=0).responses.create(model="scripts/scripted", input="Hello")
    done = server.run("connection", "usage", "scripts", "--data-dir", str(server.data_dir))
    assert done.returncode == 0, done.stderr
    assert user.object_id in done.stdout or user.display_name in done.stdout
