//! A principal by any of its names.

use arm::nearest_n;
use store::{DirectoryObject, ObjectKind, World};
use uuid::Uuid;

use super::names::shown_name;

/// How many names a refusal suggests.
const SUGGESTIONS: usize = 3;

/// No principal, or several, by a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownPrincipal {
    /// Nobody is called that.
    #[error("no principal of the directory has the id or the name `{given}`{}", meant(near))]
    Nobody {
        /// What was given.
        given: String,
        /// Names that are near it.
        near: Vec<String>,
    },
    /// A name that people see is not unique.
    #[error("several principals are called `{given}`; name one by its object id: {}", ids.join(", "))]
    Several {
        /// What was given.
        given: String,
        /// Their object ids.
        ids: Vec<String>,
    },
}

fn meant(near: &[String]) -> String {
    match near {
        [] => "; give an object id, a sign-in name, an application id or a display name".to_owned(),
        near => {
            let quoted: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
            format!("; did you mean {}?", quoted.join(" or "))
        }
    }
}

/// The object id of the principal with this object id, sign-in name, application id or display name; names without case.
pub fn find_principal(world: &World, given: &str) -> Result<Uuid, UnknownPrincipal> {
    let given = given.trim();
    if let Some(found) = by_id(world, given).or_else(|| world.directory.by_upn(given).map(|user| user.id)) {
        return Ok(found);
    }
    let wanted = given.to_lowercase();
    let called: Vec<Uuid> = principals(world)
        .filter(|object| object.display_name.to_lowercase() == wanted)
        .map(|object| object.id)
        .collect();
    match called.as_slice() {
        [one] => Ok(*one),
        [] => {
            let names = principals(world).flat_map(|object| [object.display_name.as_str(), shown_name(object)]);
            let mut near: Vec<String> =
                nearest_n(given, names, 2 * SUGGESTIONS).into_iter().map(str::to_owned).collect();
            near.dedup();
            near.truncate(SUGGESTIONS);
            Err(UnknownPrincipal::Nobody { given: given.to_owned(), near })
        }
        several => {
            let ids = several.iter().map(Uuid::to_string).collect();
            Err(UnknownPrincipal::Several { given: given.to_owned(), ids })
        }
    }
}

/// An application is no principal; whoever names one means its service principal.
fn by_id(world: &World, given: &str) -> Option<Uuid> {
    let id = Uuid::try_parse(given).ok()?;
    let of_application = |app_id| world.directory.by_app_id(app_id, ObjectKind::ServicePrincipal);
    match world.directory.object(id) {
        Some(object) if object.kind != ObjectKind::Application => Some(object.id),
        Some(application) => application.app_id.and_then(of_application).map(|found| found.id),
        None => of_application(id).map(|found| found.id),
    }
}

fn principals(world: &World) -> impl Iterator<Item = &DirectoryObject> {
    world.directory.objects().map(AsRef::as_ref).filter(|object| object.kind != ObjectKind::Application)
}
