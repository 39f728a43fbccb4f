//! What somebody can do, as text.

use super::holding;
use super::page::Page;
use crate::explain::reason::kind_word;
use crate::explain::what_can::{AllowedAt, Place, WhatCan};

pub(super) fn write(what: &WhatCan, page: &mut Page<'_>) {
    page.line(&format!("{} {}", kind_word(what.principal_type), page.principal(what.principal)));
    if what.principal_type.is_none() {
        page.indented(|page| page.line("is not in the directory, so it holds nothing"));
    }
    if !what.directory_roles.is_empty() {
        page.section("directory roles", |page| what.directory_roles.iter().for_each(|role| page.line(role)));
    }
    let title = match what.assignments.len() {
        0 => "holds no role".to_owned(),
        1 => "holds 1 role".to_owned(),
        count => format!("holds {count} roles"),
    };
    page.section(&title, |page| {
        for held in &what.assignments {
            let place = match held.place {
                Some(Place::Above) => ", inherited",
                Some(Place::Below) => ", below only",
                Some(Place::At) | None => "",
            };
            let condition = if held.condition.is_some() { ", under a condition" } else { "" };
            let (role, scope) = (&held.holding.role.name, &held.holding.scope);
            page.line(&format!("{role} at {scope}{place}"));
            page.indented(|page| page.line(&format!("{}{condition}", holding::held(&held.holding, page))));
        }
    });
    if let Some(at) = &what.at {
        allowed_at(at, page);
    }
}

fn allowed_at(at: &AllowedAt, page: &mut Page<'_>) {
    page.section(&format!("may at {}", at.scope), |page| {
        operations("action", &at.actions, page);
        operations("data action", &at.data_actions, page);
        operations("action in some requests", &at.conditional_actions, page);
        operations("data action in some requests", &at.conditional_data_actions, page);
    });
    if !at.denies.is_empty() {
        page.section("denied there by", |page| {
            for deny in &at.denies {
                let condition = if deny.conditional { ", under a condition" } else { "" };
                let whom = holding::matched_as(deny.matched_as);
                page.line(&format!("{} at {}, which {whom}{condition}", deny.name, deny.scope));
            }
        });
    }
}

fn operations(word: &str, names: &[String], page: &mut Page<'_>) {
    let plural = match (names.len(), word.split_once("action")) {
        (1, _) | (_, None) => word.to_owned(),
        (_, Some((before, after))) => format!("{before}actions{after}"),
    };
    page.line(&format!("{} {plural}", names.len()));
    page.indented(|page| names.iter().for_each(|name| page.line(name)));
}
