"""A real LiteLLM proxy as the gateway of connections, by its key: models and agents through it, streamed and with tools. Behind it
are a model that always says the same and the scripted one, since the embedded model cannot be relied on to call tools."""

import openai
import pytest
from azure.ai.projects.models import FunctionTool, MCPTool

from support.foundry import gateway_connection, static
from support.gateway import KEY
from support.litellm import ECHO, MASTER_KEY, LiteLLM, executable
from support.script import SAYS, call, turns
from support.strict import streamed, strict

BEARER = {"type": "api_key", "name": "Authorization", "format": "Bearer {api_key}"}
DISCOVERY = {"listModelsEndpoint": "/models", "getModelEndpoint": "/models/{deploymentName}", "deploymentProvider": "OpenAI"}
WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}


@pytest.fixture(scope="module")
def litellm(gateway, env, tmp_path_factory):
    found = executable()
    if found is None:
        pytest.skip("CUPOLA_LITELLM is not set; `cargo xtask test` sets it")
    behind = {"api_base": f"{gateway.url}/bearer/v1", "api_key": KEY}
    models = {"echo": ECHO, "scripted": {"model": "openai/scripted"} | behind, "busy": {"model": "openai/busy", "num_retries": 0} | behind}
    running = LiteLLM(found, tmp_path_factory.mktemp("litellm"), models, env["SSL_CERT_FILE"])
    yield running
    running.stop()


@pytest.fixture(scope="module", params=["static", "discovered"])
def lite(request, place, litellm) -> str:
    """The name of a connection to it, by each way of knowing its models."""
    offered = {"static": {"models": static("echo", "scripted", "busy")}, "discovered": {"modelDiscovery": DISCOVERY}}[request.param]
    place.connect(f"lite-{request.param}", gateway_connection(f"{litellm.url}/v1", credentials={"key": MASTER_KEY}, authConfig=BEARER,
                                                              **offered))
    return f"lite-{request.param}"


def test_a_model_answers_whole_and_streamed(client, lite):
    assert client.responses.create(model=f"{lite}/echo", input="Which?").output_text == SAYS
    with client.responses.stream(model=f"{lite}/scripted", input="Which?") as stream:
        events = list(stream)
    assert strict(events) and events[-1].response.output_text == SAYS
    chat = client.chat.completions.create(model=f"{lite}/echo", messages=[{"role": "user", "content": "Which?"}])
    assert chat.choices[0].message.content == SAYS


def test_an_agent_goes_through_it_with_tools(client, agent, lite, toolbox, a_name):
    tools = [MCPTool(server_label="toolbox", server_url=f"{toolbox.url}/open/mcp", require_approval="never"),
             FunctionTool(name="weather", description="The weather.", parameters=WEATHER, strict=True)]
    reference = agent(model=f"{lite}/scripted", tools=tools)
    events, asked = streamed(client, input=turns(call("note", key=a_name), call("weather", city="Berlin")), extra_body=reference)
    strict(events)
    assert toolbox.noted.count(a_name) == 1
    (wanted,) = [item for item in asked.output if item.type == "function_call"]
    result = {"type": "function_call_output", "call_id": wanted.call_id, "output": "sunny"}
    made = client.responses.create(input=[result], previous_response_id=asked.id, extra_body=reference)
    assert made.output_text == f"It is noted {a_name}, sunny."


def test_a_conversation_goes_on_through_it(client, agent, lite):
    reference, conversation = agent(model=f"{lite}/scripted", instructions="Be brief."), client.conversations.create()
    said = [client.responses.create(input=f"say {word}", conversation=conversation.id, extra_body=reference).output_text
            for word in ("One.", "Two.")]
    assert said == ["One.", "Two."]


def test_what_it_refuses_is_said_in_its_own_words(client, lite):
    with pytest.raises(openai.RateLimitError) as refused:
        client.responses.create(model=f"{lite}/busy", input="Which?")
    assert "Too many tokens" in refused.value.message
    with pytest.raises(openai.APIStatusError) as refused:
        client.responses.create(model=f"{lite}/nothing", input="Which?")
    assert 400 <= refused.value.status_code < 500 and "nothing" in refused.value.message


def test_a_wrong_key_is_the_gateways_refusal(place, client, litellm, a_name):
    place.connect(a_name, gateway_connection(f"{litellm.url}/v1", credentials={"key": "sk-wrong"}, authConfig=BEARER,
                                             models=static("echo")))
    with pytest.raises(openai.APIStatusError) as refused:
        client.responses.create(model=f"{a_name}/echo", input="Which?")
    assert refused.value.response.headers["x-cupola-answered-by"] == "upstream" and "sk-wrong" not in refused.value.response.text
