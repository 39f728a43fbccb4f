//! Operations of inference: each is a route, what it needs there, and nothing else.

/// Declares an operation that only reads resources: `Name: Verb "template", Plane, needs, Body, rows it keeps => form of failures`.
macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident: $verb:ident $template:literal, $plane:ident, $needs:expr, $body:ty $(, $rows:expr)? $(=> $told:expr)?;)+) => {
        $(
            $(#[$doc])*
            pub(crate) struct $name;

            impl access::Operation for $name {
                const ROUTE: access::Route =
                    access::Route::path(access::Verb::$verb, $template, access::Plane::$plane);
                const NEEDS: access::Needs = access::Needs::All($needs);
                $(const ROWS: &'static [rbac::RowKind] = $rows;)?
                type Mode = rbac::Reads;
                type Body = $body;
                $(fn told(failure: access::Failure) -> access::Failure {
                    $told(failure)
                })?
            }
        )+
    };
}

/// A data action of Cognitive Services, by what stands behind `accounts/`.
macro_rules! data_action {
    ($name:literal) => {
        &[rbac::Permission::DataAction(std::borrow::Cow::Borrowed(concat!(
            "Microsoft.CognitiveServices/accounts/",
            $name
        )))]
    };
}

pub(super) use {data_action, operations};
