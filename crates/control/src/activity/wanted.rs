//! The log's `$filter`: a range of time, and what narrows it.

use arm::{ArmError, ErrorCode, Scope};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use store::ActivityQuery;
use uuid::Uuid;

use crate::filter::{self, Term, unsupported};

/// What is listed when the filter says no beginning: longer than the log is kept.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 366);

/// The filter, read.
pub(super) struct Wanted {
    from: Timestamp,
    to: Timestamp,
    provider: Option<String>,
    resource_group: Option<String>,
    resource: Option<Scope>,
    correlation: Option<String>,
    caller: Option<String>,
    /// What only an event has: `status`, `level`, each in lower case.
    status: Option<String>,
    level: Option<String>,
}

impl Wanted {
    pub(super) fn parse(text: Option<&str>, now: Timestamp) -> Result<Wanted, ArmError> {
        let mut wanted = Wanted {
            from: now.checked_sub(LONGEST).unwrap_or(Timestamp::MIN),
            to: now,
            provider: None,
            resource_group: None,
            resource: None,
            correlation: None,
            caller: None,
            status: None,
            level: None,
        };
        for term in filter::parse_comparisons(text)? {
            match term {
                Term::AtLeast { name, value } if is_time(&name) => wanted.from = time(&value)?,
                Term::AtMost { name, value } if is_time(&name) => wanted.to = time(&value)?,
                Term::Equals { name, value } => wanted.narrow(&name, value, text)?,
                _ => return Err(unsupported(text.unwrap_or_default())),
            }
        }
        Ok(wanted)
    }

    fn narrow(&mut self, name: &str, value: String, text: Option<&str>) -> Result<(), ArmError> {
        match name.to_ascii_lowercase().as_str() {
            "resourceprovider" => self.provider = Some(value),
            "resourcegroupname" => self.resource_group = Some(value),
            "resourceid" | "resourceuri" => {
                let id =
                    Scope::parse(&value).map_err(|error| wrong(name, &format!("expected a resource id: {error}")))?;
                self.resource = Some(id);
            }
            "correlationid" => self.correlation = Some(value),
            "caller" => self.caller = Some(value),
            "status" => self.status = Some(value.to_ascii_lowercase()),
            "levels" | "level" => self.level = Some(value.to_ascii_lowercase()),
            // Which channels events came by; there is one, and older clients name it.
            "eventchannels" => {}
            _ => return Err(unsupported(text.unwrap_or_default())),
        }
        Ok(())
    }

    /// What the store is asked for of the log at `base`. A second resource group than the base's finds nothing.
    pub(super) fn query(&self, base: &Scope) -> Result<ActivityQuery, ArmError> {
        // What has not the form of an id is nobody's.
        let decision_id = self.correlation.as_ref().map(|text| Uuid::try_parse(text).unwrap_or(Uuid::nil()));
        let of_base = base.resource_group().map(str::to_owned);
        let other = |asked: &String| of_base.as_ref().is_some_and(|base| !base.eq_ignore_ascii_case(asked));
        if self.resource_group.as_ref().is_some_and(other) {
            let message = format!("`resourceGroupName` names another resource group than the URL, which is '{base}'");
            return Err(ArmError::new(ErrorCode::InvalidFilter, message).with_target("$filter"));
        }
        Ok(ActivityQuery {
            subscription: base.subscription_id().map(str::to_owned),
            from: self.from,
            to: self.to,
            resource_group: of_base.or_else(|| self.resource_group.clone()),
            provider: self.provider.clone(),
            resource: self.resource.clone(),
            decision_id,
            caller: self.caller.clone(),
            after: None,
            limit: 0,
        })
    }

    /// Does one of the two events have what only an event has?
    pub(super) fn matches(&self, event: &Value) -> bool {
        let is = |wanted: &Option<String>, path: &str| {
            let has = event.pointer(path).and_then(Value::as_str).unwrap_or_default();
            wanted.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(has))
        };
        is(&self.status, "/status/value") && is(&self.level, "/level")
    }
}

fn is_time(name: &str) -> bool {
    name.eq_ignore_ascii_case("eventTimestamp")
}

/// A time with its offset, or in UTC without one: clients write both.
fn time(text: &str) -> Result<Timestamp, ArmError> {
    let in_utc = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    // A `+` that was sent as it is reads as a space.
    let spaced = || text.trim().replace(' ', "+").parse::<Timestamp>().ok();
    let read = text.parse::<Timestamp>().ok().or_else(in_utc).or_else(spaced);
    read.ok_or_else(|| wrong("eventTimestamp", "expected a time such as `2026-11-22T08:00:00Z`"))
}

fn wrong(name: &str, what: &str) -> ArmError {
    ArmError::new(ErrorCode::InvalidFilter, format!("`{name}`: {what}")).with_target("$filter")
}
