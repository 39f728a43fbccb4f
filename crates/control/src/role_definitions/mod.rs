//! Role definitions, built-in and custom: read at any scope. And the caller's own permissions at a scope.

mod definition;
mod permissions;

use access::Routes;

use crate::state::Control;

pub(crate) fn mount(routes: Routes<Control>) -> Routes<Control> {
    routes
        .on(definition::GetDefinition, definition::get)
        .on(definition::ListDefinitions, definition::list)
        .on(permissions::ListPermissions, permissions::list)
}
