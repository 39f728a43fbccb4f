"""`azure-mgmt-authorization`, unchanged."""

import uuid

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError
from azure.identity import ClientSecretCredential
from azure.mgmt.authorization import AuthorizationManagementClient

from support.tenant import FOUNDRY_USER, READER


def client_of(tenant, application) -> AuthorizationManagementClient:
    credential = ClientSecretCredential(tenant.id, application.app_id, application.secret,
                                        authority=tenant.url, disable_instance_discovery=True)
    return AuthorizationManagementClient(credential, tenant.env["CUPOLA_SUBSCRIPTION_ID"], base_url=tenant.url,
                                         credential_scopes=[f"{tenant.arm_audience}/.default"])


@pytest.fixture(scope="module")
def client(tenant) -> AuthorizationManagementClient:
    """The admin's client."""
    return client_of(tenant, tenant.admin)


def body(tenant, principal: str, role: str = FOUNDRY_USER, kind: str = "ServicePrincipal") -> dict:
    return {"properties": {"principalId": principal, "principalType": kind, "roleDefinitionId": tenant.role_id(role)}}


def test_an_assignment_is_made_read_and_deleted(client, tenant, account, application):
    name = str(uuid.uuid4())
    made = client.role_assignments.create(account.project, name, body(tenant, application.object_id))
    assert made.id == f"{account.project}/providers/Microsoft.Authorization/roleAssignments/{name}"
    assert made.role_definition_id == tenant.role_id(FOUNDRY_USER)
    assert client.role_assignments.get(account.project, name).principal_id == application.object_id
    assert client.role_assignments.get_by_id(made.id).scope == account.project
    client.role_assignments.delete(account.project, name)
    with pytest.raises(HttpResponseError) as gone:
        client.role_assignments.get(account.project, name)
    assert gone.value.status_code == 404


def test_the_filters_tell_scopes_and_principals_apart(client, tenant, account, application):
    above = tenant.grant(application, READER, account.group)
    here = tenant.grant(application, READER, account.id)
    below = tenant.grant(application, FOUNDRY_USER, account.project)

    def listed(scope: str, filter: str | None) -> set[str]:
        entries = client.role_assignments.list_for_scope(scope, filter=filter)
        return {entry.id for entry in entries if entry.principal_id == application.object_id}

    assert listed(account.id, "atScope()") == {above, here}
    assert listed(account.id, None) == {above, here, below}
    assert listed(account.id, f"principalId eq '{application.object_id}'") == {above, here, below}
    assert listed(account.id, f"assignedTo('{application.object_id}')") == {above, here, below}
    assert listed(account.id, f"atScope() and assignedTo('{application.object_id}')") == {above, here}
    assert listed(account.id, f"principalId eq '{uuid.uuid4()}'") == set()
    for assignment in (above, here, below):
        tenant.revoke(assignment)


def test_the_same_grant_under_another_name_exists_already(client, tenant, account, application):
    tenant.grant(application, FOUNDRY_USER, account.project)
    with pytest.raises(ResourceExistsError) as refused:
        client.role_assignments.create(account.project, str(uuid.uuid4()), body(tenant, application.object_id))
    assert refused.value.error.code == "RoleAssignmentExists"


@pytest.mark.parametrize("change, code", [
    ({"principal": str(uuid.uuid4())}, "PrincipalNotFound"),
    ({"role": str(uuid.uuid4())}, "RoleDefinitionDoesNotExist"),
])
def test_a_grant_of_or_to_nothing_is_refused(client, tenant, account, application, change, code):
    with pytest.raises(HttpResponseError) as refused:
        client.role_assignments.create(account.project, str(uuid.uuid4()),
                                       body(tenant, **({"principal": application.object_id} | change)))
    assert (refused.value.status_code, refused.value.error.code) == (400, code)


def test_an_assignment_does_not_change_hands(client, tenant, account, application):
    name, other = str(uuid.uuid4()), tenant.new_application()
    client.role_assignments.create(account.project, name, body(tenant, application.object_id))
    with pytest.raises(HttpResponseError) as refused:
        client.role_assignments.create(account.project, name, body(tenant, other.object_id))
    assert refused.value.error.code == "RoleAssignmentUpdateNotPermitted"
    assert client.role_assignments.get(account.project, name).principal_id == application.object_id


def test_deleting_what_is_not_there_is_quiet(client, account):
    assert client.role_assignments.delete(account.project, str(uuid.uuid4())) is None


def test_roles_are_read_and_found_by_name(client, tenant):
    (found,) = client.role_definitions.list(tenant.subscription, filter="roleName eq 'Foundry User'")
    assert found.id == tenant.role_id(FOUNDRY_USER)
    assert any(pattern.startswith("Microsoft.CognitiveServices/") for pattern in found.permissions[0].data_actions)
    with pytest.raises(HttpResponseError) as refused:
        client.role_definitions.get(tenant.subscription, str(uuid.uuid4()))
    assert refused.value.error.code == "RoleDefinitionDoesNotExist"


def test_a_reader_grants_nothing(tenant, account, application):
    tenant.grant(application, READER, account.id)
    with pytest.raises(HttpResponseError) as refused:
        client_of(tenant, application).role_assignments.create(account.id, str(uuid.uuid4()), body(tenant, application.object_id))
    assert (refused.value.status_code, refused.value.error.code) == (403, "AuthorizationFailed")


def test_a_project_manager_grants_foundry_user_and_nothing_above_it(tenant, account, application):
    """The condition inside the role: the role being given must be on its list."""
    colleague = tenant.new_application("colleague")
    tenant.grant(application, "eadc314b-1a2d-4efa-be10-5d325db5065e", account.id)
    manager = client_of(tenant, application)
    assert manager.role_assignments.create(account.project, str(uuid.uuid4()), body(tenant, colleague.object_id)).id
    with pytest.raises(HttpResponseError) as refused:
        manager.role_assignments.create(account.project, str(uuid.uuid4()), body(tenant, colleague.object_id, READER))
    assert (refused.value.status_code, refused.value.error.code) == (403, "AuthorizationFailed")
    assert "ABAC condition" in refused.value.error.message
