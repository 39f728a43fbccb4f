//! The operator's own limits (`Cupola.Gateway/limits`): which are in force for a request, and the counts behind them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use access::Failure;
use arm::{Resource, Scope};
use metering::{Counts, Meter, Subject, Unit, Window};
use resources::limits::{self as written, Limit, Principals};
use store::World;
use uuid::Uuid;

use crate::failure;
use crate::spending::now_ms;

/// The counts of all limits that were met; a limit that is written again keeps its own.
#[derive(Default)]
pub(crate) struct Meters(Mutex<HashMap<String, Arc<Meter>>>);

/// A limit that is in force somewhere.
#[derive(Clone, Debug)]
pub(crate) struct OwnLimit {
    limit: Limit,
    /// Its count.
    pub(crate) meter: Arc<Meter>,
}

/// The limits at and above a place that are for the model of this name. One that cannot be read lets nothing through.
pub(crate) fn at_and_above(
    world: &World,
    scope: &Scope,
    model: &str,
    meters: &Meters,
) -> Result<Vec<OwnLimit>, Failure> {
    read(world.in_force(scope, written::TYPE), model, meters)
}

/// The limits at exactly this place.
pub(crate) fn at(world: &World, scope: &Scope, model: &str, meters: &Meters) -> Result<Vec<OwnLimit>, Failure> {
    read(world.resources.on(scope, written::TYPE), model, meters)
}

fn read<'a>(
    rows: impl Iterator<Item = &'a Arc<Resource>>,
    model: &str,
    meters: &Meters,
) -> Result<Vec<OwnLimit>, Failure> {
    let mut limits = Vec::new();
    for row in rows {
        let limit = Limit::from_resource(row).map_err(|error| failure::unreadable_limit(&error))?;
        if limit.is_for_model(model) {
            limits.push(OwnLimit { meter: meters.of(&limit), limit });
        }
    }
    Ok(limits)
}

impl OwnLimit {
    /// Whose account a request of this caller is charged to, if the limit is for it. `groups` gives the caller's groups.
    pub(crate) fn subject(&self, caller: &Subject, groups: impl FnOnce() -> Vec<Uuid>) -> Option<Subject> {
        let is_for = match (&self.limit.principals, caller) {
            (Principals::All, _) => true,
            (Principals::These(_), Subject::Principal(id)) => self.limit.is_for(&[*id]) || self.limit.is_for(&groups()),
            (Principals::These(_), _) => false,
        };
        is_for.then(|| match self.limit.counts {
            written::Counts::Total => Subject::Everyone,
            written::Counts::Each => caller.clone(),
        })
    }
}

impl Meters {
    fn of(&self, limit: &Limit) -> Arc<Meter> {
        let counted = counted(limit);
        let mut meters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let meter =
            meters.entry(limit.id.key().to_owned()).or_insert_with(|| Meter::of_limit(limit.id.name(), counted));
        meter.set_limit(now_ms(), counted);
        Arc::clone(meter)
    }
}

fn counted(limit: &Limit) -> metering::Limit {
    metering::Limit {
        unit: match limit.unit {
            written::Unit::Tokens => Unit::Tokens,
            written::Unit::Requests => Unit::Requests,
        },
        amount: limit.amount,
        window: match limit.window {
            written::Window::Minute => Window::Minute,
            written::Window::Hour => Window::Hour,
            written::Window::Day => Window::Day,
            written::Window::Month => Window::Month,
        },
        counts: match limit.counts {
            written::Counts::Total => Counts::Total,
            written::Counts::Each => Counts::Each,
        },
    }
}
