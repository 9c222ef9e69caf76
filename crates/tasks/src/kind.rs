//! The kinds of problems and where each is generated.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::problem::Generator;
use crate::{Error, picture, text};

/// A kind of problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskKind {
    /// Text: sums, differences and products.
    Arithmetic,
    /// Text: the largest or smallest of several numbers.
    Comparison,
    /// Text: short stories with a number for an answer.
    WordProblem,
    /// Picture: the colour of a named shape.
    Colour,
    /// Picture: where one shape lies relative to another.
    Relation,
    /// Picture: how many shapes of a kind there are.
    Counting,
    /// Picture: which shape is the biggest or smallest.
    Size,
    /// Picture: which shape is closest to or farthest from a mark.
    Distance,
    /// Picture: a value read off a bar chart.
    BarChart,
    /// Picture: a length read off a ruler.
    Ruler,
    /// Picture: sums and perimeters of sides with marked lengths.
    MarkedLengths,
}

/// Whether a problem comes with a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Modality {
    /// Words alone.
    Text,
    /// A picture and a question about it.
    Picture,
}

impl TaskKind {
    /// All kinds, text first.
    pub const ALL: [Self; 11] = [
        Self::Arithmetic,
        Self::Comparison,
        Self::WordProblem,
        Self::Colour,
        Self::Relation,
        Self::Counting,
        Self::Size,
        Self::Distance,
        Self::BarChart,
        Self::Ruler,
        Self::MarkedLengths,
    ];

    /// Returns the name used in files and configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Arithmetic => "arithmetic",
            Self::Comparison => "comparison",
            Self::WordProblem => "word-problem",
            Self::Colour => "colour",
            Self::Relation => "relation",
            Self::Counting => "counting",
            Self::Size => "size",
            Self::Distance => "distance",
            Self::BarChart => "bar-chart",
            Self::Ruler => "ruler",
            Self::MarkedLengths => "marked-lengths",
        }
    }

    /// Tells whether the kind comes with pictures.
    pub const fn modality(self) -> Modality {
        match self {
            Self::Arithmetic | Self::Comparison | Self::WordProblem => Modality::Text,
            _ => Modality::Picture,
        }
    }

    pub(crate) fn generator(self) -> &'static dyn Generator {
        match self {
            Self::Arithmetic => &text::Arithmetic,
            Self::Comparison => &text::Comparison,
            Self::WordProblem => &text::WordProblem,
            Self::Colour => &picture::Colour,
            Self::Relation => &picture::Relation,
            Self::Counting => &picture::Counting,
            Self::Size => &picture::Size,
            Self::Distance => &picture::Distance,
            Self::BarChart => &picture::BarChart,
            Self::Ruler => &picture::Ruler,
            Self::MarkedLengths => &picture::MarkedLengths,
        }
    }
}

impl fmt::Display for TaskKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for TaskKind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| Error::Name {
            what: "task",
            name: name.to_owned(),
            known: Self::ALL.map(Self::name).join(", "),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back_to_its_kind() {
        for kind in TaskKind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{kind}\""));
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let message = "color".parse::<TaskKind>().unwrap_err().to_string();
        assert!(message.contains("`color`") && message.contains("colour"), "{message}");
    }
}
