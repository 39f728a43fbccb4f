"""Somebody else's gateway, on loopback, as connections ask it: chat completions (and Anthropic's messages) by the script that the
user's message carries. It has a door for each way to sign in, lists its models in both shapes, and takes nothing wrong."""

import json
import threading
import time
import uuid
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from support.provider import FIELDS, Received
from support.replying import Replying
from support.script import Wrong, answer_to
from support.speech import Chat, Messages

KEY = "sk-a-key-of-the-scripted-gateway"
CLIENT = ("client-of-the-gateway", "secret-of-that-client")
VERSION = "2024-10-21"
BUSY_FOR_S = 7
# A story that does not let the gateway go on has gone wrong; ten times what any needs.
PATIENCE_S = 60
# What each model does. `whole` answers whole, whatever was asked.
MODELS = ("scripted", "whole", "busy", "fails", "cut")


@dataclass(frozen=True)
class Door:
    """How one signs in: the header and what it holds, and headers that must be there besides."""

    header: str
    form: str = "{}"
    besides: tuple[tuple[str, str], ...] = ()


DOORS = {
    "key": Door("api-key"),
    "bearer": Door("authorization", "Bearer {}"),
    "custom": Door("x-gateway-key", "Key {}", (("x-team", "research"),)),
    "oauth": Door("authorization", "Bearer {}"),
    # Whoever has a token of Cupola's: what it says is the story's to look at.
    "identity": Door("authorization", "Bearer {}"),
}


class Nowhere(Exception):
    """A path, or a version of it, that is not there; such gateways do not say which."""


class Gateway:
    """`{url}/{door}/v1` takes the model in the body, `{url}/{door}` in the path; `{url}/token` issues tokens for `oauth`."""

    def __init__(self):
        self.received: list[Received] = []
        # Tokens by when they end; how many were issued; what the token endpoint does instead, if anything.
        self.tokens: dict[str, float] = {}
        self.issued, self.lives_s, self.issues = 0, 3600, True
        # While it is clear, an answer with `hold` in its script stops in the middle.
        self.go_on = threading.Event()
        self.go_on.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"gateway": self}))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def last(self) -> Received:
        """The newest request for an answer."""
        return self.received[-1]

    def asked(self, marker: str) -> list[Received]:
        """The requests whose conversation has these words in it, oldest first."""
        return [one for one in list(self.received) if marker in json.dumps(one.body)]

    def issue(self) -> dict:
        """A new token's answer."""
        token, self.issued = uuid.uuid4().hex, self.issued + 1
        self.tokens[token] = time.monotonic() + self.lives_s
        return {"access_token": token, "token_type": "Bearer", "expires_in": self.lives_s}

    def forget_tokens(self):
        """All tokens are refused from now on, whatever they were promised."""
        self.tokens.clear()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


class _Handler(Replying):
    gateway: Gateway

    def do_GET(self):
        door, _, path = urlsplit(self.path).path.strip("/").partition("/")
        if refused := self._refusal(door):
            return self.reply(401, Chat().error(401, "unauthorized", refused))
        words = path.removeprefix("v1/").split("/")
        if words[0] not in ("models", "deployments") or len(words) > 2 or words[1:] not in ([], *([name] for name in MODELS)):
            return self.reply(404, Chat().error(404, "not_found", f"nothing is at `{self.path}`"))
        shape, key = (openai_model, "data") if words[0] == "models" else (azure_deployment, "value")
        self.reply(200, shape(words[1]) if words[1:] else {key: [shape(name) for name in MODELS]})

    def do_POST(self):
        raw, path = self.received_body(), urlsplit(self.path).path.strip("/")
        if path == "token":
            return self._token(raw)
        body = json.loads(raw)
        self.gateway.received.append(Received(self.path, self.received_headers(), body))
        door, _, path = path.partition("/")
        if refused := self._refusal(door):
            return self.reply(401, Chat().error(401, "unauthorized", refused))
        try:
            model, speech = self._asked(path, body)
            check(speech, body)
            answer, holds = answer_to(body)
        except Nowhere as nowhere:
            return self.reply(404, Chat().error(404, "not_found", str(nowhere)))
        except (Wrong, LookupError, TypeError, AttributeError, ValueError) as wrong:
            return self.reply(400, Chat().error(400, "wrong", f"the scripted gateway: {wrong!r}"))
        if model not in MODELS:
            return self.reply(404, Chat().error(404, "model_not_found", f"the scripted gateway has no model `{model}`"))
        self._act(model, speech, answer, holds, body)

    def _token(self, raw: bytes):
        form = {name: values[0] for name, values in parse_qs(raw.decode()).items()}
        if (form.get("client_id"), form.get("client_secret")) != CLIENT or form.get("grant_type") != "client_credentials":
            return self.reply(401, {"error": "invalid_client", "error_description": "no such client"})
        if not self.gateway.issues:
            return self.reply(503, {"error": "temporarily_unavailable", "error_description": "not now"})
        self.reply(200, self.gateway.issue())

    def _refusal(self, door: str) -> str | None:
        """Why the caller stays outside."""
        sent, how = self.received_headers(), DOORS[door]
        before, _, after = how.form.partition("{}")
        value = sent.get(how.header, "")
        given = value.removeprefix(before).removesuffix(after) if value.startswith(before) and value.endswith(after) else ""
        if any(sent.get(name) != wanted for name, wanted in how.besides):
            return f"`{[name for name, _ in how.besides]}` must be there"
        if door == "identity":
            return None if given.count(".") == 2 else "that is not a token"
        if door == "oauth":
            return None if self.gateway.tokens.get(given, 0) > time.monotonic() else "that token is not one of ours, or it has ended"
        return None if given == KEY else f"no key in `{how.header}`, or a wrong one"

    def _asked(self, path: str, body: dict):
        """The model and the protocol of a request."""
        words = path.split("/")
        if words[0] == "deployments" and words[2:] == ["chat", "completions"]:
            if "model" in body:
                raise Wrong("a model in the body and in the path")
            if urlsplit(self.path).query != f"api-version={VERSION}":
                raise Nowhere("Resource not found")
            return words[1], Chat()
        speech = {"v1/chat/completions": Chat(), "v1/messages": Messages()}.get(path)
        if speech is None or urlsplit(self.path).query:
            raise Nowhere(f"nothing is at `{self.path}`")
        return body["model"], speech

    def _act(self, model: str, speech, answer, holds: bool, body: dict):
        if model == "busy":
            return self.reply(429, speech.error(429, "rate_limit_exceeded", "Too many tokens."), {"retry-after": str(BUSY_FOR_S)})
        if model == "fails":
            return self.reply(500, speech.error(500, "model_broke", "The model broke down."))
        if model == "whole" or not body.get("stream"):
            return self.reply(200, speech.whole(answer, body))
        events = speech.events(answer, body)
        self.begin_stream()
        middle = len(events) // 2
        for event in events[:middle]:
            self.send_piece(event)
        if model == "cut" or holds and not self.gateway.go_on.wait(PATIENCE_S):
            self.close_connection = True
            return
        for event in events[middle:]:
            self.send_piece(event)
        self.end_stream()


def check(speech, body: dict):
    """The rules of such a gateway for bodies."""
    unknown = {name for name, value in body.items() if value is not None} - FIELDS[type(speech)]
    if unknown:
        raise Wrong(f"unknown fields {sorted(unknown)}")
    if body.get("stream_options") and not body.get("stream"):
        raise Wrong("stream_options without stream")
    if not body["messages"]:
        raise Wrong("no messages")


def openai_model(name: str) -> dict:
    """A model as OpenAI lists it."""
    return {"id": name, "object": "model", "created": 1760000000, "owned_by": "them"}


def azure_deployment(name: str) -> dict:
    """A model as Azure lists a deployment."""
    return {"name": name, "properties": {"model": {"format": "OpenAI", "name": name, "version": "1"}}}
