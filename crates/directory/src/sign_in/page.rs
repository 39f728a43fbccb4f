//! The pages: plain HTML that needs no script, and headers that let nothing else in.

use std::sync::LazyLock;

use access::{PublicRequest, Reply};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use minijinja::value::Value;
use minijinja::{Environment, context};

use super::redirect::Redirect;
use crate::random::sha256;

const STYLE: &str = include_str!("pages/style.css");
/// Sends the page's one form; without it a person presses the form's button.
const SCRIPT: &str = "document.forms[0].submit()";

/// The templates. Their names end in `.html`, so every value is escaped.
const TEMPLATES: [(&str, &str); 5] = [
    ("base.html", include_str!("pages/base.html")),
    ("sign_in.html", include_str!("pages/sign_in.html")),
    ("user_code.html", include_str!("pages/user_code.html")),
    ("form_post.html", include_str!("pages/form_post.html")),
    ("message.html", include_str!("pages/message.html")),
];

static PAGES: LazyLock<Result<Environment<'static>, minijinja::Error>> = LazyLock::new(|| {
    let mut pages = Environment::new();
    for (name, text) in TEMPLATES {
        pages.add_template(name, text)?;
    }
    Ok(pages)
});

static STYLE_HASH: LazyLock<String> = LazyLock::new(|| hash(STYLE));
static SCRIPT_HASH: LazyLock<String> = LazyLock::new(|| hash(SCRIPT));

fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(sha256(text.as_bytes())))
}

/// What went wrong, and the id of the field to mend.
pub(super) struct Problem<'a> {
    pub(super) text: &'a str,
    pub(super) field: Option<&'static str>,
}

/// What a sign-in page shows.
pub(super) struct SignInPage<'a> {
    /// The application that is signed in to.
    pub(super) client: &'a str,
    /// The code of the device that waits, if one does.
    pub(super) user_code: Option<&'a str>,
    /// The name to start with.
    pub(super) username: &'a str,
    /// Where a redirect after the form may lead, if it leads anywhere.
    pub(super) leads_to: Option<&'a Redirect>,
}

/// The page that asks for name and password.
pub(super) fn sign_in(request: &PublicRequest, page: &SignInPage<'_>, problem: Option<&Problem<'_>>) -> Option<Html> {
    let values = context! {
        client => page.client, user_code => page.user_code, username => page.username, domain => domain(request),
    };
    let target = page.leads_to.map_or("", Redirect::origin);
    Html::render(request, "sign_in.html", "Sign in", problem, values).map(|html| html.with_targets(&["'self'", target]))
}

/// The page that asks for the code of a device.
pub(super) fn user_code(request: &PublicRequest, typed: &str, problem: Option<&Problem<'_>>) -> Option<Html> {
    let html = Html::render(request, "user_code.html", "Enter your code", problem, context! { typed });
    html.map(|html| html.with_targets(&["'self'"]))
}

/// The page that sends `fields` to the application.
pub(super) fn form_post(request: &PublicRequest, redirect: &Redirect, fields: &[(&str, &str)]) -> Option<Html> {
    let own = |text: &str| text.to_owned();
    let fields: Vec<Vec<String>> = fields.iter().map(|(name, value)| vec![own(name), own(value)]).collect();
    let values = context! { action => redirect.uri.as_str(), fields, script => SCRIPT };
    let html = Html::render(request, "form_post.html", "Go on to the application", None, values)?;
    Some(Html { has_script: true, ..html.with_targets(&[redirect.origin()]) })
}

/// A page that only says something.
pub(super) fn message(request: &PublicRequest, title: &str, text: &str) -> Option<Html> {
    Html::render(request, "message.html", title, None, context! { text })
}

/// A page that says what went wrong.
pub(super) fn refused(request: &PublicRequest, text: &str) -> Option<Html> {
    let problem = Problem { text, field: None };
    Html::render(request, "message.html", "You cannot sign in here", Some(&problem), Value::UNDEFINED)
}

fn domain(request: &PublicRequest) -> &str {
    request.world.tenant.as_ref().map_or("", |tenant| tenant.default_domain.as_str())
}

/// A page that is ready to be sent.
pub(super) struct Html {
    text: String,
    /// Where its forms may be sent to, as sources of a content security policy.
    targets: String,
    has_script: bool,
}

impl Html {
    fn render(
        request: &PublicRequest,
        template: &str,
        title: &str,
        problem: Option<&Problem<'_>>,
        values: Value,
    ) -> Option<Html> {
        let tenant = request.world.tenant.as_ref().map_or("", |tenant| tenant.display_name.as_str());
        let (error, field) = problem.map_or((None, None), |problem| (Some(problem.text), problem.field));
        let common = context! { title, tenant, style => STYLE, error, field, ..values };
        let page = PAGES.as_ref().ok()?.get_template(template).ok()?;
        Some(Html { text: page.render(common).ok()?, targets: "'none'".to_owned(), has_script: false })
    }

    fn with_targets(self, targets: &[&str]) -> Html {
        let targets: Vec<&str> = targets.iter().copied().filter(|target| !target.is_empty()).collect();
        Html { targets: targets.join(" "), ..self }
    }

    /// The answer.
    pub(super) fn reply(self, status: StatusCode) -> Reply {
        let script = if self.has_script { SCRIPT_HASH.as_str() } else { "'none'" };
        let policy = format!(
            "default-src 'none'; style-src {}; script-src {script}; form-action {}; frame-ancestors 'none'; base-uri 'none'",
            *STYLE_HASH, self.targets
        );
        Reply::bytes(status, "text/html; charset=utf-8", self.text)
            .with_header("content-security-policy", &policy)
            .with_header("x-frame-options", "DENY")
            // Our own forms say where they come from; nobody else learns the address with its parameters.
            .with_header("referrer-policy", "same-origin")
            .with_header("cache-control", "no-store")
    }
}

#[cfg(test)]
mod tests;
