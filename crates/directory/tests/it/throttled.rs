//! Guessing passwords: slow, and no way to find out who exists.

use http::StatusCode;

use crate::contoso::{Answer, Contoso, USER, USER_NAME, USER_PASSWORD};
use crate::people::{GOOD, authorize, hidden};

async fn guess(contoso: &Contoso, name: &str) -> Answer {
    contoso.submit(&authorize(&[]), &[("username", name), ("password", "wrong"), ("action", "sign-in")]).await
}

#[tokio::test]
async fn a_stranger_and_a_wrong_password_look_the_same() {
    let contoso = Contoso::new().await;
    let disabled = "disabled@contoso.com";
    let profile = serde_json::json!({"accountEnabled": false, "displayName": "d", "mailNickname": "d",
        "userPrincipalName": disabled, "passwordProfile": {"password": USER_PASSWORD}});
    assert_eq!(contoso.post("/v1.0/users", profile).await.status, StatusCode::CREATED);
    let known = guess(&contoso, USER_NAME).await;
    let unknown = guess(&contoso, "nobody@contoso.com").await;
    let right = [("username", disabled), ("password", USER_PASSWORD), ("action", "sign-in")];
    let disabled_page = contoso.submit(&authorize(&[]), &right).await;
    let shown = |page: &Answer, name: &str| (page.status, page.text.replace(name, "{name}"));
    assert_eq!(known.status, StatusCode::BAD_REQUEST);
    assert_eq!(shown(&known, USER_NAME), shown(&unknown, "nobody@contoso.com"));
    assert_eq!(shown(&known, USER_NAME), shown(&disabled_page, disabled));
    let names = |page: &Answer| page.headers.keys().map(|name| name.as_str().to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&known), names(&unknown));
}

#[tokio::test]
async fn guessing_one_name_gets_slow_whether_it_exists_or_not() {
    let contoso = Contoso::new().await;
    for name in [USER_NAME, "nobody@contoso.com"] {
        let mut tries = 0;
        let throttled = loop {
            // Case and spaces around a name do not make it another one.
            let typed = if tries % 2 == 0 { name.to_owned() } else { format!("  {} ", name.to_uppercase()) };
            let answer = guess(&contoso, &typed).await;
            if answer.status != StatusCode::BAD_REQUEST {
                break answer;
            }
            tries += 1;
            assert!(tries < 100, "guessing is never slowed down");
        };
        assert_eq!((throttled.status, tries), (StatusCode::TOO_MANY_REQUESTS, 10), "{name}");
        assert!(throttled.text.contains("Try again in 60 seconds."), "{}", throttled.text);
    }
    let right = contoso.submit(&authorize(&[]), &GOOD).await;
    assert_eq!(right.status, StatusCode::TOO_MANY_REQUESTS, "even the right password waits");
    contoso.turn_clock_s(60);
    assert!(hidden(&contoso.submit(&authorize(&[]), &GOOD).await, "code").is_some());
}

#[tokio::test]
async fn trying_many_names_gets_slow_and_an_own_account_buys_no_more_guesses() {
    let contoso = Contoso::new().await;
    let mut tries = 0;
    loop {
        if guess(&contoso, &format!("name{tries}@contoso.com")).await.status != StatusCode::BAD_REQUEST {
            break;
        }
        tries += 1;
        if tries % 20 == 0 {
            contoso.submit(&authorize(&[]), &GOOD).await;
        }
        assert!(tries <= 200, "signing in between resets the count");
    }
    assert_eq!(tries, 100);
}

#[tokio::test]
async fn a_password_and_a_name_beyond_their_limit_are_wrong() {
    let contoso = Contoso::new().await;
    let long = "x".repeat(4000);
    for form in [[("username", USER_NAME), ("password", &*long)], [("username", &*long), ("password", USER_PASSWORD)]] {
        let answer = contoso.submit(&authorize(&[]), &form).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.text.contains("is not right"));
    }
    assert!(contoso.store.world().directory.object(USER).is_some());
}
