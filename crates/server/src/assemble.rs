//! The wiring: which state each module gets, and one door for all their routes.

use std::sync::Arc;

use access::{App, Observer, StandIn};
use agents::Agents;
use anyhow::{Context, Result};
use control::Control;
use directory::Directory;
use egress::{Egress, Settings};
use gateway::{Gateway, Limits, Outside, ProjectApi, Serving, Tokens};
use identity::{Authority, Issuer, SigningKeys, Verifier};
use jiff::Timestamp;
use resources::model_catalog::Catalog;
use store::{Store, SystemClock};

use crate::config::Config;
use crate::first_start::signing_keys;
use crate::tokens::IssuedTokens;
use crate::trials::Trials;

/// The catalog of a server whose operator wrote none.
const BUILT_IN_MODELS: &str = include_str!("models.toml");

/// Everything that serves requests.
pub struct Assembled {
    /// The one door.
    pub app: App,
    /// Issues tokens; the demo signs its own requests with it.
    pub issuer: Issuer,
    /// Verifies them.
    pub verifier: Verifier,
    /// The keys of both.
    pub keys: Arc<SigningKeys>,
    /// The gateway at work.
    pub serving: Arc<Serving>,
    /// The agents at work.
    pub agents: Arc<Agents>,
}

/// The operator's models, or the built-in ones, with the operator's quota.
pub fn catalog(config: &Config) -> Result<Catalog> {
    Ok(models(config)?.with_quota_units(config.limits.quota_units))
}

fn models(config: &Config) -> Result<Catalog> {
    let Some(path) = &config.model_catalog else {
        return Ok(Catalog::from_toml(BUILT_IN_MODELS)?);
    };
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("the model catalog `{shown}` cannot be read"))?;
    Catalog::from_toml(&text).with_context(|| format!("`{shown}`"))
}

/// The way out under the operator's rules. Who is believed is the data folder's bundle, and what the operator adds.
fn way_out(config: &Config) -> Result<Egress> {
    let ca_files = config.trust_bundle.iter().chain(&config.egress.ca_files).cloned().collect();
    let allowed_targets = config.egress.allowed_targets.clone();
    let allowed_domains = config.egress.allowed_domains.clone();
    Ok(Egress::new(Settings { allowed_targets, allowed_domains, ca_files, ..Settings::default() })?)
}

/// Finds what is wrong with the way out and the catalog's upstreams before anything is made.
pub fn check_upstreams(config: &Config, catalog: &Catalog) -> Result<()> {
    Ok(gateway::check_upstreams(catalog, &way_out(config)?)?)
}

/// Puts the modules together over a store whose tenant exists. `observer` sees every journal record.
pub async fn assemble(
    store: &Store,
    config: &Config,
    catalog: Catalog,
    public_url: &str,
    observer: Option<Observer>,
) -> Result<Assembled> {
    let keys = signing_keys(store, Timestamp::now()).await?;
    with_keys(store, config, catalog, public_url, observer, keys)
}

fn with_keys(
    store: &Store,
    config: &Config,
    catalog: Catalog,
    public_url: &str,
    observer: Option<Observer>,
    keys: Arc<SigningKeys>,
) -> Result<Assembled> {
    let tenant = store.world().tenant.as_ref().map(|tenant| tenant.id).context("there is no tenant")?;
    let authority = Authority::new(public_url, tenant);
    let issuer = Issuer::new(authority.clone(), Arc::clone(&keys));
    let verifier = Verifier::new(authority, Arc::clone(&keys));
    let model_dir = config.model_dir.clone().unwrap_or_else(local_model::default_model_dir);
    let egress = way_out(config)?;
    let gateway = Gateway::new(catalog.clone(), &model_dir, Limits::default()).with_upstreams(&egress)?;
    let stand_in = StandIn::new(store.clone(), Arc::new(SystemClock), observer.clone());
    let tokens: Arc<dyn Tokens> = Arc::new(IssuedTokens(issuer.clone()));
    let outside = Outside { egress: egress.clone(), tokens: Arc::clone(&tokens), stand_in: stand_in.clone() };
    let serving = Serving::with_connections(Arc::new(gateway), store.clone(), outside);
    let agents = Agents::new(store.clone(), Arc::clone(&serving), stand_in.clone(), egress.clone(), tokens);
    let agent_routes = agents::routes(Arc::clone(&agents));
    let inference = gateway::routes(Arc::clone(&serving));
    let project = gateway::project_routes(Arc::new(ProjectApi::new(store.clone(), catalog.clone(), stand_in.clone())));
    let control = Control::new(store.clone(), catalog)
        .with_limits(config.limits.access())
        .with_connection_test(Trials(Arc::clone(&serving)))
        .with_targets(move |url: &str| egress.target(url).map(drop).map_err(|refused| refused.to_string()));
    let app = App::builder(store.clone(), verifier.clone(), public_url, Arc::new(SystemClock))
        .domain(config.account_domain(public_url)?)
        .observed_by(observer)
        .mount(directory::routes(Arc::new(Directory::new(store.clone(), issuer.clone()))))
        .mount(control::routes(Arc::new(control)))
        .mount(gateway::description(inference.listed().chain(project.listed()).chain(agent_routes.listed())))
        .mount(inference)
        .mount(project)
        .mount(agent_routes)
        .build()?;
    Ok(Assembled { app, issuer, verifier, keys, serving, agents })
}
