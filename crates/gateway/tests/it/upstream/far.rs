//! A house with deployments `far` (OpenAI-compatible) and `azure`, both served by one mock.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use egress::{Egress, Settings, Timeouts};
use gateway::{Gateway, Limits, UpstreamError};
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use resources::model_catalog::Catalog;
use serde_json::{Value, json};

use crate::house::{House, KEY, user};
use crate::mock::Mock;

pub(crate) const CHAT: &str = "/accounts/contoso-hr/openai/v1/chat/completions";
/// What the server shows to the provider.
pub(crate) const PROVIDER_KEY: &str = "sk-the-operators-own-key";

/// A house and its provider.
pub(crate) struct Far {
    pub(crate) house: House,
    pub(crate) mock: Mock,
}

/// A catalog of one upstream, written by the test, and one model `Far` on it, which the provider calls `their/model`. Requests are
/// so many for a unit that tokens run out first.
fn catalog(upstream: &str) -> String {
    format!(
        "[[model]]\nname = \"Far\"\nversion = \"1\"\nformat = \"OpenAI\"\nrequests_per_unit = 6000\n\
         runs = {{ upstream = {{ name = \"there\", model = \"their/model\" }} }}\n[[upstream]]\nname = \"there\"\n{upstream}\n\
         [[model]]\nname = \"Rare\"\nversion = \"1\"\nformat = \"OpenAI\"\n\
         runs = {{ upstream = {{ name = \"there\", model = \"rare\" }} }}\n"
    )
}

pub(crate) fn open(upstream: &str, settings: Settings) -> Result<Gateway, UpstreamError> {
    let catalog = Catalog::from_toml(&catalog(upstream)).unwrap();
    Gateway::new(catalog, Path::new("/nowhere"), Limits::default()).with_upstreams(&Egress::new(settings).unwrap())
}

pub(crate) fn settings(mock: &Mock, variables: &[(&str, &str)]) -> Settings {
    let map: BTreeMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Settings {
        allowed_targets: vec![mock.url.clone()],
        variables: Arc::new(move |name| map.get(name).cloned()),
        ..Settings::default()
    }
}

impl Far {
    /// An OpenAI-compatible provider with a key.
    pub(crate) async fn open_ai() -> Far {
        Far::with("", Timeouts::default()).await
    }

    /// The same with more lines in its entry, and other waits.
    pub(crate) async fn with(more: &str, timeouts: Timeouts) -> Far {
        let mock = Mock::plain().await;
        let upstream = format!(
            "kind = \"openai\"\nbase_url = \"{}/v1\"\ncredential = {{ env = \"THEIR_KEY\" }}\n{more}",
            mock.url
        );
        let settings = Settings { timeouts, ..settings(&mock, &[("THEIR_KEY", PROVIDER_KEY)]) };
        Far::around(mock, open(&upstream, settings).unwrap()).await
    }

    pub(crate) async fn around(mock: Mock, gateway: Gateway) -> Far {
        let house = House::around(Arc::new(gateway)).await;
        house.deploy("far", "Far").await;
        Far { house, mock }
    }

    /// Asks the deployment; status, headers and the bytes of the answer.
    pub(crate) async fn ask(&self, body: &str) -> (StatusCode, HeaderMap, Bytes) {
        let (head, body) = self.house.send("POST", CHAT, KEY, body).await.into_parts();
        (head.status, head.headers, body.collect().await.unwrap().to_bytes())
    }

    /// The one record of the journal.
    pub(crate) async fn record(&self) -> Value {
        let records = self.house.records_when(1).await;
        let [record] = records.as_slice() else { panic!("{records:?}") };
        record.clone()
    }
}

/// The body of a plain question, streamed or not.
pub(crate) fn question(stream: bool) -> String {
    json!({"model": "far", "messages": user("What is the capital of Germany?"), "stream": stream}).to_string()
}
