//! Every way to get a token wrong, each with its reason.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use identity::{Audience, Subject, SubjectKind, TokenError, looks_like_jwt};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rbac::{PrincipalType, VerifiedPrincipal};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::fixture::{
    DISABLED, DISABLED_APP, GROUP, MANAGED, MANAGED_APP, NOW_S, PRINCIPAL, PRINCIPAL_APP, TENANT, URL, USER, account,
    app, fixture, good_claims, now, signed, signed_with_header,
};

const DATA: &[Audience] = &[Audience::CognitiveServices, Audience::Foundry];

fn verify(token: &str) -> Result<VerifiedPrincipal, TokenError> {
    fixture().verifier.verify(token, DATA, &fixture().world, now())
}

fn verify_claims(claims: &Map<String, Value>) -> Result<VerifiedPrincipal, TokenError> {
    verify(&signed(claims))
}

/// The good claims with one of them replaced.
fn with(name: &str, value: Value) -> Map<String, Value> {
    let mut claims = good_claims();
    claims.insert(name.to_owned(), value);
    claims
}

fn without(name: &str) -> Map<String, Value> {
    let mut claims = good_claims();
    claims.shift_remove(name);
    claims
}

/// A token whose header is exactly this JSON, signed by our own good key where the header does not matter to it.
fn with_raw_header(header: &Value) -> String {
    let good = signed(&good_claims());
    let payload = good.split('.').nth(1).unwrap();
    let message = format!("{}.{payload}", URL_SAFE_NO_PAD.encode(header.to_string()));
    let key = EncodingKey::from_rsa_pem(fixture().pem.as_bytes()).unwrap();
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::RS256).unwrap();
    format!("{message}.{signature}")
}

#[test]
fn an_issued_token_names_its_service_principal() {
    let token = fixture().issuer.issue(&app(PRINCIPAL, PRINCIPAL_APP), "https://ai.azure.com/", now()).unwrap();
    let principal = verify(&token).unwrap();
    assert_eq!(principal.object_id(), PRINCIPAL);
    assert_eq!(principal.tenant(), TENANT);
    assert_eq!(principal.kind(), PrincipalType::ServicePrincipal);
    assert_eq!(principal.label(), PRINCIPAL_APP.to_string());
    assert!(looks_like_jwt(&token));
}

#[test]
fn an_issued_token_names_its_user() {
    let kind = SubjectKind::User { upn: "user@contoso.com".to_owned() };
    let subject = Subject { oid: USER, app_id: PRINCIPAL_APP, kind, managed_resource: None };
    let token = fixture().issuer.issue(&subject, "https://cognitiveservices.azure.com", now()).unwrap();
    let principal = verify(&token).unwrap();
    assert_eq!((principal.object_id(), principal.kind()), (USER, PrincipalType::User));
    assert_eq!(principal.label(), "user@contoso.com");
}

#[test]
fn an_issued_token_carries_the_claims_that_clients_read() {
    let subject = Subject { managed_resource: Some(account().to_string()), ..app(MANAGED, MANAGED_APP) };
    let token = fixture().issuer.issue(&subject, "https://ai.azure.com/", now()).unwrap();
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(claims["aud"], "https://ai.azure.com/", "as it was asked for");
    assert_eq!(claims["iss"], format!("{URL}/{TENANT}/v2.0"));
    assert_eq!(claims["tid"], TENANT.to_string());
    assert_eq!((&claims["oid"], &claims["sub"]), (&json!(MANAGED), &json!(MANAGED)));
    assert_eq!((&claims["appid"], &claims["azp"]), (&json!(MANAGED_APP), &json!(MANAGED_APP)));
    assert_eq!((&claims["idtyp"], &claims["ver"]), (&json!("app"), &json!("2.0")));
    assert_eq!(claims["xms_mirid"], account().to_string().replace("resourceGroups", "resourcegroups"));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3599);
    assert!(claims["uti"].as_str().is_some_and(|uti| uti.len() == 32));
}

#[test]
fn the_good_claims_of_these_tests_are_good() {
    assert!(verify_claims(&good_claims()).is_ok());
    assert!(verify(&with_raw_header(&json!({"alg": "RS256", "typ": "JWT", "kid": fixture().kid}))).is_ok());
    assert!(verify(&with_raw_header(&json!({"alg": "RS256", "typ": "at+jwt", "kid": fixture().kid}))).is_ok());
}

#[test]
fn alg_none_is_refused() {
    for alg in ["none", "None", "NONE", ""] {
        let unsigned = with_raw_header(&json!({"alg": alg, "typ": "JWT", "kid": fixture().kid}));
        let stripped = format!("{}.", unsigned.rsplit_once('.').unwrap().0);
        assert_eq!(verify(&unsigned), Err(TokenError::Algorithm));
        assert_eq!(verify(&stripped), Err(TokenError::Algorithm));
    }
}

#[test]
fn hs256_with_the_public_key_as_secret_is_refused() {
    let jwk = &fixture().issuer.jwks(now())["keys"][0];
    let modulus = URL_SAFE_NO_PAD.decode(jwk["n"].as_str().unwrap()).unwrap();
    let header = Header { kid: Some(fixture().kid.clone()), ..Header::new(Algorithm::HS256) };
    for secret in [modulus.as_slice(), jwk["n"].as_str().unwrap().as_bytes(), jwk.to_string().as_bytes()] {
        let forged = jsonwebtoken::encode(&header, &good_claims(), &EncodingKey::from_secret(secret)).unwrap();
        assert_eq!(verify(&forged), Err(TokenError::Algorithm));
    }
}

#[test]
fn a_stronger_algorithm_under_our_key_is_refused_too() {
    for algorithm in [Algorithm::RS384, Algorithm::RS512, Algorithm::PS256] {
        let header = Header { kid: Some(fixture().kid.clone()), ..Header::new(algorithm) };
        assert_eq!(verify(&signed_with_header(&header, &good_claims())), Err(TokenError::Algorithm));
    }
}

#[test]
fn a_kid_that_is_a_path_sql_a_url_or_huge_finds_no_key() {
    let huge = "k".repeat(4096);
    let tricks = ["../../etc/passwd", "' or 1=1 --", "https://evil.example/jwks", "", "\0", huge.as_str()];
    for kid in tricks {
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": kid});
        assert_eq!(verify(&with_raw_header(&header)), Err(TokenError::UnknownKey), "{kid}");
    }
    for header in [json!({"alg": "RS256", "typ": "JWT"}), json!({"alg": "RS256", "typ": "JWT", "kid": [fixture().kid]})]
    {
        assert_eq!(verify(&with_raw_header(&header)), Err(TokenError::UnknownKey));
    }
}

#[test]
fn jku_jwk_x5u_and_x5c_are_ignored_and_bring_no_key() {
    let foreign = identity::SigningKey::generate_pem().unwrap();
    let key = EncodingKey::from_rsa_pem(foreign.as_bytes()).unwrap();
    let foreign_jwk =
        identity::SigningKeys::of(vec![identity::SigningKey::from_pem(&foreign).unwrap()]).unwrap().jwks(now());
    let header = json!({
        "alg": "RS256", "typ": "JWT", "kid": fixture().kid, "jku": "https://evil.example/jwks",
        "x5u": "https://evil.example/cert", "jwk": foreign_jwk["keys"][0],
    });
    let payload = URL_SAFE_NO_PAD.encode(Value::Object(good_claims()).to_string());
    let message = format!("{}.{payload}", URL_SAFE_NO_PAD.encode(header.to_string()));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::RS256).unwrap();
    assert_eq!(verify(&format!("{message}.{signature}")), Err(TokenError::Signature));
}

#[test]
fn an_unknown_critical_extension_is_refused() {
    for crit in [json!(["exp"]), json!(["b64"]), json!([])] {
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": fixture().kid, "crit": crit});
        assert!(matches!(verify(&with_raw_header(&header)), Err(TokenError::Malformed(_))));
    }
}

#[test]
fn a_changed_payload_or_signature_does_not_verify() {
    let good = signed(&good_claims());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let header = message.split('.').next().unwrap();
    let payload = URL_SAFE_NO_PAD.encode(Value::Object(with("oid", json!(USER))).to_string());
    assert_eq!(verify(&format!("{header}.{payload}.{signature}")), Err(TokenError::Signature));
    let swapped =
        if signature.starts_with('A') { signature.replacen('A', "B", 1) } else { format!("A{}", &signature[1..]) };
    assert_eq!(verify(&format!("{message}.{swapped}")), Err(TokenError::Signature));
}

#[test]
fn text_that_is_no_token_is_malformed() {
    let good = signed(&good_claims());
    let (header, rest) = good.split_once('.').unwrap();
    for text in ["", "a", "a.b", "a.b.c", "..", "eyJ.eyJ.x", &format!("{good}.x"), header, &format!("{header}={rest}")]
    {
        assert!(matches!(verify(text), Err(TokenError::Malformed(_))), "{text}");
    }
    assert!(!looks_like_jwt("0123456789abcdef0123456789abcdef"));
    assert!(!looks_like_jwt("eyJ.only-one-dot"));
}

#[test]
fn a_token_beyond_the_limit_is_not_looked_at() {
    assert_eq!(verify(&"a".repeat(identity::TOKEN_LIMIT_BYTES + 1)), Err(TokenError::TooLong));
}

#[test]
fn a_token_for_another_audience_is_refused_and_the_expected_ones_are_named() {
    let refused = verify_claims(&with("aud", json!("https://management.azure.com"))).unwrap_err();
    let text = refused.to_string();
    assert!(text.contains("`https://management.azure.com`"), "{text}");
    assert!(text.contains("`https://cognitiveservices.azure.com` or `https://ai.azure.com`"), "{text}");
    for aud in ["https://ai.azure.com.evil.example", "https://evil.example", ""] {
        assert!(matches!(verify_claims(&with("aud", json!(aud))), Err(TokenError::Audience { .. })), "{aud}");
    }
}

#[test]
fn an_audience_holds_with_and_without_a_trailing_slash() {
    for aud in ["https://ai.azure.com", "https://ai.azure.com/", "https://cognitiveservices.azure.com/"] {
        assert!(verify_claims(&with("aud", json!(aud))).is_ok(), "{aud}");
    }
}

#[test]
fn an_audience_array_is_refused_even_with_ours_in_it() {
    for aud in [json!(["https://ai.azure.com", "https://evil.example"]), json!(["https://ai.azure.com"]), json!(7)] {
        assert_eq!(verify_claims(&with("aud", aud)), Err(TokenError::Claim("aud")));
    }
    assert_eq!(verify_claims(&without("aud")), Err(TokenError::Claim("aud")));
}

#[test]
fn the_issuer_is_ours_and_of_version_two() {
    let v1 = format!("{URL}/{TENANT}/");
    let foreign = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    for issuer in [v1.as_str(), foreign.as_str(), "https://sts.windows.net/", "https://localhost:8443"] {
        assert!(matches!(verify_claims(&with("iss", json!(issuer))), Err(TokenError::Issuer { .. })), "{issuer}");
    }
    assert!(matches!(verify_claims(&with("ver", json!("1.0"))), Err(TokenError::Issuer { .. })));
    assert_eq!(verify_claims(&without("iss")), Err(TokenError::Claim("iss")));
}

#[test]
fn an_id_token_is_no_access_token() {
    let mut claims = with("aud", json!(PRINCIPAL_APP));
    for name in ["idtyp", "appid", "azp", "uti"] {
        claims.shift_remove(name);
    }
    claims.insert("nonce".to_owned(), json!("n"));
    assert!(matches!(verify_claims(&claims), Err(TokenError::Audience { .. })));
    claims.insert("aud".to_owned(), json!("https://ai.azure.com"));
    assert!(matches!(verify_claims(&claims), Err(TokenError::Claim(_))), "not even with a good audience");
}

#[test]
fn a_token_of_another_type_is_refused() {
    for typ in [json!("id+jwt"), json!("dpop+jwt"), json!(""), json!(null), json!(1)] {
        let header = json!({"alg": "RS256", "typ": typ, "kid": fixture().kid});
        assert!(matches!(verify(&with_raw_header(&header)), Err(TokenError::Malformed(_))), "{typ}");
    }
}

#[test]
fn expiry_is_required_and_is_a_whole_positive_number() {
    assert_eq!(verify_claims(&without("exp")), Err(TokenError::Claim("exp")));
    let wrong = [
        json!((NOW_S + 3599).to_string()),
        json!(NOW_S as f64 + 3599.5),
        json!(-1),
        json!(0),
        json!(9_223_372_036_854_775_808_u64),
        json!(1e300),
        json!(null),
        json!(true),
    ];
    for exp in wrong {
        assert_eq!(verify_claims(&with("exp", exp.clone())), Err(TokenError::Claim("exp")), "{exp}");
    }
    assert!(verify_claims(&with("exp", json!([NOW_S + 3599]))).is_err());
}

#[test]
fn expired_59_s_ago_is_within_the_skew_and_61_s_ago_is_not() {
    assert!(verify_claims(&with("exp", json!(NOW_S - 59))).is_ok());
    let refused = verify_claims(&with("exp", json!(NOW_S - 61))).unwrap_err();
    assert!(matches!(refused, TokenError::Expired { .. }));
    assert!(refused.to_string().contains(&Timestamp::from_second(NOW_S - 61).unwrap().to_string()), "{refused}");
}

#[test]
fn a_token_from_the_future_is_refused_beyond_the_skew() {
    for claim in ["nbf", "iat"] {
        assert!(verify_claims(&with(claim, json!(NOW_S + 59))).is_ok(), "{claim}");
        assert_eq!(verify_claims(&with(claim, json!(NOW_S + 61))), Err(TokenError::NotYetValid), "{claim}");
        assert_eq!(verify_claims(&without(claim)), Err(TokenError::Claim(claim)), "{claim}");
        assert_eq!(verify_claims(&with(claim, json!("soon"))), Err(TokenError::Claim(claim)), "{claim}");
    }
}

#[test]
fn a_principal_that_was_deleted_is_unknown() {
    let gone = Uuid::from_u128(0xdead);
    assert_eq!(verify_claims(&with("oid", json!(gone))), Err(TokenError::UnknownPrincipal(gone)));
}

#[test]
fn a_disabled_principal_is_refused() {
    let mut claims = with("oid", json!(DISABLED));
    claims.insert("appid".to_owned(), json!(DISABLED_APP));
    assert_eq!(verify_claims(&claims), Err(TokenError::Disabled(DISABLED)));
}

#[test]
fn a_token_of_another_tenant_is_refused() {
    assert_eq!(verify_claims(&with("tid", json!(Uuid::from_u128(9)))), Err(TokenError::Tenant));
    assert_eq!(verify_claims(&without("tid")), Err(TokenError::Claim("tid")));
}

#[test]
fn identity_is_the_object_id_and_never_a_name() {
    let mut claims = good_claims();
    for name in ["upn", "email", "preferred_username", "unique_name"] {
        claims.insert(name.to_owned(), json!("user@contoso.com"));
    }
    claims.insert("groups".to_owned(), json!([GROUP]));
    assert_eq!(verify_claims(&claims).unwrap().object_id(), PRINCIPAL);
    assert_eq!(verify_claims(&without("oid")), Err(TokenError::Claim("oid")));
}

#[test]
fn groups_and_a_groups_overage_in_a_token_change_nothing() {
    let plain = verify_claims(&good_claims()).unwrap();
    for (name, value) in [
        ("groups", json!([GROUP])),
        ("_claim_names", json!({ "groups": "src1" })),
        ("_claim_sources", json!({ "src1": { "endpoint": "https://evil.example/groups" } })),
        ("hasgroups", json!(true)),
        ("wids", json!(["62e90394-69f5-4237-9190-012177145e10"])),
        ("roles", json!(["Owner"])),
        ("scp", json!("user_impersonation")),
    ] {
        // Who is in which group, and with which role, is read from the directory.
        assert_eq!(verify_claims(&with(name, value)).unwrap(), plain, "{name}");
    }
}

#[test]
fn a_token_has_to_fit_the_kind_and_the_application_of_its_principal() {
    let cases = [
        ("idtyp", json!("user")),
        ("idtyp", json!("device")),
        ("appid", json!(DISABLED_APP)),
        ("oid", json!(USER)),
        ("oid", json!(GROUP)),
    ];
    for (claim, value) in cases {
        let refused = verify_claims(&with(claim, value.clone()));
        assert!(matches!(refused, Err(TokenError::PrincipalMismatch(_))), "{claim} {value}");
    }
    assert_eq!(verify_claims(&without("idtyp")), Err(TokenError::Claim("idtyp")), "no application rights by omission");
}

#[test]
fn a_token_that_was_seen_before_is_checked_again_but_for_its_signature() {
    let token = signed(&good_claims());
    let (verifier, world) = (&fixture().verifier, &fixture().world);
    for _ in 0..2 {
        assert!(verifier.verify(&token, DATA, world, now()).is_ok());
    }
    let later = Timestamp::from_second(NOW_S + 2 * 3600).unwrap();
    assert!(matches!(verifier.verify(&token, DATA, world, later), Err(TokenError::Expired { .. })));
    assert!(matches!(verifier.verify(&token, &[Audience::Arm], world, now()), Err(TokenError::Audience { .. })));
    let without_tenant = store::World { tenant: None, ..store::World::clone(world) };
    assert_eq!(verifier.verify(&token, DATA, &without_tenant, now()), Err(TokenError::Tenant));
    let (head, signature) = token.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    let other = format!("{head}.{first}{}", &signature[1..]);
    assert_eq!(verifier.verify(&other, DATA, world, now()), Err(TokenError::Signature));
}
