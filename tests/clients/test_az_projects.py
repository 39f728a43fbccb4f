"""`az cognitiveservices account project` and `deployment`."""

from support.tenant import READER


def test_a_project_lives_from_create_to_delete(az, account, a_name):
    place = f"-n {account.name} -g {account.group.rsplit('/', 1)[1]} --project-name {a_name}"
    created = az(f"cognitiveservices account project create {place} -l eastus2 --display-name Forecasts")
    assert created["properties"]["provisioningState"] == "Succeeded"
    assert created["id"] == f"{account.id}/projects/{a_name}"
    assert created["identity"]["principalId"]
    assert az(f"cognitiveservices account project show {place}")["properties"]["displayName"] == "Forecasts"
    listed = az(f"cognitiveservices account project list -n {account.name} -g {account.group.rsplit('/', 1)[1]}")
    assert created["id"] in [entry["id"] for entry in listed]
    updated = az(f"cognitiveservices account project update {place} --description 'quarterly numbers'")
    assert updated["properties"]["description"] == "quarterly numbers"
    assert updated["properties"]["displayName"] == "Forecasts"
    az(f"cognitiveservices account project delete {place}")
    code, message = az.refused(f"cognitiveservices account project show {place}")
    assert code == 3
    assert "ResourceNotFound" in message


def test_a_project_needs_its_account(az, account, a_name):
    _, message = az.refused(f"cognitiveservices account project create -n {a_name} -g {account.group.rsplit('/', 1)[1]} "
                            f"--project-name p1 -l eastus2")
    assert "ParentResourceNotFound" in message


def test_an_account_without_project_management_takes_no_project(az, group, a_name):
    place = f"-n {a_name} -g {group.rsplit('/', 1)[1]}"
    az(f"cognitiveservices account create {place} -l eastus2 --kind OpenAI --sku S0 --custom-domain {a_name} --yes")
    _, message = az.refused(f"cognitiveservices account project create {place} --project-name p1 -l eastus2")
    assert "allowProjectManagement" in message


def test_a_reader_creates_no_project(stranger, application, tenant, account, a_name):
    tenant.grant(application, READER, account.id)
    stranger.login(application.app_id, application.secret)
    _, message = stranger.refused(f"cognitiveservices account project create -n {account.name} "
                                  f"-g {account.group.rsplit('/', 1)[1]} --project-name {a_name} -l eastus2")
    assert "AuthorizationFailed" in message
    assert "Microsoft.CognitiveServices/accounts/projects/write" in message


def test_a_deployment_lives_from_create_to_delete(az, tenant, account, a_name):
    model = tenant.embedded_model()
    place = f"-n {account.name} -g {account.group.rsplit('/', 1)[1]}"
    # `az` sends the capacity as a JSON string; it comes back as the number it is.
    created = az(f"cognitiveservices account deployment create {place} --deployment-name {a_name} --model-name {model['name']} "
                 f"--model-version {model['version']} --model-format {model['format']} --sku-name GlobalStandard --sku-capacity 10")
    assert created["sku"]["capacity"] == 10
    assert created["properties"]["provisioningState"] == "Succeeded"
    shown = az(f"cognitiveservices account deployment show {place} --deployment-name {a_name}")
    assert shown["properties"]["model"]["name"] == model["name"]
    listed = az(f"cognitiveservices account deployment list {place}")
    assert {entry["name"] for entry in listed} >= {"chat", a_name}
    az(f"cognitiveservices account deployment delete {place} --deployment-name {a_name}")
    code, _ = az.refused(f"cognitiveservices account deployment show {place} --deployment-name {a_name}")
    assert code == 3


def test_a_model_that_is_not_in_the_catalog_is_refused_with_the_nearest_name(az, tenant, account, a_name):
    model = tenant.embedded_model()
    misspelt = model["name"][:-1] + "x"
    place = f"-n {account.name} -g {account.group.rsplit('/', 1)[1]}"
    _, message = az.refused(
        f"cognitiveservices account deployment create {place} --deployment-name {a_name} --model-name {misspelt} "
        f"--model-version {model['version']} --model-format {model['format']} --sku-name GlobalStandard --sku-capacity 1")
    assert "DeploymentModelNotSupported" in message
    assert model["name"] in message
    assert tenant.arm("GET", f"{account.id}/deployments/{a_name}").status == 404
