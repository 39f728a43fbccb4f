"""`openai`, unchanged: completions with a key and with a token, on both route families, streamed and whole."""

import openai
import pytest

from support.tenant import COGNITIVE, FOUNDRY, FOUNDRY_USER, OPENAI_USER

HELLO = [{"role": "user", "content": "Say hello."}]


@pytest.fixture(scope="module")
def key(account) -> str:
    return account.keys()["key1"]


@pytest.fixture(scope="module")
def v1(openai_client, account, key) -> openai.OpenAI:
    """A client with a resource key, which this client sends as a Bearer."""
    return openai_client(account.openai_endpoint, key)


def test_a_key_is_answered(v1):
    completion = v1.chat.completions.create(model="chat", messages=HELLO, max_tokens=4)
    assert completion.object == "chat.completion"
    assert completion.choices[0].message.role == "assistant"
    assert completion.choices[0].message.content
    assert completion.choices[0].finish_reason in ("length", "stop")
    assert 1 <= completion.usage.completion_tokens <= 4
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens


def test_the_demo_environment_is_enough_for_a_completion(openai_client, tenant, env):
    client = openai_client(env["CUPOLA_OPENAI_ENDPOINT"], tenant.demo_account().keys()["key1"])
    assert client.chat.completions.create(model="chat", messages=HELLO, max_tokens=2).choices[0].message.content


def test_the_dated_route_takes_a_key_in_its_own_header(azure_openai_client, account, key):
    client = azure_openai_client(account.endpoint, api_key=key)
    completion = client.chat.completions.create(model="chat", messages=HELLO, max_tokens=2)
    assert completion.usage.completion_tokens <= 2


@pytest.mark.parametrize("audience", [COGNITIVE, FOUNDRY])
def test_the_dated_route_takes_a_token_of_either_audience(azure_openai_client, account, application, tenant, audience):
    tenant.grant(application, OPENAI_USER, account.id)
    client = azure_openai_client(account.endpoint, azure_ad_token_provider=lambda: tenant.token(application, audience))
    assert client.chat.completions.create(model="chat", messages=HELLO, max_tokens=2).choices


def test_a_token_is_answered_at_the_account_and_at_the_project(openai_client, account, application, tenant):
    tenant.grant(application, FOUNDRY_USER, account.id)
    for endpoint in (account.openai_endpoint, f"{account.project_endpoint}/openai/v1"):
        client = openai_client(endpoint, tenant.token(application, FOUNDRY))
        assert client.chat.completions.create(model="chat", messages=HELLO, max_tokens=2).choices[0].message.content


def test_deployments_are_listed_as_models(v1):
    assert "chat" in [model.id for model in v1.models.list()]


def test_a_stream_has_one_event_per_token_and_usage_when_asked(v1):
    chunks = list(v1.chat.completions.create(model="chat", messages=HELLO, max_tokens=6, stream=True,
                                             stream_options={"include_usage": True}))
    assert len({chunk.id for chunk in chunks}) == 1
    *spoken, last = chunks
    assert last.choices == [] and last.usage.completion_tokens <= 6
    assert all(chunk.usage is None for chunk in spoken)
    finishes = [choice.finish_reason for chunk in spoken for choice in chunk.choices if choice.finish_reason]
    assert finishes in (["length"], ["stop"])
    deltas = [choice.delta.content for chunk in spoken for choice in chunk.choices if choice.delta.content]
    assert 2 <= len(deltas) <= 6


def test_a_stream_without_asking_has_no_usage(v1):
    chunks = list(v1.chat.completions.create(model="chat", messages=HELLO, max_tokens=2, stream=True))
    assert all(chunk.usage is None for chunk in chunks)
    assert any(choice.finish_reason for chunk in chunks for choice in chunk.choices)


def test_streamed_and_whole_say_the_same(v1):
    asked = {"model": "chat", "messages": HELLO, "max_tokens": 8, "temperature": 0}
    whole = v1.chat.completions.create(**asked).choices[0].message.content
    streamed = "".join(choice.delta.content or "" for chunk in v1.chat.completions.create(**asked, stream=True)
                       for choice in chunk.choices)
    assert streamed == whole


def test_a_stop_word_stops(v1):
    asked = {"model": "chat", "messages": HELLO, "max_tokens": 12, "temperature": 0}
    said = v1.chat.completions.create(**asked).choices[0].message.content
    word = said.split()[1]
    stopped = v1.chat.completions.create(**asked, stop=[word]).choices[0]
    assert word not in stopped.message.content
    assert stopped.finish_reason == "stop"


def test_an_unknown_deployment_is_not_found(v1, azure_openai_client, account, key):
    for client in (v1, azure_openai_client(account.endpoint, api_key=key)):
        with pytest.raises(openai.NotFoundError) as refused:
            client.chat.completions.create(model="chatt", messages=HELLO)
        assert refused.value.code == "DeploymentNotFound"


@pytest.mark.parametrize("wrong", [
    {"max_tokens": -1}, {"max_tokens": 0}, {"max_tokens": "many"}, {"temperature": 9}, {"messages": []},
    {"messages": "Hi"}, {"messages": [{"role": "nobody", "content": "Hi"}]},
], ids=lambda wrong: str(wrong)[:40])
def test_nonsense_is_refused_before_the_model_runs(v1, wrong):
    with pytest.raises(openai.BadRequestError) as refused:
        v1.chat.completions.create(**({"model": "chat", "messages": HELLO, "max_tokens": 2} | wrong))
    assert next(iter(wrong)) in refused.value.message


def test_many_askers_are_all_answered(account, key, openai_client):
    from concurrent.futures import ThreadPoolExecutor
    # It comes again when it is told to: so many at once are more than a second of the deployment's minute allows.
    patient = openai_client(account.openai_endpoint, key).with_options(max_retries=4)

    def ask(_):
        return patient.chat.completions.create(model="chat", messages=HELLO, max_tokens=2).usage.completion_tokens

    with ThreadPoolExecutor(6) as pool:
        assert all(tokens >= 1 for tokens in pool.map(ask, range(6)))
