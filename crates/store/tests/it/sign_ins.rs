//! Sign-ins: one good refresh token each, kept as a digest.

use jiff::{SignedDuration, Timestamp};
use rbac::{Permit, ProtocolPurpose, Writes};
use store::{
    Clock, Conflict, CredentialKind, CredentialOwner, NewCredential, NewSignIn, Renewal, Row, Secret, StoreError,
    Written,
};
use uuid::Uuid;

use crate::support::*;

const CANARY: &str = "canary-refresh-token";

#[allow(clippy::disallowed_methods, reason = "the store is tested without the layers that decide")]
fn permit(purpose: ProtocolPurpose, now: Timestamp) -> Permit<Writes> {
    rbac::for_protocol(purpose, Uuid::new_v4(), now)
}

/// A store with Ann, and the rows of her sign-in.
struct Ann {
    fixture: Fixture,
    id: Uuid,
    sign_in: Uuid,
}

impl Ann {
    async fn new() -> Ann {
        let fixture = Fixture::new().await;
        let ann = user("ann");
        let id = ann.id;
        fixture.write(vec![Row::PutObject(ann)]).await.unwrap();
        Ann { fixture, id, sign_in: Uuid::new_v4() }
    }

    fn later(&self) -> Timestamp {
        self.fixture.clock.now().checked_add(SignedDuration::from_hours(1)).unwrap()
    }

    fn begin(&self, token: &str) -> Row {
        Row::PutSignIn(NewSignIn {
            id: self.sign_in,
            user: self.id,
            client: Uuid::from_u128(7),
            resource: "https://ai.azure.com".to_owned(),
            token: Secret::from(token.to_owned()),
            created_at: self.fixture.clock.now(),
            expires_at: self.later(),
        })
    }

    fn renew(&self, generation: u32, token: &str) -> Row {
        let token = Secret::from(token.to_owned());
        let (replaced_at, expires_at) = (self.fixture.clock.now(), self.later());
        Row::RenewSignIn(Renewal { user: self.id, id: self.sign_in, generation, token, replaced_at, expires_at })
    }

    async fn write(&self, purpose: ProtocolPurpose, row: Row) -> Result<Written, StoreError> {
        self.fixture.store.write(&permit(purpose, self.fixture.clock.now()), vec![row]).await
    }

    fn is_good(&self, token: &str) -> bool {
        let world = self.fixture.store.world();
        let sign_in = world.sign_ins.get(self.id, self.sign_in);
        sign_in.is_some_and(|sign_in| self.fixture.store.check_refresh_token(sign_in, token))
    }
}

#[tokio::test]
async fn only_the_newest_refresh_token_is_good_also_after_a_restart() {
    let mut ann = Ann::new().await;
    ann.write(ProtocolPurpose::BeginSignIn, ann.begin("one")).await.unwrap();
    assert!(ann.is_good("one") && !ann.is_good("two") && !ann.is_good(""));
    ann.write(ProtocolPurpose::RenewSignIn, ann.renew(0, "two")).await.unwrap();
    for _ in 0..2 {
        assert!(ann.is_good("two") && !ann.is_good("one"));
        let world = ann.fixture.store.world();
        assert_eq!(world.sign_ins.get(ann.id, ann.sign_in).unwrap().generation, 1);
        ann.fixture.reopen().await;
    }
    ann.fixture.store.verify_audit().await.unwrap();
}

#[tokio::test]
async fn a_renewal_of_a_token_that_is_not_the_newest_changes_nothing() {
    let ann = Ann::new().await;
    ann.write(ProtocolPurpose::BeginSignIn, ann.begin("one")).await.unwrap();
    ann.write(ProtocolPurpose::RenewSignIn, ann.renew(0, "two")).await.unwrap();
    for generation in [0, 2] {
        let late = ann.write(ProtocolPurpose::RenewSignIn, ann.renew(generation, "three")).await;
        assert!(matches!(late, Err(StoreError::Conflict(Conflict::SignInMovedOn { .. }))), "{late:?}");
    }
    assert!(ann.is_good("two") && !ann.is_good("three"));
}

#[tokio::test]
async fn when_the_latest_tokens_were_replaced_is_known_also_after_a_restart() {
    let mut ann = Ann::new().await;
    ann.write(ProtocolPurpose::BeginSignIn, ann.begin("0")).await.unwrap();
    let mut times = Vec::new();
    for generation in 0..20 {
        ann.fixture.clock.advance_s(1);
        times.push(ann.fixture.clock.now());
        let next = ann.renew(generation, &(generation + 1).to_string());
        ann.write(ProtocolPurpose::RenewSignIn, next).await.unwrap();
    }
    ann.fixture.reopen().await;
    let world = ann.fixture.store.world();
    let sign_in = world.sign_ins.get(ann.id, ann.sign_in).unwrap();
    assert_eq!((sign_in.replaced_at(19), sign_in.replaced_at(4)), (Some(times[19]), Some(times[4])));
    assert_eq!(sign_in.replaced_at(3), None, "too many came since");
    assert_eq!(sign_in.replaced_at(20), None, "the newest");
    assert_eq!(sign_in.replaced_at(u32::MAX), None);
}

#[tokio::test]
async fn a_sign_in_ends_by_itself_with_a_new_password_and_with_its_person() {
    let ann = Ann::new().await;
    let begin = || ann.write(ProtocolPurpose::BeginSignIn, ann.begin("one"));
    begin().await.unwrap();
    let end = Row::EndSignIn { user: ann.id, id: ann.sign_in };
    ann.write(ProtocolPurpose::EndSignIn, end).await.unwrap();
    assert!(!ann.is_good("one"));

    begin().await.unwrap();
    let password = NewCredential {
        id: Uuid::new_v4(),
        owner: CredentialOwner::Object(ann.id),
        kind: CredentialKind::Password,
        secret: Secret::from("password".to_owned()),
        created_at: ann.fixture.clock.now(),
        expires_at: None,
    };
    ann.fixture.write(vec![Row::PutCredential(password)]).await.unwrap();
    assert!(!ann.is_good("one"));

    begin().await.unwrap();
    ann.fixture.write(vec![Row::DeleteObject(ann.id)]).await.unwrap();
    assert!(!ann.is_good("one"));
    assert!(matches!(begin().await, Err(StoreError::NotFound { .. })));
}

#[tokio::test]
async fn a_step_of_signing_in_writes_no_other_row_and_nobody_else_writes_a_sign_in() {
    let ann = Ann::new().await;
    for row in [Row::PutObject(user("bob")), Row::DeleteObject(ann.id), put(resource(subscription().as_str()))] {
        let refused = ann.write(ProtocolPurpose::BeginSignIn, row).await;
        assert!(matches!(refused, Err(StoreError::PermitDoesNotCover { .. })), "{refused:?}");
    }
    let by_none = ann.write(ProtocolPurpose::IssueToken, ann.begin("one")).await;
    assert!(matches!(by_none, Err(StoreError::PermitDoesNotCover { .. })), "{by_none:?}");
    let by_the_server = ann.fixture.write(vec![ann.begin("one")]).await;
    assert!(matches!(by_the_server, Err(StoreError::PermitDoesNotCover { .. })), "{by_the_server:?}");
}

#[tokio::test]
async fn no_refresh_token_is_on_the_disk() {
    let ann = Ann::new().await;
    ann.write(ProtocolPurpose::BeginSignIn, ann.begin(CANARY)).await.unwrap();
    ann.write(ProtocolPurpose::RenewSignIn, ann.renew(0, &format!("{CANARY}-2"))).await.unwrap();
    ann.fixture.store.close().await;
    for file in files(ann.fixture.dir.path()) {
        let bytes = std::fs::read(ann.fixture.dir.path().join(&file)).unwrap();
        assert!(!bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes()), "{file}");
    }
}
