//! Training, test and live are apart, from the first row to the carrier.
//!
//! A broadcast has a stage from its beginning, and keeps it. Whether an organisation sends live at all, for what
//! purpose, and whether everything stands still at the moment, is its [`Standing`].

use base::clock::Millis;
use base::id::StaffId;
use base::org::OrgMode;
use lists::contacts::Purpose;

/// What a broadcast is for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BroadcastStage {
    /// An exercise: only a simulated carrier ever takes it.
    Training,
    /// A text tried out on the own phone of a member of the staff; no contact with anybody.
    Test,
    /// People are written to.
    Live,
}

impl BroadcastStage {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Training, Self::Test, Self::Live];

    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Training => "training",
            Self::Test => "test",
            Self::Live => "live",
        }
    }

    /// The stage that the database's word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == word)
    }

    /// As pages show it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Training => "訓練",
            Self::Test => "試し送り",
            Self::Live => "本番",
        }
    }

    /// What that means, in a sentence; nothing for what people get.
    pub const fn explanation(self) -> Option<&'static str> {
        match self {
            Self::Training => Some("実際のSMSは誰にも送られません。連絡した記録にもなりません。"),
            Self::Test => Some("職員が自分の携帯電話に試しに送ったものです。連絡した記録にはなりません。"),
            Self::Live => None,
        }
    }

    /// Whether its messages are kept as contacts with people.
    pub const fn is_contact(self) -> bool {
        matches!(self, Self::Live)
    }
}

/// Everything of the organisation stands still.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stopped {
    /// Since when.
    pub at: Millis,
    /// Who stopped it.
    pub by: Option<StaffId>,
    /// Why, in that person's words.
    pub reason: String,
}

/// What an organisation may send at the moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// Training or live.
    pub mode: OrgMode,
    /// Whether the operator has to review each purpose first.
    pub needs_review: bool,
    /// The purposes that were reviewed and are open.
    pub open: Vec<Purpose>,
    /// Since when, by whom and why everything stands still.
    pub stopped: Option<Stopped>,
}

impl Standing {
    /// The stage of what is sent for this purpose.
    pub fn stage(&self, purpose: Purpose) -> BroadcastStage {
        if self.mode == OrgMode::Live && self.is_reviewed(purpose) {
            BroadcastStage::Live
        } else {
            BroadcastStage::Training
        }
    }

    /// Whether what is sent for this purpose is an exercise.
    pub fn is_training(&self, purpose: Purpose) -> bool {
        self.stage(purpose) == BroadcastStage::Training
    }

    /// Whether the operator has opened the purpose, or need not.
    pub fn is_reviewed(&self, purpose: Purpose) -> bool {
        !self.needs_review || self.open.contains(&purpose)
    }

    /// Whether anything could be sent live, if the organisation wanted to.
    pub fn may_go_live(&self) -> bool {
        !self.needs_review || !self.open.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(mode: OrgMode, needs_review: bool, open: &[Purpose]) -> Standing {
        Standing {
            mode,
            needs_review,
            open: open.to_vec(),
            stopped: None,
        }
    }

    #[test]
    fn live_needs_both_the_mode_and_the_review_of_the_purpose() {
        let purpose = Purpose::FirstTouch;
        let live = [
            standing(OrgMode::Live, false, &[]),
            standing(OrgMode::Live, true, &[purpose]),
        ];
        let training = [
            standing(OrgMode::Training, false, &[]),
            standing(OrgMode::Training, true, &[purpose]),
            standing(OrgMode::Live, true, &[]),
            standing(OrgMode::Live, true, &[Purpose::Survey]),
        ];
        assert!(live.iter().all(|one| one.stage(purpose) == BroadcastStage::Live));
        assert!(training.iter().all(|one| one.is_training(purpose)));
    }

    #[test]
    fn every_stage_is_read_back_from_its_word() {
        for stage in BroadcastStage::ALL {
            assert_eq!(BroadcastStage::from_word(stage.as_str()), Some(stage));
        }
    }
}
