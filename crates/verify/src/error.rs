//! What can be wrong with a reward spec.

use std::fmt;

use crate::plan::MAX_COMPONENTS;

/// A reward spec that cannot be compiled, with everything that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("failed to compile reward spec: {}", list(faults))]
pub struct Error {
    /// The faults, in the order of the components.
    pub faults: Vec<Fault>,
}

/// One thing that is wrong with a reward spec.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// There is nothing to score.
    #[error("it has no components")]
    Empty,
    /// There is more to score than a completion is worth.
    #[error("it has {number} components, more than {MAX_COMPONENTS}")]
    TooMany {
        /// How many there are.
        number: usize,
    },
    /// Two components would be reported under one name.
    #[error("two components are named `{name}`")]
    RepeatedName {
        /// The name.
        name: String,
    },
    /// A weight is not a number one can sum.
    #[error("component `{component}` has weight `{weight}`, which is not finite")]
    Weight {
        /// The component.
        component: String,
        /// Its weight, as text.
        weight: String,
    },
    /// No scorer has this kind.
    #[error("component `{component}` has unknown kind `{kind}`{}", Suggestion(suggestion.as_deref()))]
    Kind {
        /// The component.
        component: String,
        /// The kind as written.
        kind: String,
        /// A kind that is much like it.
        suggestion: Option<String>,
    },
    /// The scorer knows no such parameter.
    #[error("component `{component}` has unknown parameter `{parameter}`{}", Suggestion(suggestion.as_deref()))]
    Parameter {
        /// The component.
        component: String,
        /// The parameter as written.
        parameter: String,
        /// A parameter that is much like it.
        suggestion: Option<String>,
    },
    /// A parameter is absent and has no default.
    #[error("component `{component}` needs parameter `{parameter}`: {expected}")]
    Missing {
        /// The component.
        component: String,
        /// The parameter.
        parameter: &'static str,
        /// What it may be.
        expected: String,
    },
    /// A parameter's value is not one it can have.
    #[error("component `{component}` has `{parameter} = {value}`; expected {expected}{}", Suggestion(suggestion.as_deref()))]
    Value {
        /// The component.
        component: String,
        /// The parameter.
        parameter: &'static str,
        /// The value as written.
        value: String,
        /// What it may be.
        expected: String,
        /// A value that is much like it.
        suggestion: Option<String>,
    },
    /// A component reads the value of one that does not stand before it.
    #[error("component `{component}` has `{parameter}` with `{name}`, which is no {of}{}", Suggestion(suggestion.as_deref()))]
    Reference {
        /// The component.
        component: String,
        /// The parameter.
        parameter: &'static str,
        /// The name as written.
        name: String,
        /// What it may name.
        of: &'static str,
        /// A name that is much like it.
        suggestion: Option<String>,
    },
    /// The component needs something that the record does not say, or says in another form.
    #[error("component `{component}` needs `{fact}` among the facts of the record: {expected}")]
    Fact {
        /// The component.
        component: String,
        /// The fact.
        fact: &'static str,
        /// What it may be.
        expected: &'static str,
    },
    /// The component compares with a reference answer, and the spec has none.
    #[error("component `{component}` compares with a reference answer, and the spec has no `gold`")]
    NoGold {
        /// The component.
        component: String,
    },
    /// The reference answer can never be met.
    #[error("component `{component}` cannot use the reference answer `{gold}`: {reason}")]
    Gold {
        /// The component.
        component: String,
        /// The reference answer, or its beginning.
        gold: String,
        /// Why not.
        reason: &'static str,
    },
}

fn list(faults: &[Fault]) -> String {
    faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("; ")
}

struct Suggestion<'a>(Option<&'a str>);

impl fmt::Display for Suggestion<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |word| write!(formatter, ", did you mean `{word}`?"))
    }
}
