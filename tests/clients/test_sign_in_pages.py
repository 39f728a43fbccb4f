"""The sign-in pages in a real browser, by keyboard alone: both flows, with scripts and without, and what accessibility needs."""

from urllib.parse import urlencode

import msal
import pytest
from selenium.webdriver.common.keys import Keys

from support.browser import Browser, Program
from support.person import FORM, Person, fresh_person, query_of
from support.tenant import FOUNDRY, claims, expect

AZ_CLIENT = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
# WCAG 2.2, success criterion 1.4.3 (level AA).
ENOUGH_CONTRAST = 4.5


@pytest.fixture(scope="module")
def window(tmp_path_factory):
    """One browser for all stories of this file: it takes seconds to start."""
    opened = Browser(tmp_path_factory.mktemp("chromium"))
    yield opened
    opened.close()


@pytest.fixture
def browser(window):
    """The browser as a new one; nothing that a page asked for may have been blocked."""
    window.fresh()
    yield window
    assert window.complaints() == []


@pytest.fixture(scope="module")
def person(tenant) -> Person:
    """Somebody with a password."""
    return fresh_person(tenant)


@pytest.fixture
def client(tenant):
    return msal.PublicClientApplication(AZ_CLIENT, authority=f"{tenant.url}/organizations", instance_discovery=False)


@pytest.fixture
def device(tenant) -> dict:
    """A device that waits to be signed in."""
    body = urlencode({"client_id": AZ_CLIENT, "scope": f"{FOUNDRY}/.default offline_access openid profile"}).encode()
    return expect(200, tenant.wire.send("POST", "/organizations/oauth2/v2.0/devicecode", FORM, body))


def to_sign_in(browser, tenant, device):
    """From the device's address to the page that asks for name and password."""
    browser.open(f"{tenant.url}/devicecode")
    assert browser.title == "Enter your code – Contoso"
    browser.type(device["user_code"])
    browser.press_and_wait()
    assert browser.title == "Sign in – Contoso"


def sign_in(browser, name: str, password: str):
    """Types name and password as somebody does who has no mouse."""
    browser.type(name)
    browser.press(Keys.TAB)
    browser.type(password)
    browser.press_and_wait()


def answer_of(tenant, device) -> dict:
    """The tokens of a device whose person has signed in."""
    form = {"client_id": AZ_CLIENT, "device_code": device["device_code"],
            "grant_type": "urn:ietf:params:oauth:grant-type:device_code"}
    return expect(200, tenant.wire.send("POST", "/organizations/oauth2/v2.0/token", FORM, urlencode(form).encode()))


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_person_signs_a_device_in(browser, tenant, person, device, scripts):
    browser.fresh(scripts)
    to_sign_in(browser, tenant, device)
    assert "Microsoft Azure CLI" in browser.text
    sign_in(browser, person.name, person.password)
    assert browser.title == "You have signed in – Contoso"
    assert claims(answer_of(tenant, device)["access_token"])["oid"] == person.object_id


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_person_signs_in_to_a_program_that_takes_a_form(browser, person, client, scripts):
    browser.fresh(scripts)
    with Program() as program:
        flow = client.initiate_auth_code_flow([f"{FOUNDRY}/.default"], redirect_uri=program.url, response_mode="form_post")
        browser.open(flow["auth_uri"])
        sign_in(browser, person.name, person.password)
        if not scripts:
            assert browser.title == "Go on to the application – Contoso" and browser.focused.text == "Continue"
            browser.press_and_wait()
        browser.wait(lambda driver: driver.title == "Back in the program")
        answer = client.acquire_token_by_auth_code_flow(flow, program.fields)
    assert claims(answer["access_token"])["oid"] == person.object_id, answer


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_person_signs_in_to_a_program_that_is_redirected_to(browser, person, client, scripts):
    browser.fresh(scripts)
    with Program() as program:
        flow = client.initiate_auth_code_flow([f"{FOUNDRY}/.default"], redirect_uri=program.url, response_mode="query")
        browser.open(flow["auth_uri"])
        sign_in(browser, person.name, person.password)
        browser.wait(lambda driver: driver.title == "Back in the program")
        answer = client.acquire_token_by_auth_code_flow(flow, program.fields)
    assert claims(answer["access_token"])["oid"] == person.object_id, answer


def test_a_person_who_cancels_sends_the_program_no_code(browser, person, client):
    with Program() as program:
        flow = client.initiate_auth_code_flow([f"{FOUNDRY}/.default"], redirect_uri=program.url, response_mode="query")
        browser.open(flow["auth_uri"])
        browser.press(Keys.TAB, Keys.TAB, Keys.TAB)
        assert browser.focused.text == "Cancel"
        browser.press_and_wait()
        browser.wait(lambda driver: driver.title == "Back in the program")
    assert program.fields["error"] == "access_denied" and "code" not in program.fields
    assert program.fields["state"] == query_of(flow["auth_uri"])["state"]


def test_a_wrong_password_is_said_where_the_keyboard_is_and_mended_there(browser, tenant, person, device):
    to_sign_in(browser, tenant, device)
    sign_in(browser, person.name, "wrong")
    assert browser.title == "Error: Sign in – Contoso"
    alert = browser.find("[role=alert]")
    assert alert.text == "There is a problem\nThe sign-in name or the password is not right."
    field = browser.focused
    assert (field.get_attribute("id"), field.get_attribute("value")) == ("password", "")
    assert field.get_attribute("aria-invalid") == "true"
    described = browser.find(f"#{field.get_attribute('aria-describedby')}")
    assert described.text == "The sign-in name or the password is not right."
    assert browser.find("#username").get_attribute("value") == person.name
    browser.type(person.password)
    browser.press_and_wait()
    assert browser.title == "You have signed in – Contoso"


def test_the_link_of_a_problem_leads_to_its_field(browser, tenant):
    browser.open(f"{tenant.url}/devicecode")
    browser.type("WRONG")
    browser.press_and_wait()
    assert browser.title == "Error: Enter your code – Contoso"
    browser.find("[role=alert] a").send_keys(Keys.ENTER)
    assert browser.focused.get_attribute("id") == "user_code"


def test_the_keyboard_goes_through_the_page_in_its_order_and_every_stop_has_a_name(browser, tenant, device):
    to_sign_in(browser, tenant, device)
    assert browser.find("html").get_attribute("lang") == "en"
    stops = []
    for _ in range(4):
        stops.append((browser.focused.aria_role, browser.focused.accessible_name))
        browser.press(Keys.TAB)
    assert stops == [("textbox", "Sign-in name"), ("textbox", "Password"), ("button", "Sign in"), ("button", "Cancel")]


def test_a_script_that_got_into_a_page_does_not_run(browser, tenant):
    browser.open(f"{tenant.url}/devicecode")
    browser.driver.execute_script("document.body.append(Object.assign(document.createElement('script'), {text: 'document.title = 1'}))")
    assert browser.title == "Enter your code – Contoso"
    (complaint,) = browser.complaints()
    assert "Content Security Policy" in complaint


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(browser, tenant, device, scheme):
    browser.fresh(scheme=scheme)
    browser.open(f"{tenant.url}/devicecode")
    assert browser.lowest_contrast() >= ENOUGH_CONTRAST
    to_sign_in(browser, tenant, device)
    assert browser.lowest_contrast() >= ENOUGH_CONTRAST
    sign_in(browser, "nobody@contoso.com", "wrong")
    assert browser.lowest_contrast() >= ENOUGH_CONTRAST, "also what went wrong"


@pytest.mark.parametrize("view", [{"width": 320, "height": 640}, {"width": 640, "height": 360, "scale": 2}], ids=["narrow", "at-200-percent"])
def test_a_small_window_loses_nothing_and_scrolls_one_way(browser, tenant, device, view):
    browser.fresh(**view)
    browser.open(f"{tenant.url}/devicecode")
    assert browser.overflow_px() == 0
    to_sign_in(browser, tenant, device)
    sign_in(browser, "nobody@contoso.com", "wrong")
    assert browser.overflow_px() == 0
    assert browser.is_in_view(browser.focused) and browser.is_in_view(browser.find("#problem")), "and one sees what is wrong"
