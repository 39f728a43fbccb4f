//! A route: where an operation is reached, and on which plane.

use std::borrow::Cow;
use std::fmt;

use http::Method;

/// The verbs that Cupola routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verb {
    /// Reads.
    Get,
    /// Reads, without a body.
    Head,
    /// Creates or replaces.
    Put,
    /// Changes a part.
    Patch,
    /// Acts.
    Post,
    /// Removes.
    Delete,
}

impl Verb {
    /// The verb of an HTTP method; `None` for those that no route uses (OPTIONS, TRACE, CONNECT).
    pub fn from_method(method: &Method) -> Option<Verb> {
        match method.as_str() {
            "GET" => Some(Verb::Get),
            "HEAD" => Some(Verb::Head),
            "PUT" => Some(Verb::Put),
            "PATCH" => Some(Verb::Patch),
            "POST" => Some(Verb::Post),
            "DELETE" => Some(Verb::Delete),
            _ => None,
        }
    }

    /// The method's name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Verb::Get => "GET",
            Verb::Head => "HEAD",
            Verb::Put => "PUT",
            Verb::Patch => "PATCH",
            Verb::Post => "POST",
            Verb::Delete => "DELETE",
        }
    }

    /// The last part of the action that ARM's grammar derives from this verb.
    pub(crate) const fn action_suffix(self) -> &'static str {
        match self {
            Verb::Get | Verb::Head => "read",
            Verb::Put | Verb::Patch => "write",
            Verb::Delete => "delete",
            Verb::Post => "action",
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// What an ARM URL ends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Form {
    /// One resource: the target is that resource.
    Item,
    /// All resources of a type: the target is the scope they hang on.
    Collection,
    /// A POST verb behind a resource (`…/listKeys`): the target is that resource.
    Action,
}

/// The protocol family of a route: it decides the accepted audiences and the form of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Plane {
    /// Azure Resource Manager.
    Arm,
    /// The directory, Microsoft Graph's shape.
    Graph,
    /// Inference at an account.
    Inference,
    /// The project API.
    Project,
    /// Sign-in and discovery.
    Protocol,
}

impl Plane {
    /// The plane's name in the journal and in `routes.golden`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Plane::Arm => "arm",
            Plane::Graph => "graph",
            Plane::Inference => "inference",
            Plane::Project => "project",
            Plane::Protocol => "protocol",
        }
    }
}

/// Where an operation is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// ARM's grammar: the URL is the scope, the verb is the action.
    Arm {
        /// The method.
        verb: Verb,
        /// The canonical type; for [`Form::Action`] with the action's name behind it.
        resource_type: &'static str,
        /// What the URL ends in.
        form: Form,
    },
    /// A fixed path with `{named}` segments, matched without case.
    Path {
        /// The method.
        verb: Verb,
        /// For example `/accounts/{account}/openai/v1/chat/completions`; names in lower case.
        template: &'static str,
        /// The protocol family.
        plane: Plane,
    },
}

impl Route {
    /// An ARM route on one resource.
    pub const fn item(verb: Verb, resource_type: &'static str) -> Route {
        Route::Arm { verb, resource_type, form: Form::Item }
    }

    /// An ARM list.
    pub const fn collection(resource_type: &'static str) -> Route {
        Route::Arm { verb: Verb::Get, resource_type, form: Form::Collection }
    }

    /// An ARM POST verb; `resource_type` ends in the action's name.
    pub const fn action(resource_type: &'static str) -> Route {
        Route::Arm { verb: Verb::Post, resource_type, form: Form::Action }
    }

    /// A fixed path.
    pub const fn path(verb: Verb, template: &'static str, plane: Plane) -> Route {
        Route::Path { verb, template, plane }
    }

    /// The method.
    pub const fn verb(&self) -> Verb {
        match self {
            Route::Arm { verb, .. } | Route::Path { verb, .. } => *verb,
        }
    }

    /// The protocol family.
    pub const fn plane(&self) -> Plane {
        match self {
            Route::Arm { .. } => Plane::Arm,
            Route::Path { plane, .. } => *plane,
        }
    }

    /// The path as messages, the journal and `routes.golden` print it, without what is particular to a request.
    pub fn template(&self) -> Cow<'static, str> {
        match self {
            Route::Arm { resource_type, form: Form::Item, .. } => format!("{{scope}}/{resource_type}/{{name}}").into(),
            Route::Arm { resource_type, .. } => format!("{{scope}}/{resource_type}").into(),
            Route::Path { template, .. } => (*template).into(),
        }
    }
}
