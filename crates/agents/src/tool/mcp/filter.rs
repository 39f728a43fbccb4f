//! Which of a server's tools are meant.

use super::super::fields::{Fields, ToolError};

/// Tools by name, and by whether they say that they only read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ToolFilter {
    names: Option<Vec<String>>,
    read_only: Option<bool>,
}

impl ToolFilter {
    /// Tools by name.
    pub(super) fn named(names: Vec<String>) -> ToolFilter {
        ToolFilter { names: Some(names), read_only: None }
    }

    /// Reads `{tool_names?, read_only?}`.
    pub(super) fn read(fields: &Fields<'_>) -> Result<ToolFilter, ToolError> {
        fields.only(&["tool_names", "read_only"])?;
        let filter = ToolFilter { names: fields.texts("tool_names")?, read_only: fields.flag("read_only")? };
        if filter == ToolFilter::default() {
            return Err(fields.wrong("tool_names", "it is required, and missing; name the tools in a list"));
        }
        Ok(filter)
    }

    /// Whether a tool is meant.
    pub(super) fn admits(&self, name: &str, is_read_only: bool) -> bool {
        self.names.as_ref().is_none_or(|names| names.iter().any(|named| named == name))
            && self.read_only.is_none_or(|wanted| wanted == is_read_only)
    }
}

/// Which tools are called only when somebody said yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Approval {
    /// All of them.
    Always,
    /// None.
    Never,
    /// Some; a tool that is in neither list, or in both, needs it.
    ByTool {
        /// What needs it.
        always: Option<ToolFilter>,
        /// What does not.
        never: Option<ToolFilter>,
    },
}

impl Approval {
    /// Reads `require_approval`; where it is left out, every call needs a yes.
    pub(super) fn read(fields: &Fields<'_>) -> Result<Approval, ToolError> {
        const NAME: &str = "require_approval";
        const EXPECTED: &str = "`always`, `never` or `{\"always\": {\"tool_names\": […]}, \"never\": {…}}`";
        match fields.value(NAME) {
            None => Ok(Approval::Always),
            Some(serde_json::Value::String(word)) => match word.as_str() {
                "always" => Ok(Approval::Always),
                "never" => Ok(Approval::Never),
                _ => Err(fields.wrong(NAME, format!("expected {EXPECTED}"))),
            },
            Some(serde_json::Value::Object(_)) => {
                let lists = fields.required_object(NAME)?;
                lists.only(&["always", "never"])?;
                let filter = |name| lists.object(name)?.map(|inner| ToolFilter::read(&inner)).transpose();
                Ok(Approval::ByTool { always: filter("always")?, never: filter("never")? })
            }
            Some(other) => Err(fields.not(NAME, EXPECTED, other)),
        }
    }

    /// Whether a tool needs it.
    pub(super) fn is_needed(&self, name: &str, is_read_only: bool) -> bool {
        let admits =
            |filter: &Option<ToolFilter>| filter.as_ref().is_some_and(|filter| filter.admits(name, is_read_only));
        match self {
            Approval::Always => true,
            Approval::Never => false,
            Approval::ByTool { always, never } => admits(always) || !admits(never),
        }
    }
}
