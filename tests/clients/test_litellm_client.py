"""LiteLLM as a library, unchanged: each of the ways in which its users name a model of ours."""

import json
import subprocess
from pathlib import Path

import pytest

from support.litellm import executable
from support.provider import SAYS
from support.server import clean_environment
from support.speech import READ, VECTOR, WRITTEN

HELLO = [{"role": "user", "content": "What is the capital of Germany?"}]
# The kinds of provider behind us; the callers must not notice.
KINDS = ["chat", "azure", "anthropic"]
WEATHER = {"type": "function", "function": {"name": "weather", "parameters": {
    "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}


class Refused(Exception):
    """An error of the library."""

    def __init__(self, error: dict):
        super().__init__(error["message"])
        self.type, self.status = error["type"], error["status"]


class Calls:
    """The library in a process of its own."""

    def __init__(self, python: Path, ca_file: str):
        script = Path(__file__).parent / "support" / "litellm_calls.py"
        # Nothing is fetched: the tests know no network.
        quiet = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "SSL_CERT_FILE": ca_file}
        # -P: beside the script lies another `litellm`.
        self._process = subprocess.Popen([python, "-P", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=subprocess.DEVNULL, text=True, env=clean_environment() | quiet)

    def __call__(self, function: str, **arguments):
        print(json.dumps({"function": function, "arguments": arguments | {"num_retries": 0}}), file=self._process.stdin, flush=True)
        said = json.loads(self._process.stdout.readline())
        if "error" in said:
            raise Refused(said["error"])
        return said["result"]

    def stop(self):
        # It has threads that it does not end by itself.
        self._process.kill()
        self._process.wait()


@pytest.fixture(scope="module")
def litellm(front):
    found = executable()
    if found is None:
        pytest.skip("CUPOLA_LITELLM is not set; `cargo xtask test` sets it")
    calls = Calls(found.parent / "python", front.ca_file)
    yield calls
    calls.stop()


@pytest.fixture(params=["openai", "azure", "anthropic"])
def way(request, front):
    """How a model is named and reached: as OpenAI, as Azure OpenAI, as Anthropic."""
    account = front.account
    base = {"openai": {"api_base": account.openai_endpoint},
            "azure": {"api_base": account.endpoint, "api_version": "2024-10-21"},
            "anthropic": {"api_base": f"{account.endpoint}/anthropic"}}[request.param]
    return lambda model: {"model": f"{request.param}/{model}", "api_key": front.key, "max_tokens": 50} | base


@pytest.mark.parametrize("kind", KINDS)
def test_a_completion_is_answered_and_counted(litellm, way, kind):
    answer = litellm("completion", messages=HELLO, **way(f"{kind}-says"))
    assert answer["choices"][0]["message"]["content"] == SAYS and answer["choices"][0]["finish_reason"] == "stop"
    assert (answer["usage"]["prompt_tokens"], answer["usage"]["completion_tokens"]) == (READ, WRITTEN)


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_is_answered(litellm, way, kind):
    chunks = litellm("completion", messages=HELLO, stream=True, stream_options={"include_usage": True}, **way(f"{kind}-says"))
    assert "".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"]) == SAYS
    usage = [chunk["usage"] for chunk in chunks if chunk.get("usage")]
    assert usage[-1]["completion_tokens"] == WRITTEN


@pytest.mark.parametrize("kind", KINDS)
def test_a_function_is_called_and_its_result_said(litellm, way, kind):
    asked = way(f"{kind}-says") | {"tools": [WEATHER]}
    message = litellm("completion", messages=HELLO, **asked)["choices"][0]["message"]
    (call,) = message["tool_calls"]
    assert json.loads(call["function"]["arguments"]) == {"city": "Berlin"}
    said = [*HELLO, {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": call["id"], "content": "sunny"}]
    assert litellm("completion", messages=said, **asked)["choices"][0]["message"]["content"] == "It is sunny."


def test_a_refusal_is_the_error_that_its_users_catch(litellm, way):
    for model, more, kind in (("nothing", {}, "NotFoundError"), ("chat-says", {"api_key": "wrong"}, "AuthenticationError"),
                              ("chat-busy", {}, "RateLimitError")):
        with pytest.raises(Refused) as refused:
            litellm("completion", messages=HELLO, **(way(model) | more))
        assert refused.value.type == kind, str(refused.value)


def test_a_break_in_the_middle_of_a_stream_is_raised(litellm, way):
    with pytest.raises(Refused):
        litellm("completion", messages=HELLO, stream=True, **way("chat-fails"))


def test_vectors(litellm, front):
    base = {"openai": {"api_base": front.account.openai_endpoint},
            "azure": {"api_base": front.account.endpoint, "api_version": "2024-10-21"}}
    for way, more in base.items():
        answer = litellm("embedding", model=f"{way}/openai-vectors", input=["a"], api_key=front.key, **more)
        assert answer["data"][0]["embedding"] == list(VECTOR)


@pytest.mark.parametrize("kind", KINDS)
def test_a_response_is_answered(litellm, front, kind):
    answer = litellm("responses", model=f"openai/{kind}-says", input="Which?", api_key=front.key,
                     api_base=front.account.openai_endpoint)
    texts = [part["text"] for item in answer["output"] if item["type"] == "message" for part in item["content"]]
    assert texts == [SAYS]
