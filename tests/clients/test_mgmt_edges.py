"""The management SDK at ARM's edges: waiting, paging, HEAD. Both generations run this file."""

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from test_mgmt_cognitiveservices import client_of

VERSION = "2025-09-01"


@pytest.fixture
def seen():
    """What went over the wire, as (method, status, polling headers)."""
    return []


@pytest.fixture
def watched(tenant, seen):
    """The admin's client, watched."""
    def watch(response):
        answer = response.http_response
        seen.append((answer.request.method, answer.status_code, {name.lower() for name in answer.headers}))
    return client_of(tenant, tenant.admin, raw_response_hook=watch)


@pytest.fixture(scope="module")
def group_name(group) -> str:
    return group.rsplit("/", 1)[1]


def account_body(name: str) -> dict:
    return {"location": "eastus2", "kind": "AIServices", "sku": {"name": "S0"}, "identity": {"type": "SystemAssigned"},
            "properties": {"customSubDomainName": name, "allowProjectManagement": True}}


PROJECT = {"location": "eastus2", "identity": {"type": "SystemAssigned"}, "properties": {"displayName": "Research"}}


def polling_headers(entry) -> set:
    return entry[2] & {"azure-asyncoperation", "location", "retry-after"}


def test_all_four_ways_of_waiting_end(watched, seen, tenant, group_name, a_name):
    made = watched.accounts.begin_create(group_name, a_name, account_body(a_name)).result()
    assert made.properties.provisioning_state == "Succeeded" and made.name == a_name
    put = next(entry for entry in seen if entry[0] == "PUT")
    assert put[1] == 201 and polling_headers(put) == {"azure-asyncoperation", "retry-after"}
    assert [entry[0] for entry in seen] == ["PUT", "GET", "GET"], "status, then the resource itself"
    seen.clear()
    assert watched.projects.begin_create(group_name, a_name, "research", PROJECT).result().properties.provisioning_state == "Succeeded"
    assert [entry[:2] for entry in seen] == [("PUT", 201)] and not polling_headers(seen[0])
    seen.clear()
    model = {"sku": {"name": "GlobalStandard", "capacity": 1}, "properties": {"model": tenant.embedded_model()}}
    assert watched.deployments.begin_create_or_update(group_name, a_name, "chat", model).result().name == "chat"
    assert [entry[:2] for entry in seen] == [("PUT", 201)]
    seen.clear()
    watched.projects.begin_update(group_name, a_name, "research", {"properties": {"description": "new"}}).result()
    assert [entry[:2] for entry in seen] == [("PATCH", 200)]
    seen.clear()
    watched.projects.begin_delete(group_name, a_name, "research").result()
    assert seen[0][:2] == ("DELETE", 202) and polling_headers(seen[0]) == {"azure-asyncoperation", "location", "retry-after"}
    seen.clear()
    watched.accounts.begin_delete(group_name, a_name).result()
    assert seen[0][:2] == ("DELETE", 202) and polling_headers(seen[0]) == {"location", "retry-after"}
    assert seen[-1][:2] == ("GET", 204)
    with pytest.raises(ResourceNotFoundError):
        watched.accounts.get(group_name, a_name)


def test_a_removal_of_nothing_is_done_at_once(watched, seen, group_name, a_name):
    watched.accounts.begin_delete(group_name, a_name).result()
    assert [entry[:2] for entry in seen] == [("DELETE", 204)]


def test_a_refused_write_is_not_waited_for(tenant, group_name, application, a_name):
    with pytest.raises(HttpResponseError) as refused:
        client_of(tenant, application).accounts.begin_delete(group_name, a_name).result()
    assert refused.value.status_code == 403


def test_a_list_in_pages_is_the_whole_list(watched, seen, tenant, group_name, account):
    model = {"sku": {"name": "GlobalStandard", "capacity": 1}, "properties": {"model": tenant.embedded_model()}}
    for at in range(5):
        watched.deployments.begin_create_or_update(group_name, account.name, f"paged{at}", model).result()
    whole = [entry.name for entry in watched.deployments.list(group_name, account.name)]
    assert {f"paged{at}" for at in range(5)} <= set(whole)
    paged, after = [], f"{account.id}/deployments?api-version={VERSION}&$top=2"
    token = tenant.token(tenant.admin, tenant.arm_audience)
    while after:
        answer = tenant.wire.send("GET", after, {"Authorization": f"Bearer {token}"})
        assert answer.status == 200, answer.body
        assert len(answer.json["value"]) <= 2
        paged += [entry["name"] for entry in answer.json["value"]]
        link = answer.json.get("nextLink")
        assert link is None or link.startswith(tenant.url + "/")
        after = link and link.removeprefix(tenant.url)
    assert paged == whole


def test_the_sdk_follows_next_links(watched, seen, tenant, group_name, account):
    """A server's page is larger than this tenant, so the size is put into the SDK's first request."""
    def small(request):
        if "$skipToken" not in request.http_request.url and "top=" not in request.http_request.url:
            request.http_request.url += "&$top=1"
    whole = [entry.name for entry in watched.deployments.list(group_name, account.name)]
    seen.clear()
    paged = [entry.name for entry in watched.deployments.list(group_name, account.name, raw_request_hook=small)]
    assert paged == whole and len(seen) == max(1, len(whole))


@pytest.mark.parametrize("kind, status", [("group", 204), ("account", 200)])
def test_head_is_answered_without_a_body(tenant, group, account, kind, status):
    target = {"group": group, "account": account.id}[kind]
    assert (tenant.arm("HEAD", target).status, tenant.arm("HEAD", target).body) == (status, b"")
    assert (tenant.arm("HEAD", f"{target}x").status, tenant.arm("HEAD", f"{target}x").body) == (404, b"")
