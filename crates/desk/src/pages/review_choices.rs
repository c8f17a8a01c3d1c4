//! What can be decided at a desk, as buttons: granted, the reasons that have a key, all others.

use crate::document::{Decision, DeskDocument, Reason};
use crate::form::Key;

/// A button.
pub(super) struct Choice {
    /// What is sent: the code of the decision.
    pub(super) code: String,
    pub(super) label: String,
    /// What follows, in a word.
    pub(super) then: &'static str,
    /// The key that presses it.
    pub(super) key: Option<u8>,
}

/// All of them.
pub(super) struct Choices {
    pub(super) yes: Choice,
    pub(super) keyed: Vec<Choice>,
    pub(super) others: Vec<Choice>,
}

impl Choices {
    pub(super) fn of(document: &DeskDocument) -> Self {
        let says = document.document();
        let mut reasons: Vec<&Reason> = says.reasons.iter().collect();
        reasons.sort_by_key(|reason| reason.key.unwrap_or(u8::MAX));
        let (keyed, others): (Vec<_>, Vec<_>) = reasons.into_iter().partition(|reason| reason.key.is_some());
        Self {
            yes: Choice {
                code: Decision::Confirmed.code().to_owned(),
                label: says.confirmed.label.clone(),
                then: "",
                key: Some(1),
            },
            keyed: keyed.into_iter().map(choice).collect(),
            others: others.into_iter().map(choice).collect(),
        }
    }

    /// In the order of the keys.
    pub(super) fn all(&self) -> impl Iterator<Item = &Choice> {
        std::iter::once(&self.yes).chain(&self.keyed).chain(&self.others)
    }
}

fn choice(reason: &Reason) -> Choice {
    Choice {
        code: reason.code.to_string(),
        label: reason.label.clone(),
        then: reason.then.label(),
        key: reason.key,
    }
}

/// What somebody pressed.
pub(super) enum Pressed {
    /// A decision.
    Decision(Decision),
    /// Something else, by its word.
    Other(Key),
}

impl Pressed {
    pub(super) fn read(word: &str) -> Option<Self> {
        match Decision::from_code(word) {
            Some(decision) => Some(Self::Decision(decision)),
            None => Key::parse(word).map(Self::Other),
        }
    }
}
