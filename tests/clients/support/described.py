"""What schemathesis is told of a running server: who asks, and what is there. It is loaded into schemathesis itself, not into pytest."""

import os
import zlib

import schemathesis

PROJECT = "/api/projects/"


@schemathesis.hook
def before_call(context, case, kwargs):
    """Puts the names of things that are there in place of made-up ones; every fourth deployment and response stays made up."""
    headers = {"Authorization": f"Bearer {os.environ['DESCRIBED_TOKEN']}"} if PROJECT in case.operation.path else {
        "api-key": os.environ["DESCRIBED_KEY"]}
    case.headers.update(headers)
    path = case.path_parameters
    for name, value in path.items():
        if name in ("account", "project") or not stays(value):
            # Of what is not told there is none.
            path[name] = os.environ.get(f"DESCRIBED_{name.upper()}", value)
    if isinstance(case.body, dict) and isinstance(case.body.get("model"), str) and not stays(case.body["model"]):
        case.body["model"] = deployment(case.operation.path)
    if "deployment" in path and path["deployment"] == os.environ["DESCRIBED_DEPLOYMENT"]:
        path["deployment"] = deployment(case.operation.path)


def deployment(path: str) -> str:
    """The deployment that can do what the path asks for."""
    return os.environ["DESCRIBED_VECTORS" if path.endswith("/embeddings") else "DESCRIBED_DEPLOYMENT"]


def stays(value) -> bool:
    """The same of the same value in every run."""
    return zlib.crc32(str(value).encode()) % 4 == 0
