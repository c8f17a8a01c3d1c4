//! What the operator decided about a list: each decision is kept with its person and time, the newest counts.

use std::collections::{BTreeMap, BTreeSet};

use base::clock::Millis;
use base::id::StaffId;
use serde::{Deserialize, Serialize};

use crate::code::Code;

/// One number with several texts, mostly a family.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Household {
    /// Each person's text is sent: an ID is good for one person only.
    #[default]
    Each,
    /// The first row's text is sent, for all.
    Once,
}

/// Letters that a phone may not show or a carrier refuses.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LetterChoice {
    /// They stay; what a carrier refuses is not sent.
    #[default]
    Keep,
    /// What is proposed for them stands in the text instead, and every row says so.
    Replace,
}

/// A decision.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// What a family gets.
    Household(Household),
    /// What happens to letters in doubt.
    Letters(LetterChoice),
    /// People who were written to before get it all the same.
    Again {
        /// One row, by the number that Excel shows; all of them if there is none.
        line: Option<u32>,
        /// Why, in the operator's words.
        reason: String,
    },
    /// They do not, after all.
    NotAgain {
        /// One row, or all of them.
        line: Option<u32>,
    },
    /// Somebody looked at a warning about the whole list and goes on.
    Looked(Code),
}

/// A decision that was kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptChoice {
    /// What was decided.
    pub choice: Choice,
    /// By whom.
    pub by: StaffId,
    /// When, UTC milliseconds.
    pub at: Millis,
}

/// What holds, after all decisions.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Choices {
    /// What a family gets.
    pub household: Household,
    /// What happens to letters in doubt.
    pub letters: LetterChoice,
    again: Option<String>,
    again_lines: BTreeMap<u32, Option<String>>,
    looked: BTreeSet<Code>,
}

impl Choices {
    /// All decisions in the order in which they were made.
    pub fn of<'a>(choices: impl IntoIterator<Item = &'a Choice>) -> Self {
        let mut all = Self::default();
        choices.into_iter().for_each(|choice| all.take(choice));
        all
    }

    fn take(&mut self, choice: &Choice) {
        match choice {
            Choice::Household(household) => self.household = *household,
            Choice::Letters(letters) => self.letters = *letters,
            Choice::Again { line: None, reason } => {
                self.again = Some(reason.clone());
                self.again_lines.clear();
            }
            Choice::NotAgain { line: None } => {
                self.again = None;
                self.again_lines.clear();
            }
            Choice::Again {
                line: Some(line),
                reason,
            } => {
                self.again_lines.insert(*line, Some(reason.clone()));
            }
            Choice::NotAgain { line: Some(line) } => {
                self.again_lines.insert(*line, None);
            }
            Choice::Looked(code) => {
                self.looked.insert(*code);
            }
        }
    }

    /// Why this row is sent although its person was written to before; `None` if it is not.
    pub fn again(&self, line: u32) -> Option<&str> {
        match self.again_lines.get(&line) {
            Some(own) => own.as_deref(),
            None => self.again.as_deref(),
        }
    }

    /// Whether somebody looked at this warning about the list.
    pub fn looked_at(&self, code: Code) -> bool {
        self.looked.contains(&code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_decision_counts_and_all_rows_include_the_single_ones() {
        let again = |line, reason: &str| Choice::Again {
            line,
            reason: reason.to_owned(),
        };
        let mut made = vec![again(Some(4), "届いていないと電話"), again(None, "訂正")];
        let choices = Choices::of(&made);
        assert_eq!((choices.again(4), choices.again(9)), (Some("訂正"), Some("訂正")));
        made.push(Choice::NotAgain { line: Some(9) });
        let choices = Choices::of(&made);
        assert_eq!((choices.again(4), choices.again(9)), (Some("訂正"), None));
        made.push(Choice::NotAgain { line: None });
        assert_eq!(Choices::of(&made), Choices::default());
    }
}
