"""A project as its users see it: the real project client, and connections made by the admin."""

import json

from azure.ai.projects import AIProjectClient
from azure.identity import ClientSecretCredential

from support.tenant import FOUNDRY_USER, Account, Application, Tenant, expect


class Project:
    """A project of an account, and what its admin does to it."""

    def __init__(self, tenant: Tenant, account: Account):
        self.tenant, self.account, self.id = tenant, account, account.project
        self.endpoint = account.project_endpoint

    def client(self, application: Application) -> AIProjectClient:
        """The project client of somebody, as the documents show it."""
        credential = ClientSecretCredential(self.tenant.id, application.app_id, application.secret,
                                            authority=self.tenant.url, disable_instance_discovery=True)
        # A refusal is seen once, as it was sent.
        return AIProjectClient(self.endpoint, credential, retry_total=0)

    def new_user(self) -> Application:
        """Somebody with the role Foundry User at the project."""
        application = self.tenant.new_application()
        self.tenant.grant(application, FOUNDRY_USER, self.id)
        return application

    def connect(self, name: str, properties: dict, at: str | None = None) -> str:
        """Makes a connection of the project, or of the account when `at` says so; returns its id."""
        path = f"{at or self.id}/connections/{name}"
        return expect(200, self.tenant.arm("PUT", path, {"properties": properties}))["id"]

    @property
    def principal(self) -> str:
        """The object id of the project's managed identity."""
        return expect(200, self.tenant.arm("GET", self.id))["identity"]["principalId"]


def gateway_connection(target: str, category: str = "ModelGateway", auth: str = "ApiKey", credentials: dict | None = None,
                       more: dict | None = None, **metadata) -> dict:
    """The properties of a connection to a gateway; metadata that is no string is encoded, as the contract wants it."""
    written = {name: value if isinstance(value, str) else json.dumps(value) for name, value in metadata.items()}
    return {"category": category, "target": target, "authType": auth, "credentials": credentials or {}, "metadata": written,
            "isSharedToAll": False} | (more or {})


def static(*names: str, format: str = "OpenAI") -> list[dict]:
    """The value of `models`: what the gateway offers, each named on the wire as it is."""
    return [{"name": name, "properties": {"model": {"name": name, "version": "1", "format": format}}} for name in names]
