//! A record as JSON, field by field, as [`Record`]'s own `Serialize` has it, which readers and the property test go by.

use super::json::Json;
use super::record::{Record, is_unsaid};

/// A field's name as it stands behind the field before it.
macro_rules! key {
    ($name:literal) => {
        concat!(",\"", $name, "\":").as_bytes()
    };
}

/// Adds a record's JSON to `line`. Every field is named on the way in: one that is new does not compile until it is written.
pub(super) fn write(line: &mut Vec<u8>, record: &Record) -> serde_json::Result<()> {
    let Record {
        time,
        decision_id,
        request_id,
        plane,
        method,
        route,
        target,
        principal_id,
        principal_type,
        principal_label,
        credential,
        action,
        is_data_action,
        asked,
        outcome,
        step,
        reason,
        assignment,
        role,
        role_name,
        via_group,
        deny_assignment,
        condition_inputs,
        status,
        snapshot_version,
        account,
        project,
        deployment,
        model,
        upstream,
        agent,
        run,
        on_behalf_of,
        connection,
        connection_identity,
        credential_kind,
        upstream_host,
        prompt_tokens,
        completion_tokens,
        cached_input_tokens,
        cache_write_tokens,
        reasoning_tokens,
        usage_estimated,
        first_byte_us,
        duration_us,
        finish,
        sampled_of,
    } = record;
    // The first has nothing before it.
    always(line, b"{\"time\":", time)?;
    always(line, key!("decisionId"), decision_id)?;
    always(line, key!("requestId"), request_id)?;
    always(line, key!("plane"), plane)?;
    always(line, key!("method"), method)?;
    always(line, key!("route"), route)?;
    given(line, key!("target"), target)?;
    given(line, key!("principalId"), principal_id)?;
    given(line, key!("principalType"), principal_type)?;
    given(line, key!("principalLabel"), principal_label)?;
    always(line, key!("credential"), credential)?;
    given(line, key!("action"), action)?;
    given(line, key!("isDataAction"), is_data_action)?;
    given(line, key!("asked"), asked)?;
    always(line, key!("outcome"), outcome)?;
    if !is_unsaid(step) {
        always(line, key!("step"), step)?;
    }
    given(line, key!("reason"), reason)?;
    given(line, key!("assignment"), assignment)?;
    given(line, key!("role"), role)?;
    given(line, key!("roleName"), role_name)?;
    given(line, key!("viaGroup"), via_group)?;
    given(line, key!("denyAssignment"), deny_assignment)?;
    given(line, key!("conditionInputs"), condition_inputs)?;
    always(line, key!("status"), status)?;
    always(line, key!("snapshotVersion"), snapshot_version)?;
    given(line, key!("account"), account)?;
    given(line, key!("project"), project)?;
    given(line, key!("deployment"), deployment)?;
    given(line, key!("model"), model)?;
    given(line, key!("upstream"), upstream)?;
    given(line, key!("agent"), agent)?;
    given(line, key!("run"), run)?;
    given(line, key!("onBehalfOf"), on_behalf_of)?;
    given(line, key!("connection"), connection)?;
    given(line, key!("connectionIdentity"), connection_identity)?;
    given(line, key!("credentialKind"), credential_kind)?;
    given(line, key!("upstreamHost"), upstream_host)?;
    given(line, key!("promptTokens"), prompt_tokens)?;
    given(line, key!("completionTokens"), completion_tokens)?;
    given(line, key!("cachedInputTokens"), cached_input_tokens)?;
    given(line, key!("cacheWriteTokens"), cache_write_tokens)?;
    given(line, key!("reasoningTokens"), reasoning_tokens)?;
    given(line, key!("usageEstimated"), usage_estimated)?;
    given(line, key!("firstByteUs"), first_byte_us)?;
    always(line, key!("durationUs"), duration_us)?;
    given(line, key!("finish"), finish)?;
    given(line, key!("sampledOf"), sampled_of)?;
    line.push(b'}');
    Ok(())
}

#[inline(always)]
fn always<T: Json>(line: &mut Vec<u8>, key: &[u8], value: &T) -> serde_json::Result<()> {
    line.extend_from_slice(key);
    value.write(line)
}

#[inline(always)]
fn given<T: Json>(line: &mut Vec<u8>, key: &[u8], value: &Option<T>) -> serde_json::Result<()> {
    match value {
        Some(value) => always(line, key, value),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
