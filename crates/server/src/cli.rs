//! The command line.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand, ValueEnum};

mod access;
mod audit;
mod connection;
mod keys;
mod remote;
mod usage;

/// An open, self-hosted Microsoft Foundry.
#[derive(Debug, Parser)]
#[command(name = "cupola", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts the server and runs until it is told to stop (SIGTERM, Ctrl-C).
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(ServeArgs),
    /// Reads the audit journal.
    #[command(after_help = AUDIT_EXAMPLES, arg_required_else_help = true)]
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Tells why access was refused or not, who can do something, and what somebody can do.
    #[command(after_help = access::EXAMPLES, arg_required_else_help = true)]
    Access {
        #[command(subcommand)]
        command: access::AccessCommand,
    },
    /// Sums what was used and what it cost, by deployment, connection, identity, project, group, model, account or upstream.
    #[command(after_help = usage::EXAMPLES, arg_required_else_help = true)]
    Usage(usage::UsageArgs),
    /// Tries connections to models elsewhere, and tells who used one.
    #[command(after_help = connection::EXAMPLES, arg_required_else_help = true)]
    Connection {
        #[command(subcommand)]
        command: connection::ConnectionCommand,
    },
    /// Handles the keys that sign tokens.
    #[command(after_help = KEYS_EXAMPLES, arg_required_else_help = true)]
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Prints the records of a data folder as JSON lines, oldest first, also while the server runs.
    #[command(after_help = AUDIT_EXAMPLES)]
    Tail(TailArgs),
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    /// Makes a new key sign tokens, also while the server runs; old tokens stay good until they expire.
    #[command(after_help = KEYS_EXAMPLES)]
    Rotate(RotateArgs),
}

const SERVE_EXAMPLES: &str = "Examples:
  cupola serve --data-dir ./demo --demo contoso
  cupola serve --data-dir ./demo --demo contoso --listen-plain 127.0.0.1:8080 --metrics-listen 127.0.0.1:9464
  CUPOLA_BOOTSTRAP_CLIENT_SECRET=… cupola serve --data-dir /var/lib/cupola --listen 0.0.0.0:443 --config cupola.toml

`cupola keys rotate` or SIGHUP makes a new key sign tokens; the old one is good until the last token under it has
expired.

Keys of the configuration, each also in the environment as CUPOLA_<KEY>:
  public_url                    where clients reach the server; https://localhost:{port} when unset
  domain                        accounts answer on {account}.openai.{domain} and its like; none when unset
  model_catalog                 a model catalog (TOML); the built-in one when unset
  model_dir                     where model files are; ~/.cache/cupola/models when unset
  bootstrap_client_secret_file  the first administrator's client secret (or CUPOLA_BOOTSTRAP_CLIENT_SECRET)
  [egress] allowed_targets      origins to be asked though loopback, private or http: [\"http://localhost:11434\"], or
                                \"http://localhost:*\" for every port; the demo lists the own machine
  [egress] allowed_domains      the only public hosts to be asked; all when unset
  [egress] ca_files             further certificate authorities (PEM) to believe
  [limits]                      role_assignments_per_subscription (4000), role_assignments_per_management_group (500),
                                custom_roles (5000)
  managed_identities            resource ids whose identities answer on --identity-listen, the default first
  log                           error, warn, info, debug, or a filter per module";

const AUDIT_EXAMPLES: &str = "Examples:
  cupola audit tail --data-dir ./demo
  cupola audit tail --data-dir ./demo --follow";

const KEYS_EXAMPLES: &str = "Examples:
  cupola keys rotate --data-dir /var/lib/cupola";

/// What `serve` is given.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Where all state is kept; made if missing.
    #[arg(long, value_name = "D")]
    pub data_dir: PathBuf,
    /// The address of the one TLS port; port 0 takes any free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8443")]
    pub listen: String,
    /// A loopback address without TLS for inference and projects alone, for programs of this machine; none when unset.
    #[arg(long, value_name = "ADDRESS")]
    pub listen_plain: Option<String>,
    /// A loopback address without TLS where programs of this machine get tokens of managed identities; none when unset.
    #[arg(long, value_name = "ADDRESS")]
    pub identity_listen: Option<String>,
    /// An address without TLS where Prometheus reads `/metrics` without a token, such as 127.0.0.1:9464; none when unset.
    #[arg(long, value_name = "ADDRESS")]
    pub metrics_listen: Option<String>,
    /// Makes a demo tenant on the first start; only on a loopback address.
    #[arg(long, value_name = "TENANT")]
    pub demo: Option<DemoTenant>,
    /// A configuration file (TOML).
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// The demo tenants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DemoTenant {
    /// A bank with five business groups.
    Contoso,
}

#[derive(Debug, Args)]
struct TailArgs {
    /// The data folder of the server.
    #[arg(long, value_name = "D")]
    data_dir: PathBuf,
    /// Waits for more instead of ending at the last record.
    #[arg(long)]
    follow: bool,
}

#[derive(Debug, Args)]
struct RotateArgs {
    /// The data folder of the server.
    #[arg(long, value_name = "D")]
    data_dir: PathBuf,
}

/// Runs the command that the program was started with; the code that it ends with.
pub fn run() -> Result<ExitCode> {
    match Cli::parse().command {
        Command::Serve(args) => runtime()?.block_on(crate::serve::serve(args))?,
        Command::Audit { command: AuditCommand::Tail(args) } => audit::tail(&args.data_dir, args.follow)?,
        Command::Access { command } => return access::run(command),
        Command::Connection { command } => return connection::run(command),
        Command::Usage(args) => usage::usage(&args)?,
        Command::Keys { command: KeysCommand::Rotate(args) } => runtime()?.block_on(keys::rotate(&args.data_dir))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    runtime_on(std::thread::available_parallelism().map_or(1, usize::from)).context("the runtime cannot be started")
}

/// Threads that share work cost something even where there is one of them: on one processor there is none.
fn runtime_on(processors: usize) -> std::io::Result<tokio::runtime::Runtime> {
    let mut builder = match processors {
        1 => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    builder.enable_all().build()
}

#[cfg(test)]
mod tests;
