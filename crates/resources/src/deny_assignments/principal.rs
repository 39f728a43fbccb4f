//! Whom a deny assignment or a limit names: an object id and its type.

use arm::{ArmError, ErrorCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::fields::{Fields, invalid, quoted};

/// The id that stands for every principal.
pub const EVERYBODY: Uuid = Uuid::nil();
/// The type of the principal that stands for every principal.
pub const SYSTEM_DEFINED: &str = "SystemDefined";
/// Types that a principal may be said to have.
const TYPES: &[&str] = &["User", "Group", "ServicePrincipal", SYSTEM_DEFINED];
/// What an answer of this server adds, and a client may send back.
const READ_ONLY: &[&str] = &["displayName", "email", "principalType", "objectType"];
/// Most principals of one list: far beyond the five that Azure's own makers exclude, and few enough to compare.
const LIMIT: usize = 100;

/// One entry of `principals` or `excludePrincipals`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The object id, or [`EVERYBODY`].
    pub id: Uuid,
    /// Its type, if the client says it.
    pub kind: Option<&'static str>,
    /// Where it stands in the body.
    pub path: String,
}

impl Principal {
    /// The type that the directory of `tenant` knows it as, by `kind_of`; an error where it knows nobody, or another type than
    /// the client says.
    pub fn known_type(
        &self,
        kind_of: impl Fn(Uuid) -> Option<&'static str>,
        tenant: Uuid,
    ) -> Result<&'static str, ArmError> {
        let id = self.id.simple();
        let Some(kind) = kind_of(self.id) else {
            let message = format!("Principal {id} does not exist in the directory {tenant}.");
            return Err(ArmError::new(ErrorCode::PrincipalNotFound, message).with_target(&self.path));
        };
        match self.kind.filter(|given| *given != kind) {
            Some(given) => {
                let message =
                    format!("The principal {id} is of type '{kind}', not '{given}'. Leave 'type' out or correct it.");
                Err(ArmError::new(ErrorCode::UnmatchedPrincipalType, message).with_target(&self.path))
            }
            None => Ok(kind),
        }
    }
}

/// Reads the list `name`.
pub(crate) fn list(fields: &Fields<'_>, name: &str) -> Result<Vec<Principal>, ArmError> {
    let given = fields.array(name)?.map(Vec::as_slice).unwrap_or_default();
    let path = fields.path_of(name);
    if given.len() > LIMIT {
        return Err(invalid(&path, format!("`{path}` has {} entries, more than {LIMIT}", given.len())));
    }
    let mut list: Vec<Principal> = Vec::with_capacity(given.len());
    for (at, value) in given.iter().enumerate() {
        let read = read(value, format!("{path}[{at}]"))?;
        if !list.iter().any(|known| known.id == read.id) {
            list.push(read);
        }
    }
    Ok(list)
}

fn read(value: &Value, path: String) -> Result<Principal, ArmError> {
    let Some(map) = value.as_object() else {
        return Err(invalid(&path, format!("`{path}`: expected an object with `id` and `type`")));
    };
    let fields = Fields::new(&path, map);
    fields.only(&[&["id", "type"], READ_ONLY].concat(), "a principal")?;
    let given = fields.required_string("id")?;
    let Ok(id) = Uuid::try_parse(given) else {
        let at = fields.path_of("id");
        return Err(invalid(&at, format!("`{at}`: expected an object id (a GUID), got `{}`", quoted(given))));
    };
    let kind = fields.one_of("type", TYPES)?;
    let says_everybody = kind == Some(SYSTEM_DEFINED);
    if (id == EVERYBODY) != says_everybody {
        let at = fields.path_of("type");
        return Err(invalid(
            &at,
            format!("`{at}`: the zero GUID and the type `{SYSTEM_DEFINED}` stand for everybody, and only together"),
        ));
    }
    Ok(Principal { id, kind, path })
}

/// The list on the wire.
pub(super) fn present(list: &Value, is_gone: &impl Fn(Uuid) -> bool) -> Value {
    let one = |principal: &Value| {
        let id = principal.get("id").and_then(Value::as_str).and_then(|id| Uuid::try_parse(id).ok());
        let is_gone = id.is_none_or(|id| id != EVERYBODY && is_gone(id));
        let kind = principal.get("type").cloned().unwrap_or(Value::Null);
        json!({
            "id": principal.get("id"),
            "type": if is_gone { json!("Unknown") } else { kind },
            "displayName": if id == Some(EVERYBODY) { json!("All Principals") } else { Value::Null },
            "email": null,
        })
    };
    Value::Array(list.as_array().map(Vec::as_slice).unwrap_or_default().iter().map(one).collect())
}
