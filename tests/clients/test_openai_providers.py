"""`openai`, unchanged, in front of each kind of provider: what it asks arrives as that provider takes it, and what it reads is true."""

import json

import openai
import pydantic
import pytest

from support.provider import BROKE, BUSY_FOR_S, KEY, SAYS, THINKS
from support.speech import CACHED, READ, SEALED, THOUGHT, VECTOR, WRITTEN

HELLO = [{"role": "user", "content": "What is the capital of Germany?"}]
KINDS = ["chat", "openai", "azure", "anthropic"]
WEATHER = {"name": "weather", "description": "The weather of a city.", "parameters": {
    "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}}


class Place(pydantic.BaseModel):
    """What a structured answer is to be."""

    city: str


@pytest.fixture(scope="module")
def client(front, openai_client) -> openai.OpenAI:
    return openai_client(front.account.openai_endpoint, front.key, http_client=openai.DefaultHttpxClient(verify=front.trust))


@pytest.fixture(params=KINDS)
def kind(request) -> str:
    return request.param


# Chat

def test_a_chat_is_answered_and_counted(client, kind):
    whole = client.chat.completions.create(model=f"{kind}-says", messages=HELLO, max_tokens=50)
    assert whole.choices[0].message.content == SAYS and whole.choices[0].finish_reason == "stop"
    assert (whole.usage.prompt_tokens, whole.usage.completion_tokens) == (READ, WRITTEN)
    assert whole.usage.prompt_tokens_details.cached_tokens == CACHED


def test_a_streamed_chat_says_the_same_and_its_usage_when_asked(client, kind):
    asked = {"model": f"{kind}-says", "messages": HELLO, "max_tokens": 50, "stream": True}
    plain = list(client.chat.completions.create(**asked))
    assert "".join(choice.delta.content or "" for chunk in plain for choice in chunk.choices) == SAYS
    assert all(chunk.usage is None for chunk in plain) and len({chunk.id for chunk in plain}) == 1
    *spoken, last = list(client.chat.completions.create(**asked, stream_options={"include_usage": True}))
    assert last.choices == [] and (last.usage.prompt_tokens, last.usage.completion_tokens) == (READ, WRITTEN)
    finishes = [choice.finish_reason for chunk in spoken for choice in chunk.choices if choice.finish_reason]
    assert finishes == ["stop"] and all(chunk.usage is None for chunk in spoken)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_function_is_called_and_its_result_said(client, kind, stream):
    asked = {"model": f"{kind}-says", "tools": [{"type": "function", "function": WEATHER | {"strict": True}}], "max_tokens": 50}
    if stream:
        with client.chat.completions.stream(messages=HELLO, **asked) as events:
            list(events)
            choice = events.get_final_completion().choices[0]
    else:
        choice = client.chat.completions.create(messages=HELLO, **asked).choices[0]
    (call,) = choice.message.tool_calls
    assert choice.finish_reason == "tool_calls" and call.function.name == "weather"
    assert json.loads(call.function.arguments) == {"city": "Berlin"}
    said = [*HELLO, {"role": "assistant", "content": None, "tool_calls": [
        {"id": call.id, "type": "function", "function": {"name": "weather", "arguments": call.function.arguments}}]},
        {"role": "tool", "tool_call_id": call.id, "content": "sunny"}]
    after = client.chat.completions.create(messages=said, **asked)
    assert after.choices[0].message.content == "It is sunny."


def test_the_path_names_the_deployment_whatever_the_body_says(front, azure_openai_client, kind):
    # With a deployment of its own this client writes it into every path that takes one.
    dated = azure_openai_client(front.account.endpoint, api_key=front.key, azure_deployment=f"{kind}-says",
                                http_client=openai.DefaultHttpxClient(verify=front.trust))
    assert dated.chat.completions.create(model="nothing", messages=HELLO, max_tokens=9).choices[0].message.content == SAYS
    assert dated.responses.create(model=f"{kind}-says", input="Which?").output_text == SAYS


def test_an_answer_has_the_form_that_was_asked_for(client, kind):
    parsed = client.chat.completions.parse(model=f"{kind}-says", messages=HELLO, response_format=Place, max_tokens=50)
    assert parsed.choices[0].message.parsed == Place(city="Berlin")


def test_a_thought_is_shown_beside_the_answer(client, front):
    for kind in ("chat", "anthropic"):
        asked = {"model": f"{kind}-thinks", "messages": HELLO, "reasoning_effort": "low", "max_completion_tokens": 2000}
        whole = client.chat.completions.create(**asked)
        assert whole.choices[0].message.reasoning_content == THINKS and whole.choices[0].message.content == SAYS
        streamed = [choice.delta for chunk in client.chat.completions.create(**asked, stream=True) for choice in chunk.choices]
        assert "".join(getattr(delta, "reasoning_content", None) or "" for delta in streamed) == THINKS
    assert front.provider.last.body["thinking"]["type"] == "enabled"


def test_a_system_message_arrives_where_the_provider_reads_it(client, front, kind):
    client.chat.completions.create(model=f"{kind}-says", messages=[{"role": "system", "content": "Be brief."}, *HELLO], max_tokens=9)
    body = front.provider.last.body
    said = body["system"] if kind == "anthropic" else body["messages"][0]["content"]
    assert "Be brief." in str(said)


def test_the_callers_own_key_goes_no_further(client, front, kind):
    client.chat.completions.create(model=f"{kind}-says", messages=HELLO, max_tokens=9, extra_headers={"api-key": front.key})
    assert front.key not in str(front.provider.last) and KEY in str(front.provider.last.headers)


def test_an_error_in_the_middle_of_a_stream_is_raised(client, kind):
    said = ""
    with pytest.raises(openai.APIError) as broke:
        for chunk in client.chat.completions.create(model=f"{kind}-fails", messages=HELLO, max_tokens=9, stream=True):
            said += "".join(choice.delta.content or "" for choice in chunk.choices)
    assert said == "Berlin" and BROKE[1] in broke.value.message
    assert not isinstance(broke.value, openai.APIConnectionError)


def test_a_stream_that_is_cut_is_no_whole_answer(client, kind):
    with pytest.raises(openai.APIError) as cut:
        list(client.chat.completions.create(model=f"{kind}-cut", messages=HELLO, max_tokens=9, stream=True))
    assert cut.value.code == "UpstreamFailed"


def test_a_broken_provider_says_so_in_its_own_status(client, kind):
    with pytest.raises(openai.InternalServerError) as broke:
        client.chat.completions.create(model=f"{kind}-fails", messages=HELLO, max_tokens=9)
    assert broke.value.status_code == 500 and BROKE[1] in broke.value.message
    assert broke.value.response.headers["x-cupola-answered-by"] == "upstream"


def test_a_busy_provider_says_when_to_come_again(client, kind):
    for stream in (False, True):
        with pytest.raises(openai.RateLimitError) as busy:
            client.chat.completions.create(model=f"{kind}-busy", messages=HELLO, max_tokens=9, stream=stream)
        assert busy.value.response.headers["retry-after"] == str(BUSY_FOR_S)
        assert "Too many tokens." in busy.value.message


def test_a_word_is_sent_on_before_the_next_is_there(client, front, kind):
    front.provider.go_on.clear()
    chunks = iter(client.chat.completions.create(model=f"{kind}-held", messages=HELLO, max_tokens=9, stream=True))
    said = ""
    while said != "Berlin":
        said += "".join(choice.delta.content or "" for choice in next(chunks).choices)
    front.provider.go_on.set()
    assert said + "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices) == SAYS


def test_a_reader_who_leaves_is_no_longer_written_for(client, front, kind):
    front.provider.left.clear()
    stream = client.chat.completions.create(model=f"{kind}-endless", messages=HELLO, max_tokens=9, stream=True)
    next(iter(stream))
    stream.close()
    assert front.provider.left.wait(30)


def test_what_a_provider_has_no_word_for_is_named(client):
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(model="anthropic-says", messages=HELLO, max_tokens=9, seed=7)
    assert refused.value.param == "seed"


# Completions and embeddings

@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_completion_is_answered(client, kind, stream):
    asked = {"model": f"{kind}-says", "prompt": "The capital of Germany is", "max_tokens": 9}
    if stream:
        chunks = list(client.completions.create(**asked, stream=True))
        said = "".join(choice.text for chunk in chunks for choice in chunk.choices)
    else:
        said = client.completions.create(**asked).choices[0].text
    assert said == SAYS


def test_vectors_come_in_either_encoding(client):
    for encoding in ({}, {"encoding_format": "float"}):
        answer = client.embeddings.create(model="openai-vectors", input=["a", "b"], **encoding)
        assert [entry.embedding for entry in answer.data] == [list(VECTOR)] * 2
        assert answer.usage.prompt_tokens == READ
    with pytest.raises(openai.BadRequestError):
        client.embeddings.create(model="anthropic-says", input="a")


# Responses

def test_a_response_is_answered_counted_and_kept_here(client, front, kind):
    made = client.responses.create(model=f"{kind}-says", input="What is the capital?", instructions="Be brief.", max_output_tokens=50)
    assert made.output_text == SAYS and made.status == "completed"
    assert (made.usage.input_tokens, made.usage.output_tokens) == (READ, WRITTEN)
    assert made.usage.input_tokens_details.cached_tokens == CACHED
    kept = client.responses.retrieve(made.id)
    assert kept.output_text == SAYS and kept.store is True
    assert front.provider.last.body.get("store") in (None, False)
    client.responses.delete(made.id)


def test_a_streamed_response_is_strict_for_every_kind(client, kind):
    with client.responses.stream(model=f"{kind}-says", input="What is the capital?", max_output_tokens=50) as stream:
        events = list(stream)
        final = stream.get_final_response()
    numbers = [event.sequence_number for event in events]
    assert numbers == sorted(set(numbers)) and events[0].type == "response.created" and events[-1].type == "response.completed"
    assert len({event.response.id for event in events if hasattr(event, "response")}) == 1
    assert final.output_text == SAYS == client.responses.retrieve(final.id).output_text
    assert (final.usage.input_tokens, final.usage.output_tokens) == (READ, WRITTEN)


def test_three_turns_are_one_conversation(client, front, kind):
    last = None
    for text in ("I am Ada.", "And you?", "Good."):
        made = client.responses.create(model=f"{kind}-says", input=text, previous_response_id=last, max_output_tokens=50)
        assert client.responses.retrieve(made.id).previous_response_id == last
        last = made.id
    sent = json.dumps(front.provider.last.body)
    assert all(text in sent for text in ("I am Ada.", "And you?", "Good.")) and sent.count(SAYS) == 2
    listed = [item.content[0].text for item in client.responses.input_items.list(last, order="asc")]
    assert listed == ["I am Ada.", SAYS, "And you?", SAYS, "Good."]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_response_calls_a_function_and_goes_on_with_its_result(client, kind, stream):
    asked = {"model": f"{kind}-says", "tools": [{"type": "function", "strict": True} | WEATHER], "max_output_tokens": 50}
    if stream:
        with client.responses.stream(input="The weather in Berlin?", **asked) as events:
            list(events)
            made = events.get_final_response()
    else:
        made = client.responses.create(input="The weather in Berlin?", **asked)
    (call,) = [item for item in made.output if item.type == "function_call"]
    assert (call.name, json.loads(call.arguments)) == ("weather", {"city": "Berlin"})
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}
    after = client.responses.create(input=[result], previous_response_id=made.id, **asked)
    assert after.output_text == "It is sunny."


def test_a_response_has_the_form_that_was_asked_for(client, kind):
    parsed = client.responses.parse(model=f"{kind}-says", input="Which?", text_format=Place, max_output_tokens=50)
    assert parsed.output_parsed == Place(city="Berlin")


def test_a_response_thinks_and_its_thought_comes_back_to_its_provider(client, front):
    for kind in ("openai", "azure", "anthropic"):
        asked = {"model": f"{kind}-thinks", "reasoning": {"effort": "low", "summary": "auto"}, "max_output_tokens": 3000}
        made = client.responses.create(input="Which?", **asked)
        (thought,) = [item for item in made.output if item.type == "reasoning"]
        assert thought.summary[0].text == THINKS
        client.responses.create(input="Why?", previous_response_id=made.id, **asked)
        assert SEALED in json.dumps(front.provider.last.body), kind


@pytest.mark.parametrize("script, code", [("fails", BROKE[0]), ("cut", "UpstreamFailed")])
def test_a_response_that_breaks_in_the_middle_says_so_and_is_not_kept(client, kind, script, code):
    # This client hands the error on as an event, and raises only where the whole is asked for.
    with client.responses.stream(model=f"{kind}-{script}", input="Which?", max_output_tokens=50) as stream:
        events = list(stream)
        with pytest.raises(RuntimeError):
            stream.get_final_response()
    assert events[-1].type in ("error", "response.failed")
    error = events[-1] if events[-1].type == "error" else events[-1].response.error
    # Anthropic's errors have a type and no code of their own.
    assert error.code == ("api_error" if (kind, script) == ("anthropic", "fails") else code)
    assert BROKE[1] in error.message or script == "cut"
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(events[0].response.id)
