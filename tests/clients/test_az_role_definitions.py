"""`az role definition`: custom roles in every form, and each refusal."""

import json
import shlex
import uuid

from support.tenant import OWNER

READ_ACCOUNTS = "Microsoft.CognitiveServices/accounts/read"


def definition(name: str, *scopes: str, **properties) -> dict:
    """As the documentation prints one: the names begin with capitals."""
    return {"Name": name, "Description": "made by a story", "Actions": [READ_ACCOUNTS], "NotActions": [],
            "AssignableScopes": list(scopes), **properties}


def given(definition: dict) -> str:
    return f"--role-definition {shlex.quote(json.dumps(definition))}"


def name() -> str:
    return f"Story {uuid.uuid4()}"


def test_a_custom_role_is_made_listed_changed_assigned_and_deleted(az, account, application):
    role = name()
    made = az(f"role definition create {given(definition(role, account.group))}")
    assert (made["roleName"], made["roleType"], made["assignableScopes"]) == (role, "CustomRole", [account.group])
    listed = az(f"role definition list --custom-role-only --scope {account.group}")
    assert role in [one["roleName"] for one in listed]
    assert {one["roleType"] for one in listed} == {"CustomRole"}
    (found,) = az(f"role definition list --name {shlex.quote(role)} --scope {account.group}")
    assert found["permissions"][0]["actions"] == [READ_ACCOUNTS]
    assert az(f"role definition show --scope {account.group} --name {made['name']}")["roleName"] == role

    changed = az(f"role definition update {given(definition(role, account.group, Actions=['*/read']))}")
    assert (changed["name"], changed["permissions"][0]["actions"]) == (made["name"], ["*/read"])
    found["roleName"] = role = name()
    found["permissions"][0]["notActions"] = ["Microsoft.Authorization/*/read"]
    renamed = az(f"role definition update {given(found)}")
    assert (renamed["name"], renamed["roleName"]) == (made["name"], role)

    az(f"role assignment create --assignee {application.app_id} --role {shlex.quote(role)} --scope {account.id}")
    _, message = az.refused(f"role definition delete --name {shlex.quote(role)} --scope {account.group}")
    assert "RoleDefinitionHasAssignments" in message
    az(f"role assignment delete --assignee {application.app_id} --role {shlex.quote(role)} --scope {account.id}")
    az(f"role definition delete --name {shlex.quote(role)} --custom-role-only --scope {account.group}")
    assert az(f"role definition list --name {shlex.quote(role)} --scope {account.group}") == []


def test_what_is_wrong_with_a_role_is_said_at_the_command(az, account):
    role = name()
    for wrong, code, named in [
        (definition(role, account.group, Actions=["Microsoft.CognitiveServices/**/read"]), "InvalidActionOrNotAction", "permissions[0].actions[0]"),
        (definition(role, account.group, Actions=["accounts/read"]), "InvalidActionOrNotAction", "namespace"),
        (definition(role, account.group, account.id), "InvalidRequestContent", "assignableScopes[1]"),
        (definition("Owner", account.group), "RoleDefinitionWithSameNameExists", "Owner"),
        (definition("Azure AI User", account.group), "RoleDefinitionWithSameNameExists", "Azure AI User"),
    ]:
        _, message = az.refused(f"role definition create {given(wrong)}")
        assert code in message and named in message
    assert az(f"role definition list --name {shlex.quote(role)} --scope {account.group}") == []


def test_a_built_in_role_is_not_deleted(az, account):
    _, message = az.refused(f"role definition delete --name Reader --scope {account.group}")
    assert "RoleDefinitionIsBuiltIn" in message
    assert az(f"role definition list --name Reader --scope {account.group}")


def test_the_owner_of_a_group_makes_no_role_for_what_is_above_it(stranger, tenant, account, application):
    tenant.grant(application, OWNER, account.group)
    stranger.login(application.app_id, application.secret)
    above, role = account.group.rsplit("/resourceGroups/", 1)[0], name()
    _, message = stranger.refused(f"role definition create {given(definition(role, account.group, above))}")
    assert "LinkedAuthorizationFailed" in message and f"'{above}'" in message
    assert stranger(f"role definition create {given(definition(role, account.group))}")["roleName"] == role
