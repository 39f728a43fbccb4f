"""How long adding a message takes to conversations that have a hundred, when there are a thousand of them: lines of a table."""

import http.client
import json
import ssl
import sys
import tempfile
import time
from pathlib import Path

# The tests know how a server is started, and who may do what in its demo tenant.
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "clients"))

from support.server import Server
from support.tenant import FOUNDRY, FOUNDRY_USER, Tenant

CONVERSATIONS, MESSAGES = 1000, 100
# The last ones are added by themselves and timed; those before come as many at once as a request may have.
TIMED, AT_ONCE = 3, 20
TEXT = "What is the capital of Germany, and how many people lived there in the year in which its wall was built? " * 2


class Line:
    """One connection to the server, kept."""

    def __init__(self, tenant: Tenant, path: str, token: str):
        trust = ssl.create_default_context(cafile=tenant.env["SSL_CERT_FILE"])
        self._line = http.client.HTTPSConnection(tenant.wire.host, tenant.wire.port, context=trust)
        self._path, self._headers = path, {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body=None) -> tuple[float, dict]:
        """Milliseconds until the answer was read, and the answer."""
        written = None if body is None else json.dumps(body)
        started = time.perf_counter()
        self._line.request(method, self._path + path, written, self._headers)
        answer = self._line.getresponse()
        read = answer.read()
        took = (time.perf_counter() - started) * 1000
        assert answer.status == 200, f"{answer.status}: {read[:500]}"
        return took, json.loads(read)


def row(name: str, aim: str, took: list[float]):
    took = sorted(took)
    at = lambda share: f"{took[min(int(len(took) * share), len(took) - 1)]:.2f} ms"
    print(f"| {name} | {aim} | {at(0)} | {at(0.5)} | {at(0.99)} |")


def measure(server: Server):
    tenant = Tenant(server.env)
    account = tenant.demo_account()
    user = tenant.new_application()
    tenant.grant(user, FOUNDRY_USER, account.project)
    line = Line(tenant, f"{account.project_endpoint.removeprefix(tenant.url)}/openai/v1/conversations", tenant.token(user, FOUNDRY))
    made = [line.ask("POST", "", {}) for _ in range(CONVERSATIONS)]
    ids = [body["id"] for _, body in made]
    item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": TEXT}]}
    rounds = []
    for id in ids:
        for at in range(0, MESSAGES - TIMED, AT_ONCE):
            line.ask("POST", f"/{id}/items", {"items": [item] * min(AT_ONCE, MESSAGES - TIMED - at)})
    for _ in range(TIMED):
        rounds.append([line.ask("POST", f"/{id}/items", {"items": [item]})[0] for id in ids])
    pages = [line.ask("GET", f"/{id}/items?limit=20&order=desc") for id in ids]
    assert all(len(page["data"]) == 20 for _, page in pages)
    row("make a conversation", "", [took for took, _ in made])
    row(f"add a message, {CONVERSATIONS} × {MESSAGES}", "p99 ≤ 20 ms", [took for each in rounds for took in each])
    row("the last message of each", "", rounds[-1])
    row("read the last 20", "", [took for took, _ in pages])


binary = Path(sys.argv[1])
with tempfile.TemporaryDirectory() as folder:
    print("\n| | aim | min | median | p99 |\n|---|---|---|---|---|")
    running = Server(binary, Path(folder) / "data")
    try:
        measure(running)
    finally:
        running.kill()
