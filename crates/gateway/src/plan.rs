//! What a deployment is to the gateway: its model, who answers for it, and its limits; worked out once for each version of the world.
//! A model behind a connection is the same to it, with what the connection says.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use access::Failure;
use arm::Scope;
use metering::{Meter, Rate};
use resources::connections::GatewayModel;
use resources::deployments::{model_of, rate_of, sku_of};
use resources::model_catalog::{Capability, Model, QuotaTable, Runs};
use store::World;

use crate::catalog::find_deployment;
use crate::connections::Opened;
use crate::failure;
use crate::head::Head;
use crate::limits::{self, OwnLimit};
use crate::spending::now_ms;
use crate::upstream::{Rank, Upstream};
use crate::{Gateway, engines::Engine};

/// Plans that are kept, each spelling of a deployment's name counted; beyond, all are worked out anew.
const PLANS_LIMIT: usize = 10_000;

/// A deployment, ready to be asked.
pub(crate) struct Plan {
    world_version: u64,
    /// What its callers name it by: the deployment, or `connection/model`.
    pub(crate) name: String,
    /// The names of the deployment, if it is one, and of the model, as the journal shares them.
    pub(crate) recorded: (Option<Arc<str>>, Arc<str>),
    /// The connection that it is behind, where it is no deployment.
    pub(crate) connection: Option<Scope>,
    /// The headers that tell where an answer comes from.
    pub(crate) head: Head,
    /// The catalog's entry of its model.
    pub(crate) model: Model,
    /// Who answers.
    pub(crate) runs: Answering,
    /// What its capacity admits; provisioned types have none.
    pub(crate) meter: Option<Arc<Meter>>,
    /// The operator's limits on callers, groups, projects and models that are in force here.
    pub(crate) limits: Vec<OwnLimit>,
}

impl Plan {
    /// A model behind a connection. It has no capacity that was bought here, and is under the limits at its connection and above.
    pub(crate) fn behind(
        world: &World,
        opened: &Opened,
        model: GatewayModel,
        meters: &limits::Meters,
    ) -> Result<Plan, Failure> {
        let line = &opened.line;
        let limits = limits::at_and_above(world, &line.id, &model.model, meters)?;
        let rank = Rank { priority: 1, weight: 1 };
        let way = Way { upstream: Arc::clone(opened.upstream(&model.format)), model: model.name.clone(), rank };
        let name = format!("{}/{}", line.name(), model.name);
        Ok(Plan {
            world_version: world.version,
            head: Head::new(&name, None),
            name,
            recorded: (None, model.model.as_str().into()),
            connection: Some(line.id.clone()),
            model: of_gateway(model),
            runs: Answering::Upstreams(vec![way]),
            meter: None,
            limits,
        })
    }

    /// What the model is called in an answer that is written here.
    pub(crate) fn said(&self) -> &str {
        if self.connection.is_some() { &self.name } else { &self.model.name }
    }
}

/// A model that its gateway alone knows: nothing is said of its size, and where it runs is the connection's to say.
fn of_gateway(model: GatewayModel) -> Model {
    Model {
        name: model.model,
        version: model.version,
        format: model.format.as_str().to_owned(),
        publisher: None,
        capability: Capability::ChatCompletion,
        context_tokens: None,
        max_output_tokens: None,
        thinks_by_effort: false,
        price: None,
        runs: Runs::Upstreams(Vec::new()),
        aliases: Vec::new(),
        tokens_per_unit: None,
        requests_per_unit: None,
        quota: QuotaTable::default(),
    }
}

/// Who answers for a model.
pub(crate) enum Answering {
    /// This process.
    Embedded(Engine),
    /// Providers outside, in the catalog's order.
    Upstreams(Vec<Way>),
}

/// One provider of a model.
#[derive(Clone)]
pub(crate) struct Way {
    pub(crate) upstream: Arc<Upstream>,
    /// What it calls the model.
    pub(crate) model: String,
    pub(crate) rank: Rank,
}

/// By the key of the account's scope, and by the deployment as callers spell it: looked up for every request, by texts that are there.
#[derive(Default)]
struct ByDeployment {
    accounts: HashMap<String, HashMap<String, Arc<Plan>, foldhash::fast::RandomState>, foldhash::fast::RandomState>,
    count: usize,
}

impl ByDeployment {
    fn get(&self, account: &Scope, name: &str) -> Option<&Arc<Plan>> {
        self.accounts.get(account.key())?.get(name)
    }

    fn put(&mut self, account: &Scope, name: &str, plan: Arc<Plan>) {
        if self.count >= PLANS_LIMIT {
            *self = ByDeployment::default();
        }
        let of_account = self.accounts.entry(account.key().to_owned()).or_default();
        self.count += usize::from(of_account.insert(name.to_owned(), plan).is_none());
    }
}

/// The plans of all deployments that were asked for, and the meters, which outlive them.
#[derive(Default)]
pub(crate) struct Plans {
    by_deployment: Mutex<ByDeployment>,
    meters: Mutex<HashMap<String, Arc<Meter>>>,
    pub(crate) limits: limits::Meters,
}

impl Plans {
    /// The plan of a deployment of an account, by name.
    pub(crate) fn of(
        &self,
        gateway: &Gateway,
        world: &World,
        account: &Scope,
        name: &str,
    ) -> Result<Arc<Plan>, Failure> {
        // A name with a slash would reach below the deployment.
        if name.is_empty() || name.contains('/') {
            return Err(failure::deployment_not_found());
        }
        let known = self.lock().get(account, name).cloned();
        if let Some(plan) = known.filter(|plan| plan.world_version == world.version) {
            return Ok(plan);
        }
        let scope = account.child("deployments", name);
        let plan = Arc::new(self.work_out(gateway, world, account, &scope)?);
        self.lock().put(account, name, Arc::clone(&plan));
        Ok(plan)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, ByDeployment> {
        self.by_deployment.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work_out(&self, gateway: &Gateway, world: &World, account: &Scope, scope: &Scope) -> Result<Plan, Failure> {
        let deployment = find_deployment(world, scope)?;
        let wanted = model_of(deployment).ok_or_else(failure::deployment_not_found)?;
        // The operator may have taken a model out of the catalog since it was deployed.
        let found = gateway.models.find(wanted.name, Some(wanted.version));
        let model = found.ok_or_else(|| failure::retired_model(wanted.name, wanted.version))?;
        let region = world.resources.get(account).and_then(|account| account.location.clone());
        let is_regional = matches!(sku_of(deployment), "Standard" | "ProvisionedManaged");
        let runs = match &model.runs {
            Runs::Embedded { .. } => Answering::Embedded(gateway.engines.of(model).ok_or_else(failure::not_found)?),
            Runs::Upstream { .. } | Runs::Upstreams(_) => {
                let bound = region.as_deref().filter(|_| is_regional);
                Answering::Upstreams(gateway.upstreams.ways(model, bound)?)
            }
        };
        let rate = rate_of(deployment, &gateway.models);
        Ok(Plan {
            world_version: world.version,
            name: deployment.id.name().to_owned(),
            recorded: (Some(deployment.id.name().into()), model.name.as_str().into()),
            connection: None,
            head: Head::new(deployment.id.name(), region.as_deref()),
            model: model.clone(),
            runs,
            meter: rate.map(|rate| self.meter(scope, deployment.id.name(), rate)),
            limits: limits::at_and_above(world, scope, &model.name, &self.limits)?,
        })
    }

    /// The meter of a deployment: a new rate takes over what was used under the old one, also of a deployment that was made again.
    fn meter(&self, scope: &Scope, name: &str, rate: resources::deployments::Rate) -> Arc<Meter> {
        let rate = Rate { tokens_per_minute: rate.tokens_per_minute, requests_per_minute: rate.requests_per_minute };
        let mut meters = self.meters.lock().unwrap_or_else(PoisonError::into_inner);
        let meter = meters.entry(scope.key().to_owned()).or_insert_with(|| Meter::of_rate(name, rate));
        meter.set_rate(now_ms(), rate);
        Arc::clone(meter)
    }
}
