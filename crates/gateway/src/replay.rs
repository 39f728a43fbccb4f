//! Counting again, after a restart, what was used of the operator's limits in their present windows: the journal knows.

use arm::Scope;
use metering::Subject;
use store::{Record, World};

use crate::{Serving, limits};

impl Serving {
    /// Whether any limit is in force at all; else there is nothing to count again.
    pub fn has_limits(&self) -> bool {
        let world = self.store.world();
        world.resources.children_of_type(&Scope::root(), resources::limits::TYPE).next().is_some()
    }

    /// Counts one request of the journal, which is given from its oldest record on.
    pub fn count_again(&self, record: &Record) {
        let world = self.store.world();
        // What cannot be placed any more (its deployment or its project is gone) is under no limit either.
        let _ = self.count_in(&world, record);
    }

    fn count_in(&self, world: &World, record: &Record) -> Option<()> {
        let tokens = record.prompt_tokens?.saturating_add(record.completion_tokens.unwrap_or(0));
        let at_ms = u64::try_from(record.time.as_millisecond()).ok()?;
        let target = Scope::parse(record.target.as_deref()?).ok()?;
        let account = if record.project.is_some() { target.parent()? } else { target.clone() };
        let model = record.model.as_deref()?;
        let (used, model) = match &record.connection {
            Some(connection) => (Scope::parse(connection).ok()?, model),
            None => {
                let deployment = account.child("deployments", record.deployment.as_deref()?);
                (deployment, self.gateway.models.find(model, None)?.name.as_str())
            }
        };
        let caller = match record.principal_id {
            Some(id) => Subject::Principal(id),
            None => Subject::Resource(format!("{}#{}", account.key(), record.credential).into()),
        };
        let meters = &self.plans.limits;
        let mut found = limits::at_and_above(world, &used, model, meters).ok()?;
        if record.project.is_some() && !target.contains(&used) {
            found.extend(limits::at(world, &target, model, meters).ok()?);
        }
        for limit in found {
            let groups = || record.principal_id.map(|id| world.access.groups_of(id)).unwrap_or_default();
            if let Some(subject) = limit.subject(&caller, groups) {
                limit.meter.replay(at_ms, &subject, tokens);
            }
        }
        Some(())
    }
}
