"""Agents with tools, through a gateway whose model calls what the story's message says: functions, MCP servers, HTTP APIs. The
embedded model cannot be relied on to call anything."""

import json

import openai
import pytest
from azure.ai.projects.models import (FunctionTool, MCPTool, OpenApiAnonymousAuthDetails, OpenApiFunctionDefinition,
                                      OpenApiManagedAuthDetails, OpenApiManagedSecurityScheme, OpenApiProjectConnectionAuthDetails,
                                      OpenApiProjectConnectionSecurityScheme, OpenApiTool)
from azure.core.exceptions import HttpResponseError

from support import api as weather
from support.script import call, turns
from support.strict import streamed, strict
from support.tenant import claims
from support.toolbox import KEY

WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}


def calls_of(response, kind: str) -> list:
    return [item for item in response.output if item.type == kind]


# Functions: the caller runs them

@pytest.mark.parametrize("through", ["previous_response_id", "conversation"])
def test_a_function_is_run_by_the_caller_and_its_result_is_used(client, agent, through):
    reference = agent(tools=[FunctionTool(name="weather", description="The weather.", parameters=WEATHER, strict=True)])
    going_on = {"conversation": client.conversations.create().id} if through == "conversation" else {}
    asked = client.responses.create(input=turns([call("weather", city="Berlin"), call("weather", city="Paris")]),
                                    extra_body=reference, **going_on)
    calls = calls_of(asked, "function_call")
    assert [json.loads(one.arguments)["city"] for one in calls] == ["Berlin", "Paris"]
    results = [{"type": "function_call_output", "call_id": one.call_id, "output": f"sunny {at}"} for at, one in enumerate(calls)]
    going_on = going_on or {"previous_response_id": asked.id}
    assert client.responses.create(input=results, extra_body=reference, **going_on).output_text == "It is sunny 0, sunny 1."


def test_a_result_of_a_call_that_nobody_made_is_refused(client, agent):
    reference = agent(tools=[FunctionTool(name="weather", parameters=WEATHER, strict=True)])
    asked = client.responses.create(input=call("weather", city="Berlin"), extra_body=reference)
    with pytest.raises(openai.BadRequestError) as refused:
        client.responses.create(input=[{"type": "function_call_output", "call_id": "call_nobody", "output": "sunny"}],
                                previous_response_id=asked.id, extra_body=reference)
    assert "call_nobody" in refused.value.message


# MCP

def mcp(toolbox, door: str = "open", **more) -> MCPTool:
    return MCPTool(**({"server_label": "toolbox", "server_url": f"{toolbox.url}/{door}/mcp", "require_approval": "never"} | more))


def test_the_tools_of_a_server_are_listed_and_called(client, agent, toolbox, a_name):
    made = client.responses.create(input=turns(call("add", a=1, b=2), call("note", key=a_name)), extra_body=agent(tools=[mcp(toolbox)]))
    (listed,) = calls_of(made, "mcp_list_tools")
    assert listed.server_label == "toolbox" and {tool.name for tool in listed.tools} == {"add", "note", "fail"}
    add, note = calls_of(made, "mcp_call")
    assert (add.name, json.loads(add.arguments), add.output, add.server_label) == ("add", {"a": 1, "b": 2}, "3", "toolbox")
    assert (note.name, note.output) == ("note", f"noted {a_name}") and toolbox.noted.count(a_name) == 1
    assert made.output_text == f"It is 3, noted {a_name}."


def test_calls_at_once_are_all_answered(client, agent, toolbox):
    made = client.responses.create(input=turns([call("add", a=at, b=1) for at in range(3)]), extra_body=agent(tools=[mcp(toolbox)]))
    assert [one.output for one in calls_of(made, "mcp_call")] == ["1", "2", "3"] and made.output_text == "It is 1, 2, 3."


def test_a_stream_with_calls_is_strict(client, agent, toolbox):
    events, final = streamed(client, input=call("add", a=20, b=3), extra_body=agent(tools=[mcp(toolbox)]))
    kinds = strict(events)
    assert "response.mcp_list_tools.completed" in kinds and "response.mcp_call.completed" in kinds
    assert final.output_text == "It is 23."


@pytest.mark.parametrize("wrong", [{"server_url": "http://169.254.169.254/mcp"}, {"server_url": "http://[::ffff:169.254.169.254]/mcp"},
                                   {"server_url": "ftp://127.0.0.1/mcp"}, {"server_label": "no spaces allowed"}])
def test_a_server_that_may_not_be_asked_is_refused(project, client, agent, toolbox, wrong):
    with pytest.raises(Exception) as refused:
        client.responses.create(input=call("add", a=1, b=2), extra_body=agent(tools=[mcp(toolbox, **wrong)]))
    assert getattr(refused.value, "status_code", None) in (400, 403), refused.value
    assert any(word in str(refused.value) for word in ("server_url", "server_label", "169.254.169.254"))


def test_only_what_is_allowed_is_offered(client, agent, toolbox, gateway, a_name):
    reference = agent(tools=[mcp(toolbox, allowed_tools=["add"])])
    made = client.responses.create(input=turns(call("note", key=a_name)), extra_body=reference)
    assert [tool.name for tool in calls_of(made, "mcp_list_tools")[0].tools] == ["add"]
    assert a_name not in toolbox.noted and calls_of(made, "mcp_call") == []
    assert all("note" not in tool["function"]["name"] for tool in gateway.asked(a_name)[0].body["tools"])
    # The model is told, and nobody else is asked.
    assert "no function `note`" in gateway.asked(a_name)[-1].body["messages"][-1]["content"]


def test_a_tool_that_fails_is_told_to_the_model_and_the_run_goes_on(client, agent, toolbox):
    made = client.responses.create(input=turns(call("fail", reason="no luck"), say="So it goes."), extra_body=agent(tools=[mcp(toolbox)]))
    (failed,) = calls_of(made, "mcp_call")
    assert "no luck" in f"{failed.error} {failed.output}" and made.status == "completed" and made.output_text == "So it goes."


@pytest.mark.parametrize("through", ["previous_response_id", "conversation"])
def test_a_call_waits_for_approval_and_is_made_once(client, agent, toolbox, a_name, through):
    reference = agent(tools=[mcp(toolbox, require_approval="always")])
    going_on = {"conversation": client.conversations.create().id} if through == "conversation" else {}
    asked = client.responses.create(input=call("note", key=a_name), extra_body=reference, **going_on)
    (request,) = calls_of(asked, "mcp_approval_request")
    assert (request.name, json.loads(request.arguments), request.server_label) == ("note", {"key": a_name}, "toolbox")
    assert a_name not in toolbox.noted and asked.status == "completed"
    going_on = going_on or {"previous_response_id": asked.id}
    yes = {"type": "mcp_approval_response", "approve": True, "approval_request_id": request.id}
    made = client.responses.create(input=[yes], extra_body=reference, **going_on)
    assert made.output_text == f"It is noted {a_name}." and toolbox.noted.count(a_name) == 1
    assert calls_of(made, "mcp_call")[0].approval_request_id == request.id


def test_an_approval_that_is_given_twice_in_a_conversation_makes_one_call(client, agent, toolbox, a_name):
    reference, conversation = agent(tools=[mcp(toolbox, require_approval="always")]), client.conversations.create().id
    asked = client.responses.create(input=call("note", key=a_name), conversation=conversation, extra_body=reference)
    yes = {"type": "mcp_approval_response", "approve": True, "approval_request_id": calls_of(asked, "mcp_approval_request")[0].id}
    client.responses.create(input=[yes], conversation=conversation, extra_body=reference)
    with pytest.raises(openai.BadRequestError) as refused:
        client.responses.create(input=[yes], conversation=conversation, extra_body=reference)
    assert "already" in refused.value.message
    assert toolbox.noted.count(a_name) == 1


def test_a_call_that_is_not_approved_is_not_made(client, agent, toolbox, a_name):
    reference = agent(tools=[mcp(toolbox, require_approval="always")])
    asked = client.responses.create(input=turns(call("note", key=a_name), say="As you wish."), extra_body=reference)
    (request,) = calls_of(asked, "mcp_approval_request")
    no = {"type": "mcp_approval_response", "approve": False, "approval_request_id": request.id, "reason": "not today"}
    made = client.responses.create(input=[no], previous_response_id=asked.id, extra_body=reference)
    assert made.output_text == "As you wish." and a_name not in toolbox.noted


def test_approval_may_be_asked_for_some_tools_only(client, agent, toolbox, a_name):
    reference = agent(tools=[mcp(toolbox, require_approval={"always": {"tool_names": ["note"]}, "never": {"tool_names": ["add"]}})])
    made = client.responses.create(input=turns(call("add", a=1, b=2), call("note", key=a_name)), extra_body=reference)
    assert [one.output for one in calls_of(made, "mcp_call")] == ["3"]
    assert [one.name for one in calls_of(made, "mcp_approval_request")] == ["note"] and a_name not in toolbox.noted


def test_an_answer_to_no_question_is_refused(client, agent, toolbox):
    reference = agent(tools=[mcp(toolbox, require_approval="always")])
    asked = client.responses.create(input=call("note", key="never"), extra_body=reference)
    with pytest.raises(openai.BadRequestError) as refused:
        client.responses.create(input=[{"type": "mcp_approval_response", "approve": True, "approval_request_id": "mcpr_nobody"}],
                                previous_response_id=asked.id, extra_body=reference)
    assert "mcpr_nobody" in refused.value.message and "never" not in toolbox.noted


def test_a_server_is_signed_in_to_by_the_connection_of_the_tool(place, client, agent, toolbox, a_name):
    place.connect(a_name, {"category": "CustomKeys", "target": f"{toolbox.url}/keyed/mcp", "authType": "CustomKeys", "isSharedToAll": False,
                           "credentials": {"keys": {"x-tools-key": KEY}}, "metadata": {}})
    made = client.responses.create(input=call("note", key=a_name),
                                   extra_body=agent(tools=[mcp(toolbox, "keyed", project_connection_id=a_name)]))
    assert made.output_text == f"It is noted {a_name}." and toolbox.headers[a_name]["x-tools-key"] == KEY
    assert KEY not in json.dumps(made.model_dump(mode="json"))


def test_a_server_that_wants_a_key_and_gets_none_says_so(client, agent, toolbox):
    with pytest.raises(openai.APIStatusError) as refused:
        client.responses.create(input=call("add", a=1, b=2), extra_body=agent(tools=[mcp(toolbox, "keyed")]))
    assert "toolbox" in refused.value.message and "401" in refused.value.message


def test_headers_of_the_tool_are_sent_but_a_secret_belongs_into_a_connection(client, agent, toolbox, a_name):
    client.responses.create(input=call("note", key=a_name), extra_body=agent(tools=[mcp(toolbox, headers={"x-team": "research"})]))
    assert toolbox.headers[a_name]["x-team"] == "research"
    with pytest.raises(HttpResponseError) as refused:
        agent(tools=[mcp(toolbox, "keyed", headers={"x-tools-key": KEY})])
    assert "project_connection_id" in refused.value.message and KEY not in refused.value.message


def test_tools_are_offered_to_a_plain_model_too(client, toolbox):
    tool = {"type": "mcp", "server_label": "toolbox", "server_url": f"{toolbox.url}/open/mcp", "require_approval": "never"}
    made = client.responses.create(model="scripts/scripted", input=call("add", a=40, b=2), tools=[tool])
    assert made.output_text == "It is 42."


# HTTP APIs

def described(api, door: str, auth) -> OpenApiTool:
    return OpenApiTool(openapi=OpenApiFunctionDefinition(name="weather", description="The weather.", spec=api.description(door), auth=auth))


def test_an_api_for_all_is_called(client, agent, api):
    calls = turns(call("get_weather", city="New York", unit="F"), call("add_note", body={"text": "Bring a coat."}))
    made = client.responses.create(input=calls, extra_body=agent(tools=[described(api, "open", OpenApiAnonymousAuthDetails())]))
    said = [one.path for one in api.received[-2:]]
    assert said == ["/open/weather/New%20York?unit=F", "/open/notes"] and api.last.body == {"text": "Bring a coat."}
    assert "authorization" not in api.last.headers
    assert str(weather.DEGREES) in made.output_text and "Bring a coat." in made.output_text


def test_an_api_is_signed_in_to_by_a_connection(place, client, agent, api, a_name):
    place.connect(a_name, {"category": "CustomKeys", "target": f"{api.url}/keyed", "authType": "CustomKeys", "isSharedToAll": False,
                           "credentials": {"keys": {"x-weather-key": weather.KEY}}, "metadata": {}})
    auth = OpenApiProjectConnectionAuthDetails(security_scheme=OpenApiProjectConnectionSecurityScheme(project_connection_id=a_name))
    made = client.responses.create(input=call("get_weather", city=a_name), extra_body=agent(tools=[described(api, "keyed", auth)]))
    assert a_name in made.output_text and api.last.headers["x-weather-key"] == weather.KEY
    assert weather.KEY not in json.dumps(made.model_dump(mode="json"))


def test_an_api_is_signed_in_to_by_the_projects_identity(place, client, agent, api, a_name):
    auth = OpenApiManagedAuthDetails(security_scheme=OpenApiManagedSecurityScheme(audience="https://weather.contoso.com"))
    client.responses.create(input=call("get_weather", city=a_name), extra_body=agent(tools=[described(api, "token", auth)]))
    said = claims(api.last.headers["authorization"].removeprefix("Bearer "))
    assert said["aud"] == "https://weather.contoso.com" and said["oid"] == place.principal


def test_a_refusal_of_an_api_is_told_to_the_model_and_the_run_goes_on(client, agent, api):
    made = client.responses.create(input=call("get_weather", city="Berlin"),
                                   extra_body=agent(tools=[described(api, "keyed", OpenApiAnonymousAuthDetails())]))
    assert made.status == "completed" and "401" in made.output_text


def test_a_path_cannot_be_escaped_by_an_argument(client, agent, api):
    client.responses.create(input=call("get_weather", city="../notes"),
                            extra_body=agent(tools=[described(api, "open", OpenApiAnonymousAuthDetails())]))
    assert "/open/notes" not in api.last.path and "%2F" in api.last.path.upper()


def test_a_description_without_operations_is_refused_when_the_agent_is_made(agent, api):
    tool = described(api, "open", OpenApiAnonymousAuthDetails())
    tool.openapi.spec = {"openapi": "3.0.3", "info": {"title": "Nothing", "version": "1"}, "paths": {}}
    with pytest.raises(Exception) as refused:
        agent(tools=[tool])
    assert refused.value.status_code == 400 and "paths" in refused.value.message
