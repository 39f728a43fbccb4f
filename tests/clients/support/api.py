"""An HTTP API with an OpenAPI description, as an agent's tool: for all, for who has a key, for who has a token of Cupola's."""

import json
import threading
from http.server import ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from support.provider import Received
from support.replying import Replying

KEY = "sk-a-key-of-the-weather-service"
DEGREES = 21


class Api:
    """`GET {url}/{door}/weather/{city}` and `POST {url}/{door}/notes`; the doors are `open`, `keyed` and `token`."""

    def __init__(self):
        self.received: list[Received] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"api": self}))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def last(self) -> Received:
        """The newest request."""
        return self.received[-1]

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def description(self, door: str) -> dict:
        """The API behind one door, as its owner describes it."""
        schemes = {"keyed": {"theirKey": {"type": "apiKey", "in": "header", "name": "x-weather-key"}},
                   "token": {"theirToken": {"type": "http", "scheme": "bearer"}}}.get(door, {})
        return {
            "openapi": "3.0.3", "info": {"title": "Weather", "version": "1"}, "servers": [{"url": f"{self.url}/{door}"}],
            "components": {"securitySchemes": schemes}, "security": [{name: []} for name in schemes],
            "paths": {
                "/weather/{city}": {"get": {
                    "operationId": "get_weather", "summary": "The weather of a city.",
                    "parameters": [{"name": "city", "in": "path", "required": True, "schema": {"type": "string"}},
                                   {"name": "unit", "in": "query", "schema": {"type": "string", "enum": ["C", "F"]}}],
                    "responses": {"200": {"description": "It."}}}},
                "/notes": {"post": {
                    "operationId": "add_note", "summary": "Keeps a note.",
                    "requestBody": {"required": True, "content": {"application/json": {"schema": {
                        "type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}}}},
                    "responses": {"201": {"description": "Kept."}}}},
            },
        }


class _Handler(Replying):
    api: Api

    def do_GET(self):
        self._answer(None)

    def do_POST(self):
        self._answer(json.loads(self.received_body()))

    def _answer(self, body):
        headers = self.received_headers()
        self.api.received.append(Received(self.path, headers, body))
        parts = urlsplit(self.path)
        door, *words = (unquote(word) for word in parts.path.strip("/").split("/"))
        signed_in = {"open": True, "keyed": headers.get("x-weather-key") == KEY,
                     "token": headers.get("authorization", "").startswith("Bearer ")}[door]
        if not signed_in:
            return self.reply(401, {"error": "who are you?"})
        if self.command == "GET" and words[:1] == ["weather"] and len(words) == 2:
            unit = parse_qs(parts.query).get("unit", ["C"])[0]
            return self.reply(200, {"city": words[1], "unit": unit, "degrees": DEGREES})
        if self.command == "POST" and words == ["notes"]:
            return self.reply(201, {"kept": body["text"]})
        self.reply(404, {"error": f"nothing is at `{self.path}`"})
