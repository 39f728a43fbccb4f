//! A resource as the world keeps it: read, or as the JSON of its row until somebody asks for it.

use std::sync::{Arc, OnceLock};

use arm::Resource;

use crate::load::parse;
use crate::row::ROLE_ASSIGNMENTS;

/// One resource.
#[derive(Clone)]
pub(crate) enum KeptResource {
    Read(Arc<Resource>),
    /// A role assignment: a tenant may have a million, which decisions do not need as resources.
    Unread(Arc<UnreadAssignment>),
}

/// The row of a role assignment.
pub(crate) struct UnreadAssignment {
    body: Box<str>,
    resource: OnceLock<Option<Arc<Resource>>>,
}

impl KeptResource {
    /// The row of a role assignment, not read yet.
    pub(crate) fn unread(body: Box<str>) -> KeptResource {
        KeptResource::Unread(Arc::new(UnreadAssignment { body, resource: OnceLock::new() }))
    }

    /// The resource. `None` for a row that is not readable, which is said once: it was when its facts were kept.
    pub(crate) fn get(&self) -> Option<&Arc<Resource>> {
        match self {
            KeptResource::Read(resource) => Some(resource),
            KeptResource::Unread(unread) => unread.resource.get_or_init(|| unread.read()).as_ref(),
        }
    }

    /// Might it be of the type? Without reading it; the type is compared without case.
    pub(crate) fn may_be(&self, resource_type: &str) -> bool {
        match self {
            KeptResource::Read(resource) => resource.resource_type.eq_ignore_ascii_case(resource_type),
            KeptResource::Unread(_) => resource_type.eq_ignore_ascii_case(ROLE_ASSIGNMENTS),
        }
    }
}

impl PartialEq for KeptResource {
    fn eq(&self, other: &KeptResource) -> bool {
        self.get() == other.get()
    }
}

impl UnreadAssignment {
    fn read(&self) -> Option<Arc<Resource>> {
        let read = parse("role assignment", &self.body);
        read.inspect_err(|error| tracing::error!(%error, "a role assignment is left out of lists")).ok().map(Arc::new)
    }
}
