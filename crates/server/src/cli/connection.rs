//! `cupola connection`: does a connection work, and who used it?

mod find;
mod show;
mod usage;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use serde_json::{Map, Value};

use super::remote::Remote;
use find::Place;

/// The examples of the whole command.
pub(super) const EXAMPLES: &str = "Examples:
  cupola connection test my-gateway --account contoso-hr --project claims --server https://localhost:8443
  cupola connection usage my-gateway --data-dir ./demo --since 7d";

const TEST_EXAMPLES: &str = "Examples:
  CUPOLA_ACCESS_TOKEN=$(az account get-access-token --query accessToken -o tsv) \\
    cupola connection test my-gateway --account contoso-hr --project claims --server https://localhost:8443 --ca ./demo/ca.pem
  cupola connection test my-gateway --account contoso-hr --model gpt-5 --server https://localhost:8443 --json

Steps: parameters, address (DNS), connect (TLS), credential, list, get, chat, stream. Each that fails names what is at fault (pathForm,
apiVersion, header, model, identity, network, parameters, gateway) and its mend. A real model is asked twice for a few tokens.
Exit 1: a step failed. It needs `Microsoft.CognitiveServices/accounts/connections/test/action`, or that of the project.";

const USAGE_EXAMPLES: &str = "Examples:
  cupola connection usage my-gateway --data-dir ./demo
  cupola connection usage my-gateway --account contoso-hr --project claims --data-dir ./demo --by model --since 24h
  cupola connection usage my-gateway --data-dir ./demo --json";

/// What is done with connections.
#[derive(Debug, Subcommand)]
pub(super) enum ConnectionCommand {
    /// Tries a connection at a running server, step by step; what fails is named with its mend.
    #[command(after_help = TEST_EXAMPLES)]
    Test(TestArgs),
    /// Sums what was used through a connection, by whom unless said otherwise. Reads the journal of a data folder.
    #[command(after_help = USAGE_EXAMPLES)]
    Usage(usage::ConnectionUsage),
}

#[derive(Debug, Args)]
pub(super) struct TestArgs {
    /// The connection.
    name: String,
    /// The account: its name, or its id.
    #[arg(long, value_name = "A")]
    account: String,
    /// The project that has the connection, or that uses one of its account.
    #[arg(long, value_name = "P")]
    project: Option<String>,
    /// The model to ask; the first that the connection has when unset.
    #[arg(long, value_name = "M")]
    model: Option<String>,
    /// The address of the server; the token for it is in `CUPOLA_ACCESS_TOKEN` or `--token-file`.
    #[arg(long, value_name = "URL")]
    server: String,
    /// A file whose first line is a token for the server's control plane.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The certificate authorities (PEM) that the server's certificate is checked by; `SSL_CERT_FILE` or the system's when unset.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

/// Runs one of the commands.
pub(super) fn run(command: ConnectionCommand) -> Result<ExitCode> {
    match command {
        ConnectionCommand::Test(args) => super::runtime()?.block_on(test(&args)),
        ConnectionCommand::Usage(args) => usage::usage(&args).map(|()| ExitCode::SUCCESS),
    }
}

async fn test(args: &TestArgs) -> Result<ExitCode> {
    let remote = Remote::open(&args.server, args.token_file.as_deref(), args.ca.as_deref())?;
    let Place { connection, acts_for } =
        find::place(&remote, &args.account, args.project.as_deref(), &args.name).await?;
    let mut wishes = Map::new();
    for (name, value) in [("model", args.model.as_ref()), ("project", acts_for.as_ref())] {
        if let Some(value) = value {
            wishes.insert(name.to_owned(), Value::from(value.as_str()));
        }
    }
    let report = remote.act(&connection, "test", &Value::Object(wishes)).await?;
    let printed = if args.json { format!("{}\n", serde_json::to_string_pretty(&report)?) } else { show::text(&report) };
    match io::stdout().write_all(printed.as_bytes()) {
        // `| head` has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        written => written.context("stdout cannot be written")?,
    }
    let is_ok = report.get("ok").and_then(Value::as_bool) == Some(true);
    Ok(if is_ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
