"""A real MCP server (the `mcp` package, streamable HTTP) on loopback, with tools that tell what was asked of them."""

import asyncio
import socket
import threading
import time

import uvicorn
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError

KEY = "sk-a-key-of-the-toolbox"
READY_TIMEOUT_S = 30
# A held call that nobody lets go on belongs to a story that has gone wrong.
PATIENCE_S = 120


class Toolbox:
    """`{url}/open/mcp` is for all, `{url}/keyed/mcp` wants `x-tools-key`, `{url}/token/mcp` a bearer token."""

    def __init__(self):
        # The key of each call of `note` as it began, and the headers that it came with.
        self.noted: list[str] = []
        self.headers: dict[str, dict[str, str]] = {}
        # How many went through each door, whatever they asked.
        self.asked = {"open": 0, "keyed": 0, "token": 0}
        # While it is clear, calls of `note` begin and do not end.
        self.go_on = threading.Event()
        self.go_on.set()
        listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self._server = uvicorn.Server(uvicorn.Config(self._app(), log_level="critical", timeout_graceful_shutdown=1))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listening]}, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + READY_TIMEOUT_S
        while not self._server.started and time.monotonic() < deadline:
            time.sleep(0.01)
        assert self._server.started, "the MCP server did not start"

    def stop(self):
        self.go_on.set()
        self._server.should_exit = True
        self._thread.join(READY_TIMEOUT_S)

    def _app(self):
        mcp = MCPServer("toolbox", log_level="CRITICAL")

        @mcp.tool()
        def add(a: int, b: int) -> int:
            """Adds two numbers."""
            return a + b

        @mcp.tool()
        async def note(key: str, ctx: Context) -> str:
            """Keeps a note."""
            self.noted.append(key)
            self.headers[key] = dict(ctx.headers or {})
            await asyncio.to_thread(self.go_on.wait, PATIENCE_S)
            return f"noted {key}"

        @mcp.tool()
        def fail(reason: str) -> str:
            """Fails, and says why."""
            raise ToolError(f"it failed: {reason}")

        return _Doors(mcp.streamable_http_app(), self.asked)


class _Doors:
    """Looks at the credential, and takes the door out of the path."""

    def __init__(self, app, asked: dict[str, int]):
        self.app, self.asked = app, asked

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            door, _, path = scope["path"].strip("/").partition("/")
            headers = {name.decode(): value.decode() for name, value in scope["headers"]}
            self.asked[door] += 1
            if not self._admits(door, headers):
                await send({"type": "http.response.start", "status": 401, "headers": [(b"content-type", b"text/plain")]})
                return await send({"type": "http.response.body", "body": b"no key"})
            scope = scope | {"path": f"/{path}", "raw_path": f"/{path}".encode()}
        await self.app(scope, receive, send)

    @staticmethod
    def _admits(door: str, headers: dict[str, str]) -> bool:
        if door == "keyed":
            return headers.get("x-tools-key") == KEY
        return door == "open" or headers.get("authorization", "").startswith("Bearer ")
