//! The language of conditions, a second time: read and decided in one go, from left to right, as the grammar stands.
//!
//! ```text
//! condition  := unary ( (AND unary)* | (OR unary)* )
//! unary      := NOT unary | "(" condition ")" | function | comparison
//! function   := "ActionMatches" "{" text "}" | "SubOperationMatches" "{" text "}" | "Exists" attribute
//! comparison := operand operator operand
//! operand    := attribute | literal | "{" [ literal ("," literal)* ] "}"
//! operator   := [ quantifier ":" ] base
//! literal    := 'text' | integer | true | false | GUID
//! ```

use std::collections::BTreeMap;

use super::pattern::pattern_matches;

const MOST_BYTES: usize = 8192;
const DEEPEST: usize = 50;

pub(crate) type Values = BTreeMap<String, Vec<String>>;

/// What a condition may read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub(crate) request: Values,
    pub(crate) resource: Values,
    pub(crate) principal: Values,
    pub(crate) environment: Values,
}

/// True, false, or undecided.
pub(crate) type Truth = Option<bool>;

/// The text is no condition.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

type Read<T> = Result<T, Unreadable>;

pub(crate) fn decide(text: &str, action: &str, known: &Known) -> Read<Truth> {
    if text.len() > MOST_BYTES {
        return Err(Unreadable);
    }
    let mut reader = Reader { rest: text, action, known };
    let truth = reader.condition(0)?;
    if reader.rest.trim_start().is_empty() { Ok(truth) } else { Err(Unreadable) }
}

struct Reader<'a> {
    rest: &'a str,
    action: &'a str,
    known: &'a Known,
}

fn not(truth: Truth) -> Truth {
    truth.map(|holds| !holds)
}

fn and(left: Truth, right: Truth) -> Truth {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn or(left: Truth, right: Truth) -> Truth {
    not(and(not(left), not(right)))
}

impl<'a> Reader<'a> {
    fn condition(&mut self, depth: usize) -> Read<Truth> {
        let mut truth = self.unary(depth)?;
        let mut joint = "";
        loop {
            let next = if self.word_is("AND") || self.sign_is("&&") {
                "AND"
            } else if self.word_is("OR") || self.sign_is("||") {
                "OR"
            } else {
                return Ok(truth);
            };
            // Both without parentheses are ambiguous.
            if !joint.is_empty() && joint != next {
                return Err(Unreadable);
            }
            joint = next;
            let right = self.unary(depth)?;
            truth = if joint == "AND" { and(truth, right) } else { or(truth, right) };
        }
    }

    fn unary(&mut self, depth: usize) -> Read<Truth> {
        if self.word_is("NOT") || self.sign_is("!") {
            let depth = deeper(depth)?;
            return Ok(not(self.unary(depth)?));
        }
        if self.sign_is("(") {
            let depth = deeper(depth)?;
            let truth = self.condition(depth)?;
            return self.sign(")").map(|()| truth);
        }
        if self.word_is("ActionMatches") {
            let pattern = self.braced_text()?;
            return Ok(Some(pattern_matches(pattern.trim(), self.action)));
        }
        if self.word_is("SubOperationMatches") {
            self.braced_text()?;
            return Ok(None);
        }
        if self.word_is("Exists") {
            return Ok(Some(self.attribute()?.is_some()));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Read<Truth> {
        let left = self.operand()?;
        let operator = self.operator()?;
        let right = self.operand()?;
        for side in [&left, &right] {
            if side.written && !side.values.iter().flatten().all(|value| operator.is_of_kind(value)) {
                return Err(Unreadable);
            }
        }
        let (Some(left), Some(right)) = (left.values, right.values) else {
            return Ok(None);
        };
        Ok(operator.decide(&left, &right))
    }

    /// `{'text'}`
    fn braced_text(&mut self) -> Read<String> {
        self.sign("{")?;
        let text = self.text().ok_or(Unreadable)?;
        self.sign("}")?;
        Ok(text)
    }

    fn operand(&mut self) -> Read<Operand> {
        if self.rest.trim_start().starts_with('@') {
            return Ok(Operand { values: self.attribute()?, written: false });
        }
        let mut values = Vec::new();
        if !self.sign_is("{") {
            values.push(self.literal()?);
        } else if !self.sign_is("}") {
            values.push(self.literal()?);
            while self.sign_is(",") {
                values.push(self.literal()?);
            }
            self.sign("}")?;
        }
        Ok(Operand { values: Some(values).filter(|values| !values.is_empty()), written: true })
    }

    fn literal(&mut self) -> Read<String> {
        if let Some(text) = self.text() {
            return Ok(text);
        }
        let word = self.peek_word();
        let is_bool = word.eq_ignore_ascii_case("true") || word.eq_ignore_ascii_case("false");
        if is_bool || word.parse::<i64>().is_ok() || is_guid(word) {
            self.take_word();
            return Ok(word.to_owned());
        }
        Err(Unreadable)
    }

    fn operator(&mut self) -> Read<Operator> {
        let first = self.take_word().to_ascii_lowercase();
        let (quantifier, base) = match self.sign_is(":") {
            true => (Some(first), self.take_word().to_ascii_lowercase()),
            false => (None, first),
        };
        let quantifiers = ["foranyofanyvalues", "forallofanyvalues", "foranyofallvalues", "forallofallvalues"];
        let not_quantified = base.contains("startswith") || base.starts_with("datetime") || base.starts_with("bool");
        let right = |quantifier: &String| quantifiers.contains(&quantifier.as_str()) && !not_quantified;
        if BASES.iter().any(|known| known.to_lowercase() == base) && quantifier.as_ref().is_none_or(right) {
            Ok(Operator { quantifier, base })
        } else {
            Err(Unreadable)
        }
    }

    /// The values of the attribute that stands here; none if it is missing.
    fn attribute(&mut self) -> Read<Option<Vec<String>>> {
        let after = self.rest.trim_start().strip_prefix('@').ok_or(Unreadable)?;
        let end = after.find(|c| !in_word(c)).unwrap_or(after.len());
        let source = match after[..end].to_ascii_lowercase().as_str() {
            "request" => &self.known.request,
            "resource" => &self.known.resource,
            "principal" => &self.known.principal,
            "environment" => &self.known.environment,
            _ => return Err(Unreadable),
        };
        let after = after[end..].trim_start().strip_prefix('[').ok_or(Unreadable)?;
        let (name, after) = after.split_once(']').ok_or(Unreadable)?;
        let name_ends = name.contains(|c: char| c.is_control() || "@['{}()".contains(c));
        if name.trim().is_empty() || name_ends {
            return Err(Unreadable);
        }
        self.rest = after;
        let found = source.iter().find(|(known, _)| same_name(name.trim(), known)).map(|(_, values)| values.clone());
        Ok(found.filter(|values| !values.is_empty()))
    }

    /// `'…'`, if it stands here.
    fn text(&mut self) -> Option<String> {
        let (text, after) = self.rest.trim_start().strip_prefix('\'')?.split_once('\'')?;
        self.rest = after;
        Some(text.to_owned())
    }

    fn sign_is(&mut self, sign: &str) -> bool {
        match self.rest.trim_start().strip_prefix(sign) {
            Some(after) => {
                self.rest = after;
                true
            }
            None => false,
        }
    }

    fn sign(&mut self, sign: &str) -> Read<()> {
        if self.sign_is(sign) { Ok(()) } else { Err(Unreadable) }
    }

    fn peek_word(&self) -> &'a str {
        let text = self.rest.trim_start();
        &text[..text.find(|c| !in_word(c)).unwrap_or(text.len())]
    }

    fn take_word(&mut self) -> &'a str {
        let word = self.peek_word();
        self.rest = &self.rest.trim_start()[word.len()..];
        word
    }

    fn word_is(&mut self, wanted: &str) -> bool {
        let is = self.peek_word().eq_ignore_ascii_case(wanted);
        if is {
            self.take_word();
        }
        is
    }
}

fn deeper(depth: usize) -> Read<usize> {
    if depth < DEEPEST { Ok(depth + 1) } else { Err(Unreadable) }
}

fn in_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || "_-.".contains(character)
}

/// Names are the same without case; of `path:Key<$key_case_sensitive$>`, the key with it.
fn same_name(wanted: &str, known: &str) -> bool {
    let mark = "<$key_case_sensitive$>";
    let Some((path, key)) = wanted.strip_suffix(mark).and_then(|wanted| wanted.split_once(':')) else {
        return wanted.eq_ignore_ascii_case(known);
    };
    let known = known.strip_suffix(mark).unwrap_or(known);
    known.split_once(':').is_some_and(|(at, found)| at.eq_ignore_ascii_case(path) && found == key)
}

struct Operand {
    values: Option<Vec<String>>,
    /// Written in the condition, not read from an attribute.
    written: bool,
}

#[rustfmt::skip]
const BASES: [&str; 28] = [
    "StringEquals", "StringNotEquals", "StringStartsWith", "StringNotStartsWith", "StringLike", "StringNotLike",
    "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringStartsWithIgnoreCase",
    "StringNotStartsWithIgnoreCase", "StringLikeIgnoreCase", "StringNotLikeIgnoreCase",
    "NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateTimeEquals", "DateTimeNotEquals", "DateTimeLessThan", "DateTimeLessThanEquals", "DateTimeGreaterThan",
    "DateTimeGreaterThanEquals",
    "BoolEquals", "BoolNotEquals", "GuidEquals", "GuidNotEquals",
];

/// Both in lower case.
struct Operator {
    quantifier: Option<String>,
    base: String,
}

impl Operator {
    fn is_of_kind(&self, value: &str) -> bool {
        self.base.starts_with("string") || self.ordinal(value).is_some()
    }

    /// The value as a number by which values of its kind are equal, less or greater; none if it is of another kind.
    fn ordinal(&self, value: &str) -> Option<i128> {
        if self.base.starts_with("numeric") {
            return value.parse::<i64>().ok().map(i128::from);
        }
        if self.base.starts_with("datetime") {
            return time(value);
        }
        if self.base.starts_with("bool") {
            return value.to_ascii_lowercase().parse::<bool>().ok().map(i128::from);
        }
        let last = value.trim_end_matches('/').rsplit('/').next()?;
        let digits = last.replace('-', "");
        is_guid(last).then(|| u128::from_str_radix(&digits, 16).ok().map(|number| number as i128)).flatten()
    }

    fn decide(&self, left: &[String], right: &[String]) -> Truth {
        let any = |values: &[String], of: &dyn Fn(&str) -> Truth| values.iter().map(|v| of(v)).fold(Some(false), or);
        let all = |values: &[String], of: &dyn Fn(&str) -> Truth| values.iter().map(|v| of(v)).fold(Some(true), and);
        match self.quantifier.as_deref() {
            Some("foranyofanyvalues") => any(left, &|l| any(right, &|r| self.test(l, r))),
            Some("forallofanyvalues") => all(left, &|l| any(right, &|r| self.test(l, r))),
            Some("foranyofallvalues") => any(left, &|l| all(right, &|r| self.test(l, r))),
            Some("forallofallvalues") => all(left, &|l| all(right, &|r| self.test(l, r))),
            _ if left.len() == 1 && right.len() == 1 => self.test(&left[0], &right[0]),
            _ => None,
        }
    }

    fn test(&self, left: &str, right: &str) -> Truth {
        let truth = if self.base.starts_with("string") {
            Some(self.test_text(left, right))
        } else {
            self.test_order(left, right)
        };
        if self.base.contains("not") { not(truth) } else { truth }
    }

    fn test_text(&self, left: &str, right: &str) -> bool {
        let (left, right) = match self.base.ends_with("ignorecase") {
            true => (left.to_lowercase(), right.to_lowercase()),
            false => (left.to_owned(), right.to_owned()),
        };
        if self.base.contains("startswith") {
            left.starts_with(&right)
        } else if self.base.contains("like") {
            like(&right.chars().collect::<Vec<_>>(), &left.chars().collect::<Vec<_>>())
        } else {
            left == right
        }
    }

    fn test_order(&self, left: &str, right: &str) -> Truth {
        let (left, right) = (self.ordinal(left)?, self.ordinal(right)?);
        Some(if self.base.ends_with("lessthan") {
            left < right
        } else if self.base.ends_with("lessthanequals") {
            left <= right
        } else if self.base.ends_with("greaterthan") {
            left > right
        } else if self.base.ends_with("greaterthanequals") {
            left >= right
        } else {
            left == right
        })
    }
}

/// `*` many, `?` one, `\*` and `\?` those themselves.
fn like(pattern: &[char], text: &[char]) -> bool {
    // matches[t]: what was read of the pattern matches the text up to t.
    let mut matches: Vec<bool> = (0..=text.len()).map(|t| t == 0).collect();
    let mut p = 0;
    while p < pattern.len() {
        let before = matches.clone();
        let escaped = pattern[p] == '\\' && pattern.get(p + 1).is_some_and(|next| "*?".contains(*next));
        if escaped {
            p += 1;
        }
        for t in 0..=text.len() {
            matches[t] = match pattern[p] {
                '*' if !escaped => before[t] || (t > 0 && matches[t - 1]),
                '?' if !escaped => t > 0 && before[t - 1],
                character => t > 0 && before[t - 1] && text[t - 1] == character,
            };
        }
        p += 1;
    }
    matches[text.len()]
}

/// 32 digits, or with dashes.
fn is_guid(text: &str) -> bool {
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_hexdigit());
    let parts: Vec<usize> = text.split('-').map(str::len).collect();
    (parts == [32] || parts == [8, 4, 4, 4, 12]) && text.split('-').all(digits)
}

/// Nanoseconds of `2026-01-31T12:00:00[.123](Z|+02:00)`.
fn time(text: &str) -> Option<i128> {
    let digits = |from: usize, to: usize| {
        let part = text.get(from..to)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<i128>().ok()).flatten()
    };
    let signs_right = [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")]
        .iter()
        .all(|(at, sign)| text.get(*at..at + 1) == Some(sign));
    let (year, month, day) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
    let (hour, minute, second) = (digits(11, 13)?, digits(14, 16)?, digits(17, 19)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let months = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let month_at = usize::try_from(month - 1).ok()?;
    let right = signs_right && (1..=*months.get(month_at)?).contains(&day) && hour < 24 && minute < 60 && second <= 60;
    let (fraction, zone) = match text.get(19..)?.strip_prefix('.') {
        Some(rest) => rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?),
        None => ("0", text.get(19..)?),
    };
    if !right || fraction.is_empty() || fraction.len() > 9 {
        return None;
    }
    let days = 365 * year + (year + 3) / 4 - (year + 99) / 100
        + (year + 399) / 400
        + months[..month_at].iter().sum::<i128>()
        + day;
    // A leap second counts as the one before.
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second.min(59) - 60 * offset_minutes(zone)?;
    Some(seconds * 1_000_000_000 + format!("{fraction:0<9}").parse::<i128>().ok()?)
}

/// `Z`, `+02:00`, `-11:30`
fn offset_minutes(zone: &str) -> Option<i128> {
    if zone == "Z" {
        return Some(0);
    }
    let sign = if zone.starts_with('+') { 1 } else { -1 };
    let (hours, minutes) = zone.strip_prefix(['+', '-'])?.split_once(':')?;
    let two_digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !two_digits(hours) || !two_digits(minutes) {
        return None;
    }
    let (hours, minutes) = (hours.parse::<i128>().ok()?, minutes.parse::<i128>().ok()?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}
