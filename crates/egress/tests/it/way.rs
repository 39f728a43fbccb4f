//! A way out for tests.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use egress::{Answer, Egress, EgressError, Outgoing, Resolve, Resolving, Settings};

/// Names nothing and nobody but what a test lists.
pub(crate) fn settings(listed: &[&str]) -> Settings {
    Settings {
        allowed_targets: listed.iter().map(|text| (*text).to_owned()).collect(),
        variables: Arc::new(|_| None),
        ..Settings::default()
    }
}

pub(crate) fn way(listed: &[&str]) -> Egress {
    Egress::new(settings(listed)).unwrap()
}

/// Variables of an environment.
pub(crate) fn with_variables(settings: Settings, variables: &[(&str, &str)]) -> Settings {
    let map: BTreeMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Settings { variables: Arc::new(move |name| map.get(name).cloned()), ..settings }
}

/// GETs a URL.
pub(crate) async fn get(egress: &Egress, url: &str) -> Result<Answer, EgressError> {
    egress.send(Outgoing::get(egress.target(url)?)).await
}

/// POSTs `{}` to a URL.
pub(crate) async fn post(egress: &Egress, url: &str) -> Result<Answer, EgressError> {
    egress.send(Outgoing::post(egress.target(url)?, "application/json", Bytes::from_static(b"{}"))).await
}

/// Answers each look-up with the next of its answers, and the last one for ever.
pub(crate) struct Scripted {
    answers: Vec<Vec<IpAddr>>,
    pub(crate) asked: AtomicUsize,
}

impl Scripted {
    pub(crate) fn new(answers: &[&[&str]]) -> Arc<Scripted> {
        let parse = |texts: &&[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        Arc::new(Scripted { answers: answers.iter().map(parse).collect(), asked: AtomicUsize::new(0) })
    }
}

impl Resolve for Scripted {
    fn resolve<'a>(&'a self, _: &'a str, port: u16) -> Resolving<'a> {
        let turn = self.asked.fetch_add(1, Ordering::SeqCst).min(self.answers.len() - 1);
        let found = self.answers[turn].iter().map(|ip| SocketAddr::new(*ip, port)).collect();
        Box::pin(async move { Ok(found) })
    }
}
