//! Role definitions: built-in and custom ones are read at any scope, custom ones written. And the caller's own permissions
//! at a scope.

mod custom;
mod definition;
mod delete;
mod neighbours;
mod permissions;
mod put;

use access::Routes;

use crate::state::Control;

pub(crate) fn mount(routes: Routes<Control>) -> Routes<Control> {
    routes
        .on(definition::GetDefinition, definition::get)
        .on(definition::ListDefinitions, definition::list)
        .on(put::PutDefinition, put::put)
        .on(delete::DeleteDefinition, delete::delete)
        .on(permissions::ListPermissions, permissions::list)
}
