"""The activity log by `az`: who did what, and who gave which role to whom; and what a stranger sees of it."""

from datetime import datetime, timedelta, timezone

from support.tenant import READER


def test_each_change_is_a_pair_of_events(az, account):
    az(f"group update -n {account.group.rsplit('/', 1)[1]} --tags story=told")
    events = az(f"monitor activity-log list --resource-id {account.group} --offset 1h")
    newest = [event for event in events if event["resourceId"] == account.group][:2]
    assert [event["status"]["value"] for event in newest] == ["Succeeded", "Started"]
    end, start = newest
    assert end["operationId"] == start["operationId"]
    assert end["operationName"]["value"] == "Microsoft.Resources/subscriptions/resourceGroups/write"
    assert end["resourceProviderName"]["value"] == "Microsoft.Resources"
    assert end["eventTimestamp"] >= start["eventTimestamp"]
    (found, _) = az(f"monitor activity-log list --correlation-id {end['correlationId']} --offset 1h")
    assert found["id"] == end["id"]


def test_the_log_is_narrowed_and_its_fields_chosen(az, tenant, account):
    group = account.group.rsplit("/", 1)[1]
    by = f"--caller {tenant.admin.app_id} --offset 1h"
    started = az(f"monitor activity-log list -g {group} --status Started {by}")
    assert started and {event["status"]["value"] for event in started} == {"Started"}
    assert {event["resourceGroupName"] for event in started} == {group}
    assert az(f"monitor activity-log list -g {group} --caller nobody@contoso.com --offset 1h") == []
    assert az("monitor activity-log list --namespace Microsoft.Storage --offset 1h") == []
    (first, *_) = az(f"monitor activity-log list -g {group} --select caller eventTimestamp {by}")
    assert {name for name, value in first.items() if value is not None} == {"caller", "eventTimestamp"}
    assert len(az("monitor activity-log list --offset 1h --max-events 3")) == 3


def test_listing_keys_is_in_the_log_and_the_keys_are_not(az, account):
    name, group = account.name, account.group.rsplit("/", 1)[1]
    keys = az(f"cognitiveservices account keys list -n {name} -g {group}")
    events = az(f"monitor activity-log list --resource-id {account.id} --offset 1h")
    actions = [event["operationName"]["value"] for event in events]
    assert "Microsoft.CognitiveServices/accounts/listKeys/action" in actions
    assert keys["key1"] not in str(events)


def test_changelogs_tell_who_was_given_which_role(az, tenant, account, application):
    scope = account.project
    az(f"role assignment create --assignee-object-id {application.object_id} --assignee-principal-type ServicePrincipal "
       f"--role {READER} --scope {scope}")
    az(f"role assignment delete --assignee {application.app_id} --role {READER} --scope {scope}")
    now = datetime.now(timezone.utc)
    start, end = (time.strftime("%Y-%m-%dT%H:%M:%SZ") for time in (now - timedelta(hours=1), now + timedelta(minutes=1)))
    log = az(f"role assignment list-changelogs --start-time {start} --end-time {end}")
    theirs = [entry for entry in log if entry["principalId"] == application.object_id]
    assert sorted(entry["action"] for entry in theirs) == ["Granted", "Revoked"]
    for entry in theirs:
        assert (entry["roleName"], entry["scope"], entry["scopeType"]) == ("Reader", scope, "Resource")
        assert (entry["principalName"], entry["caller"]) == (application.app_id, tenant.admin.app_id)
    before = (now - timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M:%SZ"), (now - timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert az(f"role assignment list-changelogs --start-time {before[0]} --end-time {before[1]}") == []


def test_a_stranger_sees_nothing_and_a_reader_of_one_group_its_events(stranger, tenant, application):
    group = tenant.new_group()
    other = tenant.new_group()
    refused = tenant.arm("GET", f"{tenant.subscription}/providers/Microsoft.Insights/eventtypes/management/values",
                         caller=application, version="api-version=2015-04-01")
    assert (refused.status, refused.code) == (403, "AuthorizationFailed")
    tenant.grant(application, READER, group)
    stranger.login(application.app_id, application.secret)
    events = stranger("monitor activity-log list --offset 1h")
    assert {event["resourceGroupName"] for event in events} == {group.rsplit("/", 1)[1]}
    assert stranger(f"monitor activity-log list -g {other.rsplit('/', 1)[1]} --offset 1h") == []
