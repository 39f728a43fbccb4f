//! `[egress]`: where the server's own requests may go.

use std::path::PathBuf;

use serde::Deserialize;

/// The operator's rules for what leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EgressConfig {
    /// Origins (`http://localhost:11434`, `http://localhost:*`) that may be asked though they are loopback, private or plain http.
    #[serde(default)]
    pub allowed_targets: Vec<String>,
    /// The only public hosts that may be asked (`api.openai.com`, `*.openai.azure.com`); all when unset.
    pub allowed_domains: Option<Vec<String>>,
    /// Files of further certificate authorities (PEM) to believe.
    #[serde(default)]
    pub ca_files: Vec<PathBuf>,
}

/// What the demo may ask of the own machine, where its operator says nothing: gateways and tools to try out.
const OF_DEMO: [&str; 4] = ["http://localhost:*", "http://127.0.0.1:*", "https://localhost:*", "https://127.0.0.1:*"];

impl EgressConfig {
    /// The same for the demo: a list that nobody wrote holds the own machine.
    pub(crate) fn for_demo(mut self) -> EgressConfig {
        if self.allowed_targets.is_empty() {
            self.allowed_targets = OF_DEMO.map(str::to_owned).to_vec();
        }
        self
    }

    /// The same with the lists of the environment, `CUPOLA_EGRESS_ALLOWED_TARGETS` and its like, where they are set.
    pub(super) fn with_env(self, from_env: &dyn Fn(&str) -> Option<String>) -> EgressConfig {
        let list = |key: &str| from_env(key).map(|text| items(&text));
        EgressConfig {
            allowed_targets: list("egress_allowed_targets").unwrap_or(self.allowed_targets),
            allowed_domains: list("egress_allowed_domains").or(self.allowed_domains),
            ca_files: list("egress_ca_files")
                .map(|paths| paths.into_iter().map(PathBuf::from).collect())
                .unwrap_or(self.ca_files),
        }
    }
}

/// The parts between commas.
fn items(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}
