"""Our own surface as a gateway of connections: it passes the four steps of Microsoft's validators, in each form that they know."""

import pytest

from support.foundry import static
from support.gateway import VERSION
from support.tenant import COGNITIVE, OPENAI_USER
from support.validator import Failed, Parameters, Validator

DISCOVERY = {"listModelsEndpoint": "/models", "getModelEndpoint": "/models/{deploymentName}", "deploymentProvider": "OpenAI"}


@pytest.fixture
def target(account) -> str:
    """The account's path on the server."""
    return account.endpoint.removeprefix(account.tenant.url)


@pytest.fixture
def key(account) -> dict[str, str]:
    return {"api-key": account.keys()["key1"]}


@pytest.fixture
def forms(target) -> dict[str, Parameters]:
    """A gateway of the v1 form by discovery, of the dated form by discovery, and of the dated form by a list."""
    return {"v1": Parameters(f"{target}/openai/v1", discovery=DISCOVERY),
            "dated": Parameters(f"{target}/openai", True, VERSION, discovery=DISCOVERY, discovery_version=VERSION),
            "static": Parameters(f"{target}/openai", True, VERSION, models=static("chat"))}


@pytest.mark.parametrize("form", ["v1", "dated", "static"])
@pytest.mark.parametrize("sign_in", ["key", "authorization"])
def test_all_four_steps_pass(wire, tenant, account, application, forms, key, form, sign_in):
    if sign_in == "authorization":
        tenant.grant(application, OPENAI_USER, account.id)
        key = {"Authorization": f"Bearer {tenant.token(application, COGNITIVE)}"}
    assert Validator(wire, forms[form], key).run("chat")["usage"]["completion_tokens"] >= 1


@pytest.mark.parametrize("change, step, hint", [
    ({"discovery": DISCOVERY | {"deploymentProvider": "AzureOpenAI"}}, "list", "deploymentProvider"),
    ({"models": static("chat")}, "parameters", "either"),
    ({"discovery": DISCOVERY | {"getModelEndpoint": "/models"}}, "parameters", "{deploymentName}"),
    ({"discovery": DISCOVERY | {"deploymentProvider": "Bedrock"}}, "parameters", "deploymentProvider"),
    ({"deployment_in_path": True}, "chat", "deploymentInPath"),
], ids=lambda value: str(value)[:40])
def test_each_mistake_fails_the_step_that_finds_it(wire, forms, key, change, step, hint):
    parameters = Parameters(**(vars(forms["v1"]) | change))
    with pytest.raises(Failed) as failed:
        Validator(wire, parameters, key).run("chat")
    assert failed.value.step == step and hint in failed.value.hint


def test_a_wrong_key_and_a_missing_model_are_found(wire, forms, key):
    with pytest.raises(Failed) as failed:
        Validator(wire, forms["v1"], {"api-key": "wrong"}).run("chat")
    assert (failed.value.step, failed.value.hint) == ("list", "the key")
    with pytest.raises(Failed) as failed:
        Validator(wire, forms["v1"], key).run("nothing")
    assert failed.value.step == "list" and "nothing" in failed.value.hint
