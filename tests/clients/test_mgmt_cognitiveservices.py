"""`azure-mgmt-cognitiveservices`, unchanged, in both generations."""

import inspect

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.identity import ClientSecretCredential
from azure.mgmt.cognitiveservices import CognitiveServicesManagementClient

from support.tenant import READER


def client_of(tenant, application, **more) -> CognitiveServicesManagementClient:
    credential = ClientSecretCredential(tenant.id, application.app_id, application.secret,
                                        authority=tenant.url, disable_instance_discovery=True)
    return CognitiveServicesManagementClient(credential, tenant.env["CUPOLA_SUBSCRIPTION_ID"], base_url=tenant.url,
                                             credential_scopes=[f"{tenant.arm_audience}/.default"], **more)


@pytest.fixture(scope="module")
def client(tenant) -> CognitiveServicesManagementClient:
    """The admin's client."""
    return client_of(tenant, tenant.admin)


def regenerate(client, group_name, name, slot):
    """The generations spell the argument differently; what goes over the wire is the same."""
    takes_a_name = "key_name" in inspect.signature(client.accounts.regenerate_key).parameters
    return client.accounts.regenerate_key(group_name, name, slot if takes_a_name else {"keyName": slot})


@pytest.fixture(scope="module")
def group_name(group) -> str:
    return group.rsplit("/", 1)[1]


def test_an_account_with_project_and_deployment_is_made_read_and_deleted(client, tenant, group_name, a_name):
    account = client.accounts.begin_create(group_name, a_name, {
        "location": "eastus2", "kind": "AIServices", "sku": {"name": "S0"}, "identity": {"type": "SystemAssigned"},
        "properties": {"customSubDomainName": a_name, "allowProjectManagement": True}}).result()
    assert account.properties.provisioning_state == "Succeeded"
    assert account.properties.endpoints
    project = client.projects.begin_create(group_name, a_name, "research", {
        "location": "eastus2", "identity": {"type": "SystemAssigned"}, "properties": {"displayName": "Research"}}).result()
    assert project.properties.display_name == "Research"
    deployment = client.deployments.begin_create_or_update(group_name, a_name, "chat", {
        "sku": {"name": "GlobalStandard", "capacity": 10}, "properties": {"model": tenant.embedded_model()}}).result()
    assert deployment.sku.capacity == 10
    assert [entry.name for entry in client.deployments.list(group_name, a_name)] == ["chat"]
    assert len(list(client.projects.list(group_name, a_name))) == 1
    updated = client.accounts.begin_update(group_name, a_name, {"properties": {"disableLocalAuth": True}}).result()
    assert updated.properties.disable_local_auth is True
    assert updated.properties.allow_project_management is True
    client.accounts.begin_delete(group_name, a_name).result()
    with pytest.raises(ResourceNotFoundError):
        client.accounts.get(group_name, a_name)
    with pytest.raises(ResourceNotFoundError):
        client.deployments.get(group_name, a_name, "chat")


def test_keys_are_listed_and_regenerated(client, group_name, account):
    before = client.accounts.list_keys(group_name, account.name)
    after = regenerate(client, group_name, account.name, "Key2")
    assert after.key1 == before.key1 and after.key2 != before.key2


def test_a_key_that_is_no_slot_is_refused(client, group_name, account):
    with pytest.raises(HttpResponseError) as refused:
        regenerate(client, group_name, account.name, "Key3")
    assert refused.value.status_code == 400


def test_accounts_are_listed_by_group_and_by_subscription(client, group_name, account):
    in_group = {entry.id for entry in client.accounts.list_by_resource_group(group_name)}
    assert account.id in in_group
    assert in_group < {entry.id for entry in client.accounts.list()}


def test_a_list_shows_only_what_the_reader_may_read(tenant, group, account, application):
    other = tenant.new_account(group)
    tenant.grant(application, READER, account.id)
    listed = [entry.id for entry in client_of(tenant, application).accounts.list()]
    assert account.id in listed and other.id not in listed


def test_a_principal_without_a_role_lists_nothing_and_creates_nothing(tenant, group_name, application, a_name):
    powerless = client_of(tenant, application)
    for attempt in (lambda: list(powerless.accounts.list()),
                    lambda: powerless.accounts.begin_create(group_name, a_name, {"location": "eastus2", "kind": "AIServices", "sku": {"name": "S0"}})):
        with pytest.raises(HttpResponseError) as refused:
            attempt()
        assert refused.value.status_code == 403
        assert refused.value.error.code == "AuthorizationFailed"
        (info,) = refused.value.error.additional_info
        assert info.type == "AccessDecision"


def test_what_is_missing_is_refused_like_what_is_there(tenant, group_name, application, account):
    powerless, told = client_of(tenant, application), []
    for name in (account.name, f"{account.name}x"):
        with pytest.raises(HttpResponseError) as refused:
            powerless.accounts.get(group_name, name)
        told.append((refused.value.status_code, refused.value.error.code, refused.value.error.message.replace(name, "")))
    assert told[0] == told[1]


def test_a_stale_etag_loses(client, tenant, account):
    etag = tenant.arm("GET", account.id).json["etag"]
    account.update(storedCompletionsDisabled=True)
    token = tenant.token(tenant.admin, tenant.arm_audience)
    stale = tenant.wire.send("PATCH", f"{account.id}?api-version=2025-09-01",
                             {"Authorization": f"Bearer {token}", "If-Match": etag}, {"tags": {"late": "yes"}})
    assert stale.status == 412
    assert tenant.arm("GET", account.id).json.get("tags") != {"late": "yes"}
