"""A provider that answers by a script: OpenAI (chat, completions, embeddings, responses), Azure OpenAI and Anthropic on one port. It
refuses with 400 whatever such a provider would not take, so that a wrong request fails its story."""

import json
import threading
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from urllib.parse import urlsplit

from support.replying import Replying
from support.speech import Answer, Call, Chat, Completions, Embeddings, Messages, Responses

KEY = "sk-a-key-of-the-scripted-provider"
SAYS = "Berlin is the capital of Germany."
THINKS = "The user asks for a capital."
BROKE = ("model_broke", "The model broke down.")
# How a busy one says when to come again.
BUSY_FOR_S = 7
# A story that does not let the provider go on has gone wrong; ten times what any needs.
PATIENCE_S = 30

# The path below a base URL, and what is spoken there.
PATHS = {"chat/completions": Chat(), "completions": Completions(), "embeddings": Embeddings(), "responses": Responses(),
         "v1/messages": Messages(), "v1/messages/count_tokens": Messages()}
# Each kind of provider has its folder; the header of its key, and what stands before the key.
CREDENTIALS = {"chat": ("authorization", "Bearer "), "openai": ("authorization", "Bearer "), "azure": ("api-key", ""),
               "anthropic": ("x-api-key", "")}
CREDENTIAL_HEADERS = {"authorization", "api-key", "x-api-key", "cookie"}
FIELDS = {
    Chat: {"model", "messages", "stream", "stream_options", "tools", "tool_choice", "parallel_tool_calls", "response_format", "n",
           "max_tokens", "max_completion_tokens", "temperature", "top_p", "stop", "seed", "user", "reasoning_effort", "logprobs",
           "presence_penalty", "frequency_penalty", "metadata", "not_of_openai"},
    Completions: {"model", "prompt", "max_tokens", "temperature", "stop", "stream", "stream_options", "n", "seed"},
    Embeddings: {"model", "input", "encoding_format", "dimensions", "user", "input_type"},
    Responses: {"model", "input", "instructions", "tools", "tool_choice", "parallel_tool_calls", "text", "max_output_tokens",
                "temperature", "top_p", "reasoning", "include", "metadata", "store", "stream", "user"},
    Messages: {"model", "messages", "max_tokens", "system", "tools", "tool_choice", "thinking", "output_config", "temperature",
               "top_p", "top_k", "stop_sequences", "metadata", "stream"},
}
REQUIRED = {Chat: "messages", Completions: "prompt", Embeddings: "input", Responses: "input", Messages: "messages"}


@dataclass
class Received:
    """A request as it came; names of headers in lower case."""

    path: str
    headers: dict[str, str]
    body: dict


class Wrong(Exception):
    """What no such provider would take."""


class Provider:
    """`url` is the server; the base URL of a kind is `{url}/{kind}`."""

    def __init__(self):
        self.received: list[Received] = []
        # A `held` answer goes on when a story says so; `left` is set when the reader of an `endless` one has gone.
        self.go_on, self.left = threading.Event(), threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"provider": self}))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def last(self) -> Received:
        """The newest request."""
        return self.received[-1]

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


class _Handler(Replying):
    provider: Provider

    def do_POST(self):
        body = json.loads(self.received_body())
        received = Received(self.path, self.received_headers(), body)
        self.provider.received.append(received)
        kind, _, path = urlsplit(self.path).path.strip("/").partition("/")
        path = path.removeprefix("v1/") if kind != "anthropic" else path
        try:
            if kind == "azure":
                path, body = azure(path, self.path, body)
            speech = PATHS[path]
            check_head(kind, received.headers)
            check(speech, body)
            result_of(body)
        except (Wrong, LookupError, TypeError, AttributeError) as wrong:
            return self.reply(400, Chat().error(400, "wrong", f"the scripted provider: {wrong!r}"))
        if path.endswith("count_tokens"):
            return self.reply(200, {"input_tokens": 42})
        self._act(body["model"], speech, body)

    def _act(self, script: str, speech, body: dict):
        if script == "busy":
            busy = speech.error(429, "rate_limit_exceeded", "Too many tokens.")
            return self.reply(429, busy, {"retry-after": str(BUSY_FOR_S), "x-request-id": "req_theirs"})
        if script == "fails" and not body.get("stream"):
            return self.reply(500, speech.error(500, *BROKE))
        answer = answer_of(script, body)
        if not body.get("stream"):
            return self.reply(200, speech.whole(answer, body))
        events = speech.events(answer, body)
        middle = next((at + 1 for at, event in enumerate(events) if b'"Berlin' in event), len(events))
        self.begin_stream()
        for event in events[:middle]:
            self.send_piece(event)
        if script == "fails":
            self.send_piece(speech.error_event(*BROKE))
        elif script == "cut":
            # No last chunk: the connection just ends.
            self.close_connection = True
            return
        elif script == "endless":
            return self._repeat(events[middle - 1])
        else:
            if script == "held" and not self.provider.go_on.wait(PATIENCE_S):
                self.close_connection = True
                return
            for event in events[middle:]:
                self.send_piece(event)
        self.end_stream()

    def _repeat(self, event: bytes):
        self.close_connection = True
        try:
            while True:
                self.send_piece(event)
        except OSError:
            self.provider.left.set()


def azure(path: str, url: str, body: dict) -> tuple[str, dict]:
    """The path below a deployment; a resource ignores the body's model there."""
    if urlsplit(url).query != "api-version=2024-10-21":
        raise Wrong(f"the query of `{url}`")
    words = path.split("/")
    if words[:2] == ["openai", "deployments"]:
        return "/".join(words[3:]), body | {"model": words[2]}
    return "/".join(words[1:]), body


def check_head(kind: str, headers: dict[str, str]):
    """The provider's own key and no other, JSON, and Anthropic's version."""
    name, before = CREDENTIALS[kind]
    sent = {header: value for header, value in headers.items() if header in CREDENTIAL_HEADERS}
    if sent != {name: f"{before}{KEY}"}:
        raise Wrong(f"credentials in {sorted(sent)}")
    if headers.get("content-type") != "application/json":
        raise Wrong(f"content-type `{headers.get('content-type')}`")
    if kind == "anthropic" and not headers.get("anthropic-version"):
        raise Wrong("no anthropic-version")


def check(speech, body: dict):
    """The rules that such a provider has for bodies."""
    if REQUIRED[type(speech)] not in body:
        raise Wrong(f"no `{REQUIRED[type(speech)]}`")
    unknown = {name for name, value in body.items() if value is not None} - FIELDS[type(speech)]
    if unknown:
        raise Wrong(f"unknown fields {sorted(unknown)}")
    if body.get("stream_options") and not body.get("stream"):
        raise Wrong("stream_options without stream")
    if isinstance(speech, Responses) and (body.get("store") is not False or not body.get("input")):
        raise Wrong("store is not false, or there is no input")
    if isinstance(speech, Messages):
        roles = [message["role"] for message in body["messages"]]
        if any(role != ("user", "assistant")[at % 2] for at, role in enumerate(roles)):
            raise Wrong(f"roles {roles}")
    if isinstance(speech, (Chat, Messages)) and not body["messages"]:
        raise Wrong("no messages")


def answer_of(script: str, body: dict) -> Answer:
    """A function is called where there is one and it has not answered yet; then its result is said."""
    result, tools = result_of(body), body.get("tools") or []
    if result is not None:
        return Answer(f"It is {result}.")
    if tools:
        tool = tools[0].get("function") or tools[0]
        return Answer(calls=(Call(tool["name"], json.dumps({"city": "Berlin"})),))
    if schema_of(body):
        return Answer(json.dumps({"city": "Berlin"}))
    return Answer(SAYS, THINKS if script == "thinks" else "")


def result_of(body: dict) -> str | None:
    """The result of the one call, by its id; its call must stand before it."""
    said = body.get("messages") or body.get("input") or []
    blocks = []
    for item in (said if isinstance(said, list) else []):
        if not isinstance(item, dict):
            continue
        blocks.append(item)
        blocks += item["content"] if isinstance(item.get("content"), list) else []
        blocks += item.get("tool_calls") or []
    is_call = {"function_call", "function", "tool_use"}
    calls = [block.get("call_id", block.get("id")) for block in blocks if block.get("type") in is_call]
    for block in blocks:
        for key, content in (("tool_call_id", "content"), ("tool_use_id", "content"), ("call_id", "output")):
            if key in block and content in block:
                if block[key] not in calls:
                    raise Wrong(f"a result of `{block[key]}`, which was not called: {calls}")
                value = block[content]
                return value if isinstance(value, str) else value[0]["text"]
    return None


def schema_of(body: dict):
    """The schema of the answer, wherever the protocol has it."""
    places = ("response_format", "text", "output_config")
    return next((body[place] for place in places if "json_schema" in json.dumps(body.get(place))), None)
