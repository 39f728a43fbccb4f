"""`az role deny-assignment`: what is forbidden, whatever grants it; and what is refused."""

import pytest

from support.tenant import FOUNDRY_USER, OWNER, expect


@pytest.fixture
def owner(tenant, account, application):
    """A fresh owner of the account."""
    tenant.grant(application, OWNER, account.id)
    return application


def test_a_deny_assignment_beats_owner_until_it_is_deleted(az, tenant, account, owner):
    assert tenant.arm("PATCH", account.id, {"tags": {"a": "b"}}, caller=owner).status == 200
    made = az(f"role deny-assignment create --name 'no changes' --scope {account.id} --actions '*/write' "
              f"--principal-object-id {owner.object_id} --principal-type ServicePrincipal")
    refused = tenant.arm("PATCH", account.id, {"tags": {"a": "b"}}, caller=owner)
    assert (refused.status, refused.code) == (403, "DenyAssignmentAuthorizationFailed")
    assert "no changes" in refused.json["error"]["message"]
    assert tenant.arm("GET", account.id, caller=owner).status == 200
    shown = az(f"role deny-assignment show --id {made['id']}")
    assert (shown["denyAssignmentName"], shown["scope"]) == ("no changes", account.id)
    (listed,) = [entry for entry in az(f"role deny-assignment list --scope {account.id}") if entry["id"] == made["id"]]
    assert listed["principals"][0]["id"] == owner.object_id
    assert made["id"] in [entry["id"] for entry in az("role deny-assignment list")]
    named = az(f"role deny-assignment list --scope {account.id} --filter \"denyAssignmentName eq 'other'\"")
    assert named == []
    az(f"role deny-assignment delete --yes --id {made['id']}")
    assert tenant.arm("PATCH", account.id, {"tags": {"a": "b"}}, caller=owner).status == 200
    _, message = az.refused(f"role deny-assignment show --id {made['id']}")
    assert "DenyAssignmentNotFound" in message


def test_everybody_but_the_excluded_is_denied(az, tenant, account, owner):
    other = tenant.new_application()
    tenant.grant(other, OWNER, account.id)
    made = az(f"role deny-assignment create --name 'one may' --scope {account.id} --actions '*/write' "
              f"--exclude-principal-ids {owner.object_id}")
    try:
        assert tenant.arm("PATCH", account.id, {"tags": {"c": "d"}}, caller=owner).status == 200
        assert tenant.arm("PATCH", account.id, {"tags": {"c": "d"}}, caller=other).status == 403
    finally:
        az(f"role deny-assignment delete --yes --id {made['id']}")


def test_a_data_action_is_denied_with_401_and_why(tenant, account, application, wire):
    tenant.grant(application, FOUNDRY_USER, account.id)
    path = f"{account.id}/providers/Microsoft.Authorization/denyAssignments/{application.object_id}"
    body = {"properties": {
        "denyAssignmentName": "no inference", "principals": [{"id": application.object_id, "type": "ServicePrincipal"}],
        "permissions": [{"actions": [], "dataActions": ["Microsoft.CognitiveServices/accounts/OpenAI/*"]}]}}
    chat = {"model": "chat", "messages": [{"role": "user", "content": "hi"}], "max_completion_tokens": 1}

    def ask():
        token = tenant.token(application, "https://cognitiveservices.azure.com")
        return wire.send("POST", f"/accounts/{account.name}/openai/v1/chat/completions", {"Authorization": f"Bearer {token}"}, chat)

    assert ask().status == 200
    expect(201, tenant.arm("PUT", path, body, version="api-version=2024-07-01-preview"))
    refused = ask()
    assert (refused.status, refused.code) == (401, "PermissionDenied")
    assert "no inference" in refused.json["error"]["message"]
    assert tenant.arm("DELETE", path, version="api-version=2024-07-01-preview").status == 200
    assert ask().status == 200


def test_bad_ones_are_refused(az, account, application):
    scope = f"--name story --scope {account.id} --actions '*/write'"
    nobody = "11111111-2222-4333-8444-555555555555"
    _, message = az.refused(f"role deny-assignment create {scope} --principal-object-id {nobody} --principal-type User")
    assert "PrincipalNotFound" in message
    _, message = az.refused(f"role deny-assignment create {scope} --principal-object-id {application.object_id} --principal-type User")
    assert "UnmatchedPrincipalType" in message
    _, message = az.refused(f"role deny-assignment create --name story --scope {account.id} --actions 'write' "
                            f"--principal-object-id {application.object_id} --principal-type ServicePrincipal")
    assert "InvalidActionOrNotAction" in message


def test_who_may_not_deny_is_refused(stranger, account, application, tenant):
    tenant.grant(application, FOUNDRY_USER, account.id)
    stranger.login(application.app_id, application.secret)
    _, message = stranger.refused(
        f"role deny-assignment create --name story --scope {account.id} --actions '*/write' "
        f"--principal-object-id {application.object_id} --principal-type ServicePrincipal")
    assert "AuthorizationFailed" in message and "Microsoft.Authorization/denyAssignments/write" in message
