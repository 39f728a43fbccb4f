//! A record as JSON, field by field, as [`Record`]'s own `Serialize` has it, which readers and the property test go by.

use super::json::Json;
use super::record::{Record, Word, is_unsaid};

/// Writes the fields of a record, each in one of three ways, under its name. A field that is new does not compile until it is here.
macro_rules! fields {
    ($line:ident, $record:ident: $($how:ident $field:ident $name:literal;)+) => {
        let Record { $($field),+ } = $record;
        $($how($line, concat!(",\"", $name, "\":").as_bytes(), $field)?;)+
    };
}

/// Adds a record's JSON to `line`.
pub(super) fn write(line: &mut Vec<u8>, record: &Record) -> serde_json::Result<()> {
    let start = line.len();
    fields! { line, record:
        always time "time";
        always decision_id "decisionId";
        always request_id "requestId";
        always plane "plane";
        always method "method";
        always route "route";
        given target "target";
        given principal_id "principalId";
        given principal_type "principalType";
        given principal_label "principalLabel";
        always credential "credential";
        given action "action";
        given is_data_action "isDataAction";
        given asked "asked";
        always outcome "outcome";
        said step "step";
        given reason "reason";
        given assignment "assignment";
        given role "role";
        given role_name "roleName";
        given via_group "viaGroup";
        given deny_assignment "denyAssignment";
        given condition_inputs "conditionInputs";
        always status "status";
        always snapshot_version "snapshotVersion";
        given account "account";
        given project "project";
        given deployment "deployment";
        given model "model";
        given upstream "upstream";
        given agent "agent";
        given run "run";
        given on_behalf_of "onBehalfOf";
        given connection "connection";
        given connection_identity "connectionIdentity";
        given credential_kind "credentialKind";
        given upstream_host "upstreamHost";
        given prompt_tokens "promptTokens";
        given completion_tokens "completionTokens";
        given cached_input_tokens "cachedInputTokens";
        given cache_write_tokens "cacheWriteTokens";
        given reasoning_tokens "reasoningTokens";
        given usage_estimated "usageEstimated";
        given first_byte_us "firstByteUs";
        always duration_us "durationUs";
        given finish "finish";
        given sampled_of "sampledOf";
    }
    // Each field begins with a comma; nothing is before the first.
    if let Some(comma) = line.get_mut(start) {
        *comma = b'{';
    }
    line.push(b'}');
    Ok(())
}

/// What every record has.
#[inline(always)]
fn always<T: Json>(line: &mut Vec<u8>, key: &[u8], value: &T) -> serde_json::Result<()> {
    line.extend_from_slice(key);
    value.write(line)
}

/// What is left out where it is an empty word.
#[inline(always)]
fn said(line: &mut Vec<u8>, key: &[u8], value: &Word) -> serde_json::Result<()> {
    if is_unsaid(value) { Ok(()) } else { always(line, key, value) }
}

/// What is left out where it is not known.
#[inline(always)]
fn given<T: Json>(line: &mut Vec<u8>, key: &[u8], value: &Option<T>) -> serde_json::Result<()> {
    match value {
        Some(value) => always(line, key, value),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
