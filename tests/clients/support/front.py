"""A Cupola in front of a scripted provider: one deployment for each kind of provider and each script, named `{kind}-{script}`."""

import ssl
from pathlib import Path

from support.provider import KEY, Provider
from support.server import Server
from support.tenant import Account, Tenant, expect

# The provider's kinds by its folders. `chat` is an OpenAI-like one that has no responses, as most have not.
UPSTREAMS = {
    "chat": 'kind = "openai"\nbase_url = "{url}/chat/v1"',
    "openai": 'kind = "openai"\nbase_url = "{url}/openai/v1"\nresponses = true',
    "azure": 'kind = "azure_openai"\nbase_url = "{url}/azure"\napi_version = "2024-10-21"',
    "anthropic": 'kind = "anthropic"\nbase_url = "{url}/anthropic"',
}
SCRIPTS = ("says", "thinks", "fails", "cut", "busy", "held", "endless")
MODEL = """
[[model]]
name = "{kind}-{script}"
version = "1"
format = "OpenAI"
publisher = "{kind}"
{more}
runs = {{ upstream = {{ name = "{kind}", model = "{script}" }} }}
"""
# A model whose capacity is counted in small coin, so that its tokens run out before its requests: 1800 and 600 a minute for 100 units.
METERED = MODEL.format(kind="chat", script="says", more="tokens_per_unit = 18").replace('"chat-says"', '"chat-metered"')
# A model of vectors beside them.
VECTORS = MODEL.format(kind="openai", script="vectors", more='capability = "embeddings"')


class Front:
    """The server, the provider behind it, and an account with all deployments."""

    def __init__(self, binary: Path, folder: Path):
        self.provider = Provider()
        catalog = folder / "models.toml"
        upstreams = "".join(f'[[upstream]]\nname = "{kind}"\n{text.format(url=self.provider.url)}\ncredential = {{ env = "THEIR_KEY" }}\n'
                            for kind, text in UPSTREAMS.items())
        self.names = [f"{kind}-{script}" for kind in UPSTREAMS for script in SCRIPTS]
        models = "".join(MODEL.format(kind=kind, script=script, more="") for kind in UPSTREAMS for script in SCRIPTS)
        catalog.write_text(upstreams + models + METERED + VECTORS)
        self.server = Server(binary, folder / "data", CUPOLA_MODEL_CATALOG=str(catalog), THEIR_KEY=KEY,
                             CUPOLA_EGRESS_ALLOWED_TARGETS=self.provider.url)
        self.tenant = Tenant(self.server.env)
        self.account: Account = self.tenant.demo_account()
        for name in (*self.names, "openai-vectors"):
            self.deploy(name, name, 100)
        self.key = self.account.keys()["key1"]
        self.ca_file = self.server.env["SSL_CERT_FILE"]
        self.trust = ssl.create_default_context(cafile=self.ca_file)

    def deploy(self, name: str, model: str, capacity: int):
        """A deployment in the account."""
        body = {"sku": {"name": "GlobalStandard", "capacity": capacity},
                "properties": {"model": {"format": "OpenAI", "name": model, "version": "1"}}}
        expect(201, self.tenant.arm("PUT", f"{self.account.id}/deployments/{name}", body))

    def stop(self) -> int:
        code = self.server.stop()
        self.provider.stop()
        return code
