//! The inference routes: where each is reached and what it needs.

mod chat;
mod models;

use std::sync::Arc;

use access::{Failure, Query, Routes};

use crate::Gateway;
use crate::failure::version_missing;

/// All routes of the gateway.
pub fn routes(gateway: Arc<Gateway>) -> Routes<Gateway> {
    Routes::new(gateway)
        .on(chat::AccountChat, chat::account_chat)
        .on(chat::DeploymentChat, chat::deployment_chat)
        .on(chat::ProjectChat, chat::project_chat)
        .on(models::AccountModels, models::account_models)
        .on(models::DatedModels, models::dated_models)
        .on(models::ProjectModels, models::project_models)
}

/// Dated routes answer only when asked in a version, `YYYY-MM-DD` or `YYYY-MM-DD-preview`; which one changes nothing yet.
fn dated(query: &Query) -> Result<(), Failure> {
    let version = query.get("api-version").unwrap_or("");
    let date = version.strip_suffix("-preview").unwrap_or(version);
    if date.parse::<jiff::civil::Date>().is_ok() { Ok(()) } else { Err(version_missing()) }
}

#[cfg(test)]
mod tests;
