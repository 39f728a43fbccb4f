"""`azure-ai-inference`, unchanged: `/models` of an account, by key and by token, in front of embedded and scripted models."""

import json
import math

import pytest
from azure.ai.inference import ChatCompletionsClient, EmbeddingsClient, load_client
from azure.ai.inference.models import (ChatCompletionsToolDefinition, FunctionDefinition, JsonSchemaFormat, SystemMessage, ToolMessage,
                                       UserMessage)
from azure.core.credentials import AccessToken, AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError

from support.provider import BROKE, SAYS
from support.speech import READ, VECTOR, WRITTEN
from support.tenant import AZURE_AI_DEVELOPER, COGNITIVE, FOUNDRY, FOUNDRY_USER, OPENAI_USER, access_decision

HELLO = [UserMessage("What is the capital of Germany?")]
KINDS = ["chat", "openai", "azure", "anthropic"]
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}
WEATHER = ChatCompletionsToolDefinition(function=FunctionDefinition(name="weather", parameters=CITY))


class Fixed:
    """A credential that holds one token, whatever is asked for."""

    def __init__(self, token: str):
        self.token = token

    def get_token(self, *_, **__) -> AccessToken:
        return AccessToken(self.token, 2**40)


@pytest.fixture(scope="module")
def here(tenant, env):
    """Makes clients of the demo's account, which has `chat` and `embed`, both embedded."""
    account = tenant.demo_account()
    key = account.keys()["key1"]

    def make(kind, credential=None, **more):
        return kind(f"{account.endpoint}/models", credential or AzureKeyCredential(key), connection_verify=env["SSL_CERT_FILE"],
                    retry_total=0, **more)
    return make


@pytest.fixture(scope="module")
def there(front):
    """Makes clients of the account whose models are scripted."""
    def make(kind, **more):
        return kind(f"{front.account.endpoint}/models", AzureKeyCredential(front.key), connection_verify=front.ca_file,
                    retry_total=0, **more)
    return make


@pytest.fixture(params=KINDS)
def kind(request) -> str:
    return request.param


# Here

def test_a_key_is_answered_though_it_comes_in_two_headers(here):
    sent = []
    answer = here(ChatCompletionsClient).complete(messages=[SystemMessage("Be brief."), *HELLO], model="chat", max_tokens=4,
                                                  raw_request_hook=lambda request: sent.append(request.http_request.headers))
    assert sent[0]["api-key"] == sent[0]["Authorization"].removeprefix("Bearer ")
    assert answer.choices[0].message.content and answer.choices[0].finish_reason in ("length", "stop")
    assert 1 <= answer.usage.completion_tokens <= 4


@pytest.mark.parametrize("role, audience", [(AZURE_AI_DEVELOPER, COGNITIVE), (FOUNDRY_USER, FOUNDRY)])
def test_a_token_is_answered(here, application, tenant, role, audience):
    client = here(ChatCompletionsClient, Fixed(tenant.token(application, audience)))
    with pytest.raises(ClientAuthenticationError):
        client.complete(messages=HELLO, model="chat", max_tokens=2)
    tenant.grant(application, role, tenant.demo_account().id)
    assert client.complete(messages=HELLO, model="chat", max_tokens=2).choices


def test_the_openai_role_that_looks_right_is_refused_and_told_why(here, application, tenant):
    tenant.grant(application, OPENAI_USER, tenant.demo_account().id)
    with pytest.raises(ClientAuthenticationError) as refused:
        here(ChatCompletionsClient, Fixed(tenant.token(application, COGNITIVE))).complete(messages=HELLO, model="chat")
    assert refused.value.error.code == "PermissionDenied"
    body = refused.value.response.json()["error"]
    assert access_decision(body)["action"] == "Microsoft.CognitiveServices/accounts/MaaS/chat/completions/action"


def test_a_wrong_key_is_refused(here):
    with pytest.raises(ClientAuthenticationError) as refused:
        here(ChatCompletionsClient, AzureKeyCredential("wrong")).complete(messages=HELLO, model="chat")
    assert refused.value.status_code == 401


def test_a_stream_says_what_the_whole_says(here):
    asked = {"messages": HELLO, "model": "chat", "max_tokens": 6, "temperature": 0}
    client = here(ChatCompletionsClient)
    whole = client.complete(**asked).choices[0].message.content
    updates = list(client.complete(**asked, stream=True))
    assert "".join(choice.delta.content or "" for update in updates for choice in update.choices) == whole


@pytest.mark.parametrize("more", [{}, {"encoding_format": "float"}, {"input_type": "query"}])
def test_texts_become_vectors(here, more):
    answer = here(EmbeddingsClient).embed(input=["A bank.", "A river."], model="embed", **more)
    assert [entry.index for entry in answer.data] == [0, 1] and answer.usage.prompt_tokens > 0
    assert all(math.isclose(math.hypot(*entry.embedding), 1, abs_tol=1e-3) for entry in answer.data)


def test_vectors_may_come_packed(here):
    answer = here(EmbeddingsClient).embed(input=["A bank."], model="embed", encoding_format="base64")
    assert isinstance(answer.data[0].embedding, str)


def test_a_field_nobody_knows_is_refused_left_out_or_handed_on(there, front):
    client = there(ChatCompletionsClient)
    asked = {"messages": HELLO, "model": "chat-says", "max_tokens": 9}
    # With extras this client says `pass-through` by itself.
    client.complete(**asked, model_extras={"not_of_openai": 1})
    assert front.provider.last.body["not_of_openai"] == 1
    raw = {"messages": [{"role": "user", "content": "Hi"}], "model": "chat-says", "not_of_openai": 1}
    client.complete(raw, headers={"extra-parameters": "drop"})
    assert "not_of_openai" not in front.provider.last.body
    for headers in ({}, {"extra-parameters": "error"}):
        with pytest.raises(HttpResponseError) as refused:
            client.complete(raw, headers=headers)
        assert refused.value.status_code == 400 and "not_of_openai" in refused.value.message
    with pytest.raises(HttpResponseError) as refused:
        client.complete(raw, headers={"extra-parameters": "perhaps"})
    assert "extra-parameters" in refused.value.message


def test_an_unknown_model_and_a_missing_one_are_told_apart(here):
    client = here(ChatCompletionsClient)
    with pytest.raises(ResourceNotFoundError) as refused:
        client.complete(messages=HELLO, model="nothing")
    assert refused.value.error.code == "unknown_model" and "nothing" in refused.value.message
    with pytest.raises(HttpResponseError) as refused:
        client.complete(messages=HELLO)
    assert (refused.value.status_code, refused.value.error.code) == (400, "no_model_name")


def test_the_model_may_be_named_by_a_header(here):
    client = here(ChatCompletionsClient)
    assert client.complete(messages=HELLO, max_tokens=2, headers={"x-ms-model-mesh-model-name": "chat"}).choices


def test_the_model_behind_a_deployment_is_told(here, tenant, group, env):
    for name, model_type in (("chat", "chat_completion"), ("embed", "embeddings")):
        info = here(ChatCompletionsClient, headers={"x-ms-model-mesh-model-name": name}).get_model_info()
        assert info.model_type == model_type and info.model_name and info.model_provider_name
    with pytest.raises(HttpResponseError) as refused:
        here(ChatCompletionsClient).get_model_info()
    assert refused.value.error.code == "no_model_name"
    # An account with one deployment needs no name; then the client chooses itself.
    only = tenant.new_account(group)
    client = load_client(f"{only.endpoint}/models", AzureKeyCredential(only.keys()["key1"]), connection_verify=env["SSL_CERT_FILE"])
    assert isinstance(client, ChatCompletionsClient)


# At providers

def test_a_chat_is_answered_and_counted(there, kind):
    answer = there(ChatCompletionsClient).complete(messages=HELLO, model=f"{kind}-says", max_tokens=9)
    assert answer.choices[0].message.content == SAYS
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (READ, WRITTEN)


def test_a_streamed_chat_is_answered(there, kind):
    updates = list(there(ChatCompletionsClient).complete(messages=HELLO, model=f"{kind}-says", max_tokens=9, stream=True))
    assert "".join(choice.delta.content or "" for update in updates for choice in update.choices) == SAYS
    assert [choice.finish_reason for update in updates for choice in update.choices if choice.finish_reason] == ["stop"]


def test_a_function_is_called_and_its_result_said(there, kind):
    client = there(ChatCompletionsClient)
    asked = {"model": f"{kind}-says", "tools": [WEATHER], "max_tokens": 9}
    choice = client.complete(messages=HELLO, **asked).choices[0]
    (call,) = choice.message.tool_calls
    assert choice.finish_reason == "tool_calls" and json.loads(call.function.arguments) == {"city": "Berlin"}
    after = client.complete(messages=[*HELLO, choice.message, ToolMessage("sunny", tool_call_id=call.id)], **asked)
    assert after.choices[0].message.content == "It is sunny."


def test_an_answer_has_the_form_that_was_asked_for(there, kind):
    wanted = JsonSchemaFormat(name="place", schema=CITY, strict=True)
    answer = there(ChatCompletionsClient).complete(messages=HELLO, model=f"{kind}-says", response_format=wanted, max_tokens=9)
    assert answer.choices[0].message.content == '{"city": "Berlin"}'


def test_vectors_of_a_provider(there):
    answer = there(EmbeddingsClient).embed(input=["A bank."], model="openai-vectors")
    assert answer.data[0].embedding == list(VECTOR)


def test_a_broken_provider_says_so(there, kind):
    with pytest.raises(HttpResponseError) as broke:
        there(ChatCompletionsClient).complete(messages=HELLO, model=f"{kind}-fails", max_tokens=9)
    assert broke.value.status_code == 500 and BROKE[1] in broke.value.message
