"""`azure-identity`, unchanged: the credentials that need no person."""

import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential, EnvironmentCredential

from support.tenant import COGNITIVE, FOUNDRY, FOUNDRY_USER, claims


def test_a_client_secret_credential_gets_a_token(tenant, application):
    credential = ClientSecretCredential(tenant.id, application.app_id, application.secret,
                                        authority=tenant.url, disable_instance_discovery=True)
    token = credential.get_token(f"{FOUNDRY}/.default").token
    assert claims(token)["oid"] == application.object_id
    assert claims(token)["appid"] == application.app_id


def test_an_environment_credential_needs_only_the_environment(tenant, application, monkeypatch):
    monkeypatch.setenv("AZURE_TENANT_ID", tenant.id)
    monkeypatch.setenv("AZURE_CLIENT_ID", application.app_id)
    monkeypatch.setenv("AZURE_CLIENT_SECRET", application.secret)
    credential = EnvironmentCredential(disable_instance_discovery=True)
    assert claims(credential.get_token(f"{COGNITIVE}/.default").token)["oid"] == application.object_id


def test_a_credential_is_the_token_provider_of_an_openai_client(tenant, account, application, azure_openai_client):
    from azure.identity import get_bearer_token_provider
    tenant.grant(application, FOUNDRY_USER, account.id)
    credential = ClientSecretCredential(tenant.id, application.app_id, application.secret,
                                        authority=tenant.url, disable_instance_discovery=True)
    provider = get_bearer_token_provider(credential, f"{COGNITIVE}/.default")
    client = azure_openai_client(account.endpoint, azure_ad_token_provider=provider)
    assert client.chat.completions.create(model="chat", max_tokens=1, messages=[{"role": "user", "content": "Hi"}]).choices


def test_a_wrong_secret_gets_no_token(tenant, application):
    credential = ClientSecretCredential(tenant.id, application.app_id, "wrong", authority=tenant.url, disable_instance_discovery=True)
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        credential.get_token(f"{FOUNDRY}/.default")


def test_a_tenant_nobody_runs_gets_no_token(tenant, application):
    credential = ClientSecretCredential("11111111-2222-3333-4444-555555555555", application.app_id, application.secret,
                                        authority=tenant.url, disable_instance_discovery=True)
    with pytest.raises(ClientAuthenticationError):
        credential.get_token(f"{FOUNDRY}/.default")


@pytest.mark.parametrize("slash", ["", "/"])
def test_an_audience_holds_with_and_without_its_trailing_slash(tenant, account, application, slash, openai_client):
    tenant.grant(application, FOUNDRY_USER, account.id)
    answer = tenant.ask_token(application.app_id, application.secret, f"{COGNITIVE}{slash}/.default")
    assert claims(answer.json["access_token"])["aud"] == f"{COGNITIVE}{slash}"
    models = openai_client(account.openai_endpoint, answer.json["access_token"]).models.list()
    assert "chat" in [model.id for model in models]
