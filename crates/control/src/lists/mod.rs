//! Lists that are not of one stored type.

mod locations;
mod models;
mod providers;
mod resources;
mod skus;

use access::Routes;

use crate::state::Control;

pub(crate) fn mount(routes: Routes<Control>) -> Routes<Control> {
    routes
        .on(locations::ListLocations, locations::list)
        .on(models::AccountModels, models::of_account)
        .on(models::LocationModels, models::of_location)
        .on(providers::ListProviders, providers::list)
        .on(providers::GetProvider, providers::get)
        .on(resources::InSubscription, resources::in_subscription)
        .on(resources::InGroup, resources::in_group)
        .on(skus::AccountSkus, skus::of_account)
        .on(skus::SubscriptionSkus, skus::of_subscription)
}
