#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use super::*;

const QUOTA: Quota<'static> = Quota { format: "OpenAI", sku: "GlobalStandard", model: "gpt-4o", limit: 50 };

#[test]
fn deployments_may_fill_a_quota_and_not_exceed_it() {
    assert_eq!(QUOTA.check([20, 20], 10), Ok(()));
    let refused = QUOTA.check([20, 30], 10).unwrap_err();
    assert_eq!((refused.limit, refused.used, refused.wanted), (50, 50, 10));
    assert_eq!(
        refused.to_string(),
        "This operation require 10 new capacity in quota Tokens Per Minute (thousands) - gpt-4o - GlobalStandard, which is \
         bigger than the current available capacity 0. The current quota usage is 50 and the quota limit is 50 for quota \
         Tokens Per Minute (thousands) - gpt-4o - GlobalStandard."
    );
}

#[test]
fn a_lowered_quota_has_nothing_available() {
    let refused = QUOTA.check([60], 1).unwrap_err();
    assert!(refused.to_string().contains("available capacity 0."), "{refused}");
}

#[test]
fn amounts_beyond_the_arithmetic_are_refused() {
    assert!(QUOTA.check([u64::MAX, u64::MAX], 1).is_err());
}

#[test]
fn a_usage_is_named_as_clients_look_for_it() {
    let entry = serde_json::to_value(QUOTA.entry([20, 5])).unwrap();
    assert_eq!(
        entry,
        serde_json::json!({
            "name": {
                "value": "OpenAI.GlobalStandard.gpt-4o",
                "localizedValue": "Tokens Per Minute (thousands) - gpt-4o - GlobalStandard",
            },
            "unit": "Count",
            "currentValue": 25.0,
            "limit": 50.0,
        })
    );
    let names = [("OpenAI", "Standard", "gpt-4o"), ("DeepSeek", "GlobalStandard", "DeepSeek-R1")].map(
        |(format, sku, model)| {
            let quota = Quota { format, sku, model, limit: 1 };
            (quota.name(), quota.shown())
        },
    );
    let [standard, other] = names;
    assert_eq!(standard.0, "OpenAI.Standard.gpt-4o");
    assert_eq!(standard.1, "Tokens Per Minute (thousands) - gpt-4o");
    assert_eq!(other.0, "AIServices.GlobalStandard.DeepSeek-R1");
}
