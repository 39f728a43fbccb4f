"""`az`: register the cloud by one endpoint, sign in, see subscriptions; and be told when that is wrong."""

from support.tenant import FOUNDRY, READER, claims


def test_one_endpoint_is_all_that_registration_needs(az, env):
    cloud = az("cloud show -n cupola")
    assert cloud["endpoints"]["resourceManager"] == env["CUPOLA_URL"]
    assert cloud["endpoints"]["activeDirectory"] == env["CUPOLA_URL"]
    assert cloud["endpoints"]["activeDirectoryResourceId"] == f"{env['CUPOLA_URL']}/arm"


def test_the_admin_sees_every_business_groups_subscription(az, env):
    subscriptions = az("account list --refresh")
    assert len(subscriptions) == 5
    assert {entry["tenantId"] for entry in subscriptions} == {env["CUPOLA_TENANT_ID"]}
    shown = az(f"account show -s {env['CUPOLA_SUBSCRIPTION_ID']}")
    assert shown["state"] == "Enabled"
    assert shown["user"] == {"name": env["CUPOLA_ADMIN_CLIENT_ID"], "type": "servicePrincipal"}


def test_a_token_is_made_for_the_audience_that_was_asked_for(az, env):
    token = az(f"account get-access-token --resource {FOUNDRY}")["accessToken"]
    assert claims(token)["aud"].rstrip("/") == FOUNDRY
    assert claims(token)["tid"] == env["CUPOLA_TENANT_ID"]
    assert claims(token)["iss"].startswith(env["CUPOLA_URL"])
    assert claims(token)["idtyp"] == "app"


def test_a_token_for_an_unknown_audience_is_refused(az):
    _, message = az.refused("account get-access-token --resource https://nowhere.example.com")
    assert "AADSTS500011" in message


def test_a_wrong_secret_signs_nobody_in(stranger, env):
    _, message = stranger.refused(
        f"login --service-principal -u {env['CUPOLA_ADMIN_CLIENT_ID']} --password=wrong --tenant {env['CUPOLA_TENANT_ID']}")
    assert "AADSTS7000215" in message
    assert stranger("account list") == []


def test_an_unknown_application_is_told_so(stranger, env):
    nobody = "00000000-1111-2222-3333-444444444444"
    _, message = stranger.refused(
        f"login --service-principal -u {nobody} --password=wrong --tenant {env['CUPOLA_TENANT_ID']}")
    assert "AADSTS700016" in message


def test_a_principal_without_a_role_still_gets_a_token_but_sees_no_subscription(stranger, application, env):
    _, message = stranger.refused(
        f"login --service-principal -u {application.app_id} --password={application.secret} --tenant {env['CUPOLA_TENANT_ID']}")
    assert "No subscriptions found" in message
    stranger.login(application.app_id, application.secret, "--allow-no-subscriptions")
    _, message = stranger.refused(f"group list --subscription {env['CUPOLA_SUBSCRIPTION_ID']}")
    assert "AuthorizationFailed" in message or "not found" in message.lower()


def test_a_role_on_one_group_shows_that_groups_subscription_and_nothing_else(stranger, application, tenant, group):
    tenant.grant(application, READER, group)
    stranger.login(application.app_id, application.secret)
    (subscription,) = stranger("account list --refresh")
    assert tenant.subscription.endswith(subscription["id"])
    assert [entry["id"] for entry in stranger("group list")] == [group]
