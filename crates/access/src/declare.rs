//! Declaring operations of the data plane, each of which is a route, what it needs there, and nothing else.

/// Declares operations on fixed paths:
/// `Name: Verb "template", Plane, needs, Body, rows it keeps or reveals, Mode => form of failures`, and before the name, in brackets, the
/// function that says what its request needs elsewhere. What is not said is not there; one without a mode reads. Whoever uses it
/// depends on `access` and `rbac`.
#[macro_export]
macro_rules! operations {
    ($($(#[$doc:meta])* $([$linked:path])? $name:ident: $verb:ident $template:literal, $plane:ident, $needs:expr, $body:ty $(, $rows:expr $(, $mode:ident)?)? $(=> $told:expr)?;)+) => {
        $(
            $(#[$doc])*
            pub(crate) struct $name;

            impl $crate::Operation for $name {
                const ROUTE: $crate::Route =
                    $crate::Route::path($crate::Verb::$verb, $template, $crate::Plane::$plane);
                const NEEDS: $crate::Needs = $crate::Needs::All($needs);
                $(const ROWS: &'static [rbac::RowKind] = $rows;)?
                type Mode = $crate::operations!(@mode $($($mode)?)?);
                type Body = $body;
                $(fn linked(input: &$crate::Input<'_, Self::Body>) -> Vec<$crate::Linked> {
                    $linked(input)
                })?
                $(fn told(failure: $crate::Failure) -> $crate::Failure {
                    $told(failure)
                })?
            }
        )+
    };
    (@mode) => { rbac::Reads };
    (@mode $mode:ident) => { rbac::$mode };
}

/// Data actions of Cognitive Services, by what stands behind `accounts/`.
#[macro_export]
macro_rules! data_action {
    ($($name:literal),+) => {
        &[$(rbac::Permission::DataAction(std::borrow::Cow::Borrowed(concat!(
            "Microsoft.CognitiveServices/accounts/",
            $name
        )))),+]
    };
}
