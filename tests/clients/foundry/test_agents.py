"""`azure-ai-projects`, unchanged: prompt agents and their versions."""

import openai
import pytest
from azure.ai.projects.models import PromptAgentDefinition
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError

from support.tenant import READER, access_decision, expect

BRIEF = PromptAgentDefinition(model="chat", instructions="Be brief.")


@pytest.fixture
def named(project, a_name):
    """The name of an agent of two versions."""
    project.agents.create_version(a_name, definition=BRIEF, description="The first.", metadata={"team": "research"})
    project.agents.create_version(a_name, definition=PromptAgentDefinition(model="chat", instructions="Be long."))
    return a_name


def test_each_creation_is_a_version_and_the_last_one_serves(project, a_name):
    first = project.agents.create_version(a_name, definition=BRIEF, description="The first.", metadata={"team": "research"})
    assert (first.object, first.id, first.name, first.version) == ("agent.version", f"{a_name}:1", a_name, "1")
    assert (first.description, first.metadata) == ("The first.", {"team": "research"})
    assert first.definition.kind == "prompt" and first.definition.instructions == "Be brief." and first.definition.model == "chat"
    second = project.agents.create_version(a_name, definition=PromptAgentDefinition(model="chat", instructions="Be long."))
    assert second.version == "2"
    agent = project.agents.get(a_name)
    assert (agent.object, agent.name, agent.versions.latest.version) == ("agent", a_name, "2")
    assert project.agents.get_version(a_name, "1").definition.instructions == "Be brief."


def test_every_agent_and_every_version_is_listed_once(project, named):
    assert [agent.name for agent in project.agents.list()].count(named) == 1
    assert sorted(version.version for version in project.agents.list_versions(named)) == ["1", "2"]
    assert [version.version for version in project.agents.list_versions(named, order="asc", limit=1)] == ["1", "2"]
    paged = [agent.name for agent in project.agents.list(limit=1)]
    assert sorted(paged) == sorted(agent.name for agent in project.agents.list())


def test_the_first_version_still_serves_who_asks_for_it(project, client, agent, gateway, a_name):
    reference = agent(instructions="Be brief, number one.")["agent_reference"]
    project.agents.create_version(reference["name"], definition=PromptAgentDefinition(model="scripts/scripted", instructions="Number two."))
    for version, instructions in (("1", "number one"), (None, "Number two"), ("2", "Number two")):
        asked = reference | ({"version": version} if version else {})
        client.responses.create(input=f"say {a_name}", extra_body={"agent_reference": asked})
        assert instructions in str(gateway.asked(a_name)[-1].body["messages"][0])


def test_what_was_deleted_is_gone(project, named):
    gone = project.agents.delete_version(named, "2")
    assert (gone.object, gone.name, gone.version, gone.deleted) == ("agent.version.deleted", named, "2", True)
    assert project.agents.get(named).versions.latest.version == "1"
    gone = project.agents.delete(named)
    assert (gone.object, gone.name, gone.deleted) == ("agent.deleted", named, True)
    for ask in (lambda: project.agents.get(named), lambda: project.agents.get_version(named, "1"), lambda: project.agents.delete(named)):
        with pytest.raises(ResourceNotFoundError) as refused:
            ask()
        assert named in refused.value.message
    assert named not in [agent.name for agent in project.agents.list()]


def test_a_name_that_is_used_again_does_not_bring_the_old_versions_back(project, named):
    project.agents.delete(named)
    again = project.agents.create_version(named, definition=BRIEF)
    assert [version.id for version in project.agents.list_versions(named)] == [again.id]


def test_a_disabled_agent_refuses_and_says_so(project, client, agent):
    reference = agent()
    name = reference["agent_reference"]["name"]
    assert project.agents.get(name).state == "enabled"
    project.agents.disable(name)
    assert project.agents.get(name).state == "disabled"
    with pytest.raises(openai.APIStatusError) as refused:
        client.responses.create(input="Hello", extra_body=reference)
    assert 400 <= refused.value.status_code < 500 and "disabled" in refused.value.message and name in refused.value.message
    project.agents.enable(name)
    assert client.responses.create(input="Hello", extra_body=reference).status == "completed"


def test_an_agent_is_a_principal_of_its_own(project, place, named):
    identity = project.agents.get(named).instance_identity
    found = expect(200, place.tenant.graph("GET", f"/servicePrincipals/{identity.principal_id}"))
    assert found["id"] == identity.principal_id and found["appId"] == identity.client_id
    project.agents.delete(named)
    assert place.tenant.graph("GET", f"/servicePrincipals/{identity.principal_id}").status == 404


@pytest.mark.parametrize("definition, said", [
    ({"kind": "prompt"}, "model"),
    ({"kind": "prompt", "model": "scripts/scriptd"}, "`scripted`"),
    ({"kind": "prompt", "model": "script/scripted"}, "`scripts`"),
    ({"kind": "prompt", "model": "chatt"}, "`chat`"),
    ({"kind": "prompt", "model": "chat", "temperature": 9}, "temperature"),
    ({"kind": "prompt", "model": "chat", "structuredInputs": {}}, "structured_inputs"),
    ({"kind": "prompt", "model": "chat", "tools": [{"type": "bing_grounding"}]}, "bing_grounding"),
    ({"kind": "prompt", "model": "chat", "tools": [{"type": "fuction", "name": "f"}]}, "`function`"),
    ({"kind": "prompt", "model": "chat", "tools": [{"type": "mcp", "server_label": "x"}]}, "server_url"),
    ({"kind": "promt", "model": "chat"}, "`prompt`"),
    ({"kind": "hosted", "cpu": "1", "memory": "1Gi"}, "hosted"),
], ids=lambda value: str(value)[:50])
def test_what_would_fail_later_is_refused_when_it_is_made(project, a_name, definition, said):
    with pytest.raises(HttpResponseError) as refused:
        project.agents.create_version(a_name, {"definition": definition})
    assert refused.value.status_code == 400 and said in refused.value.message
    with pytest.raises(ResourceNotFoundError):
        project.agents.get(a_name)


@pytest.mark.parametrize("name", ["-starts-with-a-hyphen", "has_an_underscore", "x" * 64])
def test_a_name_outside_the_rule_is_refused(project, name):
    with pytest.raises(HttpResponseError) as refused:
        project.agents.create_version(name, definition=BRIEF)
    assert refused.value.status_code == 400 and name[:40] in refused.value.message


def test_who_may_not_write_agents_is_told_what_is_missing(place, application, tenant, named, project):
    stranger = place.client(application)
    with pytest.raises(ClientAuthenticationError) as refused:
        stranger.agents.create_version(named, definition=BRIEF)
    assert refused.value.status_code == 401 and refused.value.error.code == "PermissionDenied"
    assert "AIServices/agents/write" in refused.value.message
    decision = access_decision(refused.value.response.json()["error"])
    assert decision["principalId"] == application.object_id and "Foundry User" in str(decision["rolesThatWouldGrant"])
    # A role of the control plane reads no data.
    tenant.grant(application, READER, place.id)
    with pytest.raises(ClientAuthenticationError):
        stranger.agents.get(named)
    assert project.agents.get(named).name == named
