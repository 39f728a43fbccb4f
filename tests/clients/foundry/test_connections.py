"""`azure-ai-projects`, unchanged: connections and deployments as a project sees them."""

import uuid

import pytest
from azure.core.exceptions import ClientAuthenticationError, ResourceNotFoundError

from support.foundry import gateway_connection, static
from support.gateway import KEY
from support.tenant import expect

# May see that connections exist and what they say, and not their secrets.
READS = "Microsoft.CognitiveServices/accounts/AIServices/connections/read"
SECRETS = "Microsoft.CognitiveServices/accounts/AIServices/connections/listSecrets/action"


@pytest.fixture
def role(tenant, group):
    """Makes a custom role of data actions."""
    def make(*actions: str) -> str:
        name = str(uuid.uuid4())
        path = f"{tenant.subscription}/providers/Microsoft.Authorization/roleDefinitions/{name}"
        body = {"properties": {"roleName": f"role {name[:8]}", "type": "CustomRole", "assignableScopes": [tenant.subscription],
                               "permissions": [{"actions": [], "notActions": [], "dataActions": list(actions), "notDataActions": []}]}}
        expect(201, tenant.arm("PUT", path, body, version="api-version=2022-04-01"))
        return name
    return make


def test_a_connection_is_read_with_its_own_words_and_no_secret(project, place, gateway):
    found = project.connections.get("scripts")
    assert (found.name, found.type, found.target) == ("scripts", "ModelGateway", f"{gateway.url}/key/v1")
    assert "scripted" in found.metadata["models"] and found.is_default is False
    assert KEY not in str(found.as_dict())
    assert "scripts" in [one.name for one in project.connections.list()]
    assert KEY not in str([one.as_dict() for one in project.connections.list()])


def test_credentials_are_shown_to_who_may_list_secrets(place, project, application, tenant, role):
    shown = project.connections.get("scripts", include_credentials=True)
    assert shown.credentials["type"] == "ApiKey" and shown.credentials["key"] == KEY
    tenant.grant(application, role(READS), place.id)
    reader = place.client(application)
    assert reader.connections.get("scripts").name == "scripts"
    with pytest.raises(ClientAuthenticationError) as refused:
        reader.connections.get("scripts", include_credentials=True)
    assert SECRETS in refused.value.message and KEY not in refused.value.message
    other = tenant.new_application()
    tenant.grant(other, role(SECRETS), place.id)
    with pytest.raises(ClientAuthenticationError) as refused:
        place.client(other).connections.get("scripts", include_credentials=True)
    assert READS in refused.value.message


def test_lists_are_filtered_by_type_and_by_default(project, place, gateway, a_name):
    place.connect(a_name, {"category": "CustomKeys", "target": gateway.url, "authType": "CustomKeys", "isSharedToAll": False,
                           "credentials": {"keys": {"x-their-key": "their-secret"}}, "metadata": {}})
    assert a_name in [one.name for one in project.connections.list(connection_type="CustomKeys")]
    assert a_name not in [one.name for one in project.connections.list(connection_type="ModelGateway")]
    assert [one.name for one in project.connections.list(connection_type="CustomKeys", default_connection=True)] == []
    with pytest.raises(ValueError):
        project.connections.get_default("CustomKeys")


def test_an_accounts_connection_is_seen_where_it_is_shared(project, place, gateway, a_name):
    properties = gateway_connection(f"{gateway.url}/key/v1", credentials={"key": KEY}, models=static("scripted"))
    place.connect(a_name, properties, at=place.account.id)
    with pytest.raises(ResourceNotFoundError):
        project.connections.get(a_name)
    place.connect(a_name, properties | {"isSharedToAll": True}, at=place.account.id)
    assert project.connections.get(a_name).name == a_name
    # A project's own connection of that name comes first.
    place.connect(a_name, properties | {"target": f"{gateway.url}/key/v1", "metadata": properties["metadata"] | {"whose": "mine"}})
    assert project.connections.get(a_name).metadata["whose"] == "mine"
    assert [one.name for one in project.connections.list()].count(a_name) == 1


def test_a_connection_that_is_not_there_is_not_found_by_name(project, a_name):
    with pytest.raises(ResourceNotFoundError) as refused:
        project.connections.get(a_name)
    assert a_name in refused.value.message


def test_who_may_not_read_connections_is_told_what_is_missing(place, application):
    stranger = place.client(application)
    for ask in (lambda: stranger.connections.get("scripts"), lambda: list(stranger.connections.list())):
        with pytest.raises(ClientAuthenticationError) as refused:
            ask()
        assert READS in refused.value.message


def test_deployments_of_the_account_and_models_of_gateways_are_listed_together(project):
    found = {(one.get("connectionName"), one.name): one for one in project.deployments.list()}
    assert found[None, "chat"].type == "ModelDeployment" and found["scripts", "scripted"].model_name == "scripted"
    assert project.deployments.get("chat").model_name == found[None, "chat"].model_name


def test_deployments_are_filtered_and_found_by_name(project, a_name):
    chat = project.deployments.get("chat")
    assert "chat" in [one.name for one in project.deployments.list(model_name=chat.model_name)]
    assert [one.name for one in project.deployments.list(model_name=a_name)] == []
    with pytest.raises(ResourceNotFoundError) as refused:
        project.deployments.get(a_name)
    assert refused.value.error.code == "DeploymentNotFound"
