"""LiteLLM behind a connection, an agent behind a project, a refusal explained. README.md has what must run before."""

import json
import os
import uuid

import requests
from azure.ai.projects import AIProjectClient
from azure.ai.projects.models import PromptAgentDefinition
from azure.identity import ClientSecretCredential
from openai import AuthenticationError

CUPOLA = os.environ["CUPOLA_URL"]
GATEWAY = os.environ.get("LITELLM_URL", "http://127.0.0.1:4000")
GATEWAY_KEY = os.environ.get("LITELLM_KEY", "sk-the-key-of-the-example")
VERSION, ROLES_VERSION = "2025-09-01", "2022-04-01"
# In litellm.yaml; as the agent and the connection name it.
MODEL = "echo"
CONNECTION = {
    "category": "ModelGateway",
    "target": f"{GATEWAY}/v1",
    "authType": "ApiKey",
    "credentials": {"key": GATEWAY_KEY},
    # All values are strings; what is more is JSON in a string.
    "metadata": {
        "deploymentInPath": "false",
        "models": json.dumps([{"name": MODEL, "properties": {"model": {"name": MODEL, "version": "1", "format": "OpenAI"}}}]),
        "authConfig": json.dumps({"type": "api_key", "name": "Authorization", "format": "Bearer {api_key}"}),
    },
}

credential = ClientSecretCredential(os.environ["CUPOLA_TENANT_ID"], os.environ["CUPOLA_ADMIN_CLIENT_ID"],
                                    os.environ["CUPOLA_ADMIN_CLIENT_SECRET"], authority=CUPOLA, disable_instance_discovery=True)


def arm(method: str, path: str, body: dict | None = None, version: str = VERSION) -> requests.Response:
    """Asks the control plane."""
    token = credential.get_token(f"{CUPOLA}/arm/.default").token
    return requests.request(method, f"{CUPOLA}{path}", params={"api-version": version}, json=body,
                            headers={"Authorization": f"Bearer {token}"}, timeout=60)


def made(answer: requests.Response) -> dict:
    """The body of an answer that must be no refusal."""
    assert answer.ok, f"{answer.status_code}: {answer.text}"
    return answer.json()


def project_id() -> str:
    """The ARM id of the demo's project, of which the settings have the address."""
    account, project = os.environ["CUPOLA_PROJECT_ENDPOINT"].split("/accounts/")[1].split("/api/projects/")
    subscription = f"/subscriptions/{os.environ['CUPOLA_SUBSCRIPTION_ID']}"
    accounts = made(arm("GET", f"{subscription}/providers/Microsoft.CognitiveServices/accounts"))["value"]
    return next(f"{entry['id']}/projects/{project}" for entry in accounts if entry["name"].lower() == account.lower())


project = project_id()
connection = f"{project}/connections/lite"

print("1. A mistake is refused when it is made.")
metadata = {name.lower() if name == "deploymentInPath" else name: value for name, value in CONNECTION["metadata"].items()}
refused = arm("PUT", connection, {"properties": CONNECTION | {"metadata": metadata}})
assert refused.status_code == 400, refused.text
print(f"   {refused.json()['error']['message']}\n")

print("2. The connection, whose key nobody sees again.")
kept = made(arm("PUT", connection, {"properties": CONNECTION}))["properties"]
assert GATEWAY_KEY not in json.dumps(kept)
print(f"   {kept['category']} {kept['target']} {kept['authType']}\n")

print("3. It is tried.")
tried = made(arm("POST", f"{connection}/test"))
for step in tried["steps"]:
    # What was left out is neither.
    print(f"   {step['name']}: {step['detail']}" + (f" FAILED; to mend it: {step['mend']}" if step["ok"] is False else ""))
print()

foundry = AIProjectClient(os.environ["CUPOLA_PROJECT_ENDPOINT"], credential)
openai = foundry.get_openai_client()
assignment = f"{project}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"

print("4. A refusal: the owner of everything holds no data action.")
try:
    openai.responses.create(model=f"lite/{MODEL}", input="What is a cupola?")
    print("   (not this time: the role is there from an earlier run)\n")
except AuthenticationError as error:
    decision = next(entry["info"] for entry in error.body["additionalInfo"] if entry["type"] == "AccessDecision")
    role = next(role for role in decision["rolesThatWouldGrant"] if role["name"] == "Foundry User")
    print(f"   {decision['action']}\n   at {decision['scope']}\n   would be granted by {role['name']}, among others\n")
    print("5. The grant, which holds on the next request.")
    made(arm("PUT", assignment, {"properties": {"principalId": decision["principalId"], "principalType": "ServicePrincipal",
                                                "roleDefinitionId": role["id"]}}, ROLES_VERSION))
    print(f"   {role['name']} at the project\n")

print("6. An agent of the gateway's model answers in a conversation, streamed.")
foundry.agents.create_version("byo", definition=PromptAgentDefinition(model=f"lite/{MODEL}", instructions="Answer in one sentence."))
conversation = openai.conversations.create()
print("   ", end="")
for event in openai.responses.create(input="What is a cupola?", conversation=conversation.id, stream=True,
                                     extra_body={"agent_reference": {"name": "byo", "type": "agent_reference"}}):
    if event.type == "response.output_text.delta":
        print(event.delta, end="", flush=True)
print(f"\n   {len(list(openai.conversations.items.list(conversation.id)))} items are in the conversation.\n")

print("7. Who used the connection: cupola connection usage lite --data-dir target/demo")
