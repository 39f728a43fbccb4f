"""A project with a user, a gateway of somebody else's behind connections, and the tools of agents."""

import pytest
from azure.ai.projects import AIProjectClient
from azure.ai.projects.models import PromptAgentDefinition

from support.api import Api
from support.foundry import Project, gateway_connection, static
from support.gateway import KEY, MODELS, Gateway
from support.toolbox import Toolbox


@pytest.fixture(scope="session")
def gateway():
    running = Gateway()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def toolbox():
    running = Toolbox()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def api():
    running = Api()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def place(tenant, account, gateway) -> Project:
    """A project with a connection `scripts` to the scripted gateway."""
    project = Project(tenant, account)
    project.connect("scripts", gateway_connection(f"{gateway.url}/key/v1", credentials={"key": KEY}, models=static(*MODELS)))
    return project


@pytest.fixture(scope="module")
def project(place) -> AIProjectClient:
    """A Foundry user's project client."""
    return place.client(place.new_user())


@pytest.fixture(scope="module")
def client(project):
    """The same user's OpenAI client, from the project client. It does not retry."""
    return project.get_openai_client(max_retries=0)


@pytest.fixture
def agent(project, a_name):
    """Makes agents of the scripted model with what a story gives them; returns how they are referred to."""
    made = []

    def make(**definition) -> dict:
        name = f"{a_name}-{len(made)}"
        project.agents.create_version(name, definition=PromptAgentDefinition(**({"model": "scripts/scripted"} | definition)))
        made.append(name)
        return {"agent_reference": {"name": name, "type": "agent_reference"}}
    yield make
    for name in made:
        project.agents.delete(name)
