"""The four steps of Microsoft's public validators of gateway connections, as they are described: the parameters, the list of models,
one model, one answer. They ask the gateway itself, with what the connection would say."""

import json
from dataclasses import dataclass, field

from support.wire import Answer, Wire

PLACEHOLDER = "{deploymentName}"
# Where a list has its models, and where each has its name.
SHAPES = {"OpenAI": ("data", lambda one: one["id"]), "AzureOpenAI": ("value", lambda one: one["name"])}


class Failed(Exception):
    """A step that failed: its name, and what to look at."""

    def __init__(self, step: str, hint: str):
        super().__init__(f"{step}: {hint}")
        self.step, self.hint = step, hint


@dataclass
class Parameters:
    """What the connection says. `target` is a path of the server, without a slash at its end."""

    target: str
    deployment_in_path: bool = False
    inference_version: str = ""
    models: list | None = None
    discovery: dict | None = None
    discovery_version: str = ""
    headers: dict[str, str] = field(default_factory=dict)


class Validator:
    """Runs the steps against one server."""

    def __init__(self, wire: Wire, parameters: Parameters, headers: dict[str, str]):
        self.wire, self.asked, self.headers = wire, parameters, parameters.headers | headers

    def run(self, deployment: str) -> dict:
        """All steps; the answer of the last."""
        self.check_parameters()
        if self.asked.discovery:
            names = self.list_models()
            if deployment not in names:
                raise Failed("list", f"`{deployment}` is not among {names}")
            self.get_model(deployment)
        elif deployment not in [one["name"] for one in self.asked.models]:
            raise Failed("parameters", f"`{deployment}` is not in `models`")
        return self.chat(deployment)

    def check_parameters(self):
        """Static or dynamic and not both, a known provider, a place for the name."""
        if bool(self.asked.models) == bool(self.asked.discovery):
            raise Failed("parameters", "either `models` or `modelDiscovery`")
        if not self.asked.discovery:
            return
        if self.asked.discovery["deploymentProvider"] not in SHAPES:
            raise Failed("parameters", "`deploymentProvider` is OpenAI or AzureOpenAI")
        if PLACEHOLDER not in self.asked.discovery["getModelEndpoint"]:
            raise Failed("parameters", f"`getModelEndpoint` has no {PLACEHOLDER}")

    def list_models(self) -> list[str]:
        """The names, in the shape of the provider."""
        key, name = SHAPES[self.asked.discovery["deploymentProvider"]]
        listed = self._get("list", self.asked.discovery["listModelsEndpoint"])
        if not listed.get(key):
            raise Failed("list", f"no `{key}`: is `deploymentProvider` right?")
        return [name(one) for one in listed[key]]

    def get_model(self, deployment: str):
        """One model, in the shape of the provider."""
        _, name = SHAPES[self.asked.discovery["deploymentProvider"]]
        found = self._get("get", self.asked.discovery["getModelEndpoint"].replace(PLACEHOLDER, deployment))
        if name(found) != deployment:
            raise Failed("get", f"`{name(found)}` instead of `{deployment}`")

    def chat(self, deployment: str) -> dict:
        """One answer, not streamed."""
        body = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 5}
        path = f"/deployments/{deployment}/chat/completions" if self.asked.deployment_in_path else "/chat/completions"
        body |= {} if self.asked.deployment_in_path else {"model": deployment}
        answer = self.wire.send("POST", self._url(path, self.asked.inference_version), self.headers, body)
        said = self._expect("chat", answer, "flip `deploymentInPath`, or the api-version")
        if not said["choices"][0]["message"]:
            raise Failed("chat", "no message")
        return said

    def _get(self, step: str, path: str) -> dict:
        return self._expect(step, self.wire.send("GET", self._url(path, self.asked.discovery_version), self.headers), "the endpoint")

    def _url(self, path: str, version: str) -> str:
        return f"{self.asked.target}/{path.lstrip('/')}" + (f"?api-version={version}" if version else "")

    def _expect(self, step: str, answer: Answer, at_404: str) -> dict:
        hints = {401: "the key", 403: "the key", 404: at_404}
        if answer.status != 200:
            raise Failed(step, hints.get(answer.status, f"{answer.status}: {answer.body[:200].decode()}"))
        return json.loads(answer.body)
