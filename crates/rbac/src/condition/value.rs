//! One value on one side of a comparison, read as the operator's kind.

use std::borrow::Cow;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use uuid::Uuid;
use uuid::fmt::{Hyphenated, Simple};

use super::operator::{Kind, Operator, Test};

#[derive(Clone, Debug)]
pub(super) enum Value<'a> {
    /// In lower case where case is ignored.
    Text(Cow<'a, str>),
    Number(i64),
    /// Since 1970.
    Time(SignedDuration),
    Bool(bool),
    Guid(Uuid),
}

impl<'a> Value<'a> {
    /// None if the text is not of that kind.
    pub(super) fn read(kind: Kind, text: &'a str) -> Option<Value<'a>> {
        match kind {
            Kind::Text { ignore_case: false } => Some(Value::Text(Cow::Borrowed(text))),
            Kind::Text { ignore_case: true } => Some(Value::Text(Cow::Owned(text.to_lowercase()))),
            Kind::Number => text.parse().ok().map(Value::Number),
            Kind::Time => time(text).map(Value::Time),
            Kind::Bool => boolean(text).map(Value::Bool),
            Kind::Guid => guid(text).map(Value::Guid),
        }
    }

    /// Does the operator's test hold? None for values of different kinds, and tests that a kind does not have.
    pub(super) fn test(&self, operator: Operator, other: &Value<'_>) -> Option<bool> {
        let holds = match (self, other) {
            (Value::Text(left), Value::Text(right)) => test_text(operator.test, left, right),
            (Value::Number(left), Value::Number(right)) => ordered(operator.test, left, right),
            (Value::Time(left), Value::Time(right)) => ordered(operator.test, left, right),
            (Value::Bool(left), Value::Bool(right)) => ordered(operator.test, left, right),
            (Value::Guid(left), Value::Guid(right)) => ordered(operator.test, left, right),
            _ => None,
        };
        holds.map(|holds| holds != operator.negated)
    }

    pub(super) fn into_owned(self) -> Value<'static> {
        match self {
            Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Value::Number(number) => Value::Number(number),
            Value::Time(time) => Value::Time(time),
            Value::Bool(bool) => Value::Bool(bool),
            Value::Guid(guid) => Value::Guid(guid),
        }
    }
}

fn boolean(text: &str) -> Option<bool> {
    text.to_ascii_lowercase().parse().ok()
}

/// RFC 3339 with `T`, seconds and an offset, `2026-01-31T12:00:00.5+01:00`: of several ways to write a time, the one that
/// the documentation of conditions shows. Up to the last second of the year 9999, which people write for "never".
fn time(text: &str) -> Option<SignedDuration> {
    let sign = |at: usize, sign: u8| text.as_bytes().get(at) == Some(&sign);
    if !(sign(4, b'-') && sign(7, b'-') && sign(10, b'T') && sign(13, b':') && sign(16, b':')) {
        return None;
    }
    let behind = text.get(TO_THE_SECOND..)?;
    let zone =
        behind.strip_prefix('.').map_or(behind, |rest| rest.trim_start_matches(|digit: char| digit.is_ascii_digit()));
    let civil: DateTime = text.strip_suffix(zone)?.parse().ok()?;
    Some(civil.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0)) - offset(zone)?)
}

/// Length of `2026-01-31T12:00:00`.
const TO_THE_SECOND: usize = 19;

/// `Z`, or hours and minutes: `+01:00`
fn offset(zone: &str) -> Option<SignedDuration> {
    let two_digits =
        |text: &str| (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse::<i64>());
    let (sign, clock) = match zone.split_at_checked(1)? {
        ("Z", "") => return Some(SignedDuration::ZERO),
        ("+", clock) => (1, clock),
        ("-", clock) => (-1, clock),
        _ => return None,
    };
    let (hours, minutes) = clock.split_once(':')?;
    let (hours, minutes) = (two_digits(hours)?.ok()?, two_digits(minutes)?.ok()?);
    (hours < 24 && minutes < 60).then(|| SignedDuration::from_mins(sign * (hours * 60 + minutes)))
}

/// A GUID of 32 digits or with dashes, or the last segment of a path (a role definition's id stands for its GUID).
fn guid(text: &str) -> Option<Uuid> {
    let last = text.trim_end_matches('/').rsplit('/').next()?;
    let of_known_form = matches!(last.len(), Simple::LENGTH | Hyphenated::LENGTH);
    Uuid::try_parse(last).ok().filter(|_| of_known_form)
}

fn ordered<T: Ord>(test: Test, left: &T, right: &T) -> Option<bool> {
    let order = left.cmp(right);
    match test {
        Test::Equals => Some(order.is_eq()),
        Test::Less => Some(order.is_lt()),
        Test::LessEquals => Some(order.is_le()),
        Test::Greater => Some(order.is_gt()),
        Test::GreaterEquals => Some(order.is_ge()),
        Test::StartsWith | Test::Like => None,
    }
}

fn test_text(test: Test, left: &str, right: &str) -> Option<bool> {
    match test {
        Test::Equals => Some(left == right),
        Test::StartsWith => Some(left.starts_with(right)),
        Test::Like => Some(like(right, left)),
        Test::Less | Test::LessEquals | Test::Greater | Test::GreaterEquals => None,
    }
}

/// `*` is any text, `?` any character, `\*` and `\?` those two themselves.
fn like(pattern: &str, text: &str) -> bool {
    let pattern = wildcards(pattern);
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        match (pattern.get(p), text.get(t)) {
            (None, None) => return true,
            (Some(Piece::Many), _) => {
                p += 1;
                retry = Some((p, t));
            }
            (Some(Piece::One), Some(_)) => (p, t) = (p + 1, t + 1),
            (Some(Piece::Only(wanted)), Some(character)) if wanted == character => (p, t) = (p + 1, t + 1),
            _ => match retry {
                Some((after, tried)) if tried < text.len() => {
                    (p, t) = (after, tried + 1);
                    retry = Some((after, tried + 1));
                }
                _ => return false,
            },
        }
    }
}

enum Piece {
    Many,
    One,
    Only(char),
}

fn wildcards(pattern: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = pattern.chars().peekable();
    while let Some(character) = rest.next() {
        pieces.push(match character {
            '*' => Piece::Many,
            '?' => Piece::One,
            '\\' => Piece::Only(rest.next_if(|next| matches!(next, '*' | '?')).unwrap_or('\\')),
            other => Piece::Only(other),
        });
    }
    pieces
}
