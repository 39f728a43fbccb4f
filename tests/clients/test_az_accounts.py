"""`az cognitiveservices account`: create, read, update, keys, key-less, delete; and each refusal."""

import openai
import pytest

from support.tenant import CONTRIBUTOR, Account, READER


def place(account: Account) -> str:
    return f"-n {account.name} -g {account.group.rsplit('/', 1)[1]}"


def ask(client: openai.OpenAI):
    return client.chat.completions.create(model="chat", max_tokens=1, messages=[{"role": "user", "content": "Hi"}])


def test_an_account_lives_from_create_to_delete(az, group, a_name):
    group_name = group.rsplit("/", 1)[1]
    created = az(f"cognitiveservices account create -n {a_name} -g {group_name} -l eastus2 --kind AIServices --sku S0 "
                 f"--custom-domain {a_name} --yes")
    assert created["properties"]["provisioningState"] == "Succeeded"
    assert created["properties"]["customSubDomainName"] == a_name
    assert created["properties"]["allowProjectManagement"] is True
    assert created["identity"]["type"] == "SystemAssigned" and created["identity"]["principalId"]
    shown = az(f"cognitiveservices account show -n {a_name} -g {group_name}")
    assert shown["id"] == created["id"] == f"{group}/providers/Microsoft.CognitiveServices/accounts/{a_name}"
    assert a_name in [entry["name"] for entry in az(f"cognitiveservices account list -g {group_name}")]
    assert a_name in [entry["name"] for entry in az("cognitiveservices account list")]
    updated = az(f"cognitiveservices account update -n {a_name} -g {group_name} --tags team=research")
    assert updated["tags"] == {"team": "research"}
    assert updated["etag"] != created["etag"]
    az(f"cognitiveservices account delete -n {a_name} -g {group_name}")
    code, message = az.refused(f"cognitiveservices account show -n {a_name} -g {group_name}")
    assert code == 3
    assert "ResourceNotFound" in message


def test_an_accounts_identity_is_a_principal_until_the_account_goes(az, tenant, group):
    account = tenant.new_account(group)
    identity = tenant.arm("GET", account.id).json["identity"]["principalId"]
    assert az(f"ad sp show --id {identity}")["servicePrincipalType"] == "ManagedIdentity"
    az(f"cognitiveservices account delete {place(account)}")
    assert tenant.graph("GET", f"/servicePrincipals/{identity}").status == 404


def test_a_sub_domain_is_given_once(az, account, a_name):
    _, message = az.refused(f"cognitiveservices account create -n {a_name} -g {account.group.rsplit('/', 1)[1]} -l eastus2 "
                            f"--kind AIServices --sku S0 --custom-domain {account.name} --yes")
    assert "CustomDomainInUse" in message
    code, _ = az.refused(f"cognitiveservices account show -n {a_name} -g {account.group.rsplit('/', 1)[1]}")
    assert code == 3


def test_a_kind_that_is_not_served_is_refused(az, account, a_name):
    _, message = az.refused(f"cognitiveservices account create -n {a_name} -g {account.group.rsplit('/', 1)[1]} -l eastus2 "
                            f"--kind TextAnalytics --sku S0 --custom-domain {a_name} --yes")
    assert "TextAnalytics" in message and "AIServices" in message


def test_regenerating_one_key_leaves_the_other(az, account, openai_client):
    before = az(f"cognitiveservices account keys list {place(account)}")
    ask(openai_client(account.openai_endpoint, before["key1"]))
    after = az(f"cognitiveservices account keys regenerate {place(account)} --key-name Key1")
    assert after["key1"] != before["key1"] and after["key2"] == before["key2"]
    with pytest.raises(openai.AuthenticationError):
        ask(openai_client(account.openai_endpoint, before["key1"]))
    ask(openai_client(account.openai_endpoint, after["key1"]))
    ask(openai_client(account.openai_endpoint, after["key2"]))


def test_resource_update_turns_keys_off_at_once_and_on_again(az, account, openai_client):
    client = openai_client(account.openai_endpoint, account.keys()["key2"])
    ask(client)
    updated = az(f"resource update --ids {account.id} --set properties.disableLocalAuth=true")
    assert updated["properties"]["disableLocalAuth"] is True
    with pytest.raises(openai.PermissionDeniedError) as refused:
        ask(client)
    assert refused.value.code == "AuthenticationTypeDisabled"
    # The longer way of naming the resource; this one writes a double slash into the path.
    updated = az(f"resource update -g {account.group.rsplit('/', 1)[1]} -n {account.name} "
                 "--resource-type Microsoft.CognitiveServices/accounts --set properties.disableLocalAuth=false")
    assert updated["properties"]["disableLocalAuth"] is False
    assert updated["id"] == account.id
    ask(client)


def test_a_reader_sees_the_account_and_not_its_keys(stranger, application, tenant, account):
    tenant.grant(application, READER, account.id)
    stranger.login(application.app_id, application.secret)
    assert stranger(f"cognitiveservices account show {place(account)}")["id"] == account.id
    _, message = stranger.refused(f"cognitiveservices account keys list {place(account)}")
    assert "AuthorizationFailed" in message
    assert "Microsoft.CognitiveServices/accounts/listKeys/action" in message
    # The explanation names roles that would help.
    assert "AccessDecision" in message and "rolesThatWouldGrant" in message


def test_a_contributor_of_one_account_cannot_delete_another(stranger, application, tenant, account, group):
    other = tenant.new_account(group)
    tenant.grant(application, CONTRIBUTOR, account.id)
    stranger.login(application.app_id, application.secret)
    assert stranger(f"cognitiveservices account update {place(account)} --tags by=contributor")["tags"] == {"by": "contributor"}
    _, message = stranger.refused(f"cognitiveservices account delete {place(other)}")
    assert "AuthorizationFailed" in message
    assert tenant.arm("GET", other.id).status == 200


def test_network_rules_hold_on_the_data_plane_at_once(az, tenant, group, openai_client):
    account = tenant.new_account(group)
    client = openai_client(account.openai_endpoint, account.keys()["key1"])
    ask(client)
    account.update(networkAcls={"defaultAction": "Deny"})
    for attempt in (lambda: ask(client), client.models.list):
        with pytest.raises(openai.PermissionDeniedError) as refused:
            attempt()
        assert "Firewall rules" in refused.value.message
    az(f"cognitiveservices account network-rule add {place(account)} --ip-address 127.0.0.0/8")
    ask(client)
    account.update(publicNetworkAccess="Disabled")
    with pytest.raises(openai.PermissionDeniedError) as refused:
        ask(client)
    assert "Public access is disabled" in refused.value.message
    # The control plane stays open: what was closed must be openable.
    account.update(publicNetworkAccess="Enabled")
    ask(client)
