//! An explanation as text.

use super::page::Page;
use super::{holding, trace};
use crate::explain::deny::DenyTrace;
use crate::explain::explanation::{Decision, Explanation};
use crate::explain::inclusion::MatchedPermission;
use crate::explain::nearest::NearestMisses;
use crate::explain::reason::kind_word;

pub(super) fn write(explanation: &Explanation, page: &mut Page<'_>) {
    page.line(headline(explanation.decision));
    page.indented(|page| {
        let through = explanation.grants.iter().flat_map(|grant| &grant.holding.group_path);
        let denied = explanation.denies.iter().flat_map(|deny| &deny.group_path);
        let reason = page.named(&explanation.reason, through.chain(denied).copied());
        page.sentence(&reason);
    });
    asked(explanation, page);
    if !explanation.denies.is_empty() {
        page.section("blocked by", |page| explanation.denies.iter().for_each(|deny| denied(deny, page)));
    }
    if !explanation.grants.is_empty() {
        let title = if explanation.decision == Decision::Denied { "granted in vain by" } else { "granted by" };
        page.section(title, |page| {
            for grant in &explanation.grants {
                holding::write(&grant.holding, page);
                page.indented(|page| {
                    includes(&grant.permission, page);
                    grant.conditions.iter().for_each(|condition| trace::write(condition, page));
                });
            }
        });
    }
    misses(&explanation.nearest_misses, page);
    what_to_do(explanation, page);
}

fn headline(decision: Decision) -> &'static str {
    match decision {
        Decision::Allowed => "ALLOWED",
        Decision::NotAllowed => "NOT ALLOWED: nothing grants it",
        Decision::ConditionNotFulfilled => "NOT ALLOWED: the condition of what would grant it does not hold",
        Decision::Denied => "DENIED by a deny assignment",
    }
}

fn asked(explanation: &Explanation, page: &mut Page<'_>) {
    let asked = &explanation.asked;
    page.section("asked", |page| {
        let who = page.principal(asked.principal);
        page.line(&format!("who    {} {who}", kind_word(asked.principal_type)));
        let plane = if asked.is_data_action { "data action " } else { "" };
        page.line(&format!("what   {plane}{}", asked.action));
        page.line(&format!("where  {}", asked.scope));
    });
}

fn includes(permission: &MatchedPermission, page: &mut Page<'_>) {
    page.line(&format!("permissions[{}] includes it by {}", permission.index, permission.pattern));
}

fn denied(deny: &DenyTrace, page: &mut Page<'_>) {
    page.line(&format!("{} at {}", deny.name, deny.scope));
    page.indented(|page| {
        let whom = match deny.group_path.as_slice() {
            [] => holding::matched_as(deny.matched_as).to_owned(),
            path => format!("names {}", holding::groups(path, page)),
        };
        page.line(&whom);
        page.line(&format!("deny assignment {}", deny.id.name()));
        includes(&deny.permission, page);
        deny.conditions.iter().for_each(|condition| trace::write(condition, page));
        if deny.undecided {
            page.line("what cannot be decided denies");
        }
    });
}

fn misses(misses: &NearestMisses, page: &mut Page<'_>) {
    if misses.principal_unknown {
        page.section("not in the directory", |page| page.line("no assignment counts for this object id"));
    }
    if !misses.condition_not_met.is_empty() {
        page.section("near: the condition does not hold", |page| {
            for miss in &misses.condition_not_met {
                holding::write(&miss.holding, page);
                page.indented(|page| {
                    includes(&miss.permission, page);
                    miss.conditions.iter().for_each(|condition| trace::write(condition, page));
                });
            }
        });
    }
    if !misses.removed_by_not_action.is_empty() {
        page.section("near: the role takes it out again", |page| {
            for miss in &misses.removed_by_not_action {
                holding::write(&miss.holding, page);
                let MatchedPermission { index, pattern } = &miss.permission;
                let line = format!("permissions[{index}] has {pattern} and takes {} out again", miss.not_action);
                page.indented(|page| page.line(&line));
            }
        });
    }
    if !misses.other_plane.is_empty() {
        page.section("near: the role has it on the other plane only", |page| {
            for miss in &misses.other_plane {
                holding::write(&miss.holding, page);
                let MatchedPermission { index, pattern } = &miss.permission;
                page.indented(|page| page.line(&format!("permissions[{index}] has {pattern} there")));
            }
        });
    }
    if !misses.elsewhere.is_empty() {
        page.section("near: granted where it does not reach", |page| {
            misses.elsewhere.iter().for_each(|held| holding::write(held, page));
        });
    }
    if !misses.lacking.is_empty() {
        page.section("held here, without it", |page| {
            misses.lacking.iter().for_each(|held| holding::write(held, page));
        });
    }
}

fn what_to_do(explanation: &Explanation, page: &mut Page<'_>) {
    if !explanation.advice.is_empty() {
        page.section("in the way", |page| {
            for advice in &explanation.advice {
                page.sentence(&advice.text);
                if let Some(az) = &advice.az {
                    page.indented(|page| page.line(az));
                }
            }
        });
    }
    if let Some(mend) = &explanation.mend {
        let title = format!("would allow it: {} at {}", mend.role.name, mend.scope);
        page.section(&title, |page| page.line(&mend.az));
    }
}
