#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use uuid::Uuid;

use super::{Audience, Authority};

fn authority() -> Authority {
    Authority::new("https://localhost:8443/", Uuid::from_u128(7))
}

#[test]
fn issuer_and_endpoints_come_from_the_public_url() {
    let tenant = Uuid::from_u128(7);
    assert_eq!(authority().issuer(), format!("https://localhost:8443/{tenant}/v2.0"));
    assert_eq!(authority().token_endpoint(), format!("https://localhost:8443/{tenant}/oauth2/v2.0/token"));
    assert_eq!(authority().jwks_uri(), format!("https://localhost:8443/{tenant}/discovery/v2.0/keys"));
}

#[test]
fn audiences_hold_with_and_without_a_trailing_slash_and_as_a_scope() {
    let cases = [
        ("https://localhost:8443/arm", Audience::Arm),
        ("https://localhost:8443", Audience::Graph),
        ("https://management.azure.com", Audience::Arm),
        ("https://management.core.windows.net", Audience::Arm),
        ("https://graph.microsoft.com", Audience::Graph),
        ("https://cognitiveservices.azure.com", Audience::CognitiveServices),
        ("https://ai.azure.com", Audience::Foundry),
        ("https://ml.azure.com", Audience::MachineLearning),
    ];
    for (name, audience) in cases {
        for form in [name.to_owned(), format!("{name}/"), format!("{name}/.default"), format!("{name}//.default")] {
            assert_eq!(authority().resource(&form), Some(audience), "{form}");
        }
        assert_eq!(authority().resource(&authority().name_of(audience)), Some(audience));
    }
}

#[test]
fn a_foreign_resource_is_no_audience() {
    for name in
        ["https://vault.azure.net", "https://localhost:8443/armada", "https://ai.azure.com.evil.example", "", "/"]
    {
        assert_eq!(authority().resource(name), None, "{name}");
    }
}
