"""`az role`: the assignments a platform team makes, verbatim from the public documentation; and each refusal."""

import json
import uuid

import pytest

from support.tenant import FOUNDRY_USER, OWNER, READER

PROJECT_SCOPE = """
PROJECT_SCOPE=$(az cognitiveservices account project show --name $A --resource-group $R --project-name $P --query id -o tsv)
"""
FORMS = {
    "User": """
az role assignment create --assignee "user@contoso.com" --role "$FOUNDRY_USER_ROLE_ID" --scope "$PROJECT_SCOPE"
""",
    "Group": """
az role assignment create --assignee-object-id $ID --assignee-principal-type Group --role "$FOUNDRY_USER_ROLE_ID" --scope "$PROJECT_SCOPE"
""",
    "ServicePrincipal": """
az role assignment create --assignee-object-id $ID --assignee-principal-type ServicePrincipal --role "$FOUNDRY_USER_ROLE_ID" --scope "$PROJECT_SCOPE"
""",
}


@pytest.mark.parametrize("kind", FORMS)
def test_the_documented_assignment_at_a_project_runs_verbatim(az, tenant, account, application, kind):
    principals = {
        "User": tenant.graph("GET", "/users?$filter=userPrincipalName%20eq%20'user@contoso.com'"),
        "Group": tenant.graph("GET", "/groups"),
    }
    principal = principals[kind].json["value"][0]["id"] if kind in principals else application.object_id
    done = az.shell(PROJECT_SCOPE + FORMS[kind], A=account.name, R=account.group.rsplit("/", 1)[1],
                    P=account.project.rsplit("/", 1)[1], FOUNDRY_USER_ROLE_ID=FOUNDRY_USER, ID=principal)
    assignment = json.loads(done.stdout)
    assert assignment["scope"] == account.project
    assert assignment["principalId"] == principal
    assert assignment["principalType"] == kind
    assert assignment["roleDefinitionId"] == tenant.role_id(FOUNDRY_USER)


def test_an_assignee_nobody_knows_is_told_so(az, account):
    _, message = az.refused(f"role assignment create --assignee nobody@contoso.com --role {FOUNDRY_USER} --scope {account.project}")
    assert "Cannot find user or service principal in graph database" in message
    nobody = uuid.uuid4()
    _, message = az.refused(f"role assignment create --assignee-object-id {nobody} --assignee-principal-type User "
                            f"--role {FOUNDRY_USER} --scope {account.project}")
    assert "PrincipalNotFound" in message


def test_a_role_nobody_defined_is_told_so(az, account, application):
    to = f"--assignee-object-id {application.object_id} --assignee-principal-type ServicePrincipal --scope {account.project}"
    _, message = az.refused(f"role assignment create {to} --role {uuid.uuid4()}")
    assert "RoleDefinitionDoesNotExist" in message
    _, message = az.refused(f"role assignment create {to} --role 'Foundry Usr'")
    assert "Foundry Usr" in message


def test_an_assignment_is_listed_where_it_holds_and_gone_when_deleted(az, account, application):
    made = az(f"role assignment create --assignee {application.app_id} --role 'Foundry User' --scope {account.project}")
    (listed,) = az(f"role assignment list --assignee {application.app_id} --scope {account.project}")
    assert listed["id"] == made["id"]
    assert listed["roleDefinitionName"] == "Foundry User"
    assert listed["principalName"] == application.app_id
    assert az(f"role assignment list --assignee {application.app_id} --scope {account.id}") == []
    (found,) = az(f"role assignment list --assignee {application.app_id} --all")
    assert found["id"] == made["id"]
    az(f"role assignment delete --assignee {application.app_id} --role 'Foundry User' --scope {account.project}")
    assert az(f"role assignment list --assignee {application.app_id} --all") == []


def test_the_same_assignment_twice_is_one_assignment(az, tenant, account, application):
    command = (f"role assignment create --assignee-object-id {application.object_id} --assignee-principal-type ServicePrincipal "
               f"--role {FOUNDRY_USER} --scope {account.project}")
    first, second = az(command), az(command)
    assert first["id"] == second["id"]
    path = f"{account.project}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    again = tenant.arm("PUT", path, {"properties": {
        "principalId": application.object_id, "principalType": "ServicePrincipal", "roleDefinitionId": tenant.role_id(FOUNDRY_USER)}})
    assert (again.status, again.code) == (409, "RoleAssignmentExists")


def test_inherited_assignments_show_when_asked_for(az, tenant, account, application):
    made = tenant.grant(application, READER, tenant.subscription)
    assert az(f"role assignment list --scope {account.project} --assignee {application.app_id}") == []
    inherited = az(f"role assignment list --scope {account.project} --assignee {application.app_id} --include-inherited")
    assert [entry["id"] for entry in inherited] == [made]
    tenant.revoke(made)


@pytest.mark.parametrize("name", ["Foundry User", "Azure AI User"])
def test_a_role_is_given_by_its_new_name_and_by_its_old_one(az, account, application, name):
    made = az(f"role assignment create --assignee-object-id {application.object_id} --assignee-principal-type ServicePrincipal "
              f"--role '{name}' --scope {account.project}")
    assert made["roleDefinitionId"].endswith(FOUNDRY_USER)


def test_roles_are_listed_and_found(az):
    (found,) = az("role definition list --name 'Foundry User'")
    assert (found["name"], found["roleName"]) == (FOUNDRY_USER, "Foundry User")
    assert az("role definition list --name 'Azure AI Nobody'") == []
    assert len(az("role definition list")) >= 76
    assert az(f"role definition list --name {OWNER}")[0]["roleName"] == "Owner"


def test_a_reader_gives_nothing_away(stranger, tenant, account, application):
    tenant.grant(application, READER, account.id)
    stranger.login(application.app_id, application.secret)
    _, message = stranger.refused(f"role assignment create --assignee-object-id {application.object_id} "
                                  f"--assignee-principal-type ServicePrincipal --role {OWNER} --scope {account.id}")
    assert "AuthorizationFailed" in message
    assert "Microsoft.Authorization/roleAssignments/write" in message
    assert "User Access Administrator" in message
