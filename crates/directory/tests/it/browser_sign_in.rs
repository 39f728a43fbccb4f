//! An application that opens a page, and gets a code back.

use http::StatusCode;
use serde_json::json;

use crate::contoso::{ADMIN_APP, ADMIN_SECRET, Contoso, POWERLESS_APP, TENANT, URL, USER, USER_NAME, USER_PASSWORD};
use crate::people::{
    AZ, GOOD, REDIRECT, authorize, claims, code, hidden, me, redeem, refresh_token, refused, renew, signed_in,
};

#[tokio::test]
async fn a_person_signs_in_and_the_application_gets_tokens() {
    let contoso = Contoso::new().await;
    let page = contoso.page(&authorize(&[])).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("<html lang=\"en\">") && page.text.contains("<form method=\"post\">"));

    let posted = contoso.submit(&authorize(&[]), &GOOD).await;
    assert_eq!(posted.status, StatusCode::OK);
    assert!(posted.text.contains(&format!("action=\"{}\"", REDIRECT.replace('/', "&#x2f;"))), "{}", posted.text);
    assert_eq!(hidden(&posted, "state").as_deref(), Some("st&<a>te"), "state comes back as it was sent");

    let answer = redeem(&contoso, &hidden(&posted, "code").unwrap(), &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.headers["cache-control"], "no-store");
    let id = claims(&answer, "id_token");
    assert_eq!((&id["aud"], &id["nonce"], &id["oid"]), (&json!(AZ), &json!("n0nce"), &json!(USER)));
    assert_eq!(me(&contoso, &refresh_token(&answer)).await.body["userPrincipalName"], USER_NAME);
}

#[tokio::test]
async fn a_page_works_without_scripts_and_lets_nothing_else_in() {
    let contoso = Contoso::new().await;
    for (path, targets) in [
        (authorize(&[]), "form-action 'self';"),
        (authorize(&[("response_mode", "query")]), "form-action 'self' http://localhost:8400;"),
        ("/devicecode".to_owned(), "form-action 'self';"),
    ] {
        let page = contoso.page(&path).await;
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none';") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(policy.contains("script-src 'none'") && policy.contains(targets), "{policy}");
        assert!(policy.contains("base-uri 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(page.headers["x-frame-options"], "DENY");
        assert_eq!(page.headers["cache-control"], "no-store");
        assert_eq!(page.headers["referrer-policy"], "same-origin");
        assert_eq!(page.headers["x-content-type-options"], "nosniff");
        assert!(!page.headers.contains_key("set-cookie"), "nobody stays signed in");
        assert!(!page.text.contains("<script"), "{}", page.text);
        assert_is_accessible(&page.text);
    }
    let posted = contoso.submit(&authorize(&[]), &GOOD).await;
    let policy = posted.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("form-action http://localhost:8400;"), "{policy}");
    assert!(policy.contains("script-src 'sha256-"), "{policy}");
    assert!(posted.text.contains("Continue</button>"), "without scripts there is a button");
}

/// A language, one heading, a label for each field that is seen.
fn assert_is_accessible(page: &str) {
    assert!(page.contains("<html lang=\"en\">") && page.contains("<title>") && page.contains("<main>"));
    assert_eq!(page.matches("<h1>").count(), 1);
    for field in page.split("<input ").skip(1).filter(|field| !field.starts_with("type=\"hidden\"")) {
        let id = field.split("id=\"").nth(1).unwrap().split('"').next().unwrap();
        assert!(page.contains(&format!("<label for=\"{id}\">")), "no label for {id}");
        assert!(field.contains("autocomplete="), "{id}");
    }
}

#[tokio::test]
async fn an_error_is_summarised_and_leads_to_its_field() {
    let contoso = Contoso::new().await;
    let wrong = contoso.submit(&authorize(&[]), &[("username", "\"><b>x"), ("password", "y")]).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(wrong.text.contains("role=\"alert\"") && wrong.text.contains("href=\"#username\""), "{}", wrong.text);
    assert!(wrong.text.contains("<title>Error: ") && wrong.text.contains("aria-invalid=\"true\""));
    assert!(!wrong.text.contains("<b>x"), "what was typed is text");
    let empty = contoso.submit(&authorize(&[]), &[("username", USER_NAME), ("password", "")]).await;
    assert!(empty.text.contains("href=\"#password\"") && empty.text.contains("Enter your sign-in name"));
}

#[tokio::test]
async fn the_query_mode_redirects_with_code_and_state() {
    let contoso = Contoso::new().await;
    let answer = contoso.submit(&authorize(&[("response_mode", "query")]), &GOOD).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let location = answer.headers["location"].to_str().unwrap();
    let (place, query) = location.split_once('?').unwrap();
    assert_eq!(place, REDIRECT);
    let code = query.strip_prefix("code=").unwrap().split('&').next().unwrap();
    assert!(query.ends_with("&state=st%26%3Ca%3Ete"), "{query}");
    assert_eq!(redeem(&contoso, code, &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_person_who_cancels_is_sent_back_without_a_code() {
    let contoso = Contoso::new().await;
    let answer = contoso.submit(&authorize(&[]), &[("action", "cancel")]).await;
    assert_eq!(hidden(&answer, "error").as_deref(), Some("access_denied"));
    assert!(hidden(&answer, "code").is_none());
}

#[tokio::test]
async fn a_place_that_is_not_the_application_s_is_never_sent_anything() {
    let contoso = Contoso::new().await;
    for uri in [
        "https://evil.example",
        "https://localhost:8400",
        "http://localhost.evil.example",
        "http://localhost:8400@evil.example",
        "http://localhost:8400/else",
        "javascript:alert(1)",
        "//evil.example",
    ] {
        for path in [authorize(&[("redirect_uri", uri)]), authorize(&[("redirect_uri", uri), ("prompt", "none")])] {
            let page = contoso.page(&path).await;
            assert_eq!(page.status, StatusCode::BAD_REQUEST, "{uri}");
            assert!(page.text.contains("AADSTS50011") && !page.headers.contains_key("location"), "{uri}");
            assert!(!page.text.contains("<form"), "{uri}");
            let posted = contoso.submit(&path, &GOOD).await;
            assert_eq!(posted.status, StatusCode::BAD_REQUEST, "{uri}");
            assert!(hidden(&posted, "code").is_none());
        }
    }
}

#[tokio::test]
async fn what_the_application_asked_wrongly_is_told_to_the_person_or_to_the_application() {
    let contoso = Contoso::new().await;
    for (changes, said) in [
        (&[("client_id", "00000000-0000-0000-0000-0000000000ff")][..], "AADSTS700016"),
        (&[("client_id", "")], "client_id"),
        (&[("redirect_uri", "")], "redirect_uri"),
        (&[("response_mode", "fragment")], "&#x27;fragment&#x27; is not offered"),
    ] {
        let page = contoso.page(&authorize(changes)).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        assert!(page.text.contains(said), "{said}: {}", page.text);
    }
    for (changes, error) in [
        (&[("response_type", "token")][..], "unsupported_response_type"),
        (&[("response_type", "")], "invalid_request"),
        (&[("code_challenge", "")], "invalid_request"),
        (&[("code_challenge", "short")], "invalid_request"),
        (&[("code_challenge_method", "plain")], "invalid_request"),
        (&[("code_challenge_method", "")], "invalid_request"),
        (&[("scope", "User.Read")], "invalid_scope"),
        (&[("scope", "https://vault.azure.net/.default")], "invalid_resource"),
        (&[("request", "eyJ")], "request_not_supported"),
        (&[("prompt", "none")], "login_required"),
    ] {
        let page = contoso.page(&authorize(changes)).await;
        assert_eq!(hidden(&page, "error").as_deref(), Some(error), "{changes:?} {}", page.text);
        assert_eq!(hidden(&page, "state").as_deref(), Some("st&<a>te"));
    }
    let twice = format!("{}&redirect_uri=https%3A%2F%2Fevil.example", authorize(&[]));
    assert_eq!(contoso.page(&twice).await.status, StatusCode::BAD_REQUEST, "two readers could pick different ones");
    let tenant = authorize(&[]).replace("/organizations/", "/fabrikam.com/");
    assert!(contoso.page(&tenant).await.text.contains("AADSTS90002"));
}

#[tokio::test]
async fn a_login_hint_fills_in_the_name_as_text() {
    let contoso = Contoso::new().await;
    let page = contoso.page(&authorize(&[("login_hint", "a\"><script>@contoso.com")])).await;
    assert!(page.text.contains("value=\"a&quot;&gt;&lt;script&gt;@contoso.com\""), "{}", page.text);
}

#[tokio::test]
async fn a_code_is_good_once_and_what_came_of_it_ends_when_it_comes_again() {
    let contoso = Contoso::new().await;
    let code = code(&contoso, &[]).await;
    let first = redeem(&contoso, &code, &[]).await;
    assert_eq!(first.status, StatusCode::OK);
    refused(&redeem(&contoso, &code, &[]).await, "invalid_grant", 54_005);
    let ended = renew(&contoso, &refresh_token(&first), "https://ai.azure.com/.default").await;
    refused(&ended, "invalid_grant", 50_173);
}

#[tokio::test]
async fn a_code_is_bound_to_its_verifier_its_place_and_its_client() {
    let contoso = Contoso::new().await;
    let wrong_verifier = "A".repeat(43);
    for (change, number) in [
        (("code_verifier", wrong_verifier.as_str()), 501_481),
        (("code_verifier", "short"), 501_481),
        (("redirect_uri", "http://localhost:8401"), 500_112),
    ] {
        let code = code(&contoso, &[]).await;
        refused(&redeem(&contoso, &code, &[change]).await, "invalid_grant", number);
        refused(&redeem(&contoso, &code, &[]).await, "invalid_grant", 54_005);
    }
    let code = code(&contoso, &[]).await;
    refused(&redeem(&contoso, &code, &[("code_verifier", "")]).await, "invalid_request", 900_144);
    let other = [("client_id", ADMIN_APP.to_string()), ("client_secret", ADMIN_SECRET.to_owned())];
    let other: Vec<_> = other.iter().map(|(name, value)| (*name, value.as_str())).collect();
    refused(&redeem(&contoso, &code, &other).await, "invalid_grant", 70_000);
}

#[tokio::test]
async fn a_code_lives_minutes() {
    let contoso = Contoso::new().await;
    let code = code(&contoso, &[]).await;
    contoso.turn_clock_s(300);
    refused(&redeem(&contoso, &code, &[]).await, "invalid_grant", 70_008);
    refused(&redeem(&contoso, "made-up", &[]).await, "invalid_grant", 70_008);
}

#[tokio::test]
async fn a_registered_web_application_has_its_own_place_and_proves_itself() {
    let contoso = Contoso::new().await;
    let (app, place) = (ADMIN_APP.to_string(), "https://app.contoso.com/signed-in");
    let mine = [("client_id", app.as_str()), ("redirect_uri", place)];
    assert!(contoso.page(&authorize(&mine)).await.text.contains("AADSTS50011"), "nothing is registered yet");
    let known = contoso.filtered("applications", &format!("appId eq '{app}'")).await;
    let path = format!("/v1.0/applications/{}", known.body["value"][0]["id"].as_str().unwrap());
    let web = json!({"web": {"redirectUris": [place]}});
    assert_eq!(contoso.patch(&path, web).await.status, StatusCode::NO_CONTENT);

    let with_secret = [mine[0], mine[1], ("client_secret", ADMIN_SECRET)];
    let good = redeem(&contoso, &code(&contoso, &mine).await, &with_secret).await;
    assert_eq!(good.status, StatusCode::OK, "{good:?}");
    refused(&redeem(&contoso, &code(&contoso, &mine).await, &mine).await, "invalid_client", 7_000_218);
    let wrong = [mine[0], mine[1], ("client_secret", "wrong")];
    refused(&redeem(&contoso, &code(&contoso, &mine).await, &wrong).await, "invalid_client", 7_000_215);
    let refresh = refresh_token(&good);
    let form = [("grant_type", "refresh_token"), ("client_id", app.as_str()), ("refresh_token", refresh.as_str())];
    refused(&contoso.sign_in("common", &form).await, "invalid_client", 7_000_218);
    let loopback = [("client_id", app.as_str()), ("redirect_uri", REDIRECT)];
    assert!(contoso.page(&authorize(&loopback)).await.text.contains("AADSTS50011"), "a loopback is az's alone");
    let other = [("client_id", &*POWERLESS_APP.to_string()), ("redirect_uri", place)];
    assert!(contoso.page(&authorize(&other)).await.text.contains("AADSTS50011"), "another application's place");
}

#[tokio::test]
async fn a_form_of_another_site_gets_no_code() {
    let contoso = Contoso::new().await;
    for foreign in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), ("origin", "null")] {
        let page = contoso.submit_with(&authorize(&[]), &GOOD, &[foreign]).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{foreign:?}");
        assert!(hidden(&page, "code").is_none());
    }
}

#[tokio::test]
async fn an_id_token_and_a_refresh_token_open_nothing() {
    let contoso = Contoso::new().await;
    let answer = signed_in(&contoso).await;
    for token in ["id_token", "refresh_token", "access_token"] {
        let token = answer.body[token].as_str().unwrap();
        let graph = contoso.call(token, "GET", "/v1.0/me", None).await;
        assert_eq!(graph.status, StatusCode::UNAUTHORIZED, "not even the control plane's access token, at Graph");
    }
}

#[tokio::test]
async fn the_journal_knows_who_signed_in_and_keeps_no_password() {
    let contoso = Contoso::new().await;
    signed_in(&contoso).await;
    contoso.submit(&authorize(&[]), &[("username", "canary-name"), ("password", "canary-password")]).await;
    let mut tail = store::Journal::tail(contoso.store.dir()).unwrap();
    let mut text = String::new();
    loop {
        let items = tail.read().unwrap();
        if items.is_empty() {
            break;
        }
        for item in items {
            text.push_str(&format!("{item:?}\n"));
        }
    }
    assert!(text.contains(USER_NAME) && text.contains("password") && text.contains("authorize"), "{text}");
    assert!(!text.contains("canary") && !text.contains(USER_PASSWORD.trim()), "{text}");
    assert!(text.contains(&TENANT.to_string()) || text.contains(&USER.to_string()));
    assert!(!text.contains(URL) || !text.contains("code_challenge"), "no query is kept");
}
