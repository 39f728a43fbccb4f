//! `cupola serve`: from the command line to an accepting port, and back to rest.

use std::io::Write;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use access::App;
use anyhow::{Context, Result, bail, ensure};
use gateway::Serving;
use hyper::body::Incoming;
use jiff::Timestamp;
use rustls::ServerConfig;
use store::journal::{Journal, TailItem};
use store::{Store, SystemClock};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;

use crate::accept::{self, Port, Wire};
use crate::assemble::{self, Assembled};
use crate::cli::{DemoTenant, ServeArgs};
use crate::config::{Config, host_of};
use crate::demo_env::{self, Kept};
use crate::first_start::{Admin, Beginning};
use crate::identity_listener::{self, IdentityPort};
use crate::key_rotation::Rotation;
use crate::linger::lingering;
use crate::metrics::{Metrics, MetricsPort};
use crate::pid_file::PidFile;
use crate::{demo, first_start, tls};

/// The database's name in the data folder; its presence tells a first start from a later one.
const DATABASE: &str = "cupola.db";
/// How often what has expired is removed; it is not shown from the moment that it expires.
const PURGE_EVERY: Duration = Duration::from_secs(3600);
/// Marks a tenant that an operator's bootstrap secret made.
const OPERATOR_MARK: &str = "cupola-operator";

/// Serves until SIGTERM or Ctrl-C.
pub async fn serve(args: ServeArgs) -> Result<()> {
    let mut config = Config::read(args.config.as_deref(), variable)?;
    if args.demo.is_some() {
        config.egress = config.egress.for_demo();
    }
    log_to_stderr(config.log.as_deref())?;
    let listen = listen_address(&args.listen)?;
    check_start(&args, &config, listen)?;
    let catalog = assemble::catalog(&config)?;
    assemble::check_upstreams(&config, &catalog)?;
    config.account_domain(&config.public_url(listen.port()))?;
    let mut stop = Stop::listen()?;
    let rotation = Rotation::listen()?;
    let mut identities = identity_listener::resources(&config.managed_identities)?;
    let identity_port = args.identity_listen.as_deref().map(listen_address).transpose()?;
    ensure!(identity_port.is_none() || args.demo.is_some() || !identities.is_empty(), identity_listener::NO_IDENTITY);
    let identity_port = identity_port.map(IdentityPort::bind).transpose()?;
    let plain = args.listen_plain.as_deref().map(plain_port).transpose()?;
    let metrics_port = args.metrics_listen.as_deref().map(|text| metrics_port(&args, text)).transpose()?;
    let port = Port::bind(listen)?;
    let public_url = config.public_url(port.address().port());

    let store = Store::open(&args.data_dir, Arc::new(SystemClock)).await?;
    say_recovery(&store);
    let data_dir = args.data_dir.canonicalize().context("the data folder is gone")?;
    let serving = PidFile::write(&data_dir)?;
    let demo = tenant(&store, &args, &config, &public_url, &data_dir).await?;
    let system_bundle = variable("SSL_CERT_FILE").map(std::path::PathBuf::from);
    let names = tls::Names { host: host_of(&public_url), domain: config.account_domain(&public_url)? };
    let (tls, trust) = tls::prepare(&data_dir, &names, system_bundle.as_deref(), Timestamp::now())?;
    let config = Config { trust_bundle: Some(trust.bundle.clone()), ..config };
    let metrics = metrics_port.map(|port| (port, Metrics::new(&catalog)));
    let observer = metrics.as_ref().map(|(_, metrics)| metrics.observer());
    let Assembled { app, issuer, verifier, keys, serving: gateway, agents } =
        assemble::assemble(&store, &config, catalog.clone(), &public_url, observer.clone()).await?;
    if let Some(demo) = demo {
        if !demo.is_furnished {
            demo::furnish(&app, &issuer, &store, &catalog, Timestamp::now()).await?;
        }
        demo.kept.write(&data_dir, &public_url, &trust)?;
        if identities.is_empty() {
            let shown = store.world().resources.account_by_subdomain(&demo.kept.account).map(|row| row.id.clone());
            identities.extend(shown);
        }
    }
    let answering =
        identity_port.map(|port| port.open(&store, &issuer, verifier, identities, &data_dir, observer)).transpose()?;
    let rotating = tokio::spawn(rotation.keep(store.clone(), keys));
    count_again(&gateway, &data_dir)?;
    agents::resume(&agents).await;
    let purging = tokio::spawn(purge(store.clone()));

    let counting = metrics.map(|(port, metrics)| port.open(metrics)).transpose()?;
    let listener = port.open()?;
    let plain = plain.map(Port::open).transpose()?;
    let app = Arc::new(app);
    say_ready(&public_url)?;
    accept_all(&app, listener, tls, plain, &mut stop).await?;
    drop((answering, counting));
    rotating.abort();
    purging.abort();
    drop(serving);
    store.close().await;
    Ok(())
}

/// What was used of the operator's limits before this start.
fn count_again(gateway: &Serving, data_dir: &Path) -> Result<()> {
    if !gateway.has_limits() {
        return Ok(());
    }
    let mut tail = Journal::tail(data_dir)?;
    loop {
        let lines = tail.read()?;
        if lines.is_empty() {
            return Ok(());
        }
        for line in lines {
            // What is damaged was said when the journal was opened, and cannot be counted.
            if let TailItem::Record(json) = line
                && let Ok(record) = serde_json::from_str(&json)
            {
                gateway.count_again(&record);
            }
        }
    }
}

/// Removes stored responses whose time is over, for as long as the server runs.
async fn purge(store: Store) {
    loop {
        if let Err(error) = store.purge_expired().await {
            tracing::warn!(%error, "what has expired could not be removed; it is not shown any more all the same");
        }
        tokio::time::sleep(PURGE_EVERY).await;
    }
}

/// Serves on the one port, and on the plain one for the data plane, until told to stop.
async fn accept_all(
    app: &Arc<App>,
    listener: TcpListener,
    tls: ServerConfig,
    plain: Option<TcpListener>,
    stop: &mut Stop,
) -> Result<()> {
    let (stopping, mut told) = watch::channel(false);
    let for_all = Arc::clone(app);
    let everything = move |request: http::Request<Incoming>, peer| {
        let app = Arc::clone(&for_all);
        async move { app.handle(lingering(request), peer).await }
    };
    let for_data = Arc::clone(app);
    let data_plane = move |request: http::Request<Incoming>, peer| {
        let app = Arc::clone(&for_data);
        async move { app.handle_data_plane(lingering(request), peer).await }
    };
    let beside = async move {
        let Some(plain) = plain else { return Ok(()) };
        let stopped = async move {
            let _ = told.wait_for(|is_stopping| *is_stopping).await;
        };
        accept::serve(plain, Wire::Plain, data_plane, stopped).await
    };
    let until = async {
        stop.wait().await;
        let _ = stopping.send(true);
    };
    let (one, other) = tokio::join!(accept::serve(listener, Wire::Tls(Arc::new(tls)), everything, until), beside);
    one.and(other)
}

/// Without TLS a token could be read on the way; on the own machine there is no way.
fn plain_port(text: &str) -> Result<Port> {
    let address = listen_address(text)?;
    ensure!(
        address.ip().is_loopback(),
        "`--listen-plain` needs a loopback address, not `{address}`: what is sent there is not encrypted; use 127.0.0.1:8080"
    );
    Port::bind(address)
}

/// Any address that the operator names; the demo's is the own machine's, as all that it shows.
fn metrics_port(args: &ServeArgs, text: &str) -> Result<MetricsPort> {
    let address = listen_address(text)?;
    ensure!(
        args.demo.is_none() || address.ip().is_loopback(),
        "`--demo` needs a loopback address, not `{address}`, for `--metrics-listen` too; use 127.0.0.1:9464"
    );
    MetricsPort::bind(address)
}

/// The demo's part of a start.
struct Demo {
    kept: Kept,
    /// Whether its resources were made by an earlier start.
    is_furnished: bool,
}

/// What can be refused before anything is made.
fn check_start(args: &ServeArgs, config: &Config, listen: SocketAddr) -> Result<()> {
    if args.demo.is_some() {
        ensure!(
            listen.ip().is_loopback(),
            "`--demo` needs a loopback address, not `{listen}`: its secrets lie in a file; use --listen 127.0.0.1:8443"
        );
        return Ok(());
    }
    ensure!(
        !args.data_dir.join(demo_env::FILE_NAME).exists(),
        "`{}` holds a demo tenant; start it with `--demo contoso`, or take another folder",
        args.data_dir.display()
    );
    ensure!(config.bootstrap.is_some() || args.data_dir.join(DATABASE).exists(), NO_ADMINISTRATOR);
    Ok(())
}

const NO_ADMINISTRATOR: &str = "there is no administrator yet: set CUPOLA_BOOTSTRAP_CLIENT_SECRET (or \
     bootstrap_client_secret_file in the configuration), or try the demo with `--demo contoso`";

/// Finds the tenant of the data folder, or makes it.
async fn tenant(
    store: &Store,
    args: &ServeArgs,
    config: &Config,
    public_url: &str,
    data_dir: &Path,
) -> Result<Option<Demo>> {
    let now = Timestamp::now();
    let world = store.world();
    let made_by_demo = Admin::find(&world).map(|admin| admin.mark == demo::MARK);
    let shown = data_dir.display();
    match (world.tenant.is_some(), args.demo) {
        (false, Some(DemoTenant::Contoso)) => {
            Ok(Some(Demo { kept: demo::begin(store, now).await?, is_furnished: false }))
        }
        (true, Some(DemoTenant::Contoso)) => {
            ensure!(
                made_by_demo == Some(true),
                "`{shown}` holds a tenant that is not the demo's; start it without `--demo`"
            );
            let (kept, is_furnished) = demo::resume(store, data_dir, now).await?;
            Ok(Some(Demo { kept, is_furnished }))
        }
        (false, None) => {
            let Some(secret) = &config.bootstrap else { bail!(NO_ADMINISTRATOR) };
            let host = host_of(public_url);
            let beginning = Beginning {
                display_name: host.clone(),
                default_domain: host,
                admin_name: "Administrator".to_owned(),
                admin_secret: secret.reveal().to_owned(),
                mark: OPERATOR_MARK,
            };
            first_start::begin(store, &beginning, |_, _| Vec::new(), now).await?;
            first_start::write_operator_env(store, data_dir, public_url)?;
            Ok(None)
        }
        (true, None) => {
            ensure!(made_by_demo != Some(true), "`{shown}` holds a demo tenant; start it with `--demo contoso`");
            first_start::write_operator_env(store, data_dir, public_url)?;
            Ok(None)
        }
    }
}

fn listen_address(text: &str) -> Result<SocketAddr> {
    let found = text.to_socket_addrs().ok().and_then(|mut addresses| addresses.next());
    found.with_context(|| format!("`{text}` is not an address to listen on; give it as `127.0.0.1:8443`"))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn log_to_stderr(filter: Option<&str>) -> Result<()> {
    let filter = filter.unwrap_or("warn");
    let parsed = EnvFilter::try_new(filter).with_context(|| format!("`{filter}` is not a log filter; try `info`"))?;
    tracing_subscriber::fmt().with_env_filter(parsed).with_writer(std::io::stderr).init();
    Ok(())
}

/// The one line on stdout: whoever reads it can connect.
fn say_ready(public_url: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "cupola ready on {public_url}").and_then(|()| out.flush()).context("stdout is closed")
}

/// What a crash or damage left in the journal is said once, whatever the log's level for the rest.
fn say_recovery(store: &Store) {
    let recovery = store.journal().recovery();
    if recovery.cut_bytes > 0 {
        let (cut_bytes, file) = (recovery.cut_bytes, recovery.file.display());
        tracing::warn!(
            "the journal ended in part of a record, which nobody was told of: cut {cut_bytes} bytes off `{file}`"
        );
    }
    if recovery.damaged_lines > 0 {
        let (lines, file) = (recovery.damaged_lines, recovery.file.display());
        tracing::error!("{lines} lines of `{file}` do not match their checksum; they are left where they are");
    }
}

/// The signals that end the server.
struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    /// From here on a signal drains instead of killing.
    fn listen() -> Result<Stop> {
        let listen = |kind| signal(kind).context("signals cannot be listened to");
        Ok(Stop { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
