"""`az cognitiveservices usage`, and what a deployment takes of the quota; limits of the gateway by `az rest`."""

import json

import pytest

from support.tenant import READER

# A region that no other story makes accounts in: what is used there is this story's own.
REGION = "swedencentral"


@pytest.fixture(scope="module")
def place(az, group):
    """An account in a region of its own, as `az` names it."""
    name = "quota-story"
    place = f"-n {name} -g {group.rsplit('/', 1)[1]}"
    az(f"cognitiveservices account create {place} -l {REGION} --kind AIServices --sku S0 --custom-domain {name} --yes")
    yield place
    az(f"cognitiveservices account delete {place}")


def deploy(model: dict, place: str, name: str, capacity: int) -> str:
    return (f"cognitiveservices account deployment create {place} --deployment-name {name} --model-name {model['name']} "
            f"--model-version {model['version']} --model-format {model['format']} --sku-name Standard --sku-capacity {capacity}")


def usage(az, model: dict, command: str) -> tuple[float, float]:
    """Used and limit of the model's quota for `Standard`."""
    named = f"{model['format']}.Standard.{model['name']}"
    [entry] = [entry for entry in az(command) if entry["name"]["value"] == named]
    assert entry["unit"] == "Count"
    return entry["currentValue"], entry["limit"]


def test_usage_follows_a_deployment_from_create_to_delete(az, tenant, place, a_name):
    model = tenant.embedded_model()
    of_region = f"cognitiveservices usage list -l {REGION}"
    before, limit = usage(az, model, of_region)
    created = az(deploy(model, place, a_name, 12))
    # What `az` prints of a rate: 6 requests and 1000 tokens a minute for each unit.
    rules = {rule["key"]: (rule["count"], rule["renewalPeriod"]) for rule in created["properties"]["rateLimits"]}
    assert rules == {"request": (12, 10), "token": (12_000, 60)}
    assert created["properties"]["callRateLimit"]["rules"] == created["properties"]["rateLimits"]
    assert usage(az, model, of_region) == (before + 12, limit)
    assert usage(az, model, f"cognitiveservices account list-usage {place}") == (12, limit)
    az(f"cognitiveservices account deployment delete {place} --deployment-name {a_name}")
    assert usage(az, model, of_region) == (before, limit)


def test_more_than_the_quota_is_refused_with_its_numbers(az, tenant, place, a_name):
    model = tenant.embedded_model()
    used, limit = usage(az, model, f"cognitiveservices usage list -l {REGION}")
    wanted = int(limit - used) + 1
    _, message = az.refused(deploy(model, place, a_name, wanted))
    assert "InsufficientQuota" in message
    assert f"takes {wanted} more units" in message and f"{int(used)} of {int(limit)} are used" in message
    assert usage(az, model, f"cognitiveservices usage list -l {REGION}") == (used, limit)


def test_an_unknown_type_is_refused_with_the_nearest(az, tenant, place, a_name):
    command = deploy(tenant.embedded_model(), place, a_name, 1).replace("--sku-name Standard", "--sku-name GlobalStandart")
    _, message = az.refused(command)
    assert "did you mean `GlobalStandard`?" in message


def test_models_say_how_much_of_them_there_may_be(az, tenant, place):
    model = tenant.embedded_model()
    in_region = [entry["model"] for entry in az(f"cognitiveservices model list -l {REGION}")]
    for models in (in_region, az(f"cognitiveservices account list-models {place}")):
        entry = next(entry for entry in models if entry["name"] == model["name"])
        sku = next(sku for sku in entry["skus"] if sku["name"] == "Standard")
        assert sku["usageName"] == f"{model['format']}.Standard.{model['name']}"
        assert sku["capacity"]["default"] == sku["capacity"]["minimum"] == 1 <= sku["capacity"]["maximum"]
        assert [(limit["count"], limit["renewalPeriod"]) for limit in sku["rateLimits"]] == [(1, 10), (1000, 60)]


def test_a_limit_is_written_and_read_by_az_rest_and_a_reader_only_reads(az, tenant, account, application, stranger):
    url = f"{tenant.url}{account.id}/providers/Cupola.Gateway/limits/monthly?api-version=2026-11-01"
    rest = f"rest --url '{url}' --resource {tenant.arm_audience}"
    properties = {"unit": "Tokens", "amount": 1_000_000, "window": "Month", "counts": "Each", "appliesTo": {
        "principals": [{"id": application.object_id, "type": "ServicePrincipal"}]}}
    body = json.dumps({"properties": properties})
    made = az(f"{rest} --method put --body '{body}'")
    assert made["type"] == "Cupola.Gateway/limits" and made["properties"].items() >= properties.items()
    tenant.grant(application, READER, account.id)
    stranger.login(application.app_id, application.secret)
    assert stranger(f"{rest} --method get")["properties"]["amount"] == 1_000_000
    _, message = stranger.refused(f"{rest} --method delete")
    assert "AuthorizationFailed" in message and "Cupola.Gateway/limits/delete" in message
    wrong = body.replace("Month", "Fortnight")
    _, message = az.refused(f"{rest} --method put --body '{wrong}'")
    assert "properties.window" in message
