"""`az group`: the life of a resource group, and what the powerless are told."""

from support.tenant import READER


def test_a_group_lives_from_create_to_delete(az, a_name):
    created = az(f"group create -n {a_name} -l eastus2 --tags team=research")
    assert created["properties"]["provisioningState"] == "Succeeded"
    assert created["id"].endswith(f"/resourceGroups/{a_name}")
    shown = az(f"group show -n {a_name.upper()}")
    assert (shown["id"], shown["tags"]) == (created["id"], {"team": "research"})
    assert az(f"group exists -n {a_name}") is True
    assert a_name in [group["name"] for group in az("group list")]
    az(f"group delete -n {a_name} --yes")
    assert az(f"group exists -n {a_name}") is False


def test_a_group_that_is_not_there_is_not_found(az, a_name):
    code, message = az.refused(f"group show -n {a_name}")
    assert code == 3
    assert "ResourceGroupNotFound" in message
    assert a_name in message


def test_deleting_a_group_deletes_what_is_in_it(az, tenant, a_name):
    az(f"group create -n {a_name} -l eastus2")
    account = tenant.new_account(f"{tenant.subscription}/resourceGroups/{a_name}")
    az(f"group delete -n {a_name} --yes")
    assert tenant.arm("GET", account.id).status == 404
    assert tenant.wire.send("GET", f"/accounts/{account.name}/openai/v1/models").status == 404


def test_a_reader_may_look_and_not_create(stranger, application, tenant, group, a_name):
    tenant.grant(application, READER, group)
    stranger.login(application.app_id, application.secret)
    assert stranger(f"group show -n {group.rsplit('/', 1)[1]}")["id"] == group
    code, message = stranger.refused(f"group create -n {a_name} -l eastus2")
    assert code == 1
    assert "AuthorizationFailed" in message
    assert "Microsoft.Resources/subscriptions/resourceGroups/write" in message
    assert application.object_id in message
