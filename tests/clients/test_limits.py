"""Limits, as clients see them: a deployment's capacity, and the operator's own limits, made by `az rest`."""

import json

import anthropic
import openai
import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError

from support.azcli import Az
from support.speech import READ, WRITTEN
from support.tenant import COGNITIVE, OPENAI_USER, expect

HELLO = [{"role": "user", "content": "What is the capital of Germany?"}]
# What one unit of capacity allows in a minute.
TOKENS, REQUESTS = 1000, 6
LIMITS_VERSION = "api-version=2026-11-01"


@pytest.fixture
def small(front, a_name) -> str:
    """A fresh deployment of one unit."""
    front.deploy(a_name, "chat-says", 1)
    return a_name


@pytest.fixture(scope="module")
def client(front, openai_client) -> openai.OpenAI:
    return openai_client(front.account.openai_endpoint, front.key, http_client=openai.DefaultHttpxClient(verify=front.trust))


def gauge(headers, name: str) -> tuple[int, int, int]:
    """Limit, remaining and reset of `requests` or `tokens`."""
    return tuple(int(headers[f"x-ratelimit-{word}-{name}"]) for word in ("limit", "remaining", "reset"))


def raw(client, model: str, **more):
    return client.chat.completions.with_raw_response.create(**({"model": model, "messages": HELLO, "max_tokens": 100} | more))


def test_the_headers_tell_what_is_left(client, small):
    answer = raw(client, small)
    limit, remaining, reset = gauge(answer.headers, "requests")
    assert limit == REQUESTS and remaining < REQUESTS and 0 <= reset <= 60
    limit, first, reset = gauge(answer.headers, "tokens")
    assert limit == TOKENS and first <= TOKENS - 100 and 0 < reset <= 60


def test_what_was_reserved_and_not_used_comes_back(client, front, a_name):
    front.deploy(a_name, "chat-says", 2)
    left = [gauge(raw(client, a_name).headers, "tokens")[1] for _ in range(2)]
    # Between two requests of the same reservation lies what the first of them used, and not what it reserved.
    assert left[0] - left[1] == READ + WRITTEN


def test_a_request_too_many_is_told_when_to_come_again(client, small):
    raw(client, small, max_tokens=900)
    with pytest.raises(openai.RateLimitError) as refused:
        for _ in range(REQUESTS):
            raw(client, small, max_tokens=950)
    headers = refused.value.response.headers
    assert refused.value.code == "429" and "Please retry after" in refused.value.message
    seconds, millis = int(headers["retry-after"]), int(headers["retry-after-ms"])
    assert 1 <= seconds <= 60 and 0 < millis <= seconds * 1000
    assert gauge(headers, "requests")[0] == REQUESTS and gauge(headers, "tokens")[0] == TOKENS


def test_a_client_that_comes_again_when_it_is_told_is_answered(client, small):
    # Requests are spread over the minute, so that a few at once are one too many already.
    with pytest.raises(openai.RateLimitError):
        for _ in range(REQUESTS + 1):
            raw(client, small, max_tokens=5)
    # This one reads `retry-after-ms` and waits by itself.
    assert raw(client.with_options(max_retries=2), small, max_tokens=5).status_code == 200


def test_a_request_that_can_never_fit_is_told_not_to_come_again(client, small):
    with pytest.raises(openai.RateLimitError) as refused:
        raw(client, small, max_tokens=TOKENS + 1)
    headers = refused.value.response.headers
    assert "retry-after" not in headers and headers["x-should-retry"] == "false" and str(TOKENS) in refused.value.message


def test_who_names_no_limit_gets_what_fits(client, front, small):
    assert raw(client, small, max_tokens=openai.omit).status_code == 200
    told = front.provider.last.body
    assert 0 < (told.get("max_completion_tokens") or told["max_tokens"]) < TOKENS


def test_the_other_clients_are_refused_in_their_own_words(front, small):
    message = anthropic.AnthropicFoundry(base_url=f"{front.account.endpoint}/anthropic/", api_key=front.key, max_retries=0,
                                         http_client=anthropic.DefaultHttpxClient(verify=front.trust)).messages
    with pytest.raises(anthropic.RateLimitError) as refused:
        for _ in range(REQUESTS + 1):
            message.create(model=small, max_tokens=5, messages=HELLO)
    assert refused.value.type == "rate_limit_error" and int(refused.value.response.headers["retry-after"]) >= 1
    models = ChatCompletionsClient(f"{front.account.endpoint}/models", AzureKeyCredential(front.key), connection_verify=front.ca_file,
                                   retry_total=0)
    with pytest.raises(HttpResponseError) as refused:
        for _ in range(REQUESTS + 1):
            models.complete(messages=[UserMessage("Hi")], model=small, max_tokens=5)
    assert refused.value.status_code == 429 and int(refused.value.response.headers["retry-after"]) >= 1


# The operator's own limits

@pytest.fixture(scope="module")
def front_az(front, tmp_path_factory) -> Az:
    """`az`, signed in at the front as its admin."""
    env = front.server.env
    cli = Az(env, tmp_path_factory.mktemp("azure-front"))
    cli(f"cloud register -n cupola --endpoint-resource-manager {env['CUPOLA_URL']}")
    cli("cloud set -n cupola")
    cli.login(env["CUPOLA_ADMIN_CLIENT_ID"], env["CUPOLA_ADMIN_CLIENT_SECRET"])
    cli(f"account set -s {env['CUPOLA_SUBSCRIPTION_ID']}")
    return cli


@pytest.fixture
def limit(front, front_az, a_name):
    """Writes a limit at a scope by `az rest`; what the story leaves is removed."""
    made = []

    def make(scope: str, principals="All", **properties) -> str:
        url = f"{front.server.url}{scope}/providers/Cupola.Gateway/limits/{a_name}?{LIMITS_VERSION}"
        body = json.dumps({"properties": properties | {"appliesTo": {"principals": principals}}})
        written = front_az(f"rest --method put --url '{url}' --resource '{front.tenant.arm_audience}' --body '{body}'")
        assert written["properties"]["provisioningState"] == "Succeeded"
        made.append(written["id"])
        return written["id"]
    yield make
    for id in made:
        assert front.tenant.arm("DELETE", id, version=LIMITS_VERSION).status in (200, 204)


def test_a_limit_of_each_holds_one_principal_and_not_the_next(front, limit, openai_client):
    scope = f"{front.account.id}/deployments/openai-says"
    one, other = (front.tenant.new_application() for _ in range(2))
    limit(scope, unit="Requests", amount=1, window="Day", counts="Each")
    for application in (one, other):
        front.tenant.grant(application, OPENAI_USER, front.account.id)
        own = openai_client(front.account.openai_endpoint, front.tenant.token(application, COGNITIVE),
                            http_client=openai.DefaultHttpxClient(verify=front.trust))
        assert raw(own, "openai-says", max_tokens=5).status_code == 200
        with pytest.raises(openai.RateLimitError) as refused:
            raw(own, "openai-says", max_tokens=5)
        assert int(refused.value.response.headers["retry-after"]) >= 1
        # Another deployment is not under it.
        assert raw(own, "chat-says", max_tokens=5).status_code == 200


def test_a_limit_for_one_principal_leaves_the_others_alone(front, limit, openai_client, client):
    application = front.tenant.new_application()
    front.tenant.grant(application, OPENAI_USER, front.account.id)
    id = limit(front.account.id, unit="Tokens", amount=1, window="Day", counts="Total",
               principals=[{"id": application.object_id, "type": "ServicePrincipal"}])
    own = openai_client(front.account.openai_endpoint, front.tenant.token(application, COGNITIVE),
                        http_client=openai.DefaultHttpxClient(verify=front.trust))
    with pytest.raises(openai.RateLimitError) as refused:
        raw(own, "chat-says", max_tokens=5)
    assert id.rsplit("/", 1)[1] in refused.value.message
    assert raw(client, "chat-says", max_tokens=5).status_code == 200


def test_a_limit_that_is_gone_holds_nobody(front, limit, client):
    scope = f"{front.account.id}/deployments/azure-says"
    id = limit(scope, unit="Requests", amount=1, window="Month", counts="Total")
    raw(client, "azure-says", max_tokens=5)
    with pytest.raises(openai.RateLimitError):
        raw(client, "azure-says", max_tokens=5)
    expect(200, front.tenant.arm("DELETE", id, version=LIMITS_VERSION))
    assert raw(client, "azure-says", max_tokens=5).status_code == 200
