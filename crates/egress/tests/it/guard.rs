//! Where a connection may go, asked again when it is made.

use std::sync::atomic::Ordering;

use egress::{Egress, EgressError, Refused, Settings};

use crate::mock::{Mock, json};
use crate::way::{Scripted, get, settings, way};

fn resolving(listed: &[&str], answers: &[&[&str]]) -> Egress {
    Egress::new(Settings { resolver: Scripted::new(answers), ..settings(listed) }).unwrap()
}

#[tokio::test]
async fn a_listed_loopback_is_reached_and_an_unlisted_one_is_not() {
    let mock = Mock::plain().await;
    mock.will(json(200, "{}"));
    assert_eq!(get(&way(&[&mock.url]), &mock.url).await.unwrap().status(), 200);
    let refused = get(&way(&[]), &mock.url).await.err().unwrap();
    assert!(matches!(refused, EgressError::Refused(Refused::NotListed { .. })), "{refused}");
    assert_eq!(mock.connections(), 1);
}

#[tokio::test]
async fn a_public_name_that_answers_with_a_private_address_is_refused() {
    for address in ["127.0.0.1", "10.0.0.8", "::1", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "100.64.0.9"] {
        let egress = resolving(&[], &[&[address]]);
        let target = egress.target("https://model.example/v1").unwrap();
        let checked = egress.check(&target).await.unwrap_err();
        assert!(matches!(checked, EgressError::Refused(Refused::NotListed { .. })), "{address}: {checked}");
        let sent = get(&egress, "https://model.example/v1").await.err().unwrap();
        assert_eq!(sent, checked, "{address}");
    }
}

#[tokio::test]
async fn one_private_address_among_public_ones_refuses_them_all() {
    let egress = resolving(&[], &[&["93.184.216.34", "127.0.0.1"]]);
    let refused = get(&egress, "https://model.example").await.err().unwrap();
    assert!(matches!(refused, EgressError::Refused(Refused::NotListed { .. })), "{refused}");
}

#[tokio::test]
async fn metadata_is_never_asked_though_its_name_is_listed() {
    for address in ["169.254.169.254", "fe80::1", "168.63.129.16", "::ffff:169.254.169.254", "0.0.0.0"] {
        let egress = resolving(&["http://model.corp.internal"], &[&[address]]);
        let refused = get(&egress, "http://model.corp.internal/latest").await.err().unwrap();
        assert!(matches!(refused, EgressError::Refused(Refused::Never { .. })), "{address}: {refused}");
    }
}

#[tokio::test]
async fn an_answer_that_changes_between_check_and_connect_is_caught_at_connect() {
    let mock = Mock::plain().await;
    let resolver = Scripted::new(&[&["93.184.216.34"], &["127.0.0.1"]]);
    let egress = Egress::new(Settings { resolver: resolver.clone(), ..settings(&[]) }).unwrap();
    let url = format!("https://model.example:{}", mock.port);
    let target = egress.target(&url).unwrap();
    egress.check(&target).await.unwrap();
    let refused = get(&egress, &url).await.err().unwrap();
    assert!(matches!(refused, EgressError::Refused(Refused::NotListed { .. })), "{refused}");
    assert_eq!((mock.connections(), resolver.asked.load(Ordering::SeqCst)), (0, 2));
}

#[tokio::test]
async fn the_address_that_was_checked_is_the_one_connected_to() {
    let mock = Mock::plain().await;
    mock.will(json(200, "{}"));
    // Asked a second time for the same connection, this resolver would answer with a metadata address.
    let resolver = Scripted::new(&[&["127.0.0.1"], &["169.254.169.254"]]);
    let url = format!("http://model.corp.internal:{}", mock.port);
    let egress = Egress::new(Settings { resolver: resolver.clone(), ..settings(&[&url]) }).unwrap();
    assert_eq!(get(&egress, &url).await.unwrap().status(), 200);
    assert_eq!(resolver.asked.load(Ordering::SeqCst), 1);
    assert_eq!(mock.seen()[0].headers["host"], url.strip_prefix("http://").unwrap());
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let (mock, secret) = (Mock::plain().await, Mock::plain().await);
    for location in [format!("{}/latest", secret.url), "http://169.254.169.254/latest".to_owned()] {
        mock.will(crate::mock::Act::Answer(302, vec![("location", location)], bytes::Bytes::new()));
        let egress = way(&[&mock.url, &secret.url]);
        let answer = get(&egress, &mock.url).await.unwrap();
        assert_eq!(answer.status(), 302);
        assert!(!answer.headers().contains_key("location"));
    }
    assert_eq!((mock.seen().len(), secret.connections()), (2, 0));
}

#[tokio::test]
async fn a_name_that_nobody_knows_is_said() {
    let egress = resolving(&[], &[&[]]);
    let unknown = get(&egress, "https://nowhere.example").await.err().unwrap();
    assert!(matches!(unknown, EgressError::Unresolved { .. }), "{unknown}");
}
