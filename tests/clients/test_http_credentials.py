"""Raw HTTP: where a credential may stand, what happens when two disagree, and who is told what."""

import pytest

from support.tenant import COGNITIVE, FOUNDRY, OPENAI_USER, access_decision

HELLO = {"model": "chat", "max_tokens": 1, "messages": [{"role": "user", "content": "Hi"}]}


@pytest.fixture(scope="module")
def key(account) -> str:
    return account.keys()["key1"]


@pytest.fixture(scope="module")
def chat(account, wire):
    """POSTs a chat completion to the account with these headers."""
    def post(*headers: tuple[str, str], query: str = ""):
        return wire.send("POST", f"/accounts/{account.name}/openai/v1/chat/completions{query}", headers, HELLO)
    return post


@pytest.mark.parametrize("places", [
    ["api-key"], ["x-api-key"], ["bearer"], ["api-key", "bearer"], ["api-key", "x-api-key"], ["api-key", "x-api-key", "bearer"],
], ids="+".join)
def test_a_key_is_taken_wherever_a_client_puts_it(chat, key, places):
    headers = [("Authorization", f"Bearer {key}") if place == "bearer" else (place, key) for place in places]
    assert chat(*headers).status == 200


def test_header_names_and_the_scheme_are_read_without_case(chat, key):
    assert chat(("API-KEY", key)).status == 200
    assert chat(("authorization", f"bearer {key}")).status == 200


def test_credentials_that_differ_are_refused_as_unclear(chat, key, account, tenant, application):
    other = account.keys()["key2"]
    tenant.grant(application, OPENAI_USER, account.id)
    token = tenant.token(application, COGNITIVE)
    assert chat(("Authorization", f"Bearer {token}")).status == 200
    for headers in (
        [("api-key", key), ("x-api-key", other)],
        [("api-key", key), ("Authorization", f"Bearer {other}")],
        [("api-key", key), ("Authorization", f"Bearer {token}")],
        [("Authorization", f"Bearer {token}"), ("Authorization", f"Bearer {token}x")],
        [("api-key", key), ("api-key", other)],
    ):
        answer = chat(*headers)
        assert answer.status == 400, (headers, answer.body)
        assert answer.json["error"]["message"]


def test_two_authorization_headers_are_refused(chat, key):
    assert chat(("Authorization", f"Bearer {key}"), ("Authorization", f"Bearer {key}")).status == 400


@pytest.mark.parametrize("name", ["api-key", "subscription-key", "key", "access_token"])
def test_a_key_in_the_query_is_no_credential(chat, key, name, server):
    assert chat(query=f"?{name}={key}").status == 401
    assert not any(key in line for line in server.stderr)


def test_a_wrong_key_is_told_the_classic_words(chat):
    answer = chat(("api-key", "0" * 32))
    assert (answer.status, answer.code) == (401, "401")
    assert answer.json["error"]["message"].startswith("Access denied due to invalid subscription key or wrong API endpoint.")
    assert answer.header("retry-after") is None


def test_no_credential_is_a_401(chat):
    assert chat().status == 401


@pytest.mark.parametrize("scheme", ["Basic {}", "{}", "Bearer", "Bearer  ", "Digest {}"])
def test_other_schemes_are_no_credential(chat, key, scheme):
    assert chat(("Authorization", scheme.format(key))).status == 401


def test_a_broken_token_is_refused_in_the_flat_form(chat, tenant, application):
    head, payload, signature = tenant.token(application, COGNITIVE).split(".")
    for token in (f"{head}.{payload}.{signature[:-4]}AAAA", f"{head}.{payload}.", f"eyJhbGciOiJub25lIn0.{payload}."):
        answer = chat(("Authorization", f"Bearer {token}"))
        assert answer.status == 401
        assert answer.json["statusCode"] == 401
        assert "audience is incorrect" in answer.json["message"]


def test_an_unknown_account_is_unknown_to_everybody(wire, key):
    for headers in ([], [("api-key", key)], [("api-key", "wrong")]):
        answer = wire.send("POST", "/accounts/no-such-account/openai/v1/chat/completions", headers, HELLO)
        assert answer.status == 404, answer.body
        assert answer.json["error"]["message"]


def test_an_unknown_project_is_refused_like_a_known_one(wire, account, tenant, application):
    token = tenant.token(application, FOUNDRY)
    told = []
    for project in ("research", "no-such-project"):
        answer = wire.send("POST", f"/accounts/{account.name}/api/projects/{project}/openai/v1/chat/completions",
                           {"Authorization": f"Bearer {token}"}, HELLO)
        told.append((answer.status, answer.code, answer.json["error"]["message"]))
    assert told[0] == told[1]
    assert told[0][0] == 401


@pytest.mark.parametrize("method, path", [
    ("GET", "/subscriptions"), ("GET", "/tenants"), ("GET", "{account}"), ("POST", "{account}/listKeys"),
    ("PUT", "{group}"), ("DELETE", "{account}"),
])
def test_nobody_gets_nothing_from_the_control_plane(wire, account, method, path):
    path = path.format(account=account.id, group=account.group)
    answer = wire.send(method, f"{path}?api-version=2025-09-01", body={} if method in ("PUT", "POST") else None)
    assert answer.status == 401
    assert answer.code in ("AuthenticationFailed", "InvalidAuthenticationToken", "AuthenticationFailedMissingToken")


def test_a_resource_key_means_nothing_to_the_control_plane(wire, account, key):
    for headers in ({"api-key": key}, {"Authorization": f"Bearer {key}"}):
        assert wire.send("GET", f"{account.id}?api-version=2025-09-01", headers).status == 401


def test_a_data_plane_token_means_nothing_to_the_control_plane(wire, account, tenant):
    for audience in (COGNITIVE, FOUNDRY, tenant.url):
        token = tenant.token(tenant.admin, audience)
        answer = wire.send("GET", f"{account.id}?api-version=2025-09-01", {"Authorization": f"Bearer {token}"})
        assert (answer.status, answer.code) == (401, "InvalidAuthenticationToken")


def test_the_host_header_names_nothing(wire, tenant):
    path = f"/{tenant.id}/v2.0/.well-known/openid-configuration"
    honest, lying = wire.send("GET", path), wire.send("GET", path, {"Host": "evil.example.com", "X-Forwarded-Host": "evil.example.com"})
    assert honest.json == lying.json
    assert b"evil" not in lying.body
    assert honest.json["issuer"].startswith(tenant.url)


@pytest.mark.parametrize("header", ["X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override"])
def test_headers_that_rewrite_requests_are_ignored(wire, tenant, account, header):
    value = "DELETE" if "Method" in header else "/metadata/endpoints"
    answer = wire.send("GET", f"{account.id}?api-version=2025-09-01", {header: value})
    assert answer.status == 401
    assert tenant.arm("GET", account.id).status == 200


def test_a_refusal_on_the_control_plane_explains_itself(tenant, account, application):
    answer = tenant.arm("DELETE", account.id, caller=application)
    assert (answer.status, answer.code) == (403, "AuthorizationFailed")
    decision = access_decision(answer.json["error"])
    assert decision["action"] == "Microsoft.CognitiveServices/accounts/delete"
    assert decision["isDataAction"] is False
    assert "Owner" in [role["name"] for role in decision["rolesThatWouldGrant"]]
    assert answer.header("x-ms-failure-cause") == "gateway"
