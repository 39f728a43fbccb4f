"""A power cut in the middle of fifty runs: each is completed or failed and says why, no tool is called twice, no message is lost."""

import threading
import time

import httpx2
import openai
import pytest
from azure.ai.projects.models import MCPTool, PromptAgentDefinition

from support.foundry import Project, gateway_connection, static
from support.gateway import KEY
from support.script import call, turns
from support.server import Server
from support.tenant import Tenant

RUNS = 50
# So many go on at once of those that nobody waits for.
IN_BACKGROUND = 16
# Where the power cut meets a run: in a call, between a call and the next one, in the last words.
PLACES = ("in the call", "before the call", "in the words")
# What is awaited comes in seconds; ten times what was ever seen, on a busy machine.
PATIENCE_S = 120


def script(place: str, key: str) -> str:
    """What the model does in a run; `key` is in each."""
    note = call("note", key=key)
    return {"in the call": turns(note),
            "before the call": turns(call("add", a=1, b=2), ["hold", note]),
            "in the words": turns(call("add", a=3, b=4), say=key, hold=True)}[place]


def until(done, what: str):
    deadline = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < deadline, f"still waiting for {what}"
        time.sleep(0.05)


@pytest.fixture
def world(binary, tmp_path, gateway, toolbox):
    """Starts a server of this story's own, again on the same folder as often as it is asked."""
    running = []

    def start() -> Project:
        running.append(Server(binary, tmp_path / "data"))
        tenant = Tenant(running[-1].env)
        return Project(tenant, tenant.demo_account())
    yield start, running
    gateway.go_on.set()
    toolbox.go_on.set()
    assert running[-1].stop() == 0


def client_of(project: Project, application, monkeypatch):
    """Each server has a certificate authority of its own."""
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.setenv(name, project.tenant.env[name])
    return project.client(application)


@pytest.mark.parametrize("background", [True, False], ids=["background", "streamed"])
def test_a_power_cut_loses_nothing_and_repeats_nothing(world, gateway, toolbox, monkeypatch, a_name, background):
    start, running = world
    project = start()
    project.connect("scripts", gateway_connection(f"{gateway.url}/key/v1", credentials={"key": KEY}, models=static("scripted")))
    user = project.new_user()
    foundry = client_of(project, user, monkeypatch)
    tool = MCPTool(server_label="toolbox", server_url=f"{toolbox.url}/open/mcp", require_approval="never")
    foundry.agents.create_version(a_name, definition=PromptAgentDefinition(model="scripts/scripted", tools=[tool]))
    reference = {"agent_reference": {"name": a_name, "type": "agent_reference"}}
    client = foundry.get_openai_client(max_retries=0)

    gateway.go_on.clear()
    toolbox.go_on.clear()
    runs: dict[str, dict] = {}

    def begin(at: int):
        place, key = PLACES[at % len(PLACES)], f"{a_name}-{at}"
        conversation = client.conversations.create()
        asked = {"input": script(place, key), "conversation": conversation.id, "extra_body": reference}
        if background:
            runs[key] = {"place": place, "conversation": conversation.id, "id": client.responses.create(background=True, **asked).id}
            return
        try:
            for event in client.responses.create(stream=True, **asked):
                if event.type == "response.created":
                    runs[key] = {"place": place, "conversation": conversation.id, "id": event.response.id}
        except (openai.APIError, httpx2.HTTPError):
            # The power cut ends the stream.
            assert key in runs
    threads = [threading.Thread(target=begin, args=(at,), daemon=True) for at in range(RUNS)]
    for thread in threads:
        thread.start()
    until(lambda: len(runs) == RUNS, "the runs to begin")

    def halted() -> int:
        answers = [one.body["messages"] for one in gateway.asked(a_name) if "hold" in str(one.body["messages"])]
        return len(set(toolbox.noted) & set(runs)) + sum(messages[-1]["role"] == "tool" for messages in answers)
    # Of those that nobody waits for, some wait for others to end: the power cut meets them before they began.
    until(lambda: halted() == (IN_BACKGROUND if background else RUNS), "the runs to come to where they are cut")

    running[0].kill()
    in_the_call = set(toolbox.noted)
    for thread in threads:
        thread.join(PATIENCE_S)
    gateway.go_on.set()
    toolbox.go_on.set()
    project = start()
    client = client_of(project, user, monkeypatch).get_openai_client(max_retries=0)

    for key, run in runs.items():
        until(lambda: client.responses.retrieve(run["id"]).status not in ("queued", "in_progress"), f"the run `{run['place']}`")
        made = client.responses.retrieve(run["id"])
        assert made.status in ("completed", "failed"), made
        times = toolbox.noted.count(key)
        assert times == (run["place"] != "in the words"), f"`note` was called {times} times by a run cut {run['place']}: {made}"
        if key in in_the_call:
            # A call whose result nobody saw is not made again, and is shown as what it is.
            (cut,) = [item for item in made.output if item.type == "mcp_call"]
            assert cut.status == "failed" and "not made again" in str(cut.error)
        elif made.status == "completed":
            assert key in made.output_text, made
        if made.status == "failed":
            assert made.error.message, made
        items = list(client.conversations.items.list(run["conversation"], order="asc"))
        said = [part.text for item in items for part in getattr(item, "content", None) or []]
        assert said.count(script(run["place"], key)) == 1
        assert (made.output_text in said) == (made.status == "completed")
    assert {client.responses.retrieve(run["id"]).status for run in runs.values()} == {"completed"}
