"""`az ad`: who exists, and applications made for automation."""

import pytest

from support.tenant import READER, expect


def test_users_and_groups_of_the_demo_are_found(az, env):
    user = az("ad user show --id user@contoso.com")
    assert user["userPrincipalName"] == "user@contoso.com" == env["CUPOLA_USER"]
    assert user["id"] in [entry["id"] for entry in az("ad user list")]
    group = az("ad group list")[0]
    assert az(f"ad group show --group {group['id']}")["displayName"] == group["displayName"]


def test_a_user_nobody_made_is_not_found(az):
    code, message = az.refused("ad user show --id nobody@contoso.com")
    assert code == 3
    assert "nobody@contoso.com" in message


def test_lists_that_are_longer_than_a_page_are_listed_whole(az, tenant, a_name):
    made = [expect(201, tenant.graph("POST", "/groups", {
        "displayName": f"{a_name} {number}", "mailNickname": "many", "mailEnabled": False, "securityEnabled": True}))["id"]
        for number in range(101)]
    try:
        first = expect(200, tenant.graph("GET", "/groups"))
        assert len(first["value"]) == 100 and first["@odata.nextLink"].startswith(f"{tenant.url}/v1.0/groups?$skiptoken=")
        listed = [entry["id"] for entry in az("ad group list")]
        assert set(made) <= set(listed) and len(set(listed)) == len(listed)
        found = az(f"ad group list --filter \"startswith(displayName,'{a_name}')\"")
        assert [entry["id"] for entry in found] == sorted(made)
    finally:
        for group in made:
            assert tenant.graph("DELETE", f"/groups/{group}").status == 204


def test_users_come_in_pages_as_small_as_asked_for(az, tenant):
    listed = {entry["id"] for entry in az("ad user list")}
    path, seen = "/users?$top=2&$select=id", []
    while path:
        page = expect(200, tenant.graph("GET", path))
        assert 1 <= len(page["value"]) <= 2
        seen += [entry["id"] for entry in page["value"]]
        path = page.get("@odata.nextLink", "").removeprefix(f"{tenant.url}/v1.0")
    assert len(seen) == len(set(seen)) and listed <= set(seen)


def test_an_application_for_automation_is_made_with_its_role(az, stranger, tenant, group, a_name):
    made = az(f"ad sp create-for-rbac -n {a_name} --role Reader --scopes {group}")
    assert made["tenant"] == tenant.id
    stranger.login(made["appId"], made["password"])
    assert stranger(f"group show -n {group.rsplit('/', 1)[1]}")["id"] == group
    assert az(f"ad sp show --id {made['appId']}")["displayName"] == a_name
    (assignment,) = az(f"role assignment list --assignee {made['appId']} --all")
    assert assignment["roleDefinitionName"] == "Reader"


def test_an_application_without_a_directory_role_makes_no_other(stranger, tenant, group, application, a_name):
    tenant.grant(application, READER, group)
    stranger.login(application.app_id, application.secret)
    _, message = stranger.refused(f"ad app create --display-name {a_name}")
    assert "Insufficient privileges" in message or "Authorization_RequestDenied" in message


def test_a_deleted_application_signs_nobody_in(tenant, az, application):
    assert tenant.ask_token(application.app_id, application.secret, f"{tenant.arm_audience}/.default").status == 200
    az(f"ad sp delete --id {application.object_id}")
    refused = tenant.ask_token(application.app_id, application.secret, f"{tenant.arm_audience}/.default")
    assert refused.status in (400, 401)
    assert refused.json["error"] in ("invalid_client", "unauthorized_client")


@pytest.mark.parametrize("account_of", ["account", "project"])
def test_accounts_and_projects_have_identities_of_their_own(az, tenant, account, account_of):
    resource = tenant.arm("GET", account.id if account_of == "account" else account.project).json
    shown = az(f"ad sp show --id {resource['identity']['principalId']}")
    assert shown["servicePrincipalType"] == "ManagedIdentity"
