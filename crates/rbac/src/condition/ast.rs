//! What a condition says.

use crate::action_pattern::ActionPattern;

#[derive(Clone, Debug)]
pub(super) enum Expression {
    Or(Vec<Expression>),
    And(Vec<Expression>),
    Not(Box<Expression>),
    ActionMatches(ActionPattern),
    /// Sub-operations belong to Azure's storage; no operation here has one.
    SubOperationMatches,
    Exists(Attribute),
    Compare(Comparison),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attribute {
    pub(super) source: Source,
    /// As written between the brackets, `namespace/type:name` or a bare name.
    pub(super) name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Request,
    Resource,
    Principal,
    Environment,
}

impl Source {
    pub(super) fn named(word: &str) -> Option<Source> {
        match word.to_ascii_lowercase().as_str() {
            "request" => Some(Source::Request),
            "resource" => Some(Source::Resource),
            "principal" => Some(Source::Principal),
            "environment" => Some(Source::Environment),
            _ => None,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Comparison {
    pub(super) left: Operand,
    pub(super) operator: Operator,
    pub(super) right: Operand,
}

#[derive(Clone, Debug)]
pub(super) enum Operand {
    Attribute(Attribute),
    Values(Vec<String>),
}

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

impl Operator {
    /// The operator of that name, in any case: `[quantifier:]base`. None if the language has no such one.
    pub(super) fn named(word: &str) -> Option<Operator> {
        let word = word.to_ascii_lowercase();
        let (quantifier, base) = match word.split_once(':') {
            Some((quantifier, base)) => (Some(Quantifier::named(quantifier)?), base),
            None => (None, word.as_str()),
        };
        let (kind, rest) = Kind::leading(base)?;
        let (negated, rest) = match rest.strip_prefix("not") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let test = Test::named(rest)?;
        let operator = Operator { quantifier, kind, test, negated };
        operator.exists().then_some(operator)
    }

    /// Which tests each kind of value has, and which of them can be quantified.
    fn exists(self) -> bool {
        let ordered = matches!(self.test, Test::Less | Test::LessEquals | Test::Greater | Test::GreaterEquals);
        let of_kind = match self.kind {
            Kind::Text { .. } => !ordered,
            Kind::Number | Kind::Time => self.test == Test::Equals || (ordered && !self.negated),
            Kind::Bool | Kind::Guid => self.test == Test::Equals,
        };
        let quantified = match self.kind {
            Kind::Text { .. } => self.test != Test::StartsWith,
            Kind::Number | Kind::Guid => true,
            Kind::Time | Kind::Bool => false,
        };
        of_kind && (self.quantifier.is_none() || quantified)
    }
}

impl Quantifier {
    fn named(word: &str) -> Option<Quantifier> {
        let (left, right) = word.strip_prefix("for")?.strip_suffix("values")?.split_once("of")?;
        Some(Quantifier { left: Share::named(left)?, right: Share::named(right)? })
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
