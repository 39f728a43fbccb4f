//! How somebody comes to a role or a deny, as text.

use uuid::Uuid;

use super::page::Page;
use crate::explain::holding::Holding;
use crate::explain::meant::MatchedAs;

/// `Foundry User at /subscriptions/…`, and below it through which groups.
pub(super) fn write(holding: &Holding, page: &mut Page<'_>) {
    page.line(&format!("{} at {}", holding.role.name, holding.scope));
    page.indented(|page| {
        page.line(&held(holding, page));
        page.line(&format!("assignment {}", holding.assignment.name()));
    });
}

/// `held directly`, or the groups on the way.
pub(super) fn held(holding: &Holding, page: &Page<'_>) -> String {
    match holding.group_path.as_slice() {
        [] => "held directly".to_owned(),
        path => format!("held through {}", groups(path, page)),
    }
}

/// The groups on the way, nearest to the principal first.
pub(super) fn groups(path: &[Uuid], page: &Page<'_>) -> String {
    let names: Vec<String> = path.iter().map(|group| page.principal(*group)).collect();
    let word = if names.len() == 1 { "group" } else { "groups" };
    format!("{word} {}", names.join(" > "))
}

/// Whom a deny assignment names.
pub(super) fn matched_as(matched: MatchedAs) -> &'static str {
    match matched {
        MatchedAs::Principal => "names the principal itself",
        MatchedAs::Group => "names a group of the principal",
        MatchedAs::Everybody => "names everybody",
    }
}
