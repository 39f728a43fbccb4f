"""`openai`, unchanged, on every route but chat: completions, embeddings, responses and models of the embedded models."""

import base64
import math
import struct

import openai
import pytest

from support.tenant import COGNITIVE, FOUNDRY, FOUNDRY_USER, OPENAI_USER, access_decision, expect

ASK = "What is the capital of Germany?"


@pytest.fixture(scope="module")
def both(account, tenant):
    """The account with a second deployment, `embed`, of a model of vectors."""
    model = expect(200, tenant.arm("GET", f"{tenant.demo_account().id}/deployments/embed"))["properties"]["model"]
    expect(201, tenant.arm("PUT", f"{account.id}/deployments/embed", {
        "sku": {"name": "GlobalStandard", "capacity": 100},
        "properties": {"model": {key: model[key] for key in ("format", "name", "version")}}}))
    return account


@pytest.fixture(scope="module")
def v1(openai_client, both) -> openai.OpenAI:
    return openai_client(both.openai_endpoint, both.keys()["key1"])


@pytest.fixture(scope="module")
def dated(azure_openai_client, both) -> openai.AzureOpenAI:
    return azure_openai_client(both.endpoint, api_key=both.keys()["key2"])


@pytest.fixture
def at_project(openai_client, both, application, tenant) -> openai.OpenAI:
    """A Foundry user at the project, by a token."""
    tenant.grant(application, FOUNDRY_USER, both.project)
    return openai_client(f"{both.project_endpoint}/openai/v1", tenant.token(application, FOUNDRY))


# Completions

@pytest.mark.parametrize("client", ["v1", "dated"])
def test_a_completion_is_a_text_and_its_usage(client, request):
    client = request.getfixturevalue(client)
    whole = client.completions.create(model="chat", prompt=ASK, max_tokens=5, temperature=0)
    assert whole.object == "text_completion" and whole.id.startswith("cmpl-")
    assert whole.choices[0].text and whole.choices[0].finish_reason in ("length", "stop")
    assert 1 <= whole.usage.completion_tokens <= 5
    chunks = list(client.completions.create(model="chat", prompt=ASK, max_tokens=5, temperature=0, stream=True,
                                            stream_options={"include_usage": True}))
    *spoken, last = chunks
    assert last.choices == [] and last.usage.completion_tokens == whole.usage.completion_tokens
    assert "".join(choice.text for chunk in spoken for choice in chunk.choices) == whole.choices[0].text


def test_a_completion_without_a_prompt_is_refused_by_name(v1):
    with pytest.raises(openai.BadRequestError) as refused:
        v1.completions.create(model="chat", prompt=None)
    assert refused.value.param == "prompt" and refused.value.type == "invalid_request_error"


# Embeddings

def test_vectors_have_length_one_and_are_the_same_in_both_encodings(v1, dated):
    texts = ["A bank.", "A river."]
    floats = v1.embeddings.create(model="embed", input=texts, encoding_format="float")
    assert [entry.index for entry in floats.data] == [0, 1] and floats.usage.total_tokens == floats.usage.prompt_tokens > 0
    # By default this client asks for base64 and unpacks it.
    for client in (v1, dated):
        unpacked = client.embeddings.create(model="embed", input=texts)
        for packed, written in zip(unpacked.data, floats.data, strict=True):
            assert math.isclose(math.hypot(*packed.embedding), 1, abs_tol=1e-3)
            assert all(math.isclose(a, b, abs_tol=1e-6) for a, b in zip(packed.embedding, written.embedding, strict=True))


def test_base64_is_of_floats_with_the_little_end_first(v1):
    raw = v1.embeddings.with_raw_response.create(model="embed", input="A bank.", encoding_format="base64")
    packed = base64.b64decode(raw.http_response.json()["data"][0]["embedding"])
    vector = struct.unpack(f"<{len(packed) // 4}f", packed)
    assert math.isclose(math.hypot(*vector), 1, abs_tol=1e-3)


def test_likeness_is_nearness(v1):
    dog, puppy, tax = [entry.embedding for entry in v1.embeddings.create(
        model="embed", input=["A dog barks.", "A puppy yaps.", "The tax return is due."]).data]
    nearness = lambda a, b: sum(x * y for x, y in zip(a, b, strict=True))
    assert nearness(dog, puppy) > nearness(dog, tax)


@pytest.mark.parametrize("wrong, field", [
    ({"dimensions": 7}, "dimensions"), ({"input": []}, "input"), ({"input": ""}, "input"),
    ({"encoding_format": "hex"}, "encoding_format"),
])
def test_nonsense_for_vectors_is_refused_by_name(v1, wrong, field):
    with pytest.raises(openai.BadRequestError) as refused:
        v1.embeddings.create(**({"model": "embed", "input": "A bank."} | wrong))
    assert refused.value.param.startswith(field) and field in refused.value.message


def test_each_model_does_what_it_is_for(v1):
    with pytest.raises(openai.BadRequestError) as refused:
        v1.embeddings.create(model="chat", input="A bank.")
    assert refused.value.code == "OperationNotSupported"
    for ask in (lambda: v1.chat.completions.create(model="embed", messages=[{"role": "user", "content": ASK}]),
                lambda: v1.responses.create(model="embed", input=ASK)):
        with pytest.raises(openai.BadRequestError) as refused:
            ask()
        assert refused.value.code == "OperationNotSupported"


# Responses

def test_a_response_is_made_read_listed_and_deleted(v1):
    made = v1.responses.create(model="chat", input=ASK, max_output_tokens=6, temperature=0, metadata={"story": "one"})
    assert made.id.startswith("resp_") and made.object == "response" and made.output_text
    assert made.status in ("completed", "incomplete")
    assert (made.incomplete_details is not None) == (made.status == "incomplete")
    assert made.usage.total_tokens == made.usage.input_tokens + made.usage.output_tokens
    assert made.metadata == {"story": "one"} and made.store is True
    assert v1.responses.retrieve(made.id) == made
    (item,) = v1.responses.input_items.list(made.id)
    assert item.role == "user" and item.content[0].text == ASK
    v1.responses.delete(made.id)
    with pytest.raises(openai.NotFoundError):
        v1.responses.retrieve(made.id)
    with pytest.raises(openai.NotFoundError):
        v1.responses.delete(made.id)


def test_a_response_that_is_not_to_be_kept_is_not(v1):
    made = v1.responses.create(model="chat", input=ASK, max_output_tokens=3, store=False)
    assert made.store is False
    with pytest.raises(openai.NotFoundError):
        v1.responses.retrieve(made.id)


def test_a_response_that_is_whole_cannot_be_cancelled(v1):
    made = v1.responses.create(model="chat", input=ASK, max_output_tokens=3)
    with pytest.raises(openai.BadRequestError) as refused:
        v1.responses.cancel(made.id)
    assert made.status in refused.value.message


def test_a_conversation_goes_on_from_a_response(v1):
    first = v1.responses.create(model="chat", input="My name is Ada.", instructions="Be brief.", max_output_tokens=4)
    second = v1.responses.create(model="chat", input="And yours?", previous_response_id=first.id, max_output_tokens=4)
    assert second.previous_response_id == first.id and second.usage.input_tokens > first.usage.input_tokens
    third = v1.responses.create(model="chat", input="Good.", previous_response_id=second.id, max_output_tokens=4)
    said = [item.content[0].text for item in v1.responses.input_items.list(third.id, order="asc", limit=2) if item.role == "user"]
    assert said == ["My name is Ada.", "And yours?", "Good."]
    with pytest.raises(openai.NotFoundError) as refused:
        v1.responses.create(model="chat", input="And yours?", previous_response_id="resp_nobody", max_output_tokens=4)
    assert "resp_nobody" in refused.value.message


@pytest.mark.parametrize("client", ["v1", "dated"])
def test_a_streamed_response_is_strict_and_kept(client, request):
    client = request.getfixturevalue(client)
    with client.responses.stream(model="chat", input=ASK, max_output_tokens=6, temperature=0) as stream:
        events = list(stream)
        final = stream.get_final_response() if events[-1].type == "response.completed" else events[-1].response
    kinds = [event.type for event in events]
    assert kinds[0] == "response.created" and events[0].response.output == []
    assert kinds[-1] in ("response.completed", "response.incomplete")
    assert [event.sequence_number for event in events] == sorted({event.sequence_number for event in events})
    assert {event.response.id for event in events if hasattr(event, "response")} == {final.id}
    order = ["response.output_item.added", "response.content_part.added", "response.output_text.delta", "response.output_text.done",
             "response.content_part.done", "response.output_item.done"]
    assert [kinds.index(kind) for kind in order] == sorted(kinds.index(kind) for kind in order)
    said = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert said and said == final.output_text
    kept = client.responses.retrieve(final.id)
    assert kept.output_text == said and kept.usage == final.usage


def test_a_response_belongs_to_the_place_it_was_made_at(v1, at_project):
    made = at_project.responses.create(model="chat", input=ASK, max_output_tokens=3)
    assert at_project.responses.retrieve(made.id).id == made.id
    with pytest.raises(openai.NotFoundError):
        v1.responses.retrieve(made.id)


def test_a_user_of_the_account_makes_responses_and_reads_none_elsewhere(openai_client, both, application, tenant, v1):
    made = v1.responses.create(model="chat", input=ASK, max_output_tokens=3)
    client = openai_client(both.openai_endpoint, tenant.token(application, COGNITIVE))
    with pytest.raises(openai.AuthenticationError) as refused:
        client.responses.retrieve(made.id)
    assert access_decision(refused.value.body)["action"].endswith("OpenAI/responses/read")
    tenant.grant(application, OPENAI_USER, both.id)
    assert client.responses.retrieve(made.id).id == made.id


@pytest.mark.parametrize("wrong, field", [
    ({"input": None}, "input"), ({"input": [{"type": "nonsense"}]}, "input[0]"), ({"max_output_tokens": 0}, "max_output_tokens"),
    ({"temperature": 9}, "temperature"), ({"background": True}, "background"),
    ({"previous_response_id": 3}, "previous_response_id"),
], ids=lambda wrong: str(wrong)[:40])
def test_nonsense_for_a_response_is_refused_by_name(v1, wrong, field):
    with pytest.raises(openai.BadRequestError) as refused:
        v1.responses.create(**({"model": "chat", "input": ASK, "max_output_tokens": 2} | wrong))
    assert refused.value.param.startswith(field)


# All of them

def test_deployments_are_the_models_on_every_route(v1, dated, at_project):
    for client in (v1, dated, at_project):
        assert {"chat", "embed"} <= {model.id for model in client.models.list()}


def test_every_route_takes_a_token(openai_client, both, application, tenant, at_project):
    tenant.grant(application, OPENAI_USER, both.id)
    for client in (openai_client(both.openai_endpoint, tenant.token(application, COGNITIVE)), at_project):
        assert client.completions.create(model="chat", prompt=ASK, max_tokens=2).choices
        assert client.embeddings.create(model="embed", input="A bank.").data
        assert client.responses.create(model="chat", input=ASK, max_output_tokens=2).output


def test_a_dated_route_without_its_version_says_so(openai_client, both):
    client = openai_client(f"{both.endpoint}/openai", both.keys()["key1"])
    for ask in (lambda: client.responses.create(model="chat", input=ASK), client.models.list):
        with pytest.raises(openai.NotFoundError) as refused:
            ask()
        assert "api-version" in refused.value.message


def test_a_missing_model_is_named(v1):
    for ask in (lambda: v1.completions.create(model=None, prompt=ASK), lambda: v1.embeddings.create(model=None, input=ASK),
                lambda: v1.responses.create(input=ASK)):
        with pytest.raises(openai.BadRequestError) as refused:
            ask()
        assert refused.value.param == "model"


def test_what_is_not_deployed_is_not_found(v1, dated):
    for client in (v1, dated):
        for ask in (lambda: client.completions.create(model="nothing", prompt=ASK),
                    lambda: client.embeddings.create(model="nothing", input=ASK),
                    lambda: client.responses.create(model="nothing", input=ASK)):
            with pytest.raises(openai.NotFoundError) as refused:
                ask()
            assert refused.value.code == "DeploymentNotFound"
