//! The number of somebody who is telephoned, as it is shown and as a telephone dials it.

use base::phone;
use lists::calls::dialled;

use super::mask;

/// A number.
pub(super) struct Number {
    pub(super) shown: String,
    /// `None` where it is masked, and where it is none that could be dialled.
    pub(super) dialled: Option<String>,
    /// Whether it gets SMS, so that a list can be checked against it.
    pub(super) is_mobile: bool,
}

impl Number {
    /// Whole.
    pub(super) fn of(text: &str) -> Self {
        let mobile = phone::parse(text).ok();
        Self {
            is_mobile: mobile.is_some(),
            shown: mobile.map_or_else(|| text.to_owned(), |parsed| parsed.number.national()),
            dialled: dialled(text),
        }
    }

    /// Not whole: nothing of it can be dialled.
    pub(super) fn masked(text: &str) -> Self {
        let number = Self::of(text);
        Self {
            shown: mask::number(&number.shown),
            dialled: None,
            ..number
        }
    }
}
