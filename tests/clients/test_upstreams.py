"""Models that run at a provider: `openai` and `az`, unchanged, against a Cupola whose catalog names a real LiteLLM proxy and another
Cupola (as an Azure OpenAI resource). LiteLLM itself asks that other Cupola's embedded model: nothing on the way is pretended."""

import json
import ssl

import openai
import pytest

from support.azcli import Az
from support.litellm import ECHO, MASTER_KEY, LiteLLM, executable
from support.server import Server
from support.tenant import Account, Tenant, expect

HELLO = [{"role": "user", "content": "Say hello."}]
CATALOG = """
[[upstream]]
name = "litellm"
kind = "openai"
base_url = "{litellm}/v1"
credential = {{ env = "LITELLM_KEY" }}

[[upstream]]
name = "litellm-with-a-wrong-key"
kind = "openai"
base_url = "{litellm}/v1"
credential = {{ env = "WRONG_KEY" }}

[[upstream]]
name = "azure"
kind = "azure_openai"
base_url = "{azure}"
api_version = "2024-10-21"
credential = {{ file = "{key_file}" }}
"""
MODEL = """
[[model]]
name = "{name}"
version = "1"
format = "OpenAI"
runs = {{ upstream = {{ name = "{upstream}", model = "{model}" }} }}
"""
MODELS = [("echo", "litellm", "echo"), ("through-litellm", "litellm", "embedded"), ("unknown-there", "litellm", "nothing"),
          ("refused-there", "litellm-with-a-wrong-key", "echo"), ("through-azure", "azure", "chat"), ("no-deployment", "azure", "nothing")]
WRONG_KEY = "sk-a-key-that-litellm-does-not-know"


@pytest.fixture(scope="module")
def litellm(account, env, tmp_path_factory):
    found = executable()
    if found is None:
        pytest.skip("CUPOLA_LITELLM is not set; `cargo xtask test` sets it")
    embedded = {"model": "openai/chat", "api_base": account.openai_endpoint, "api_key": account.keys()["key1"]}
    running = LiteLLM(found, tmp_path_factory.mktemp("litellm"), {"echo": ECHO, "embedded": embedded}, env["SSL_CERT_FILE"])
    yield running
    running.stop()


@pytest.fixture(scope="module")
def front(binary, server, account, litellm, tmp_path_factory):
    """A Cupola in front of LiteLLM and of the Cupola of the other tests."""
    folder = tmp_path_factory.mktemp("front")
    key_file = folder / "azure.key"
    key_file.write_text(account.keys()["key2"])
    catalog = folder / "models.toml"
    models = "".join(MODEL.format(name=name, upstream=upstream, model=model) for name, upstream, model in MODELS)
    catalog.write_text(CATALOG.format(litellm=litellm.url, azure=account.endpoint, key_file=key_file) + models)
    running = Server(binary, folder / "data", CUPOLA_MODEL_CATALOG=str(catalog), LITELLM_KEY=MASTER_KEY, WRONG_KEY=WRONG_KEY,
                     CUPOLA_EGRESS_ALLOWED_TARGETS=f"{litellm.url},{server.url}", CUPOLA_EGRESS_CA_FILES=str(server.data_dir / "ca.pem"))
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def front_account(front) -> Account:
    """An account there with one deployment for each model, named like it."""
    tenant = Tenant(front.env)
    account = tenant.demo_account()
    for name, _, _ in MODELS:
        model = {"format": "OpenAI", "name": name, "version": "1"}
        expect(201, tenant.arm("PUT", f"{account.id}/deployments/{name}",
                               {"sku": {"name": "GlobalStandard", "capacity": 100}, "properties": {"model": model}}))
    return account


@pytest.fixture(scope="module")
def client(openai_client, front, front_account) -> openai.OpenAI:
    trust = ssl.create_default_context(cafile=front.env["SSL_CERT_FILE"])
    return openai_client(front_account.openai_endpoint, front_account.keys()["key1"], http_client=openai.DefaultHttpxClient(verify=trust))


def last_record(front, deployment: str) -> dict:
    """The newest inference record of a deployment."""
    lines = front.run("audit", "tail", "--data-dir", str(front.data_dir)).stdout.splitlines()
    return [record for record in map(json.loads, lines) if record.get("deployment") == deployment][-1]


def test_litellm_answers_and_its_usage_is_recorded(client, front):
    completion = client.chat.completions.create(model="echo", messages=HELLO)
    assert completion.choices[0].message.content == "Berlin is the capital of Germany."
    record = last_record(front, "echo")
    assert (record["promptTokens"], record["completionTokens"]) == (completion.usage.prompt_tokens, completion.usage.completion_tokens)
    assert record["usageEstimated"] is False and record["finish"] == "stop" and record["status"] == 200


@pytest.mark.parametrize("model", ["through-litellm", "through-azure"])
def test_a_stream_comes_through_and_usage_only_to_who_asked(client, front, model):
    asked = {"model": model, "messages": HELLO, "max_tokens": 8, "temperature": 0, "stream": True}
    plain = list(client.chat.completions.create(**asked))
    said = "".join(choice.delta.content or "" for chunk in plain for choice in chunk.choices)
    assert said and all(chunk.usage is None for chunk in plain)
    record = last_record(front, model)
    assert record["usageEstimated"] is False and 1 <= record["completionTokens"] <= 8
    counted = list(client.chat.completions.create(**asked, stream_options={"include_usage": True}))
    assert counted[-1].usage.completion_tokens == record["completionTokens"]
    assert "".join(choice.delta.content or "" for chunk in counted for choice in chunk.choices) == said


def test_an_azure_resource_answers_on_its_dated_route_with_its_key(client, front, server):
    completion = client.chat.completions.create(model="through-azure", messages=HELLO, max_tokens=4, temperature=0)
    assert completion.choices[0].message.content
    theirs = server.run("audit", "tail", "--data-dir", str(server.data_dir)).stdout.splitlines()
    record = [record for record in map(json.loads, theirs) if record.get("deployment") == "chat"][-1]
    assert record["credential"] == "key2" and "deployments/{deployment}" in record["route"]
    assert record["completionTokens"] == completion.usage.completion_tokens == last_record(front, "through-azure")["completionTokens"]


def test_what_the_provider_does_not_know_is_said_in_its_own_words(client):
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(model="unknown-there", messages=HELLO)
    assert "nothing" in refused.value.message
    with pytest.raises(openai.NotFoundError) as missing:
        client.chat.completions.create(model="no-deployment", messages=HELLO)
    assert missing.value.code == "DeploymentNotFound"
    assert missing.value.response.headers["x-cupola-answered-by"] == "upstream"


def test_a_wrong_key_of_the_operators_is_not_shown_to_the_caller(client, front):
    with pytest.raises(openai.APIStatusError) as refused:
        client.chat.completions.create(model="refused-there", messages=HELLO)
    assert refused.value.status_code in (400, 401, 403)
    assert refused.value.response.headers["x-cupola-answered-by"] == "upstream"
    assert WRONG_KEY not in refused.value.response.text
    assert last_record(front, "refused-there")["step"] == "upstream"
    assert all(WRONG_KEY not in line and MASTER_KEY not in line for line in front.stderr)


def test_a_reader_who_leaves_is_recorded_as_cancelled(client, front):
    stream = client.chat.completions.create(model="through-azure", messages=[{"role": "user", "content": "Tell me a long story."}],
                                            max_tokens=2000, stream=True)
    next(iter(stream))
    stream.close()
    # The next answer is written after the cancelled one was settled, or while it is: ask until it is there.
    for _ in range(100):
        record = last_record(front, "through-azure")
        if record["finish"] == "cancelled":
            break
        client.chat.completions.create(model="echo", messages=HELLO)
    assert record["finish"] == "cancelled" and record["completionTokens"] < 2000


def test_az_deploys_a_model_of_a_provider_like_any_other(front, front_account, client, tmp_path, a_name):
    az = Az(front.env, tmp_path / "azure")
    az(f"cloud register -n cupola --endpoint-resource-manager {front.env['CUPOLA_URL']}")
    az("cloud set -n cupola")
    az.login(front.env["CUPOLA_ADMIN_CLIENT_ID"], front.env["CUPOLA_ADMIN_CLIENT_SECRET"])
    az(f"account set -s {front.env['CUPOLA_SUBSCRIPTION_ID']}")
    place = f"-n {front_account.name} -g {front_account.group.rsplit('/', 1)[1]}"
    created = az(f"cognitiveservices account deployment create {place} --deployment-name {a_name} --model-name echo "
                 f"--model-version 1 --model-format OpenAI --sku-name GlobalStandard --sku-capacity 1")
    assert created["properties"]["model"]["name"] == "echo"
    assert client.chat.completions.create(model=a_name, messages=HELLO).choices[0].message.content.startswith("Berlin")


def test_an_upstream_that_may_not_be_asked_stops_the_start(binary, tmp_path):
    from test_serve import refused
    catalog = tmp_path / "models.toml"
    upstream = '[[upstream]]\nname = "there"\nkind = "openai"\nbase_url = "{}"\n'
    for url, said in [("http://ollama.internal:9/v1", "allowed_targets"), ("http://169.254.169.254", "never"), ("https://a@b", "user")]:
        catalog.write_text(upstream.format(url))
        line = refused(binary, "--data-dir", tmp_path / "d", "--listen", "127.0.0.1:0", "--demo", "contoso", CUPOLA_MODEL_CATALOG=str(catalog))
        assert "there" in line and said in line, line
    assert not (tmp_path / "d").exists()
