//! The activity log: GET {scope}/providers/Microsoft.Insights/eventtypes/management/values, of the tenant, a subscription or
//! a resource group. Each write, delete and action is two events, its start and its end; those are shown whose target the
//! caller may read the log of.

mod event;
mod wanted;

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Reply, Route, Routes, SKIP_TOKEN, next_link};
use arm::{ArmError, ErrorCode, Page, Scope, ScopeLevel};
use http::StatusCode;
use rbac::Reads;
use serde_json::Value;
use store::ActivityQuery;

use crate::failure::stored;
use crate::place::misplaced;
use crate::role_assignments::known_scope;
use crate::state::{Control, tenant_id};
use event::{Fields, events};
use wanted::Wanted;

/// The type that the log has in ARM's grammar.
const TYPE: &str = "Microsoft.Insights/eventtypes/values";
/// The one log that there is, as a path ends in it, in lower case.
const LOG: &str = "/providers/microsoft.insights/eventtypes/management/values";
/// Activities of a page, two events each: a reply of some hundred kilobytes.
const PAGE_SIZE: usize = 100;
/// Activities read from the disk at a time.
const READ_AT_ONCE: i64 = 500;
/// Reads for one page. Who may see little of a long log gets a page that is not full, and goes on behind it.
const READS_PER_PAGE: usize = 20;

pub(crate) fn mount(routes: Routes<Control>) -> Routes<Control> {
    routes.on(ListEvents, list)
}

/// GET …/providers/Microsoft.Insights/eventtypes/management/values
pub(crate) struct ListEvents;

impl Operation for ListEvents {
    const ROUTE: Route = Route::collection(TYPE);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Reads;
    type Body = NoBody;

    /// `eventtypes/management` is no resource: the log is of what it hangs on.
    fn place(target: &Scope) -> Scope {
        target.parent().unwrap_or_else(Scope::root)
    }
}

async fn list(control: Arc<Control>, request: Authorized<ListEvents>) -> HandlerResult {
    if !request.request.path.to_ascii_lowercase().ends_with(LOG) {
        let message = "There is one kind of event: '…/providers/Microsoft.Insights/eventtypes/management/values'.";
        return Err(ArmError::new(ErrorCode::NotFound, message).into());
    }
    let base = known_scope(&request.world, &request.target)?;
    if !matches!(base.level(), ScopeLevel::Root | ScopeLevel::Subscription | ScopeLevel::ResourceGroup) {
        return Err(misplaced(TYPE, &base).into());
    }
    let fields = Fields::parse(request.query.get("$select"))?;
    let wanted = Wanted::parse(request.query.get("$filter"), request.now)?;
    let mut query = wanted.query(&base)?;
    query.after = request.query.get(SKIP_TOKEN).filter(|token| !token.is_empty()).map(read_token).transpose()?;
    let (tenant, mut value) = (tenant_id(&request.world), Vec::new());
    let next = collect(&control, &mut query, |activity| {
        let may_see = request.visible.as_ref().is_some_and(|visible| visible.covers(&activity.target));
        let shown: Vec<Value> = match may_see {
            true => events(activity, tenant).filter(|event| wanted.matches(event)).collect(),
            false => Vec::new(),
        };
        let is_shown = !shown.is_empty();
        value.extend(shown.into_iter().map(|event| fields.of(event)));
        is_shown
    })
    .await?;
    let next_link = next.map(|place| next_link(&request.request, &request.query, &write_token(place)));
    Ok(Reply::json(StatusCode::OK, &Page { value, next_link }.to_json()))
}

/// Hands activities to `show` until the page is full, the log ends, or enough was read; answers where the next page begins.
async fn collect(
    control: &Control,
    query: &mut ActivityQuery,
    mut show: impl FnMut(&store::Activity) -> bool,
) -> Result<Option<(i64, i64)>, access::Failure> {
    query.limit = READ_AT_ONCE;
    let mut shown = 0;
    for _ in 0..READS_PER_PAGE {
        let found = control.store.activities(query).await.map_err(|error| stored(&error))?;
        let is_end = i64::try_from(found.len()).is_ok_and(|found| found < READ_AT_ONCE);
        for activity in &found {
            query.after = Some(activity.place());
            shown += usize::from(show(activity));
            if shown == PAGE_SIZE {
                return Ok(query.after);
            }
        }
        if is_end {
            return Ok(None);
        }
    }
    Ok(query.after)
}

fn write_token((time, seq): (i64, i64)) -> String {
    format!("{time}.{seq}")
}

fn read_token(token: &str) -> Result<(i64, i64), ArmError> {
    let place = token.split_once('.').and_then(|(time, seq)| Some((time.parse().ok()?, seq.parse().ok()?)));
    place.ok_or_else(|| {
        let message = "`$skipToken` is not one of this list; start again without it";
        ArmError::new(ErrorCode::InvalidParameter, message).with_target(SKIP_TOKEN)
    })
}
