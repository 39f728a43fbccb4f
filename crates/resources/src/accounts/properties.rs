//! The property names of an account: those a client may write, those it only reads, those passed through.

/// Written by the client and acted on.
pub(super) const ACTED_ON: &[&str] =
    &["customSubDomainName", "allowProjectManagement", "disableLocalAuth", "publicNetworkAccess", "networkAcls"];

/// Kept and echoed with their types checked, so that templates round-trip; this server does not act on them.
pub(super) const KEPT_BOOLEANS: &[&str] =
    &["dynamicThrottlingEnabled", "restrictOutboundNetworkAccess", "storedCompletionsDisabled", "foundryAutoUpgrade"];
/// Kept and echoed.
pub(super) const KEPT_OBJECTS: &[&str] = &["apiProperties", "raiMonitorConfig", "locations", "amlWorkspace"];
/// Kept and echoed.
pub(super) const KEPT_ARRAYS: &[&str] = &["allowedFqdnList", "networkInjections", "associatedProjects"];
/// Kept and echoed.
pub(super) const KEPT_STRINGS: &[&str] = &["defaultProject", "migrationToken"];

/// Only the server writes these; clients send them back with a whole-resource PUT and they are ignored.
pub(super) const READ_ONLY: &[&str] = &[
    "provisioningState",
    "endpoint",
    "endpoints",
    "internalId",
    "dateCreated",
    "capabilities",
    "isMigrated",
    "skuChangeInfo",
    "privateEndpointConnections",
    "callRateLimit",
    "quotaLimit",
    "deletionDate",
    "scheduledPurgeDate",
    "commitmentPlanAssociations",
    "abusePenalty",
];

/// Features that would promise protection or storage which this server does not give: refused unless they ask for nothing.
pub(super) const REFUSED: &[&str] = &["encryption", "userOwnedStorage", "restore"];

/// Every known name.
pub(super) fn known() -> Vec<&'static str> {
    [ACTED_ON, KEPT_BOOLEANS, KEPT_OBJECTS, KEPT_ARRAYS, KEPT_STRINGS, READ_ONLY, REFUSED].concat()
}
