//! The real question, whole and streamed; where it is refused, the same once more in the other forms, to find out which is right.

use egress::{EgressError, Secret};
use http::StatusCode;
use resources::connections::{GatewayModel, GatewayModels};

use super::super::aside::Aside;
use super::super::line::{Line, PathForm};
use super::super::shown::{self, Shown};
use super::Trial;
use super::ask::{Ask, Came};
use super::judge;
use super::step::{Fault, Report, answered};

/// The version that is tried where a connection names none: the newest dated one that is no preview.
const USUAL_VERSION: &str = "2024-10-21";
/// Headers that keys stand in, and their forms.
const KEY_HEADERS: [(&str, &str); 4] = [
    ("api-key", "{api_key}"),
    ("authorization", "Bearer {api_key}"),
    ("x-api-key", "{api_key}"),
    ("ocp-apim-subscription-key", "{api_key}"),
];

impl Trial<'_> {
    /// Asks the model, first for a whole answer, then for a stream.
    pub(super) async fn chat(&self, line: &Line, aside: &Aside, model: &GatewayModel, report: &mut Report) {
        let whole = Ask { line, aside, model, form: &line.form, is_stream: false };
        let is_ok = match whole.put(None).await {
            Ok(Came::Answer | Came::WholeInstead) => {
                report.passed("chat", format!("`{}` answers", model.name));
                true
            }
            other => {
                refuse(report, "chat", whole, other).await;
                false
            }
        };
        if !is_ok {
            return report.left_out("stream", "the chat failed");
        }
        match (Ask { is_stream: true, ..whole }).put(None).await {
            Ok(Came::Answer) => report.passed("stream", format!("`{}` answers as a stream", model.name)),
            Ok(Came::WholeInstead) => {
                report.passed("stream", "it answers whole where a stream is asked for; callers get it as a stream");
            }
            other => refuse(report, "stream", Ask { is_stream: true, ..whole }, other).await,
        }
    }
}

async fn refuse(report: &mut Report, name: &'static str, ask: Ask<'_>, came: Result<Came, EgressError>) {
    match came {
        Ok(Came::Refused(status, words)) => {
            let (fault, mend) = of_refusal(ask, status, &words).await;
            report.failed(name, fault, answered(status, &words), mend);
        }
        Ok(Came::Odd(why)) => {
            report.failed(name, Fault::Gateway, why, "see whether `target` is the base of an OpenAI-compatible API");
        }
        Ok(Came::Answer | Came::WholeInstead) => {}
        Err(error) => {
            let (fault, mend) = judge::of_error(&error);
            report.failed(name, fault, error.to_string(), mend);
        }
    }
}

async fn of_refusal(ask: Ask<'_>, status: StatusCode, words: &str) -> (Fault, String) {
    let said = words.to_ascii_lowercase();
    let of_version = said.contains("api-version") || said.contains("api version");
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => of_credential(ask).await,
        StatusCode::TOO_MANY_REQUESTS => (Fault::Gateway, "its limit is used up; come again later".to_owned()),
        status if status.is_server_error() => {
            (Fault::Gateway, "see what the gateway's own log says of this request".to_owned())
        }
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => of_path(ask, &said).await,
        _ if of_version => of_version_alone(ask).await,
        _ if said.contains("model") || said.contains("deployment") => of_model(ask),
        _ => (Fault::Gateway, "see what the gateway expects of a chat completion".to_owned()),
    }
}

/// Not there: the other form of the path, another api-version, or no such model.
async fn of_path(ask: Ask<'_>, said: &str) -> (Fault, String) {
    let own = ask.form;
    let flipped = PathForm { deployment_in_path: !own.deployment_in_path, ..own.clone() };
    if answers(ask, &flipped).await {
        let right = flipped.deployment_in_path;
        return (Fault::PathForm, format!("set `metadata.deploymentInPath` to `\"{right}\"`: so it answers"));
    }
    let other = other_version(own);
    if answers(ask, &other).await {
        return version_mend(&other);
    }
    if said.contains("model") || said.contains("deployment") {
        return of_model(ask);
    }
    let place = ask.line.written.target.as_str();
    let mend = format!("see that `target` (`{place}`) is the URL of a chat completion without `/chat/completions`");
    (Fault::PathForm, mend)
}

async fn of_version_alone(ask: Ask<'_>) -> (Fault, String) {
    let other = other_version(ask.form);
    match answers(ask, &other).await {
        true => version_mend(&other),
        false => (Fault::ApiVersion, "set `metadata.inferenceAPIVersion` to one that the gateway knows".to_owned()),
    }
}

/// Refused: the key in the header that the gateway reads, if there is one; else it is not good there.
async fn of_credential(ask: Ask<'_>) -> (Fault, String) {
    if let Shown::Key(proof) = &ask.line.shown
        && let Some((name, format)) = header_that_opens(ask, &proof.secret).await
    {
        let mend = format!(
            "set `metadata.authConfig` to `{{\"type\":\"api_key\",\"name\":\"{name}\",\"format\":\"{format}\"}}`: so the key is accepted"
        );
        return (Fault::Header, mend);
    }
    let mend = match &ask.line.shown {
        Shown::Key(_) => {
            "the key is accepted in no usual header: write the connection again with a good one".to_owned()
        }
        Shown::Client(_) => "its token is not accepted: compare `scopes` with what the gateway demands".to_owned(),
        Shown::Identity(_, audience) => format!(
            "the gateway does not accept the token: it must trust this server's issuer, the audience `{audience}` and this identity"
        ),
    };
    (Fault::Identity, mend)
}

async fn header_that_opens(ask: Ask<'_>, secret: &Secret) -> Option<(&'static str, &'static str)> {
    let written = &ask.line.written;
    for (name, format) in KEY_HEADERS {
        let is_own = written.key_header.eq_ignore_ascii_case(name) && written.key_format == format;
        let Ok(proof) = shown::key(name, format, secret.clone()) else { continue };
        if !is_own && matches!(ask.put(Some(proof)).await, Ok(Came::Answer | Came::WholeInstead)) {
            return Some((name, format));
        }
    }
    None
}

async fn answers(ask: Ask<'_>, form: &PathForm) -> bool {
    matches!((Ask { form, ..ask }).put(None).await, Ok(Came::Answer | Came::WholeInstead))
}

/// The same without a version where there is one, with the usual one where there is none.
fn other_version(own: &PathForm) -> PathForm {
    let api_version = if own.api_version.is_some() { None } else { Some(USUAL_VERSION.to_owned()) };
    PathForm { api_version, ..own.clone() }
}

fn version_mend(right: &PathForm) -> (Fault, String) {
    let mend = match &right.api_version {
        Some(version) => format!("set `metadata.inferenceAPIVersion` to `{version}`: so it answers"),
        None => "leave `metadata.inferenceAPIVersion` out: so it answers".to_owned(),
    };
    (Fault::ApiVersion, mend)
}

fn of_model(ask: Ask<'_>) -> (Fault, String) {
    let place = match &ask.line.written.models {
        GatewayModels::Static(_) => "correct its name in `metadata.models`",
        GatewayModels::Discovered(_) => "ask for another of those that it lists",
    };
    (Fault::Model, format!("the gateway does not answer for `{}`: {place}", ask.model.name))
}
