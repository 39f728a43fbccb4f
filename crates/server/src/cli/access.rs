//! `cupola access`: why was it refused, who may do it, what may somebody do, and what will a rollout change?

mod evaluate;
mod explain;
mod show;
mod source;
mod what_can;
mod who_can;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use serde_json::Value;
use uuid::Uuid;

use source::Source;

/// The examples of the whole command.
pub(super) const EXAMPLES: &str = "Examples:
  cupola access explain --data-dir ./demo --decision 019a3c5e-7f00-7000-8000-000000000001
  cupola access who-can Microsoft.CognitiveServices/accounts/listKeys/action /subscriptions/11111111-… --data-dir ./demo
  cupola access what-can alice@contoso.com --server https://localhost:8443 --ca ./demo/ca.pem
  cupola access evaluate cases.json";

const EXPLAIN_EXAMPLES: &str = "Examples:
  cupola access explain --data-dir ./demo --decision 019a3c5e-7f00-7000-8000-000000000001
  CUPOLA_ACCESS_TOKEN=$(az account get-access-token --query accessToken -o tsv) \\
    cupola access explain --server \"$CUPOLA_URL\" --decision 019a3c5e-7f00-7000-8000-000000000001 --json

The id is in every refusal (`decisionId`), in the header `x-cupola-decision-id` of every reply, and in every record of `cupola audit tail`.";

const WHO_CAN_EXAMPLES: &str = "Examples:
  cupola access who-can Microsoft.Authorization/roleAssignments/write / --data-dir ./demo
  cupola access who-can Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action \\
    /subscriptions/11111111-…/resourceGroups/rg --data --data-dir ./demo";

const WHAT_CAN_EXAMPLES: &str = "Examples:
  cupola access what-can alice@contoso.com --data-dir ./demo
  cupola access what-can \"Credit Risk Users\" /subscriptions/11111111-… --data-dir ./demo --json";

const EVALUATE_EXAMPLES: &str = "Examples:
  cupola access evaluate cases.json
  generate-cases | cupola access evaluate -

FILE holds one case or a list: {\"id\", \"expected\"?, \"input\": {\"ids\", \"action\", \"data\", \"resource\", \"mg\"?, \"assignments\"?,
\"denies\"?, \"request\"?, \"res\"?, \"principal\"?, \"environment\"?}}. Each is answered by one line, {\"id\", \"decision\", \"reason\"}.
Exit 1: a case has `expected` and differs. Exit 2: the file cannot be read.";

#[derive(Debug, Subcommand)]
pub(super) enum AccessCommand {
    /// Tells why a decision came out as it did, and how it would come out today.
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(ExplainArgs),
    /// Lists everybody who may do something at a scope, and how they come to it.
    #[command(after_help = WHO_CAN_EXAMPLES)]
    WhoCan(WhoCanArgs),
    /// Lists what somebody holds, and what that allows at a scope.
    #[command(after_help = WHAT_CAN_EXAMPLES)]
    WhatCan(WhatCanArgs),
    /// Decides cases from a file, offline: rehearse in CI what a rollout will do.
    #[command(after_help = EVALUATE_EXAMPLES)]
    Evaluate(EvaluateArgs),
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The decision's id.
    #[arg(long, value_name = "ID", value_parser = decision_id)]
    decision: Uuid,
    #[command(flatten)]
    source: Source,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct WhoCanArgs {
    /// The action, such as `Microsoft.CognitiveServices/accounts/read`.
    action: String,
    /// The scope: `/`, or the id of a management group, subscription, resource group or resource.
    scope: String,
    /// Takes it as a data action; without this the catalogue of operations says which it is.
    #[arg(long)]
    data: bool,
    #[command(flatten)]
    source: Source,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct WhatCanArgs {
    /// Who: an object id, a sign-in name, an application id or a display name.
    principal: String,
    /// Where: what is allowed at this scope; without it, everything that is held.
    scope: Option<String>,
    #[command(flatten)]
    source: Source,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct EvaluateArgs {
    /// The cases (JSON); `-` reads them from stdin.
    file: PathBuf,
}

/// Runs one of the commands.
pub(super) fn run(command: AccessCommand) -> Result<ExitCode> {
    match command {
        AccessCommand::Explain(args) => {
            let found = super::runtime()?.block_on(async { args.source.open()?.decision(args.decision).await })?;
            print(&found, args.json, explain::text_of)
        }
        AccessCommand::WhoCan(args) => {
            let is_data = args.data.then_some(true);
            let asked = async { args.source.open()?.who_can(&args.action, is_data, &args.scope).await };
            print(&super::runtime()?.block_on(asked)?, args.json, who_can::text_of)
        }
        AccessCommand::WhatCan(args) => {
            let scope = args.scope.as_deref().unwrap_or("/");
            let asked = async { args.source.open()?.what_can(&args.principal, scope).await };
            let is_at_scope = args.scope.is_some();
            print(&super::runtime()?.block_on(asked)?, args.json, |found| what_can::text_of(found, is_at_scope))
        }
        AccessCommand::Evaluate(args) => evaluate::evaluate(&args.file),
    }
}

fn print(found: &Value, is_json: bool, text: impl FnOnce(&Value) -> String) -> Result<ExitCode> {
    let printed = if is_json { format!("{}\n", serde_json::to_string_pretty(found)?) } else { text(found) };
    match io::stdout().write_all(printed.as_bytes()) {
        // `| head` has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        written => written.context("stdout cannot be written")?,
    }
    Ok(ExitCode::SUCCESS)
}

fn decision_id(text: &str) -> Result<Uuid, String> {
    Uuid::try_parse(text).map_err(|_| "a decision id is a GUID; every refusal names its own as `decisionId`".to_owned())
}
