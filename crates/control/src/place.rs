//! Where an item is: its canonical id, its parent, and what is stored there.

use std::sync::Arc;

use arm::{ArmError, ErrorCode, Resource, Scope, ScopeLevel};
use resources::{Kind, Parent};
use store::World;

use crate::failure::missing_place;

/// A place for a resource of type `K`, found in one snapshot.
#[derive(Clone, Debug)]
pub struct Place {
    /// The id as it is stored or will be: the parent's own casing, the type's canonical casing, the name as first written.
    pub id: Scope,
    /// What it hangs under, where that is a resource of a type.
    pub parent: Option<Arc<Resource>>,
    /// What is stored there.
    pub existing: Option<Arc<Resource>>,
}

impl Place {
    /// The place that `target` names; an error when the way to it does not exist or its type does not belong there.
    pub fn of<K: Kind>(world: &World, target: &Scope) -> Result<Place, ArmError> {
        let above = target.parent().unwrap_or_else(Scope::root);
        if !belongs::<K>(&above) {
            return Err(misplaced(K::DISPLAY_TYPE, &above));
        }
        if let Some(missing) = missing_place(world, target) {
            return Err(missing);
        }
        let holder = world.resources.get(&above).cloned();
        let existing = world.resources.get(target).cloned();
        let id = match (&existing, &holder) {
            (Some(existing), _) => existing.id.clone(),
            (None, Some(holder)) => canonical::<K>(&holder.id, target.name()),
            (None, None) => canonical::<K>(&above, target.name()),
        };
        Ok(Place { id, parent: holder.filter(|_| matches!(K::PARENT, Parent::Resource(_))), existing })
    }
}

/// Whether resources of type `K` may hang on `above`.
fn belongs<K: Kind>(above: &Scope) -> bool {
    match K::PARENT {
        Parent::Root => above.is_root(),
        Parent::Subscription => above.level() == ScopeLevel::Subscription,
        Parent::ResourceGroup => above.level() == ScopeLevel::ResourceGroup,
        Parent::Resource(wanted) => {
            above.resource_type().is_some_and(|above| above.as_str().eq_ignore_ascii_case(wanted))
        }
        Parent::AnyScope => true,
    }
}

pub(crate) fn misplaced(display_type: &str, above: &Scope) -> ArmError {
    ArmError::new(ErrorCode::InvalidRequestUri, format!("resources of type `{display_type}` do not hang on `{above}`"))
}

/// The id of a new resource, spelled as its type spells it.
fn canonical<K: Kind>(above: &Scope, name: &str) -> Scope {
    let segment = K::TYPE.rsplit('/').next().unwrap_or_default();
    match K::PARENT {
        Parent::Root | Parent::Subscription | Parent::Resource(_) => above.child(segment, name),
        Parent::ResourceGroup | Parent::AnyScope => {
            let namespace = K::TYPE.split('/').next().unwrap_or_default();
            above.extension(namespace, segment, name)
        }
    }
}
