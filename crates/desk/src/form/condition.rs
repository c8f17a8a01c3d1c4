//! Conditions on answers: when a page or question is shown, and which answers are red flags.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::key::Key;
use super::number::Decimal;

/// The answers that a condition looks at: those of questions that are shown.
pub(crate) type Seen<'a> = BTreeMap<&'a Key, &'a Answer>;

/// Something that answers fulfil or not. What was not answered, or is not known, fulfils nothing but `not`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// This option was chosen; `yes` or `no`; or `unknown`.
    Is(Key, Key),
    /// This one is among what was chosen.
    Includes(Key, Key),
    /// The number is this or more.
    AtLeast(Key, Decimal),
    /// The number is less.
    Below(Key, Decimal),
    /// Something was answered, be it that it is not known.
    Answered(Key),
    /// All of these hold.
    All(Vec<Condition>),
    /// One of these holds.
    Any(Vec<Condition>),
    /// This does not hold.
    Not(Box<Condition>),
}

impl Condition {
    pub(crate) fn holds(&self, seen: &Seen<'_>) -> bool {
        let number = |key: &Key| match seen.get(key) {
            Some(Answer::Number(number)) => Some(*number),
            _ => None,
        };
        match self {
            Self::Is(key, wanted) => match seen.get(key) {
                Some(Answer::Choice(chosen)) => chosen == wanted,
                Some(Answer::YesNo(yes)) => wanted.as_str() == if *yes { "yes" } else { "no" },
                Some(Answer::Unknown) => wanted.as_str() == "unknown",
                _ => false,
            },
            Self::Includes(key, wanted) => {
                matches!(seen.get(key), Some(Answer::Several(chosen)) if chosen.contains(wanted))
            }
            Self::AtLeast(key, least) => number(key).is_some_and(|number| number >= *least),
            Self::Below(key, bound) => number(key).is_some_and(|number| number < *bound),
            Self::Answered(key) => seen.contains_key(key),
            Self::All(all) => all.iter().all(|one| one.holds(seen)),
            Self::Any(any) => any.iter().any(|one| one.holds(seen)),
            Self::Not(other) => !other.holds(seen),
        }
    }

    /// Every part that looks at a question.
    pub(crate) fn leaves(&self) -> Vec<&Self> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::leaves).collect(),
            Self::Not(part) => part.leaves(),
            leaf => vec![leaf],
        }
    }

    /// The question that a leaf looks at.
    pub(crate) fn question(&self) -> Option<&Key> {
        match self {
            Self::Is(key, _)
            | Self::Includes(key, _)
            | Self::AtLeast(key, _)
            | Self::Below(key, _)
            | Self::Answered(key) => Some(key),
            Self::All(_) | Self::Any(_) | Self::Not(_) => None,
        }
    }
}
