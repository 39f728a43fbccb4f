//! POST verbs behind a resource.

mod list_keys;
mod regenerate_key;
mod register;

use std::sync::Arc;

use access::{Failure, Routes};
use arm::{Resource, Scope};
use rbac::{KeySlot, Mode, Permit};
use serde_json::{Value, json};
use store::World;

use crate::failure::{internal, not_found, stored};
use crate::state::Control;

pub(crate) fn mount(routes: Routes<Control>) -> Routes<Control> {
    routes
        .on(list_keys::ListKeys, list_keys::list_keys)
        .on(regenerate_key::RegenerateKey, regenerate_key::regenerate_key)
        .on(register::Register, register::register)
        .on(register::RegisterManagement, register::register_management)
}

/// The account that an action is done to.
fn account<'a>(world: &'a World, target: &Scope) -> Result<&'a Arc<Resource>, Failure> {
    world.resources.get(target).ok_or_else(|| not_found(world, target).into())
}

/// Both keys, opened with the permit of an operation that lists credentials among its rows.
fn both_keys<M: Mode>(control: &Control, permit: &Permit<M>, world: &World, account: &Scope) -> Result<Value, Failure> {
    let key = |slot: KeySlot| {
        let info = world.credentials.resource_key(account, slot);
        let reference = info.ok_or_else(|| internal("the account has no key in a slot"))?.reference();
        control.store.reveal(permit, &reference).map_err(|error| stored(&error))
    };
    let (key1, key2) = (key(KeySlot::Key1)?, key(KeySlot::Key2)?);
    Ok(json!({ "key1": key1.expose(), "key2": key2.expose() }))
}
