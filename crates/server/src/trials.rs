//! Connections that are tried before they are written: the control plane asks, the gateway tries.

use std::sync::Arc;

use control::{Attempt, ConnectionTest, NotWorking, Testing};
use gateway::{DraftConnection, Serving, Trouble};

/// Tries by a gateway at work.
pub struct Trials(pub Arc<Serving>);

impl ConnectionTest for Trials {
    fn test<'a>(&'a self, attempt: Attempt<'a>) -> Testing<'a> {
        let Attempt { resource, given, world, caller, id, now } = attempt;
        let owned = |(member, secret): (&str, &store::Secret)| {
            (member.to_owned(), egress::Secret::new(secret.expose().to_owned()))
        };
        let given = given.into_iter().map(owned).collect();
        Box::pin(async move {
            let tested = self.0.test_draft(DraftConnection { resource, given, world, caller, id, now }).await;
            tested.map_err(|Trouble { message, report }| NotWorking { message, report })
        })
    }
}
