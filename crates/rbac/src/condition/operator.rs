//! The operators: `[quantifier:]base`, in any case.

use arm::nearest;

/// What a comparison asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Operator {
    pub(super) quantifier: Option<Quantifier>,
    pub(super) kind: Kind,
    pub(super) test: Test,
    /// `…Not…`: the opposite of the test, value by value.
    pub(super) negated: bool,
}

/// `For{left}Of{right}Values`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quantifier {
    pub(super) left: Share,
    pub(super) right: Share,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Share {
    Any,
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text { ignore_case: bool },
    Number,
    Time,
    Bool,
    Guid,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Test {
    Equals,
    StartsWith,
    Like,
    Less,
    LessEquals,
    Greater,
    GreaterEquals,
}

/// Every operator's name; [`base`] reads the same ones, in any case.
const NAMES: [&str; 28] = [
    "StringEquals",
    "StringNotEquals",
    "StringStartsWith",
    "StringNotStartsWith",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringStartsWithIgnoreCase",
    "StringNotStartsWithIgnoreCase",
    "StringLikeIgnoreCase",
    "StringNotLikeIgnoreCase",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateTimeEquals",
    "DateTimeNotEquals",
    "DateTimeLessThan",
    "DateTimeLessThanEquals",
    "DateTimeGreaterThan",
    "DateTimeGreaterThanEquals",
    "BoolEquals",
    "BoolNotEquals",
    "GuidEquals",
    "GuidNotEquals",
];
const QUANTIFIERS: [&str; 4] = ["ForAnyOfAnyValues", "ForAllOfAnyValues", "ForAnyOfAllValues", "ForAllOfAllValues"];

impl Operator {
    /// The operator without a quantifier of that name. None if the language has no such one.
    pub(super) fn named(word: &str) -> Option<Operator> {
        let known = NAMES.iter().any(|name| name.eq_ignore_ascii_case(word));
        if known { base(&word.to_ascii_lowercase()) } else { None }
    }

    /// The name that was probably meant.
    pub(super) fn nearest(word: &str) -> Option<&'static str> {
        nearest(word, NAMES)
    }

    /// Can it stand behind a quantifier? Prefixes, times and booleans cannot.
    pub(super) fn takes_quantifier(self) -> bool {
        match self.kind {
            Kind::Text { .. } => self.test != Test::StartsWith,
            Kind::Number | Kind::Guid => true,
            Kind::Time | Kind::Bool => false,
        }
    }
}

fn base(word: &str) -> Option<Operator> {
    let (kind, rest) = Kind::leading(word)?;
    let (negated, rest) = match rest.strip_prefix("not") {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    Some(Operator { quantifier: None, kind, test: Test::named(rest)?, negated })
}

impl Quantifier {
    pub(super) fn named(word: &str) -> Option<Quantifier> {
        let word = word.to_ascii_lowercase();
        let (left, right) = word.strip_prefix("for")?.strip_suffix("values")?.split_once("of")?;
        Some(Quantifier { left: Share::named(left)?, right: Share::named(right)? })
    }

    /// The name that was probably meant.
    pub(super) fn nearest(word: &str) -> Option<&'static str> {
        nearest(word, QUANTIFIERS)
    }
}

impl Share {
    fn named(word: &str) -> Option<Share> {
        match word {
            "any" => Some(Share::Any),
            "all" => Some(Share::All),
            _ => None,
        }
    }
}

impl Kind {
    /// The kind that an operator's name starts with, and the rest of the name.
    fn leading(base: &str) -> Option<(Kind, &str)> {
        if let Some(rest) = base.strip_prefix("string") {
            return Some(match rest.strip_suffix("ignorecase") {
                Some(rest) => (Kind::Text { ignore_case: true }, rest),
                None => (Kind::Text { ignore_case: false }, rest),
            });
        }
        let kinds = [("numeric", Kind::Number), ("datetime", Kind::Time), ("bool", Kind::Bool), ("guid", Kind::Guid)];
        kinds.into_iter().find_map(|(name, kind)| Some((kind, base.strip_prefix(name)?)))
    }

    /// One value of the kind, for people.
    pub(super) fn described(self) -> &'static str {
        match self {
            Kind::Text { .. } => "a text in single quotes",
            Kind::Number => "an integer",
            Kind::Time => "a time such as `'2026-01-31T12:00:00Z'`",
            Kind::Bool => "`true` or `false`",
            Kind::Guid => "a GUID",
        }
    }
}

impl Test {
    fn named(word: &str) -> Option<Test> {
        match word {
            "equals" => Some(Test::Equals),
            "startswith" => Some(Test::StartsWith),
            "like" => Some(Test::Like),
            "lessthan" => Some(Test::Less),
            "lessthanequals" => Some(Test::LessEquals),
            "greaterthan" => Some(Test::Greater),
            "greaterthanequals" => Some(Test::GreaterEquals),
            _ => None,
        }
    }
}
