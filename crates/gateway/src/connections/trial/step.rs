//! What a trial tells.

use arm::Scope;
use egress::EgressError;
use http::StatusCode;
use serde_json::{Value, json};

use super::super::discovery::Said;
use super::judge;

/// What is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// What the connection says of itself.
    Parameters,
    /// `deploymentInPath`.
    PathForm,
    /// `inferenceAPIVersion` or `deploymentAPIVersion`.
    ApiVersion,
    /// The header that carries the key.
    Header,
    /// The name of the model.
    Model,
    /// The key or the token.
    Identity,
    /// The way there.
    Network,
    /// The gateway itself.
    Gateway,
}

impl Fault {
    fn as_str(self) -> &'static str {
        match self {
            Fault::Parameters => "parameters",
            Fault::PathForm => "pathForm",
            Fault::ApiVersion => "apiVersion",
            Fault::Header => "header",
            Fault::Model => "model",
            Fault::Identity => "identity",
            Fault::Network => "network",
            Fault::Gateway => "gateway",
        }
    }
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) name: &'static str,
    /// Nothing where the step was left out.
    pub(crate) is_ok: Option<bool>,
    pub(crate) detail: String,
    /// What is at fault, and what is to be done about it.
    pub(crate) fault: Option<(Fault, String)>,
}

/// All steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) connection: Scope,
    pub(crate) host: Option<String>,
    pub(crate) credential_kind: Option<&'static str>,
    pub(crate) model: Option<String>,
    pub(crate) steps: Vec<Step>,
}

impl Report {
    pub(super) fn of(connection: &Scope) -> Report {
        let connection = connection.clone();
        Report { connection, host: None, credential_kind: None, model: None, steps: Vec::new() }
    }

    /// Whether no step failed.
    pub(crate) fn is_ok(&self) -> bool {
        self.first_failed().is_none()
    }

    /// The first step that failed.
    pub(crate) fn first_failed(&self) -> Option<&Step> {
        self.steps.iter().find(|step| step.is_ok == Some(false))
    }

    /// The first step that failed in a sentence: what happened, what is at fault, and the mend. Nothing where none failed.
    pub(crate) fn trouble(&self) -> Option<String> {
        let step = self.first_failed()?;
        let (fault, mend) = step.fault.as_ref().map(|(fault, mend)| (fault.as_str(), mend.as_str())).unzip();
        let (fault, mend) = (fault.unwrap_or_default(), mend.unwrap_or_default());
        Some(format!("the step `{}` failed (`{fault}`): {} To mend it: {mend}.", step.name, sentence(&step.detail)))
    }

    pub(super) fn passed(&mut self, name: &'static str, detail: impl Into<String>) {
        self.steps.push(Step { name, is_ok: Some(true), detail: detail.into(), fault: None });
    }

    pub(super) fn left_out(&mut self, name: &'static str, detail: impl Into<String>) {
        self.steps.push(Step { name, is_ok: None, detail: detail.into(), fault: None });
    }

    pub(super) fn failed(
        &mut self,
        name: &'static str,
        fault: Fault,
        detail: impl Into<String>,
        mend: impl Into<String>,
    ) {
        let fault = Some((fault, mend.into()));
        self.steps.push(Step { name, is_ok: Some(false), detail: detail.into(), fault });
    }

    /// A question about models that was not answered as it should be.
    pub(super) fn refused(&mut self, name: &'static str, said: Result<Said<()>, EgressError>) {
        match said {
            Ok(Said::Known(())) => {}
            Ok(Said::Unreadable(why)) => {
                self.failed(name, Fault::Parameters, why, "correct `metadata.modelDiscovery`");
            }
            Ok(Said::Refused(status, words)) => {
                let (fault, mend) = judge::of_discovery(status);
                self.failed(name, fault, answered(status, &words), mend);
            }
            Err(error) => {
                let (fault, mend) = judge::of_error(&error);
                self.failed(name, fault, error.to_string(), mend);
            }
        }
    }

    /// `{connection, host, credentialKind, model, ok, steps: [{name, ok, detail, fault?, mend?}]}`; the `ok` of a step that was left
    /// out is null.
    pub(crate) fn to_json(&self) -> Value {
        let steps: Vec<Value> = self.steps.iter().map(Step::to_json).collect();
        json!({
            "connection": self.connection.as_str(),
            "host": self.host,
            "credentialKind": self.credential_kind,
            "model": self.model,
            "ok": self.is_ok(),
            "steps": steps,
        })
    }
}

impl Step {
    fn to_json(&self) -> Value {
        let mut step = json!({"name": self.name, "ok": self.is_ok, "detail": self.detail});
        if let (Some((fault, mend)), Some(members)) = (&self.fault, step.as_object_mut()) {
            members.insert("fault".to_owned(), fault.as_str().into());
            members.insert("mend".to_owned(), mend.as_str().into());
        }
        step
    }
}

fn sentence(text: &str) -> String {
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

/// A refusal in a sentence; its words bring their own colon or full stop.
pub(super) fn answered(status: StatusCode, words: &str) -> String {
    format!("the gateway answered {}{words}", status.as_u16())
}
