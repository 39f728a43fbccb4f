"""`anthropic`, unchanged: its client for Foundry, in front of the embedded model and of each kind of provider."""

import anthropic
import pytest

from support.provider import BROKE, BUSY_FOR_S, SAYS, THINKS
from support.speech import CACHED, READ, SEALED, WRITTEN
from support.tenant import AZURE_AI_DEVELOPER, COGNITIVE, FOUNDRY, FOUNDRY_USER, OPENAI_USER

HELLO = [{"role": "user", "content": "What is the capital of Germany?"}]
KINDS = ["chat", "openai", "azure", "anthropic"]
WEATHER = {"name": "weather", "description": "The weather of a city.", "input_schema": {
    "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}
ACTION = "Microsoft.CognitiveServices/accounts/MaaS/chat/completions/action"


def foundry(account, **more) -> anthropic.AnthropicFoundry:
    """The client as its documentation makes it, without retries: a refusal is seen once."""
    return anthropic.AnthropicFoundry(base_url=f"{account.endpoint}/anthropic/", max_retries=0, **more)


@pytest.fixture(scope="module")
def here(account) -> anthropic.AnthropicFoundry:
    """At the embedded model, by a key, which this client sends in two headers."""
    return foundry(account, api_key=account.keys()["key1"])


@pytest.fixture(scope="module")
def client(front) -> anthropic.AnthropicFoundry:
    """At the scripted provider."""
    return foundry(front.account, api_key=front.key, http_client=anthropic.DefaultHttpxClient(verify=front.trust))


@pytest.fixture(params=KINDS)
def kind(request) -> str:
    return request.param


# Here

def test_a_key_is_answered(here):
    message = here.messages.create(model="chat", max_tokens=5, messages=HELLO)
    assert message.id.startswith("msg_") and message.type == "message" and message.role == "assistant"
    assert message.content[0].type == "text" and message.content[0].text
    assert message.stop_reason in ("max_tokens", "end_turn") and 1 <= message.usage.output_tokens <= 5


@pytest.mark.parametrize("role, audience", [(FOUNDRY_USER, FOUNDRY), (AZURE_AI_DEVELOPER, COGNITIVE)])
def test_a_token_is_answered(account, application, tenant, role, audience):
    client = foundry(account, azure_ad_token_provider=lambda: tenant.token(application, audience))
    with pytest.raises(anthropic.AuthenticationError):
        client.messages.create(model="chat", max_tokens=2, messages=HELLO)
    tenant.grant(application, role, account.id)
    assert client.messages.create(model="chat", max_tokens=2, messages=HELLO).content


def test_a_refusal_has_the_form_of_this_client_and_explains_itself(account, application, tenant):
    tenant.grant(application, OPENAI_USER, account.id)
    client = foundry(account, azure_ad_token_provider=lambda: tenant.token(application, COGNITIVE))
    with pytest.raises(anthropic.AuthenticationError) as refused:
        client.messages.create(model="chat", max_tokens=2, messages=HELLO)
    assert refused.value.body["type"] == "error" and refused.value.type == "authentication_error"
    assert ACTION in refused.value.message
    (decision,) = [entry["info"] for entry in refused.value.body["error"]["additionalInfo"] if entry["type"] == "AccessDecision"]
    assert "Foundry User" in [role["name"] for role in decision["rolesThatWouldGrant"]]


def test_a_wrong_key_is_refused_in_the_form_of_this_client(account):
    with pytest.raises(anthropic.AuthenticationError) as refused:
        foundry(account, api_key="wrong").messages.create(model="chat", max_tokens=2, messages=HELLO)
    assert refused.value.type == "authentication_error"


def test_a_stream_says_what_the_whole_says(here):
    asked = {"model": "chat", "max_tokens": 6, "messages": HELLO, "system": "Be brief.", "extra_body": {"temperature": 0}}
    whole = here.messages.create(**asked)
    with here.messages.stream(**asked) as stream:
        said = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert said == whole.content[0].text == final.content[0].text
    assert (final.usage.output_tokens, final.usage.input_tokens) == (whole.usage.output_tokens, whole.usage.input_tokens)
    assert final.stop_reason == whole.stop_reason


def test_tokens_are_counted_without_an_answer(here):
    few = here.messages.count_tokens(model="chat", messages=HELLO)
    more = here.messages.count_tokens(model="chat", messages=HELLO, system="Be very brief, and always polite.")
    assert 1 <= few.input_tokens < more.input_tokens


@pytest.mark.parametrize("wrong, field", [
    ({"messages": []}, "messages"), ({"max_tokens": 0}, "max_tokens"), ({"extra_body": {"temperature": 2}}, "temperature"),
    ({"messages": [{"role": "nobody", "content": "Hi"}]}, "messages[0].role"), ({"extra_body": {"seed": 1}}, "seed"),
], ids=lambda wrong: str(wrong)[:40])
def test_nonsense_is_refused_by_name(here, wrong, field):
    with pytest.raises(anthropic.BadRequestError) as refused:
        here.messages.create(**({"model": "chat", "max_tokens": 2, "messages": HELLO} | wrong))
    assert refused.value.type == "invalid_request_error" and field in refused.value.message


def test_what_is_not_deployed_is_not_found(here):
    for ask in (lambda: here.messages.create(model="nothing", max_tokens=2, messages=HELLO),
                lambda: here.messages.count_tokens(model="nothing", messages=HELLO)):
        with pytest.raises(anthropic.NotFoundError) as refused:
            ask()
        assert refused.value.type == "not_found_error"


# At providers

def test_a_message_is_answered_and_counted(client, front, kind):
    message = client.messages.create(model=f"{kind}-says", max_tokens=50, messages=HELLO, system="Be brief.")
    assert message.content[0].text == SAYS and message.stop_reason == "end_turn"
    assert message.usage.input_tokens + message.usage.cache_read_input_tokens == READ
    assert (message.usage.cache_read_input_tokens, message.usage.output_tokens) == (CACHED, WRITTEN)
    assert "Be brief." in str(front.provider.last.body)


def test_a_streamed_message_is_the_same(client, kind):
    with client.messages.stream(model=f"{kind}-says", max_tokens=50, messages=HELLO) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_message()
    assert kinds[0] == "message_start" and kinds[-1] == "message_stop"
    assert kinds.count("content_block_start") == kinds.count("content_block_stop") == 1
    assert final.content[0].text == SAYS and final.usage.output_tokens == WRITTEN and final.stop_reason == "end_turn"
    assert final.usage.input_tokens + (final.usage.cache_read_input_tokens or 0) == READ


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_tool_is_used_and_its_result_said(client, kind, stream):
    asked = {"model": f"{kind}-says", "max_tokens": 50, "tools": [WEATHER], "tool_choice": {"type": "auto"}}
    if stream:
        with client.messages.stream(messages=HELLO, **asked) as events:
            message = events.get_final_message()
    else:
        message = client.messages.create(messages=HELLO, **asked)
    (use,) = [block for block in message.content if block.type == "tool_use"]
    assert message.stop_reason == "tool_use" and (use.name, use.input) == ("weather", {"city": "Berlin"})
    said = [*HELLO, {"role": "assistant", "content": message.content},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": use.id, "content": "sunny"}]}]
    assert client.messages.create(messages=said, **asked).content[0].text == "It is sunny."


def test_an_answer_has_the_form_that_was_asked_for(client, kind):
    message = client.messages.create(model=f"{kind}-says", max_tokens=50, messages=HELLO,
                                     output_config={"format": {"type": "json_schema", "schema": CITY}})
    assert message.content[0].text == '{"city": "Berlin"}'


@pytest.mark.parametrize("kind", ["chat", "anthropic"])
def test_a_thought_comes_before_the_answer(client, kind):
    asked = {"model": f"{kind}-thinks", "max_tokens": 2000, "messages": HELLO,
             "thinking": {"type": "enabled", "budget_tokens": 1024}}
    whole = client.messages.create(**asked)
    with client.messages.stream(**asked) as stream:
        streamed = stream.get_final_message()
    for message in (whole, streamed):
        assert [block.type for block in message.content] == ["thinking", "text"]
        assert message.content[0].thinking == THINKS and message.content[1].text == SAYS
        assert kind == "chat" or message.content[0].signature == SEALED


def test_a_thought_goes_back_to_the_provider_that_sealed_it(client, front):
    asked = {"model": "anthropic-thinks", "max_tokens": 2000, "thinking": {"type": "enabled", "budget_tokens": 1024}}
    first = client.messages.create(messages=HELLO, **asked)
    said = [*HELLO, {"role": "assistant", "content": first.content}, {"role": "user", "content": "Why?"}]
    client.messages.create(messages=said, **asked)
    assert front.provider.last.body["messages"][1]["content"][0]["signature"] == SEALED


def test_the_provider_counts_where_it_can(client, front):
    assert client.messages.count_tokens(model="anthropic-says", messages=HELLO).input_tokens == 42
    assert front.provider.last.path.endswith("/v1/messages/count_tokens")
    asked = len(front.provider.received)
    assert client.messages.count_tokens(model="chat-says", messages=HELLO).input_tokens > 0
    assert len(front.provider.received) == asked


def test_an_error_in_the_middle_of_a_stream_is_raised(client, kind):
    for script, said in (("fails", BROKE[1]), ("cut", "cannot be handed on")):
        with pytest.raises(anthropic.APIStatusError) as broke:
            with client.messages.stream(model=f"{kind}-{script}", max_tokens=9, messages=HELLO) as stream:
                list(stream)
        assert said in str(broke.value) and broke.value.body["type"] == "error"


def test_a_busy_provider_says_when_to_come_again(client, kind):
    with pytest.raises(anthropic.RateLimitError) as busy:
        client.messages.create(model=f"{kind}-busy", max_tokens=9, messages=HELLO)
    assert busy.value.response.headers["retry-after"] == str(BUSY_FOR_S)
    assert busy.value.type == "rate_limit_error" and "Too many tokens." in busy.value.message


def test_a_broken_provider_says_so(client, kind):
    with pytest.raises(anthropic.InternalServerError) as broke:
        client.messages.create(model=f"{kind}-fails", max_tokens=9, messages=HELLO)
    assert broke.value.type == "api_error" and BROKE[1] in broke.value.message


def test_what_a_provider_has_no_word_for_is_named(client):
    with pytest.raises(anthropic.BadRequestError) as refused:
        client.messages.create(model="chat-says", max_tokens=9, messages=HELLO, extra_body={"top_k": 3})
    assert "top_k" in refused.value.message and refused.value.type == "invalid_request_error"
