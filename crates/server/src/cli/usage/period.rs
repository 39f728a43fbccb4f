//! From when until when.

use anyhow::{Result, ensure};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A time as it is given: so long ago, or itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// So long before now.
    Ago(SignedDuration),
    /// This one.
    At(Timestamp),
}

/// The seconds of the units that a duration may have.
const UNITS: [(char, i64); 4] = [('m', 60), ('h', 3_600), ('d', 86_400), ('w', 604_800)];

/// Reads `24h`, `7d`, `2026-11-01` or RFC 3339.
pub(super) fn moment(text: &str) -> Result<Moment, String> {
    let refused = || {
        format!(
            "`{text}` is no time: give a duration before now (`90m`, `24h`, `7d`, `2w`), a day (`2026-11-01`, from its midnight in UTC) or a time of RFC 3339 (`2026-11-01T08:00:00Z`)"
        )
    };
    let unit = |(name, seconds): (char, i64)| Some((text.strip_suffix(name)?, seconds));
    if let Some((count, seconds)) = UNITS.into_iter().find_map(unit) {
        let count = count.parse::<u32>().map_err(|_| refused())?;
        let seconds = seconds.checked_mul(i64::from(count)).ok_or_else(refused)?;
        return Ok(Moment::Ago(SignedDuration::from_secs(seconds)));
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(Moment::At(time));
    }
    let midnight = text.parse::<Date>().ok().and_then(|day| day.to_zoned(TimeZone::UTC).ok());
    midnight.map(|midnight| Moment::At(midnight.timestamp())).ok_or_else(refused)
}

/// A span of time, its end not included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Period {
    /// From here; from the beginning when unset.
    pub(super) since: Option<Timestamp>,
    /// To here.
    pub(super) until: Timestamp,
}

impl Period {
    /// The span between two moments; it must not be empty.
    pub(super) fn of(since: Option<Moment>, until: Option<Moment>, now: Timestamp) -> Result<Period> {
        let time = |moment| match moment {
            Moment::At(time) => time,
            // Before all time is before all records.
            Moment::Ago(long) => now.checked_sub(long).unwrap_or(Timestamp::MIN),
        };
        let (since, until) = (since.map(time), until.map_or(now, time));
        if let Some(since) = since {
            ensure!(since < until, "nothing lies between `--since` ({since}) and `--until` ({until}); exchange them");
        }
        Ok(Period { since, until })
    }

    /// Whether a time lies in it.
    pub(super) fn contains(self, time: Timestamp) -> bool {
        self.since.is_none_or(|since| since <= time) && time < self.until
    }
}
