//! Lists that are not of one stored type.

mod locations;
mod model_capacities;
mod models;
mod providers;
mod resources;
mod skus;
mod usages;

use access::Routes;

use crate::state::Control;

pub(crate) fn mount(routes: Routes<Control>) -> Routes<Control> {
    routes
        .on(locations::ListLocations, locations::list)
        .on(models::AccountModels, models::of_account)
        .on(models::LocationModels, models::of_location)
        .on(model_capacities::ModelCapacities, model_capacities::everywhere)
        .on(model_capacities::LocationModelCapacities, model_capacities::in_location)
        .on(providers::ListProviders, providers::list)
        .on(providers::GetProvider, providers::get)
        .on(resources::InSubscription, resources::in_subscription)
        .on(resources::InGroup, resources::in_group)
        .on(skus::AccountSkus, skus::of_account)
        .on(skus::SubscriptionSkus, skus::of_subscription)
        .on(usages::AccountUsages, usages::of_account)
        .on(usages::LocationUsages, usages::of_location)
}
