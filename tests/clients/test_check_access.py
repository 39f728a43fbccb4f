"""checkAccess and `cupola access`: who may do what, and why, as a client and as an operator ask it."""

import json

import pytest

from support.tenant import COGNITIVE, OPENAI_USER, READER, access_decision, expect

CHECK_VERSION = "api-version=2018-09-01-preview"
READ = "Microsoft.CognitiveServices/accounts/read"
CHAT = "Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action"


def question(subject: str, *actions: tuple[str, bool]) -> dict:
    return {"Subject": {"Attributes": {"ObjectId": subject}},
            "Actions": [{"Id": action, "IsDataAction": is_data} for action, is_data in actions]}


@pytest.fixture
def check(tenant):
    """Asks checkAccess at a scope; the admin unless `caller` is given."""
    def ask(scope: str, body: dict, caller=None, explain: bool = False):
        query = "?explain=true" if explain else ""
        return tenant.arm("POST", f"{scope}/providers/Microsoft.Authorization/checkAccess{query}", body, caller, CHECK_VERSION)
    return ask


def test_the_answer_is_what_the_request_then_meets(check, wire, tenant, account, application):
    body = question(application.object_id, (CHAT, True), (READ, False))
    before = expect(200, check(account.id, body))
    assert [one["accessDecision"] for one in before] == ["NotAllowed", "NotAllowed"]
    assignment = tenant.grant(application, OPENAI_USER, account.id)
    chat, read = expect(200, check(account.id, body))
    assert (chat["accessDecision"], read["accessDecision"]) == ("Allowed", "Allowed")
    assert chat["roleAssignment"]["id"] == assignment
    token = tenant.token(application, COGNITIVE)
    hello = {"model": "chat", "max_tokens": 1, "messages": [{"role": "user", "content": "Hi"}]}
    path = f"/accounts/{account.name}/openai/v1/chat/completions"
    assert wire.send("POST", path, {"Authorization": f"Bearer {token}"}, hello).status == 200
    tenant.revoke(assignment)
    assert expect(200, check(account.id, body))[0]["accessDecision"] == "NotAllowed"
    assert wire.send("POST", path, {"Authorization": f"Bearer {token}"}, hello).status == 401


def test_the_mend_of_an_explanation_is_a_command_that_works(az, check, account, application):
    body = question(application.object_id, (CHAT, True))
    (refused,) = expect(200, check(account.id, body, explain=True))
    mend = refused["explanation"]["mend"]
    az(mend["az"].removeprefix("az "))
    (allowed,) = expect(200, check(account.id, body, explain=True))
    assert allowed["accessDecision"] == "Allowed"
    (grant,) = [grant for grant in allowed["explanation"]["grants"] if grant["used"]]
    assert grant["role"] == mend["role"]


def test_one_asks_about_oneself_with_any_token_and_about_others_by_right(check, tenant, account, application):
    assert check(account.id, question(application.object_id, (READ, False)), application).status == 200
    admin = tenant.new_application().object_id
    refused = check(account.id, question(admin, (READ, False)), application)
    assert (refused.status, access_decision(refused.json["error"])["action"]) == (403, "Microsoft.Authorization/roleAssignments/read")
    tenant.grant(application, READER, account.id)
    assert check(account.id, question(admin, (READ, False)), application).status == 200


def test_a_refusal_is_explained_from_the_folder_of_the_running_server(server, tenant, account, application):
    refused = tenant.arm("GET", account.id, caller=application)
    decision = access_decision(refused.json["error"])["decisionId"]
    told = server.run("access", "explain", "--data-dir", str(server.data_dir), "--decision", decision)
    assert told.returncode == 0, told.stderr
    assert "refused" in told.stdout and "az role assignment create" in told.stdout
    unknown = server.run("access", "explain", "--data-dir", str(server.data_dir), "--decision", application.object_id)
    assert unknown.returncode == 1 and "no decision" in unknown.stderr


def test_who_can_of_the_running_server_follows_a_grant_and_a_revocation(server, tenant, account, application, tmp_path):
    token = tmp_path / "token"
    token.write_text(tenant.token(tenant.admin, tenant.arm_audience))

    def who_can() -> list[str]:
        done = server.run("access", "who-can", CHAT, account.id, "--json", "--server", server.url,
                          "--ca", str(server.data_dir / "ca.pem"), "--token-file", str(token))
        assert done.returncode == 0, done.stderr
        return [one["principal"] for one in json.loads(done.stdout)["principals"]]

    assert application.object_id not in who_can()
    assignment = tenant.grant(application, OPENAI_USER, account.id)
    assert application.object_id in who_can()
    tenant.revoke(assignment)
    assert application.object_id not in who_can()
