"""The demo tenant as its admin sees it: tokens, fresh service principals, grants, accounts. Plain HTTP, because it is fast."""

import base64
import json
import uuid
from dataclasses import dataclass
from urllib.parse import urlencode

from support.wire import Answer, Wire

ARM_VERSION = "api-version=2025-09-01"
ROLES_VERSION = "api-version=2022-04-01"

# Built-in roles by their public ids.
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
FOUNDRY_USER = "53ca6127-db72-4b80-b1b0-d745d6d5456d"
OPENAI_USER = "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"
AZURE_AI_DEVELOPER = "64702f94-c441-49e6-a78b-ef80e0188fee"

# Audiences of the two data-plane token forms.
COGNITIVE = "https://cognitiveservices.azure.com"
FOUNDRY = "https://ai.azure.com"


@dataclass(frozen=True)
class Application:
    """A service principal with a secret."""

    app_id: str
    object_id: str
    secret: str
    display_name: str


class Tenant:
    """The demo tenant, acted on as its admin."""

    def __init__(self, env: dict[str, str]):
        self.env = env
        self.url, self.id = env["CUPOLA_URL"], env["CUPOLA_TENANT_ID"]
        self.subscription = f"/subscriptions/{env['CUPOLA_SUBSCRIPTION_ID']}"
        self.arm_audience = f"{self.url}/arm"
        self.wire = Wire(self.url, env["SSL_CERT_FILE"])
        self.admin = Application(env["CUPOLA_ADMIN_CLIENT_ID"], "", env["CUPOLA_ADMIN_CLIENT_SECRET"], "admin")
        self._tokens: dict[tuple[str, str], str] = {}

    # Tokens

    def ask_token(self, client_id: str, secret: str, scope: str, tenant: str | None = None) -> Answer:
        """The token endpoint's answer, whatever it is."""
        form = urlencode({"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret, "scope": scope})
        return self.wire.send("POST", f"/{tenant or self.id}/oauth2/v2.0/token",
                              {"Content-Type": "application/x-www-form-urlencoded"}, form.encode())

    def token(self, application: Application, audience: str) -> str:
        """An access token; kept for the run, so that a test of revocation uses the very token that worked before."""
        key = (application.app_id, audience)
        if key not in self._tokens:
            answer = self.ask_token(application.app_id, application.secret, f"{audience}/.default")
            assert answer.status == 200, answer.body
            self._tokens[key] = answer.json["access_token"]
        return self._tokens[key]

    # The two planes as a caller

    def arm(self, method: str, path: str, body=None, caller: Application | None = None, version: str = ARM_VERSION) -> Answer:
        """An ARM request; the admin's unless `caller` is given."""
        token = self.token(caller or self.admin, self.arm_audience)
        mark = "&" if "?" in path else "?"
        return self.wire.send(method, f"{path}{mark}{version}", {"Authorization": f"Bearer {token}"}, body)

    def graph(self, method: str, path: str, body=None, caller: Application | None = None) -> Answer:
        """A Graph request; the admin's unless `caller` is given."""
        token = self.token(caller or self.admin, self.url)
        return self.wire.send(method, f"/v1.0{path}", {"Authorization": f"Bearer {token}"}, body)

    # Principals and grants

    def new_application(self, name: str = "story") -> Application:
        """A service principal nobody has granted anything."""
        display_name = f"{name}-{uuid.uuid4().hex[:8]}"
        application = expect(201, self.graph("POST", "/applications", {"displayName": display_name}))
        password = expect(200, self.graph("POST", f"/applications/{application['id']}/addPassword", {"passwordCredential": {}}))
        principal = expect(201, self.graph("POST", "/servicePrincipals", {"appId": application["appId"]}))
        return Application(application["appId"], principal["id"], password["secretText"], display_name)

    def grant(self, principal: Application | str, role: str, scope: str, kind: str = "ServicePrincipal") -> str:
        """Assigns a role and returns the assignment's id."""
        object_id = principal if isinstance(principal, str) else principal.object_id
        path = f"{scope.rstrip('/')}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
        body = {"properties": {"principalId": object_id, "principalType": kind, "roleDefinitionId": self.role_id(role)}}
        return expect(201, self.arm("PUT", path, body, version=ROLES_VERSION))["id"]

    def revoke(self, assignment: str):
        """Removes an assignment."""
        answer = self.arm("DELETE", assignment, version=ROLES_VERSION)
        assert answer.status in (200, 204), answer.body

    def role_id(self, role: str) -> str:
        """A role's id as the management clients write it."""
        return f"{self.subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}"

    # Resources

    def new_group(self) -> str:
        """A fresh resource group's id."""
        path = f"{self.subscription}/resourceGroups/rg-{uuid.uuid4().hex[:8]}"
        return expect(201, self.arm("PUT", path, {"location": "eastus2"}))["id"]

    def new_account(self, group: str, **properties) -> "Account":
        """A fresh account of kind AIServices with a deployment `chat` on the embedded model, and a project `research`."""
        name = f"story{uuid.uuid4().hex[:8]}"
        account = Account(self, f"{group}/providers/Microsoft.CognitiveServices/accounts/{name}")
        expect(201, self.arm("PUT", account.id, {
            "kind": "AIServices", "location": "eastus2", "sku": {"name": "S0"}, "identity": {"type": "SystemAssigned"},
            "properties": {"customSubDomainName": name, "allowProjectManagement": True, **properties}}))
        expect(201, self.arm("PUT", f"{account.id}/deployments/chat", {
            "sku": {"name": "GlobalStandard", "capacity": 100}, "properties": {"model": self.embedded_model()}}))
        expect(201, self.arm("PUT", account.project, {
            "location": "eastus2", "identity": {"type": "SystemAssigned"}, "properties": {"displayName": "Research"}}))
        return account

    def demo_account(self) -> "Account":
        """The account of CUPOLA_OPENAI_ENDPOINT."""
        return self.account_of(self.env["CUPOLA_OPENAI_ENDPOINT"].split("/accounts/")[1].split("/")[0])

    def account_of(self, sub_domain: str) -> "Account":
        """An account of the demo subscription by its sub-domain."""
        listed = expect(200, self.arm("GET", f"{self.subscription}/providers/Microsoft.CognitiveServices/accounts"))
        return next(Account(self, entry["id"], self.env["CUPOLA_PROJECT_ENDPOINT"].rsplit("/", 1)[1]) for entry in listed["value"]
                    if entry["properties"]["customSubDomainName"].lower() == sub_domain.lower())

    def embedded_model(self) -> dict:
        """The model of the demo deployment `chat`, as a deployment's body names it."""
        model = expect(200, self.arm("GET", f"{self.demo_account().id}/deployments/chat"))["properties"]["model"]
        return {key: model[key] for key in ("format", "name", "version")}


class Account:
    """An account with a project, by its ARM id."""

    def __init__(self, tenant: Tenant, id: str, project: str = "research"):
        self.tenant, self.id, self.name = tenant, id, id.rsplit("/", 1)[1]
        self.project = f"{id}/projects/{project}"
        self.group = id.split("/providers/")[0]
        self.endpoint = f"{tenant.url}/accounts/{self.name}"
        self.openai_endpoint = f"{self.endpoint}/openai/v1"
        self.project_endpoint = f"{self.endpoint}/api/projects/{project}"

    def keys(self) -> dict[str, str]:
        """`key1` and `key2`."""
        return expect(200, self.tenant.arm("POST", f"{self.id}/listKeys"))

    def update(self, **properties):
        """PATCH of the account's properties."""
        return expect(200, self.tenant.arm("PATCH", self.id, {"sku": {"name": "S0"}, "properties": properties}))


def expect(status: int, answer: Answer):
    """The body of an answer that must have this status."""
    assert answer.status == status, f"{answer.status} instead of {status}: {answer.body.decode(errors='replace')}"
    return answer.json if answer.body else None


def claims(token: str) -> dict:
    """A token's claims, unverified: the tests read what the server wrote."""
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def access_decision(error: dict) -> dict:
    """The explanation inside an error envelope's `error` object."""
    (info,) = [entry["info"] for entry in error["additionalInfo"] if entry["type"] == "AccessDecision"]
    return info
