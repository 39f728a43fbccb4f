//! A trial of a connection: all that a request through it needs, one step after the other, and for each that fails what is at fault
//! and how it is mended.

mod ask;
mod judge;
mod probe;
mod step;

use access::Draft;
use arm::Resource;
use egress::{Egress, EgressError};
use http::HeaderMap;
use jiff::Timestamp;
use resources::connections::{GatewayConnection, GatewayModel, GatewayModels, ModelFormat};
use resources::projects;
use store::World;
use uuid::Uuid;

use super::aside::{Aside, Through, Uses};
use super::discovery::Said;
use super::line::Line;
use super::secrets::Secrets;
use super::shown::Shown;
use super::tokens::Tokens;
use step::Fault;
pub(crate) use step::Report;

/// What is tried, and for whom.
pub(crate) struct Trial<'a> {
    /// The connection, stored or about to be.
    pub(crate) resource: &'a Resource,
    pub(crate) secrets: &'a Secrets,
    pub(crate) egress: &'a Egress,
    pub(crate) tokens: &'a dyn Tokens,
    pub(crate) world: &'a World,
    /// The project whose identity may be shown; without one, the account.
    pub(crate) place: &'a Resource,
    /// Who tries it, by object id.
    pub(crate) caller: Uuid,
    /// The model that is asked; the first that the connection has when unset.
    pub(crate) model: Option<&'a str>,
    pub(crate) id: Uuid,
    pub(crate) now: Timestamp,
    /// The record that tells of it, from before the other end is asked.
    pub(crate) record: Option<&'a Draft>,
}

impl Trial<'_> {
    /// Takes every step; those after one that failed are left out where they need it.
    pub(crate) async fn run(&self) -> Report {
        let mut report = Report::of(&self.resource.id);
        let Some(line) = self.parameters(&mut report) else { return report };
        report.host = Some(line.host());
        report.credential_kind = Some(line.shown.kind());
        if let Some(record) = self.record {
            record.note(|record| {
                record.credential_kind = report.credential_kind.map(Into::into);
                record.upstream_host.clone_from(&report.host);
            });
        }
        if !network(&line, &mut report).await {
            return report;
        }
        let Some(aside) = self.credential(&line, &mut report).await else { return report };
        let Some(model) = self.models(&line, &aside, &mut report).await else { return report };
        report.model = Some(model.name.clone());
        self.chat(&line, &aside, &model, &mut report).await;
        report
    }

    /// Whether it can be opened as it is written.
    fn parameters(&self, report: &mut Report) -> Option<Line> {
        let Some(written) = GatewayConnection::of(self.resource) else {
            let detail = "it is no connection to models, or cannot be read as it is stored";
            let mend = "its `category` is `ApiManagement` or `ModelGateway`; write it again to hear what is wrong";
            report.failed("parameters", Fault::Parameters, detail, mend);
            return None;
        };
        let told = format!("{} at {}, {}", written.category.as_str(), written.target, models_told(&written));
        match Line::open(self.resource, written, self.secrets, self.egress) {
            Ok(line) => {
                report.passed("parameters", told);
                Some(line)
            }
            Err(error) => {
                let (fault, mend) = judge::of_error(&error);
                report.failed("parameters", fault, error.to_string(), mend);
                None
            }
        }
    }

    /// Whether there is something to show. An agent's identity is there only when an agent asks.
    async fn credential(&self, line: &Line, report: &mut Report) -> Option<Aside> {
        let uses = Uses { identity: self.caller, caller: self.caller, agent: None };
        let none = HeaderMap::new();
        let through = Through {
            world: self.world,
            project: self.place,
            model: self.model.unwrap_or_default(),
            uses: &uses,
            from_caller: &none,
            id: self.id,
            now: self.now,
        };
        if matches!(line.shown, Shown::Identity(super::shown::Whose::Agent, _)) {
            report.left_out(
                "credential",
                "the identity of an agent is shown, so that an agent must ask: run one through it",
            );
            return None;
        }
        let is_project =
            self.place.id.resource_type().is_some_and(|kind| kind.as_str().eq_ignore_ascii_case(projects::TYPE));
        if matches!(line.shown, Shown::Identity(super::shown::Whose::Project, _)) && !is_project {
            report.left_out(
                "credential",
                "the identity of a project is shown, so that one must be acted for: name one (`project`)",
            );
            return None;
        }
        let aside = match through.aside(line, self.tokens) {
            Ok(aside) => aside,
            Err(failure) => {
                let mend = "name a project whose identity is shown (`project`), or ask as a user where a user's is";
                report.failed("credential", Fault::Identity, failure.reason, mend);
                return None;
            }
        };
        match line.shown.proof(aside.token.as_ref()).await {
            Ok(_) => {
                report.passed("credential", format!("`{}` is there to be shown", line.shown.kind()));
                Some(aside)
            }
            Err(error) => {
                let mend =
                    "compare `tokenUrl`, `scopes`, `clientId` and the client's secret with what its server knows";
                report.failed("credential", Fault::Identity, error.to_string(), mend);
                None
            }
        }
    }

    /// Which models there are, and the one that is asked.
    async fn models(&self, line: &Line, aside: &Aside, report: &mut Report) -> Option<GatewayModel> {
        let (listed, discovery) = match &line.written.models {
            GatewayModels::Static(models) => {
                report.passed("list", format!("the connection lists {} models itself", models.len()));
                (models.clone(), None)
            }
            GatewayModels::Discovered(discovery) => match line.all(discovery, aside).await {
                Ok(Said::Known(models)) => {
                    report.passed("list", format!("the gateway lists {} models", models.len()));
                    (models, Some(discovery))
                }
                other => {
                    report.refused("list", other.map(drop_known));
                    (Vec::new(), Some(discovery))
                }
            },
        };
        let wanted = self.model.map(str::to_owned).or_else(|| listed.first().map(|model| model.name.clone()));
        let Some(wanted) = wanted else {
            report.left_out("get", "there is no model to ask for; name one (`model`)");
            return None;
        };
        let Some(discovery) = discovery else {
            let found = listed.iter().find(|model| model.name == wanted).cloned();
            match &found {
                Some(_) => report.passed("get", format!("`{wanted}` is one of them")),
                None => {
                    let mend = judge::nearest_model(&wanted, &listed);
                    report.failed("get", Fault::Model, format!("`{wanted}` is none of them"), mend);
                }
            }
            return found;
        };
        match line.one(discovery, &wanted, aside).await {
            Ok(Said::Known(model)) => {
                report.passed("get", format!("the gateway has `{wanted}`"));
                Some(model)
            }
            other => {
                report.refused("get", other.map(drop_known));
                // The chat may tell more than the list.
                Some(GatewayModel {
                    name: wanted.clone(),
                    model: wanted,
                    version: String::new(),
                    format: ModelFormat::OpenAi,
                })
            }
        }
    }
}

fn drop_known<T>(said: Said<T>) -> Said<()> {
    match said {
        Said::Known(_) => Said::Known(()),
        Said::Refused(status, words) => Said::Refused(status, words),
        Said::Unreadable(why) => Said::Unreadable(why),
    }
}

/// Whether its host has an address that may be asked, and whether it can be connected to.
async fn network(line: &Line, report: &mut Report) -> bool {
    let mut took = |name: &'static str, result: Result<(), EgressError>, told: String| match result {
        Ok(()) => {
            report.passed(name, told);
            true
        }
        Err(error) => {
            let (fault, mend) = judge::of_error(&error);
            report.failed(name, fault, error.to_string(), mend);
            false
        }
    };
    let host = line.host();
    let resolved = line.egress().check(&line.base).await;
    took("address", resolved, format!("`{host}` has an address that may be asked"))
        && took("connect", line.egress().reach(&line.base).await, format!("`{host}` takes connections"))
}

fn models_told(written: &GatewayConnection) -> String {
    match &written.models {
        GatewayModels::Static(models) => format!("{} models listed", models.len()),
        GatewayModels::Discovered(discovery) => format!("models asked for as of `{}`", discovery.provider.as_str()),
    }
}
