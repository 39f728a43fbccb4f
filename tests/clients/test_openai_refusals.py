"""Refused, and told why; granted, and answered on the next request; revoked, and refused on the next."""

import uuid

import openai
import pytest

from support.tenant import (AZURE_AI_DEVELOPER, COGNITIVE, FOUNDRY, FOUNDRY_USER, OPENAI_USER, OWNER, READER, ROLES_VERSION, access_decision,
                            expect)

HELLO = [{"role": "user", "content": "Say hello."}]
CHAT_ACTION = "Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action"
AGENTS_ACTION = "Microsoft.CognitiveServices/accounts/AIServices/agents/write"


def ask(client: openai.OpenAI):
    return client.chat.completions.create(model="chat", messages=HELLO, max_tokens=1)


@pytest.fixture
def at_account(openai_client, account, application, tenant) -> openai.OpenAI:
    """The fresh application, asking at the account."""
    return openai_client(account.openai_endpoint, tenant.token(application, COGNITIVE))


@pytest.fixture
def at_project(openai_client, account, application, tenant) -> openai.OpenAI:
    """The fresh application, asking at the project."""
    return openai_client(f"{account.project_endpoint}/openai/v1", tenant.token(application, FOUNDRY))


def test_a_refusal_explains_itself(at_account, account, application, tenant):
    tenant.grant(application, READER, account.id)
    with pytest.raises(openai.AuthenticationError) as refused:
        ask(at_account)
    assert refused.value.code == "PermissionDenied"
    assert CHAT_ACTION in refused.value.message
    decision = access_decision(refused.value.body)
    assert decision["principalId"] == application.object_id
    assert decision["principalType"] == "ServicePrincipal"
    assert (decision["action"], decision["isDataAction"]) == (CHAT_ACTION, True)
    assert decision["scope"] == account.id
    assert decision["decisionId"] and decision["reason"]
    roles = {role["id"].rsplit("/", 1)[-1]: role["name"] for role in decision["rolesThatWouldGrant"]}
    assert roles[FOUNDRY_USER] == "Foundry User"
    assert OWNER not in roles and AZURE_AI_DEVELOPER in roles


def test_a_principal_with_no_role_anywhere_learns_no_path(at_account, account):
    with pytest.raises(openai.AuthenticationError) as refused:
        ask(at_account)
    assert access_decision(refused.value.body)["scope"] == account.name
    assert account.id not in str(refused.value.body)
    assert "/subscriptions/" not in refused.value.message


def test_a_grant_at_the_project_turns_the_refusal_into_an_answer(at_project, at_account, account, application, tenant):
    with pytest.raises(openai.AuthenticationError) as refused:
        ask(at_project)
    decision = access_decision(refused.value.body)
    assert decision["action"] == AGENTS_ACTION
    assert "Foundry User" in [role["name"] for role in decision["rolesThatWouldGrant"]]
    tenant.grant(application, FOUNDRY_USER, account.project)
    assert ask(at_project).choices[0].message.content is not None
    # A grant at the project is no grant at the account.
    with pytest.raises(openai.AuthenticationError) as refused:
        ask(at_account)
    assert access_decision(refused.value.body)["scope"] == account.id


def test_a_project_refusal_points_to_the_public_help_page(at_project):
    with pytest.raises(openai.AuthenticationError) as refused:
        ask(at_project)
    assert refused.value.message.endswith("https://aka.ms/FoundryPermissions.")


def test_a_revocation_holds_on_the_next_request(at_account, account, application, tenant):
    assignment = tenant.grant(application, OPENAI_USER, account.group)
    ask(at_account)
    tenant.revoke(assignment)
    with pytest.raises(openai.AuthenticationError):
        ask(at_account)


def test_a_grant_to_a_group_reaches_the_members_of_its_groups(at_account, account, application, tenant):
    def group(name: str) -> str:
        made = tenant.graph("POST", "/groups", {"displayName": name, "mailNickname": name, "mailEnabled": False, "securityEnabled": True})
        assert made.status == 201, made.body
        return made.json["id"]

    def join(outer: str, inner: str):
        reference = {"@odata.id": f"{tenant.url}/v1.0/directoryObjects/{inner}"}
        assert tenant.graph("POST", f"/groups/{outer}/members/$ref", reference).status == 204

    outer, inner = group(f"outer-{application.display_name}"), group(f"inner-{application.display_name}")
    join(outer, inner)
    tenant.grant(outer, OPENAI_USER, account.id, "Group")
    with pytest.raises(openai.AuthenticationError):
        ask(at_account)
    join(inner, application.object_id)
    ask(at_account)
    assert tenant.graph("DELETE", f"/groups/{inner}/members/{application.object_id}/$ref").status == 204
    with pytest.raises(openai.AuthenticationError):
        ask(at_account)


def test_a_grant_on_a_management_group_reaches_the_projects_below(at_project, account, application, tenant):
    with pytest.raises(openai.AuthenticationError):
        ask(at_project)
    assignment = tenant.grant(application, FOUNDRY_USER, f"/providers/Microsoft.Management/managementGroups/{tenant.id}")
    ask(at_project)
    tenant.revoke(assignment)
    with pytest.raises(openai.AuthenticationError):
        ask(at_project)


def test_an_owner_has_no_data_action(openai_client, account, application, tenant):
    tenant.grant(application, OWNER, account.id)
    for endpoint, audience in ((account.openai_endpoint, COGNITIVE), (f"{account.project_endpoint}/openai/v1", FOUNDRY)):
        with pytest.raises(openai.AuthenticationError) as refused:
            ask(openai_client(endpoint, tenant.token(application, audience)))
        assert refused.value.code == "PermissionDenied"


def test_the_developer_role_that_looks_right_reaches_no_project(at_project, at_account, account, application, tenant):
    tenant.grant(application, AZURE_AI_DEVELOPER, account.id)
    ask(at_account)
    with pytest.raises(openai.AuthenticationError) as refused:
        ask(at_project)
    assert AZURE_AI_DEVELOPER not in str(access_decision(refused.value.body)["rolesThatWouldGrant"])


def test_keys_that_are_off_are_off_at_once(openai_client, tenant, group):
    account = tenant.new_account(group)
    client = openai_client(account.openai_endpoint, account.keys()["key1"])
    ask(client)
    account.update(disableLocalAuth=True)
    with pytest.raises(openai.PermissionDeniedError) as refused:
        ask(client)
    assert refused.value.code == "AuthenticationTypeDisabled"
    account.update(disableLocalAuth=False)
    ask(client)


def test_the_account_of_finance_and_risk_takes_no_keys(tenant):
    subscriptions = tenant.arm("GET", "/subscriptions").json["value"]
    (finance,) = [entry["id"] for entry in subscriptions if "Finance" in entry["displayName"]]
    (account,) = tenant.arm("GET", f"{finance}/providers/Microsoft.CognitiveServices/accounts").json["value"]
    assert account["properties"]["disableLocalAuth"] is True


def test_a_key_reaches_no_project(openai_client, account):
    with pytest.raises(openai.AuthenticationError):
        ask(openai_client(f"{account.project_endpoint}/openai/v1", account.keys()["key1"]))


def test_a_key_opens_one_account_only(openai_client, account, tenant, group):
    other = tenant.new_account(group)
    with pytest.raises(openai.AuthenticationError) as refused:
        ask(openai_client(other.openai_endpoint, account.keys()["key1"]))
    assert refused.value.code == "401"


def test_a_token_for_another_audience_is_refused(openai_client, account, application, tenant):
    tenant.grant(application, FOUNDRY_USER, account.id)
    arm_token = tenant.token(application, tenant.arm_audience)
    for endpoint in (account.openai_endpoint, f"{account.project_endpoint}/openai/v1"):
        with pytest.raises(openai.AuthenticationError) as refused:
            ask(openai_client(endpoint, arm_token))
        assert "audience is incorrect" in refused.value.message
    with pytest.raises(openai.AuthenticationError):
        ask(openai_client(f"{account.project_endpoint}/openai/v1", tenant.token(application, COGNITIVE)))


def test_who_may_make_responses_and_not_read_them_does_not_go_on_from_one(at_account, account, application, tenant):
    actions = "Microsoft.CognitiveServices/accounts/OpenAI/responses/"
    name = str(uuid.uuid4())
    role = {"properties": {"roleName": f"Writer {name}", "type": "CustomRole", "assignableScopes": [tenant.subscription],
                           "permissions": [{"actions": [], "notActions": [], "dataActions": [f"{actions}write"], "notDataActions": []}]}}
    expect(201, tenant.arm("PUT", tenant.role_id(name), role, version=ROLES_VERSION))
    tenant.grant(application, name, account.id)
    made = at_account.responses.create(model="chat", input="Say hello.", max_output_tokens=16)
    with pytest.raises(openai.AuthenticationError) as refused:
        at_account.responses.create(model="chat", input="And again.", max_output_tokens=16, previous_response_id=made.id)
    assert f"{actions}read" in refused.value.message
