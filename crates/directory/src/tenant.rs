//! Which tenant a sign-in URL names.

use store::{TenantInfo, World};
use uuid::Uuid;

/// The names that stand for any tenant; with one tenant on the server they stand for that one.
const ANY_TENANT: [&str; 2] = ["organizations", "common"];

/// The tenant named by its id, its domain, `organizations` or `common`.
pub(crate) fn named<'a>(name: &str, world: &'a World) -> Option<&'a TenantInfo> {
    let tenant = world.tenant.as_ref()?;
    let by_id = Uuid::parse_str(name).is_ok_and(|id| id == tenant.id);
    let by_domain = name.eq_ignore_ascii_case(&tenant.default_domain);
    let by_word = ANY_TENANT.iter().any(|word| name.eq_ignore_ascii_case(word));
    (by_id || by_domain || by_word).then_some(tenant)
}
