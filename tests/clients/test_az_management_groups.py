"""`az account management-group`: made, nested, moved into, moved out of; and each refusal."""

import uuid

import pytest

from support.tenant import READER, expect

# The client waits ten seconds after it has registered the provider; the story of that is told once.
QUICK = "--no-register"
VERSION = "api-version=2023-04-01"


def group_id(name: str) -> str:
    return f"/providers/Microsoft.Management/managementGroups/{name}"


@pytest.fixture
def groups(az, tenant, a_name):
    """Two groups, the second below the first; the subscription goes home and they go away afterwards."""
    outer, inner = f"{a_name}-outer", f"{a_name}-inner"
    az(f"account management-group create {QUICK} --name {outer} --display-name 'The outer one'")
    az(f"account management-group create {QUICK} --name {inner} --parent {outer}")
    yield outer, inner
    subscription = tenant.env["CUPOLA_SUBSCRIPTION_ID"]
    for name in (inner, outer):
        tenant.arm("DELETE", f"{group_id(name)}/subscriptions/{subscription}", version=VERSION)
        assert tenant.arm("DELETE", group_id(name), version=VERSION).status == 204


def test_groups_nest_and_are_shown_with_what_is_below(az, tenant, groups):
    outer, inner = groups
    subscription = tenant.env["CUPOLA_SUBSCRIPTION_ID"]
    az(f"account management-group subscription add --name {inner} --subscription {subscription}")
    shown = az(f"account management-group show {QUICK} --name {outer} --expand --recurse")
    assert shown["displayName"] == "The outer one"
    assert shown["details"]["parent"]["name"] == tenant.id
    (child,) = shown["children"]
    assert (child["name"], child["children"][0]["id"]) == (inner, f"/subscriptions/{subscription}")
    plain = az(f"account management-group show {QUICK} --name {inner}")
    assert (plain["details"]["parent"]["name"], plain["children"]) == (outer, None)
    below = expect(200, tenant.arm("GET", f"{group_id(outer)}/descendants", version=VERSION))["value"]
    assert [entry["name"] for entry in below] == [inner, subscription]


def test_the_provider_is_registered_on_the_way_and_the_root_group_is_always_there(az, tenant):
    listed = az("account management-group list")
    assert tenant.id in [group["name"] for group in listed]
    root = az(f"account management-group show {QUICK} --name {tenant.id}")
    assert (root["displayName"], root["details"]["parent"]) == ("Tenant Root Group", None)


def test_a_group_is_renamed_and_moved(az, tenant, groups):
    outer, inner = groups
    renamed = az(f"account management-group update --name {inner} --display-name 'Another name'")
    assert (renamed["displayName"], renamed["details"]["parent"]["name"]) == ("Another name", outer)
    moved = az(f"account management-group update --name {inner} --parent {tenant.id}")
    assert (moved["displayName"], moved["details"]["parent"]["name"]) == ("Another name", tenant.id)
    _, message = az.refused(f"account management-group update --name {inner} --parent {inner}")
    assert "InvalidParameter" in message


def test_what_is_granted_at_a_group_ends_when_the_subscription_leaves_it(az, tenant, application, groups):
    outer, inner = groups
    subscription = tenant.env["CUPOLA_SUBSCRIPTION_ID"]
    az(f"role assignment create --assignee-object-id {application.object_id} --assignee-principal-type ServicePrincipal "
       f"--role {READER} --scope {group_id(outer)}")
    reads = f"{tenant.subscription}/resourceGroups"
    assert tenant.arm("GET", reads, caller=application).status == 403
    az(f"account management-group subscription add --name {inner} --subscription {subscription}")
    assert tenant.arm("GET", reads, caller=application).status == 200
    shown = az(f"account management-group subscription show --name {inner} --subscription {subscription}")
    assert shown["parent"]["id"] == group_id(inner)
    az(f"account management-group subscription remove --name {inner} --subscription {subscription}")
    assert tenant.arm("GET", reads, caller=application).status == 403
    (member,) = [entry for entry in az(f"account management-group subscription show-sub-under-mg --name {tenant.id}")
                 if entry["name"] == subscription]
    assert member["parent"]["id"] == group_id(tenant.id)


def test_only_an_empty_group_goes(az, groups):
    outer, _ = groups
    _, message = az.refused(f"account management-group delete {QUICK} --name {outer}")
    assert "CannotDeleteResource" in message
    name = f"empty{uuid.uuid4().hex[:8]}"
    az(f"account management-group create {QUICK} --name {name}")
    az(f"account management-group delete {QUICK} --name {name}")
    _, message = az.refused(f"account management-group show {QUICK} --name {name}")
    assert "could not be found" in message


def test_a_reader_moves_nothing(stranger, tenant, application, groups):
    outer, inner = groups
    tenant.grant(application, READER, group_id(outer))
    tenant.grant(application, READER, tenant.subscription)
    stranger.login(application.app_id, application.secret)
    subscription = tenant.env["CUPOLA_SUBSCRIPTION_ID"]
    for command in (f"create {QUICK} --name nobodys", f"update --name {inner} --display-name Mine",
                    f"delete {QUICK} --name {inner}", f"subscription add --name {inner} --subscription {subscription}"):
        _, message = stranger.refused(f"account management-group {command}")
        assert "AuthorizationFailed" in message, command
    assert stranger(f"account management-group show {QUICK} --name {inner}")["name"] == inner
