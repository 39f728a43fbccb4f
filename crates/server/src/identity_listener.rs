//! `--identity-listen`: managed identities for the programs of this machine, on a port that only it reaches.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use access::{App, Observer};
use anyhow::{Context, Result, ensure};
use arm::Scope;
use aws_lc_rs::rand;
use directory::{ManagedIdentities, managed_identity_routes};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use identity::{Issuer, Verifier};
use store::{Secret, Store, SystemClock};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::accept::Port;
use crate::files::{PRIVATE, write_whole};
use crate::linger::lingering;

/// Connections at once: programs of one machine, which ask once an hour.
const MAX_CONNECTIONS: usize = 64;
/// How long the head of a request may take, and how long a connection may idle between two.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(10);
/// The head of a request: a few short headers.
const MAX_HEADER_BYTES: usize = 16 * 1024;
/// Random bytes of the secret of the App Service form.
const SECRET_BYTES: usize = 32;
/// What a program's environment needs, in the data folder.
const FILE_NAME: &str = "identity.env";
/// After an accept error the loop waits a moment instead of spinning.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A bound port that does not answer yet.
pub struct IdentityPort {
    port: Port,
}

impl IdentityPort {
    /// Takes the address, which has to be the own machine's: whoever reaches it is the identity.
    pub fn bind(listen: SocketAddr) -> Result<IdentityPort> {
        ensure!(
            listen.ip().is_loopback(),
            "`--identity-listen` needs a loopback address, not `{listen}`: whoever reaches it is the identity; use 127.0.0.1:8880"
        );
        Ok(IdentityPort { port: Port::bind(listen)? })
    }

    /// Answers for the identities of `resources` until the returned task is dropped, and writes `identity.env`. `observer` sees every
    /// journal record.
    pub fn open(
        self,
        store: &Store,
        issuer: &Issuer,
        verifier: Verifier,
        resources: Vec<Scope>,
        data_dir: &Path,
        observer: Option<Observer>,
    ) -> Result<JoinSet<()>> {
        ensure!(!resources.is_empty(), NO_IDENTITY);
        let header = secret(data_dir)?;
        let address = self.port.address();
        write_env(data_dir, address, &header)?;
        let identities = ManagedIdentities::new(issuer.clone(), resources, Secret::from(header));
        let url = issuer.authority().public_url();
        let app = App::builder(store.clone(), verifier, url, Arc::new(SystemClock))
            .observed_by(observer)
            .mount(managed_identity_routes(Arc::new(identities)))
            .build()?;
        let listener = self.port.open()?;
        let mut task = JoinSet::new();
        task.spawn(serve(listener, Arc::new(app)));
        Ok(task)
    }
}

/// What an operator who named no identity is told.
pub const NO_IDENTITY: &str = "`--identity-listen` needs to know whose identity answers: name the resource ids of accounts or \
     projects in `managed_identities` of the configuration, the default one first";

/// The resources that the operator named.
pub fn resources(named: &[String]) -> Result<Vec<Scope>> {
    let parse = |text: &String| -> Result<Scope> {
        let scope = Scope::parse(text).ok().filter(|scope| scope.resource_type().is_some());
        scope.with_context(|| format!("`{text}` in `managed_identities` is not the id of a resource"))
    };
    named.iter().map(parse).collect()
}

async fn serve(listener: TcpListener, app: Arc<App>) {
    let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let app = Arc::clone(&app);
        connections.spawn(async move {
            let service = service_fn(move |request| {
                let app = Arc::clone(&app);
                async move { Ok::<_, Infallible>(app.handle(lingering(request), peer).await) }
            });
            let mut protocol = http1::Builder::new();
            protocol.timer(TokioTimer::new()).header_read_timeout(HEADER_READ_TIMEOUT).max_buf_size(MAX_HEADER_BYTES);
            if let Err(error) = protocol.serve_connection(TokioIo::new(stream), service).await {
                tracing::debug!(%peer, %error, "the connection ended early");
            }
            drop(slot);
        });
    }
}

/// The secret of the App Service form: made once, so that a restart does not shut out the programs that have it.
fn secret(data_dir: &Path) -> Result<String> {
    let kept = std::fs::read_to_string(data_dir.join(FILE_NAME)).unwrap_or_default();
    let line = kept.lines().find_map(|line| line.strip_prefix("export IDENTITY_HEADER='")?.strip_suffix('\''));
    if let Some(secret) = line.filter(|secret| secret.len() == SECRET_BYTES * 2) {
        return Ok(secret.to_owned());
    }
    let mut bytes = [0_u8; SECRET_BYTES];
    rand::fill(&mut bytes).context("the system gives no random numbers")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Both forms for a shell; who exports the first two uses the App Service form.
fn write_env(data_dir: &Path, address: SocketAddr, header: &str) -> Result<()> {
    let text = format!(
        "export IDENTITY_ENDPOINT='http://{address}/msi/token'\nexport IDENTITY_HEADER='{header}'\nexport AZURE_POD_IDENTITY_AUTHORITY_HOST='http://{address}'\n"
    );
    write_whole(&data_dir.join(FILE_NAME), &text, PRIVATE)
}
