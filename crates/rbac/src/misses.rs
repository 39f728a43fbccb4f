//! Why nothing granted: what was looked at, and what came nearest.

use arm::Scope;
use uuid::Uuid;

use crate::permission::Permission;
use crate::principal::PrincipalType;

/// The nearest misses of a decision that granted nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Misses {
    /// A grant whose condition is not true for this request; the only reason why it did not count.
    pub condition_false: Option<ConditionMiss>,
    /// The same permission, granted at scopes that do not reach the target. At most a few.
    pub elsewhere: Vec<GrantedElsewhere>,
    /// Roles held at or above the target that do not include the permission. At most a few.
    pub held: Vec<HeldRole>,
    /// Does one of the held roles include the same action on the other plane?
    pub other_plane: bool,
    /// What the directory knows the principal as; none: it is not in the directory.
    pub principal: Option<PrincipalType>,
    /// How many groups the principal is in, through groups too.
    pub groups: usize,
    /// How many scopes were looked at, from the target up to `/`.
    pub scopes: usize,
    /// Is more held than was looked at for what came near? A refusal looks at so much and no more.
    pub is_cut: bool,
}

/// A grant with a condition that did not hold.
#[derive(Clone, Debug, PartialEq)]
pub struct ConditionMiss {
    /// The assignment's id.
    pub assignment: Scope,
    /// Where it holds.
    pub scope: Scope,
    /// The role's GUID.
    pub role: Uuid,
    /// The role's name today.
    pub role_name: String,
    /// False; or not decidable, because an attribute is missing or this build cannot evaluate it.
    pub undecided: bool,
}

/// The same permission at a scope that does not reach the target.
#[derive(Clone, Debug, PartialEq)]
pub struct GrantedElsewhere {
    /// Where it is granted.
    pub scope: Scope,
    /// The role's GUID.
    pub role: Uuid,
    /// The role's name today.
    pub role_name: String,
}

/// A role that reaches the target and lacks the permission.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldRole {
    /// Where it holds.
    pub scope: Scope,
    /// The role's GUID.
    pub role: Uuid,
    /// The role's name today.
    pub role_name: String,
}

impl Misses {
    /// One or two sentences: the nearest miss, and what was looked at. `scope` is what the caller may see of the target.
    pub fn reason(&self, permission: &Permission, scope: &str) -> String {
        if self.principal.is_none() {
            return "the principal is not in the directory, so no role assignment counts for it".to_owned();
        }
        let plane = match permission {
            Permission::Action(_) => "action",
            Permission::DataAction(_) => "data action",
            Permission::Directory(_) => {
                return format!("no directory role of the principal gives `{permission}`, and no Azure role can");
            }
        };
        let nearest = self.nearest_miss(permission, plane);
        let looked_at = self.looked_at(scope);
        format!("{nearest}; {looked_at}")
    }

    fn nearest_miss(&self, permission: &Permission, plane: &str) -> String {
        if let Some(miss) = &self.condition_false {
            let how = if miss.undecided { "cannot be decided" } else { "is false" };
            return format!(
                "`{}`, held at `{}`, includes the {plane} `{permission}`, but its condition {how} for this request",
                miss.role_name, miss.scope
            );
        }
        if let Some(grant) = self.elsewhere.first() {
            let more = self.elsewhere.len() - 1;
            let more = if more == 0 { String::new() } else { format!(" (and {more} more)") };
            return format!(
                "the {plane} `{permission}` is granted by `{}` at `{}`{more}, which does not reach this scope",
                grant.role_name, grant.scope
            );
        }
        if self.held.is_empty() {
            return format!("no role is held that includes the {plane} `{permission}`");
        }
        let names: Vec<String> =
            self.held.iter().map(|held| format!("`{}` at `{}`", held.role_name, held.scope)).collect();
        let lacks = if names.len() == 1 { "which does not include" } else { "none of which includes" };
        let plane_note = match (self.other_plane, permission.is_data()) {
            (false, _) => "",
            (true, true) => " (management actions never include data actions)",
            (true, false) => " (data actions never include management actions)",
        };
        format!("the principal holds {}, {lacks} the {plane} `{permission}`{plane_note}", names.join(", "))
    }

    fn looked_at(&self, scope: &str) -> String {
        let kind = match self.principal {
            Some(PrincipalType::User) => "user",
            Some(PrincipalType::Group) => "group",
            Some(PrincipalType::ServicePrincipal) => "service principal",
            None => "principal",
        };
        let groups = match self.groups {
            0 => String::new(),
            1 => " and 1 group".to_owned(),
            count => format!(" and {count} groups"),
        };
        let scopes = if self.scopes == 1 { "scope" } else { "scopes" };
        let cut = if self.is_cut { "; more is held than was looked at for what came near" } else { "" };
        format!("looked at {} {scopes} from `{scope}` up to `/`, for the {kind}{groups}{cut}", self.scopes)
    }
}
