"""Runs in LiteLLM's own environment: each line of stdin is a call of the library, each line of stdout its result or its error."""

import json
import sys

import litellm

litellm.telemetry = False
litellm.suppress_debug_info = True


def dump(value):
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else value


def run(function: str, arguments: dict):
    answer = getattr(litellm, function)(**arguments)
    return [dump(chunk) for chunk in answer] if arguments.get("stream") else dump(answer)


# Whatever the library prints is not an answer.
answers, sys.stdout = sys.stdout, sys.stderr
for line in sys.stdin:
    try:
        said = {"result": run(**json.loads(line))}
    except Exception as error:
        said = {"error": {"type": type(error).__name__, "status": getattr(error, "status_code", None), "message": str(error)}}
    print(json.dumps(said), file=answers, flush=True)
