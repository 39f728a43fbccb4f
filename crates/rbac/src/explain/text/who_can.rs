//! Who can, as text.

use super::holding;
use super::page::Page;
use crate::explain::reason::kind_word;
use crate::explain::who_can::{Able, WhoCan};

pub(super) fn write(who: &WhoCan, page: &mut Page<'_>) {
    let plane = if who.is_data_action { "data action " } else { "" };
    page.line(&format!("who can: {plane}{}", who.action));
    page.line(&format!("at       {}", who.scope));
    let title = match who.principals.len() {
        0 => "nobody".to_owned(),
        1 => "1 principal".to_owned(),
        count => format!("{count} principals"),
    };
    page.section(&title, |page| who.principals.iter().for_each(|one| able(one, page)));
    if !who.blocked.is_empty() {
        let title = format!("{} more, but for a deny assignment", who.blocked.len());
        page.section(&title, |page| who.blocked.iter().for_each(|one| able(one, page)));
    }
}

fn able(able: &Able, page: &mut Page<'_>) {
    let sometimes = if able.conditional { ", in some requests" } else { "" };
    page.line(&format!("{} {}{sometimes}", kind_word(Some(able.principal_type)), page.principal(able.principal)));
    page.indented(|page| {
        if let Some(role) = &able.directory_role {
            page.line(&format!("directory role {role}"));
        }
        for path in &able.paths {
            let (holding, held) = (&path.holding, holding::held(&path.holding, page));
            let condition = if path.conditional { ", under a condition" } else { "" };
            page.line(&format!("{} at {}, {held}{condition}", holding.role.name, holding.scope));
        }
        for deny in &able.denies {
            let condition = if deny.conditional { ", under a condition" } else { "" };
            let whom = holding::matched_as(deny.matched_as);
            page.line(&format!("deny {} at {}, which {whom}{condition}", deny.name, deny.scope));
        }
    });
}
