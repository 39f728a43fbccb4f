//! The demo tenant: made on the first start of `--demo`, found as it was by every later one.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use access::App;
use anyhow::{Context, Result, bail, ensure};
use aws_lc_rs::rand;
use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use identity::{Issuer, Subject};
use jiff::Timestamp;
use resources::model_catalog::Catalog;
use store::{CredentialOwner, Row, Store};
use uuid::Uuid;

use crate::demo_env::Kept;
use crate::first_start::{Admin, Beginning, amend, client_secret};

mod contoso;
mod people;
mod requests;

/// Marks a tenant that `--demo contoso` made.
pub const MARK: &str = "cupola-demo-contoso";
/// Random bytes of a secret.
const SECRET_BYTES: usize = 32;
/// Any version is accepted; this one is what the demo was written against.
const API_VERSION: &str = "2025-09-01";
/// Where the demo's own requests come from.
const HERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Makes the tenant with its people; its resources follow once requests can be served.
pub async fn begin(store: &Store, now: Timestamp) -> Result<Kept> {
    let kept_secrets = Secrets::new()?;
    let beginning = Beginning {
        display_name: contoso::NAME.to_owned(),
        default_domain: contoso::DOMAIN.to_owned(),
        admin_name: "Contoso Cloud Administrator".to_owned(),
        admin_secret: kept_secrets.admin.clone(),
        mark: MARK,
    };
    let people = |tenant: Uuid, admin: Uuid| people::rows(tenant, admin, &kept_secrets.user, now);
    crate::first_start::begin(store, &beginning, people, now).await?;
    kept(store, kept_secrets)
}

/// What `demo.env` keeps of a tenant that exists; where the file was lost, with new secrets.
pub async fn resume(store: &Store, data_dir: &Path, now: Timestamp) -> Result<(Kept, bool)> {
    if let Some(kept) = Kept::read(data_dir) {
        return Ok((kept, true));
    }
    let secrets = Secrets::new()?;
    let world = store.world();
    let admin = Admin::find(&world).context("the demo's administrator was deleted; start with a new data folder")?;
    let user =
        world.directory.by_upn(contoso::USER).context("the demo's user was deleted; start with a new data folder")?;
    let mut rows = Vec::new();
    for owner in [admin.application, user.id].map(CredentialOwner::Object) {
        let old = world.credentials.of(&owner);
        rows.extend(old.map(|info| Row::DeleteCredential { owner: owner.clone(), id: info.id }));
    }
    rows.push(Row::PutCredential(client_secret(admin.application, &secrets.admin, now)));
    rows.push(Row::PutCredential(people::password(user.id, &secrets.user, now)));
    amend(store, rows, now).await?;
    Ok((kept(store, secrets)?, false))
}

/// Makes the resources by requests of the administrator; those that exist stay as they are.
pub async fn furnish(app: &App, issuer: &Issuer, store: &Store, catalog: &Catalog, now: Timestamp) -> Result<()> {
    let world = store.world();
    let admin = Admin::find(&world).context("the demo has no administrator")?;
    let principal = world.directory.object(admin.principal).context("the demo has no administrator")?;
    let subject =
        Subject::of_service_principal(principal).context("the demo's administrator is no service principal")?;
    let token = issuer.issue(&subject, &issuer.authority().arm_resource(), now)?;
    let deployments: Vec<requests::Deployed<'_>> = contoso::DEPLOYMENTS
        .into_iter()
        .filter_map(|(name, model, capability)| {
            let standing_in = || catalog.models().iter().find(|model| model.capability == capability);
            Some(requests::Deployed { name, model: catalog.find(model, None).or_else(standing_in)? })
        })
        .collect();
    for put in requests::all(&world, &deployments) {
        send(app, &token, &put).await?;
    }
    Ok(())
}

async fn send(app: &App, token: &str, put: &requests::Put) -> Result<()> {
    let body = Full::new(Bytes::from(put.body.to_string())).map_err(|never| match never {}).boxed_unsync();
    let request = Request::put(format!("{}?api-version={API_VERSION}", put.path))
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(body)?;
    let (head, body) = app.handle(request, HERE).await.into_parts();
    let said = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    // A start that was cut short comes here again: what it assigned is there.
    let is_there = head.status.is_success() || head.status == StatusCode::CONFLICT;
    ensure!(is_there, "the demo's `{}` was refused with {}: {}", put.path, head.status, String::from_utf8_lossy(&said));
    Ok(())
}

/// The secrets of `demo.env`.
struct Secrets {
    admin: String,
    user: String,
}

impl Secrets {
    fn new() -> Result<Secrets> {
        Ok(Secrets { admin: random_secret()?, user: random_secret()? })
    }
}

/// A random secret of letters and digits alone: it survives every shell and is never taken for an option.
fn random_secret() -> Result<String> {
    let mut bytes = [0_u8; SECRET_BYTES];
    rand::fill(&mut bytes).context("the system gives no random numbers")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn kept(store: &Store, secrets: Secrets) -> Result<Kept> {
    let world = store.world();
    let (Some(tenant), Some(admin)) = (&world.tenant, Admin::find(&world)) else {
        bail!("the demo tenant is not whole")
    };
    let shown = contoso::BUSINESS_GROUPS.iter().find(|group| group.slug == contoso::SHOWN);
    let shown = shown.context("the demo shows no business group")?;
    let subscription_id = requests::subscription_id(&world, shown).context("the demo's subscription was deleted")?;
    let (project, _) = shown.projects.first().context("the demo shows no project")?;
    Ok(Kept {
        tenant_id: tenant.id,
        subscription_id,
        admin_client_id: admin.app_id,
        admin_client_secret: secrets.admin,
        user: contoso::USER.to_owned(),
        user_password: secrets.user,
        account: shown.account(),
        project: (*project).to_owned(),
    })
}
