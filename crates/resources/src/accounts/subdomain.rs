//! The custom subdomain: the name under which an account's data plane answers. Unique on the server, never changed.

use arm::{ArmError, ErrorCode, Resource};

use crate::fields::{Fields, invalid, quoted};
use crate::kind::Context;
use crate::name_rule::NameRule;

/// What a subdomain may be: it is one segment of a URL here, and one label of a host name in Azure.
const RULE: NameRule = NameRule { least: 2, most: 64, also: "-", starts_alphanumeric: true, not_last: "-" };

/// The subdomain to store, lower-case: the one there is, the one asked for, or the account's name.
pub(super) fn choose(
    properties: &Fields<'_>,
    existing: Option<&Resource>,
    context: &Context<'_>,
) -> Result<String, ArmError> {
    let asked = properties.string("customSubDomainName")?.map(str::to_ascii_lowercase);
    if let Some(kept) = existing.and_then(super::subdomain_of) {
        return match asked {
            Some(asked) if asked != kept => Err(invalid(
                "properties.customSubDomainName",
                format!("`properties.customSubDomainName` is `{kept}` and cannot be changed to `{}`", quoted(&asked)),
            )),
            _ => Ok(kept.to_owned()),
        };
    }
    if let Some(asked) = &asked {
        RULE.check(asked, "a custom subdomain").map_err(|error| error.with_target("properties.customSubDomainName"))?;
    }
    let chosen = asked.unwrap_or_else(|| context.id.name().to_ascii_lowercase());
    match context.neighbours.subdomain_owner(&chosen) {
        Some(owner) if owner != *context.id => Err(ArmError::new(
            ErrorCode::CustomDomainInUse,
            format!(
                "the subdomain `{chosen}` is used by another account; give another `properties.customSubDomainName`"
            ),
        )
        .with_target("properties.customSubDomainName")),
        _ => Ok(chosen),
    }
}
