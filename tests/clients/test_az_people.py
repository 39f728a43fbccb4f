"""People sign in: `az` by browser and by device code, MSAL, azure-identity; and are told when something is wrong."""

import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import msal
import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import DeviceCodeCredential

from support.person import FORM, Person, code_of, fresh_person, query_of, recording_browser
from support.tenant import FOUNDRY, READER, claims

AZ_CLIENT = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
# `az` takes a second to start and a device asks every five.
STEP_TIMEOUT_S = 60


@pytest.fixture
def person(tenant) -> Person:
    """A fresh person with a password; `object_id` is their id."""
    return fresh_person(tenant)


@pytest.fixture
def msal_client(tenant):
    """MSAL as `az` sets it up."""
    return msal.PublicClientApplication(AZ_CLIENT, authority=f"{tenant.url}/organizations", instance_discovery=False)


def token_answer(tenant, **form):
    """The token endpoint's answer to the public client."""
    body = urlencode({"client_id": AZ_CLIENT} | form).encode()
    return tenant.wire.send("POST", "/organizations/oauth2/v2.0/token", FORM, body)


class Login:
    """A running `az login`, whose messages are read as they come."""

    def __init__(self, az, arguments: str, **environment: str):
        quiet = {"AZURE_CORE_ONLY_SHOW_ERRORS": "false", "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen([az.executable, "login", *arguments.split()], env=az.environment | quiet | environment,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.said, self._changed = "", threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stderr:
            with self._changed:
                self.said += line
                self._changed.notify_all()

    def wait_for(self, text: str) -> str:
        with self._changed:
            assert self._changed.wait_for(lambda: text in self.said, STEP_TIMEOUT_S), self.said
            return self.said

    def ended(self) -> int:
        return self.process.wait(STEP_TIMEOUT_S)

    def kill(self):
        self.process.kill()
        self.process.wait()


def signed_in_as(az, person):
    """`az` acts as this person: the account it shows, and whom the directory takes it for."""
    assert az("account show")["user"] == {"name": person.name, "type": "user"}
    assert az("ad signed-in-user show")["id"] == person.object_id


def test_az_signs_a_person_in_by_device_code(stranger, tenant, person, group):
    tenant.grant(person.object_id, READER, group, "User")
    login = Login(stranger, "--use-device-code")
    page = person.enter_code(code_of(login.wait_for("to authenticate")))
    assert page.answer.status == 200 and "You have signed in" in page.text
    assert login.ended() == 0, login.said
    signed_in_as(stranger, person)
    assert [entry["id"] for entry in stranger("group list")] == [group]
    token = stranger(f"account get-access-token --resource {FOUNDRY}")["accessToken"]
    assert (claims(token)["oid"], claims(token)["idtyp"]) == (person.object_id, "user")


def test_az_signs_a_person_in_by_browser(stranger, tenant, person, group, tmp_path):
    tenant.grant(person.object_id, READER, group, "User")
    browser, address = recording_browser(tmp_path)
    login = Login(stranger, "", BROWSER=f"{browser} %s")
    url = wait_for_file(address, login)
    assert query_of(url)["response_mode"] == "form_post" and query_of(url)["code_challenge_method"] == "S256"
    assert person.hand_over(person.sign_in(person.open(url))) == 200
    assert login.ended() == 0, login.said
    signed_in_as(stranger, person)


def test_az_by_browser_with_a_wrong_password_waits_on_the_page(stranger, person, tmp_path):
    browser, address = recording_browser(tmp_path)
    login = Login(stranger, "--allow-no-subscriptions", BROWSER=f"{browser} %s")
    url = wait_for_file(address, login)
    page = person.open(url)
    wrong = person.press(page, username=person.name, password="wrong", action="sign-in")
    assert wrong.answer.status == 400 and "code" not in wrong.fields
    assert "The sign-in name or the password is not right." in wrong.text
    assert login.process.poll() is None, login.said
    assert person.hand_over(person.press(page, action="cancel")) == 200
    assert login.ended() != 0
    assert "access_denied" in login.said or "declined" in login.said, login.said


def test_az_is_told_that_the_person_declined(stranger, person):
    login = Login(stranger, "--use-device-code --allow-no-subscriptions")
    page = person.press(person.open("/devicecode"), user_code=code_of(login.wait_for("to authenticate")))
    person.press(page, action="cancel")
    assert login.ended() != 0
    assert "AADSTS70017" in login.said, login.said


def test_a_person_without_a_role_signs_in_and_sees_nothing(stranger, person):
    login = Login(stranger, "--use-device-code")
    person.enter_code(code_of(login.wait_for("to authenticate")))
    assert login.ended() != 0
    assert "No subscriptions found" in login.said, login.said


def test_az_asks_to_sign_in_again_after_a_new_password(stranger, tenant, person):
    login = Login(stranger, "--use-device-code --allow-no-subscriptions")
    person.enter_code(code_of(login.wait_for("to authenticate")))
    assert login.ended() == 0, login.said
    changed = tenant.graph("PATCH", f"/users/{person.object_id}", {"passwordProfile": {"password": "another password"}})
    assert changed.status == 204
    # A resource that no token is kept for: az has to ask.
    _, message = stranger.refused("account get-access-token --resource https://cognitiveservices.azure.com")
    assert "AADSTS50173" in message and "az login" in message


def test_msal_by_device_code_and_silently_afterwards(tenant, person, msal_client):
    flow = msal_client.initiate_device_flow(scopes=[f"{tenant.arm_audience}/.default"])
    assert person.enter_code(flow["user_code"]).answer.status == 200
    answer = msal_client.acquire_token_by_device_flow(flow)
    assert claims(answer["access_token"])["upn"] == person.name, answer
    assert answer["id_token_claims"]["oid"] == person.object_id
    (account,) = msal_client.get_accounts()
    assert account["username"] == person.name
    other = msal_client.acquire_token_silent_with_error([f"{FOUNDRY}/.default"], account)
    assert claims(other["access_token"])["aud"] == FOUNDRY, other


def test_msal_by_authorization_code_checks_state_and_nonce(tenant, person, msal_client):
    redirect = "http://localhost:8400"
    flow = msal_client.initiate_auth_code_flow([f"{FOUNDRY}/.default"], redirect_uri=redirect, response_mode="form_post")
    page = person.sign_in(person.open(flow["auth_uri"]))
    assert page.action == redirect
    answer = msal_client.acquire_token_by_auth_code_flow(flow, page.fields)
    assert claims(answer["access_token"])["oid"] == person.object_id, answer
    again = msal_client.acquire_token_by_auth_code_flow(flow, page.fields)
    assert again["error"] == "invalid_grant" and "AADSTS54005" in again["error_description"], "a code is good once"


def test_a_code_is_worth_nothing_without_its_verifier(tenant, person, msal_client):
    redirect = "http://localhost:8400"
    flow = msal_client.initiate_auth_code_flow([f"{FOUNDRY}/.default"], redirect_uri=redirect, response_mode="form_post")
    code = person.sign_in(person.open(flow["auth_uri"])).fields["code"]
    grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect}
    stolen = token_answer(tenant, **grant, code_verifier="x" * 43)
    assert stolen.status == 400 and stolen.json["error_codes"] == [501481]


def test_a_wrong_redirect_is_said_to_the_person_and_sent_nowhere(tenant, person, msal_client):
    flow = msal_client.initiate_auth_code_flow([f"{FOUNDRY}/.default"], redirect_uri="https://evil.example.com",
                                               response_mode="form_post")
    page = person.open(flow["auth_uri"])
    assert page.answer.status == 400 and "AADSTS50011" in page.text
    assert page.action is None and page.answer.header("location") is None


def test_az_in_several_processes_shares_one_sign_in(stranger, tenant, person):
    login = Login(stranger, "--use-device-code --allow-no-subscriptions")
    person.enter_code(code_of(login.wait_for("to authenticate")))
    assert login.ended() == 0, login.said
    # A resource that no token is kept for: every process has to bring the one refresh token that the cache holds.
    with ThreadPoolExecutor(4) as processes:
        answers = list(processes.map(lambda _: stranger(f"account get-access-token --resource {FOUNDRY}"), range(4)))
    assert {claims(answer["accessToken"])["oid"] for answer in answers} == {person.object_id}
    signed_in_as(stranger, person)


def test_a_refresh_token_is_replaced_by_one_that_all_who_share_it_get(tenant, person, msal_client):
    flow = msal_client.initiate_device_flow(scopes=[f"{FOUNDRY}/.default"])
    person.enter_code(flow["user_code"])
    code = token_answer(tenant, grant_type="urn:ietf:params:oauth:grant-type:device_code", device_code=flow["device_code"])
    first = code.json["refresh_token"]
    bring = lambda token: token_answer(tenant, grant_type="refresh_token", refresh_token=token, scope=f"{FOUNDRY}/.default offline_access")
    with ThreadPoolExecutor(8) as programs:
        answers = list(programs.map(bring, [first] * 8))
    assert [answer.status for answer in answers] == [200] * 8, answers
    (successor,) = {answer.json["refresh_token"] for answer in answers}
    assert successor != first and bring(successor).status == 200


def test_azure_identity_by_device_code(tenant, person):
    shown = []
    credential = DeviceCodeCredential(authority=tenant.url, disable_instance_discovery=True, tenant_id=tenant.id,
                                      prompt_callback=lambda uri, code, _: shown.append((uri, person.enter_code(code))))
    token = credential.get_token(f"{FOUNDRY}/.default").token
    assert claims(token)["oid"] == person.object_id
    assert shown[0][0] == f"{tenant.url}/devicecode"


def test_azure_identity_is_told_that_the_person_declined(tenant, person):
    def decline(_, code, __):
        person.press(person.press(person.open("/devicecode"), user_code=code), action="cancel")

    credential = DeviceCodeCredential(authority=tenant.url, disable_instance_discovery=True, tenant_id=tenant.id,
                                      prompt_callback=decline)
    with pytest.raises(ClientAuthenticationError, match="AADSTS70017"):
        credential.get_token(f"{FOUNDRY}/.default")


def test_the_password_of_demo_env_signs_its_user_in(tenant, env, msal_client):
    user = Person(tenant.wire, env["CUPOLA_USER"], env["CUPOLA_USER_PASSWORD"])
    flow = msal_client.initiate_device_flow(scopes=[f"{FOUNDRY}/.default"])
    user.enter_code(flow["user_code"])
    answer = msal_client.acquire_token_by_device_flow(flow)
    assert claims(answer["access_token"])["upn"] == env["CUPOLA_USER"], answer


def wait_for_file(path, login: Login) -> str:
    """What the browser was told to open."""
    deadline = time.monotonic() + STEP_TIMEOUT_S
    while not path.exists():
        assert login.process.poll() is None and time.monotonic() < deadline, login.said
        time.sleep(0.05)
    return path.read_text()
