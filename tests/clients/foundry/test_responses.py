"""`openai` as the project client hands it out: responses of models, of agents and through connections."""

import json
import threading
import time

import openai
import pytest
from azure.ai.projects.models import PromptAgentDefinitionTextOptions, StructuredInputDefinition, TextResponseFormatJsonSchema
from pydantic import BaseModel

from support.script import SAYS, STRUCTURED, turns
from support.strict import streamed, strict
from support.tenant import FOUNDRY_USER

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}
# The background is looked at until it ends; ten times what was ever seen.
BACKGROUND_TIMEOUT_S = 60


class City(BaseModel):
    city: str


# Which model, which agent

def test_a_model_of_the_account_answers(client):
    made = client.responses.create(model="chat", input="Hello", max_output_tokens=3)
    assert made.object == "response" and made.status in ("completed", "incomplete") and made.output


def test_a_model_behind_a_connection_answers_under_its_whole_name(client, gateway, a_name):
    made = client.responses.create(model="scripts/scripted", input=f"say {a_name}")
    assert (made.status, made.model, made.output_text) == ("completed", "scripts/scripted", a_name)
    assert client.responses.retrieve(made.id).model == "scripts/scripted"
    (asked,) = gateway.asked(a_name)
    assert asked.body["model"] == "scripted" and asked.path == "/key/v1/chat/completions"


@pytest.mark.parametrize("word", ["agent_reference", "agent"])
def test_an_agent_answers_by_both_words(client, agent, gateway, a_name, word):
    reference = agent(instructions=f"You are {a_name}.", temperature=0.25)["agent_reference"]
    made = client.responses.create(input="Hello", extra_body={word: reference})
    assert (made.status, made.output_text) == ("completed", SAYS)
    (asked,) = gateway.asked(a_name)
    assert asked.body["temperature"] == 0.25 and asked.body["messages"][0]["role"] in ("system", "developer")
    assert asked.headers["x-ms-foundry-agent-id"] == f"{reference['name']}:1"
    assert asked.headers["x-ms-foundry-model-id"] == "scripts/scripted"


def test_an_agent_that_is_not_there_is_named_with_the_one_that_was_meant(client, agent):
    name = agent()["agent_reference"]["name"]
    for asked, said in (({"name": f"{name}x"}, name), ({"name": name, "version": "7"}, "7")):
        with pytest.raises(openai.NotFoundError) as refused:
            client.responses.create(input="Hello", extra_body={"agent_reference": asked | {"type": "agent_reference"}})
        assert said in refused.value.message


def test_a_model_and_an_agent_do_not_go_together(client, agent):
    reference = agent()
    with pytest.raises(openai.BadRequestError) as refused:
        client.responses.create(model="scripts/busy", input="Hello", extra_body=reference)
    assert "model" in refused.value.message


# Streams

@pytest.mark.parametrize("through", ["model", "agent", "whole"])
def test_a_stream_is_strict_and_kept(client, agent, through):
    asked = {"agent": lambda: {"extra_body": agent()}, "model": lambda: {"model": "scripts/scripted"},
             "whole": lambda: {"model": "scripts/whole"}}[through]()
    events, final = streamed(client, input="Which capital?", **asked)
    kinds = strict(events)
    order = ["response.output_item.added", "response.content_part.added", "response.output_text.delta", "response.output_text.done",
             "response.content_part.done", "response.output_item.done"]
    assert [kinds.index(kind) for kind in order] == sorted(kinds.index(kind) for kind in order)
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == final.output_text == SAYS
    kept = client.responses.retrieve(final.id)
    assert kept.output_text == SAYS and kept.usage == final.usage and kept.usage.output_tokens > 0


def test_a_stream_that_was_cut_by_the_gateway_ends_as_failed(client):
    with pytest.raises(openai.APIError) as broken:
        for event in client.responses.create(model="scripts/cut", input="Which capital?", stream=True):
            if event.type in ("response.failed", "error"):
                raise openai.APIError(str(event), None, body=None)
            assert event.type != "response.completed"
    assert str(broken.value)


# What goes on

def test_a_chain_of_responses_goes_on_and_its_items_are_listed(client, agent, gateway, a_name):
    reference = agent()
    first = client.responses.create(input=f"say {a_name}", extra_body=reference)
    second = client.responses.create(input="say And more.", previous_response_id=first.id, extra_body=reference)
    assert second.previous_response_id == first.id and second.output_text == "And more."
    assert [one["role"] for one in gateway.asked(a_name)[-1].body["messages"]][-3:] == ["user", "assistant", "user"]
    said = [item.content[0].text for item in client.responses.input_items.list(second.id, order="asc") if item.type == "message"]
    assert said[-1] == "say And more." and f"say {a_name}" in said
    assert client.responses.delete(first.id) is None
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(first.id)


def test_a_response_that_is_not_kept_is_not_found(client, agent):
    made = client.responses.create(input="Hello", store=False, extra_body=agent())
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(made.id)


# Structured

def test_structured_inputs_fill_the_instructions(client, agent, gateway, a_name):
    reference = agent(instructions="You are " + a_name + ". The customer is {{customer}}, of {{country}}.", structured_inputs={
        "customer": StructuredInputDefinition(description="Who asks.", required=True),
        "country": StructuredInputDefinition(default_value="Germany")})
    client.responses.create(input="Hello", extra_body=reference | {"structured_inputs": {"customer": "Ada"}})
    assert "The customer is Ada, of Germany." in str(gateway.asked(a_name)[-1].body["messages"])
    with pytest.raises(openai.BadRequestError) as refused:
        client.responses.create(input="Hello", extra_body=reference)
    assert "customer" in refused.value.message
    with pytest.raises(openai.BadRequestError) as refused:
        client.responses.create(input="Hello", extra_body=reference | {"structured_inputs": {"customer": "Ada", "contry": "France"}})
    assert "contry" in refused.value.message and "country" in refused.value.message


def test_structured_output_is_the_callers_or_the_agents(client, agent):
    parsed = client.responses.parse(model="scripts/scripted", input="Which capital?", text_format=City)
    assert parsed.output_parsed == City(**STRUCTURED)
    reference = agent(text=PromptAgentDefinitionTextOptions(format=TextResponseFormatJsonSchema(name="city", schema=CITY, strict=True)))
    made = client.responses.create(input="Which capital?", extra_body=reference)
    assert json.loads(made.output_text) == STRUCTURED and made.text.format.type == "json_schema"


# Background

def until(client, id: str, *states: str):
    """The response once it is in one of these states."""
    deadline = time.monotonic() + BACKGROUND_TIMEOUT_S
    while time.monotonic() < deadline:
        found = client.responses.retrieve(id)
        if found.status in states:
            return found
        time.sleep(0.05)
    raise AssertionError(f"`{id}` is still {found.status}")


@pytest.fixture
def held(gateway):
    """The gateway does not go on until the story says so."""
    gateway.go_on.clear()
    yield gateway
    gateway.go_on.set()


def test_a_response_in_the_background_is_made_without_its_caller(client, agent):
    made = client.responses.create(input="Hello", background=True, extra_body=agent())
    assert made.status in ("queued", "in_progress", "completed") and made.background is True
    assert until(client, made.id, "completed", "failed").output_text == SAYS


def test_a_response_in_the_background_is_cancelled_and_stays_so(client, held):
    made = client.responses.create(model="scripts/scripted", input=turns(hold=True, say="Too late."), background=True)
    until(client, made.id, "in_progress")
    assert client.responses.cancel(made.id).status == "cancelled"
    held.go_on.set()
    assert client.responses.retrieve(made.id).status == "cancelled"
    # To cancel it once more changes nothing.
    assert client.responses.cancel(made.id).status == "cancelled"


def test_what_is_not_in_the_background_is_not_cancelled(client, agent):
    made = client.responses.create(input="Hello", extra_body=agent())
    with pytest.raises(openai.BadRequestError) as refused:
        client.responses.cancel(made.id)
    assert "background" in refused.value.message or made.status in refused.value.message


def test_a_failure_in_the_background_is_told_to_who_looks(client):
    made = client.responses.create(model="scripts/fails", input="Hello", background=True)
    found = until(client, made.id, "failed", "completed")
    assert found.status == "failed" and found.error.message


# Many at once, and what is wrong

def test_many_at_once_do_not_mix(client, agent):
    reference, said = agent(), {}

    def ask(at: int):
        said[at] = client.responses.create(input=f"say number {at}", extra_body=reference).output_text
    threads = [threading.Thread(target=ask, args=(at,)) for at in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == {at: f"number {at}" for at in range(5)}


@pytest.mark.parametrize("wrong, field", [
    ({"input": [{"type": "nonsense"}]}, "input[0]"), ({"temperature": 9}, "temperature"), ({"max_output_tokens": 0}, "max_output_tokens"),
    ({"tools": [{"type": "bing_grounding"}]}, "tools[0]"), ({"conversation": "conv_nobody"}, "conversation"),
], ids=lambda value: str(value)[:40])
def test_nonsense_is_refused_by_name(client, wrong, field):
    with pytest.raises(openai.APIStatusError) as refused:
        client.responses.create(**({"model": "scripts/scripted", "input": "Hello"} | wrong))
    assert refused.value.status_code in (400, 404) and field in f"{refused.value.param} {refused.value.message}"


def test_who_lost_the_role_is_refused_on_the_next_request(place, tenant, agent, application):
    reference = agent()
    assignment = tenant.grant(application, FOUNDRY_USER, place.id)
    client = place.client(application).get_openai_client(max_retries=0)
    made = client.responses.create(input="Hello", extra_body=reference)
    tenant.revoke(assignment)
    for ask in (lambda: client.responses.create(input="Hello", extra_body=reference), lambda: client.responses.retrieve(made.id)):
        with pytest.raises(openai.AuthenticationError) as refused:
            ask()
        assert refused.value.body["code"] == "PermissionDenied"


def test_the_same_question_has_the_same_answer_on_every_way(client, project, agent):
    """What a Microsoft team checks of a model of one's own: whole, streamed, as an agent, and in a conversation."""
    reference, conversation = agent(), client.conversations.create()
    streamed = "".join(event.delta for event in client.responses.create(model="scripts/scripted", input="Which?", stream=True)
                       if event.type == "response.output_text.delta")
    answers = {client.responses.create(model="scripts/scripted", input="Which?").output_text, streamed,
               client.responses.create(input="Which?", extra_body=reference).output_text,
               client.responses.create(input="Which?", conversation=conversation.id, extra_body=reference).output_text,
               client.chat.completions.create(model="scripts/scripted", messages=[{"role": "user", "content": "Which?"}])
               .choices[0].message.content}
    assert answers == {SAYS}
