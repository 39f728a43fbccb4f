//! Which addresses outside may be written into a resource.

/// The operator's rules for what may be asked, as far as they can be told without asking a resolver.
pub trait TargetRule: Send + Sync {
    /// Accepts a URL, or says why this server would never ask it.
    fn check(&self, url: &str) -> Result<(), String>;
}

impl<F: Fn(&str) -> Result<(), String> + Send + Sync> TargetRule for F {
    fn check(&self, url: &str) -> Result<(), String> {
        self(url)
    }
}
