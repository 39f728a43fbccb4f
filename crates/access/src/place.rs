//! Where a request is decided, and the account whose network rules it is under.

use std::net::IpAddr;

use arm::Scope;
use store::World;

use crate::audit::Draft;
use crate::failure::Failure;
use crate::network;
use crate::route::Plane;
use crate::table::Matched;

/// Where a guarded request is decided.
pub(crate) struct Place {
    pub(crate) target: Scope,
    pub(crate) account: Option<Scope>,
}

impl Place {
    /// The scope of a matched request; `None` for an account that does not exist, which is said before authentication.
    pub(crate) fn of(world: &World, matched: &Matched<'_>) -> Option<Place> {
        if let Some(target) = &matched.target {
            return Some(Place { target: target.clone(), account: None });
        }
        match matched.mounted.route.plane() {
            Plane::Inference | Plane::Project => {
                let account = world.resources.account_by_subdomain(matched.params.get("account")?)?.id.clone();
                let target = match matched.params.get("project") {
                    Some(project) => {
                        let named = account.child("projects", project);
                        world.resources.get(&named).map_or(named, |row| row.id.clone())
                    }
                    None => account.clone(),
                };
                Some(Place { target, account: Some(account) })
            }
            Plane::Arm | Plane::Graph | Plane::Protocol => Some(Place { target: Scope::root(), account: None }),
        }
    }

    /// The network rules of the account, for routes that have one.
    pub(crate) fn check_network(&self, world: &World, peer: IpAddr, record: &Draft) -> Result<(), Failure> {
        let row = self.account.as_ref().and_then(|account| world.resources.get(account));
        row.map_or(Ok(()), |row| network::check(&row.properties, peer)).inspect_err(|_| {
            record.note(|record| {
                record.outcome = "refused".into();
                record.step = "admission".into();
            });
        })
    }
}
