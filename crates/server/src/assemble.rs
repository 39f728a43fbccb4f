//! The wiring: which state each module gets, and one door for all their routes.

use std::sync::Arc;

use access::App;
use anyhow::{Context, Result};
use control::Control;
use directory::Directory;
use gateway::{Gateway, Limits};
use identity::{Authority, Issuer, SigningKeys, Verifier};
use jiff::Timestamp;
use resources::model_catalog::Catalog;
use store::{Store, SystemClock};

use crate::config::Config;
use crate::first_start::signing_keys;

/// The catalog of a server whose operator wrote none.
const BUILT_IN_MODELS: &str = include_str!("models.toml");

/// Everything that serves requests.
pub struct Assembled {
    /// The one door.
    pub app: App,
    /// Issues tokens; the demo signs its own requests with it.
    pub issuer: Issuer,
}

/// The operator's models, or the built-in ones.
pub fn catalog(config: &Config) -> Result<Catalog> {
    let Some(path) = &config.model_catalog else {
        return Ok(Catalog::from_toml(BUILT_IN_MODELS)?);
    };
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("the model catalog `{shown}` cannot be read"))?;
    Catalog::from_toml(&text).with_context(|| format!("`{shown}`"))
}

/// Puts the modules together over a store whose tenant exists.
pub async fn assemble(store: &Store, config: &Config, catalog: Catalog, public_url: &str) -> Result<Assembled> {
    let keys = signing_keys(store, Timestamp::now()).await?;
    with_keys(store, config, catalog, public_url, keys)
}

fn with_keys(
    store: &Store,
    config: &Config,
    catalog: Catalog,
    public_url: &str,
    keys: Arc<SigningKeys>,
) -> Result<Assembled> {
    let tenant = store.world().tenant.as_ref().map(|tenant| tenant.id).context("there is no tenant")?;
    let authority = Authority::new(public_url, tenant);
    let issuer = Issuer::new(authority.clone(), Arc::clone(&keys));
    let verifier = Verifier::new(authority, keys);
    let model_dir = config.model_dir.clone().unwrap_or_else(local_model::default_model_dir);
    let app = App::builder(store.clone(), verifier, public_url, Arc::new(SystemClock))
        .mount(directory::routes(Arc::new(Directory::new(store.clone(), issuer.clone()))))
        .mount(control::routes(Arc::new(Control::new(store.clone(), catalog.clone()))))
        .mount(gateway::routes(Arc::new(Gateway::new(catalog, &model_dir, Limits::default()))))
        .build()?;
    Ok(Assembled { app, issuer })
}
