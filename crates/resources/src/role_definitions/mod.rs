//! `Microsoft.Authorization/roleDefinitions`: named sets of permissions. This slice reads them.

/// The type of a role definition.
pub const TYPE: &str = "Microsoft.Authorization/roleDefinitions";
/// Known api-versions, newest first.
pub const API_VERSIONS: &[&str] = &["2022-05-01-preview", "2022-04-01", "2018-01-01-preview", "2015-07-01"];
