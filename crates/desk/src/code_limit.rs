//! How many phone codes strangers may ask for: what an organisation may set of it, within what bounds. What holds for the
//! whole installation is not an organisation's to set ([`crate::store::budgets::Budgets::all`]).

use std::collections::BTreeMap;

use crate::store::budgets::{AddressBudgets, Budgets};

/// A limit that an organisation may set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodeLimit {
    /// To one number in a day.
    Number,
    /// For one application in a day, whichever numbers it names.
    Application,
    /// At one desk in an hour.
    Desk,
    /// Of the organisation in a day.
    Organisation,
    /// From one address in an hour, with a proof of work.
    Address,
    /// The same without.
    AddressUnproved,
    /// From the range of addresses that somebody can rent at once, in an hour, with a proof of work.
    Range,
    /// The same without.
    RangeUnproved,
    /// From everybody without a proof of work, in an hour.
    Unproved,
}

impl CodeLimit {
    /// Every one, in the order of the page.
    pub const ALL: [Self; 9] = [
        Self::Number,
        Self::Application,
        Self::Desk,
        Self::Organisation,
        Self::Address,
        Self::AddressUnproved,
        Self::Range,
        Self::RangeUnproved,
        Self::Unproved,
    ];

    /// The word in the database and in forms.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Application => "application",
            Self::Desk => "desk",
            Self::Organisation => "organisation",
            Self::Address => "address",
            Self::AddressUnproved => "address_unproved",
            Self::Range => "range",
            Self::RangeUnproved => "range_unproved",
            Self::Unproved => "unproved",
        }
    }

    /// What the page calls it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Number => "1つの電話番号あて（1日）",
            Self::Application => "1件の申請（1日）",
            Self::Desk => "1つの窓口（1時間）",
            Self::Organisation => "組織全体（1日）",
            Self::Address => "1つの接続元（1時間）",
            Self::AddressUnproved => {
                "1つの接続元、計算による確認（ブラウザーが自動で行うロボットよけ）なし（1時間）"
            }
            Self::Range => "近いアドレスの集まり（IPアドレスの範囲）（1時間）",
            Self::RangeUnproved => "近いアドレスの集まり、計算による確認なし（1時間）",
            Self::Unproved => "計算による確認なしの全員（1時間）",
        }
    }

    /// What it is against, and what a small number does.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::Number => "同じ人に何度も送られるのを防ぎます。届かずに押し直す人のために、2以上です。",
            Self::Application => "1件の申請で番号を次々に変えて送らせるのを防ぎます。",
            Self::Desk => "超えると、その窓口では次の正時（毎時0分）まで番号を確かめられません。",
            Self::Organisation => {
                "超えると、次の日まで番号を確かめられません。1日の申請の数より多くしてください。"
            }
            Self::Address => {
                "携帯電話会社では、何千人もの利用者が同じ接続元を使います。小さくすると、申請できない人が出ます。"
            }
            Self::AddressUnproved => "JavaScriptを使わない人の分です。",
            Self::Range => "一度に借りられる、近いアドレスの集まりから送らせるのを防ぎます。",
            Self::RangeUnproved => "同じ集まりの、JavaScriptを使わない人の分です。",
            Self::Unproved => "JavaScriptを使わない人すべての合計です。",
        }
    }

    /// What holds until the organisation says otherwise.
    pub fn usual(self) -> i64 {
        let (codes, addresses) = (Budgets::default(), AddressBudgets::default());
        match self {
            Self::Number => codes.number,
            Self::Application => codes.application,
            Self::Desk => codes.desk,
            Self::Organisation => codes.organisation,
            Self::Address => addresses.address.0,
            Self::AddressUnproved => addresses.address.1,
            Self::Range => addresses.range.0,
            Self::RangeUnproved => addresses.range.1,
            Self::Unproved => addresses.unproved,
        }
    }

    /// The fewest and the most: nobody is shut out by a slip of the finger, and no limit is none.
    pub fn bounds(self) -> (i64, i64) {
        match self {
            Self::Number | Self::Application => (2, 20),
            Self::AddressUnproved | Self::RangeUnproved => (1, 1_000),
            Self::Address | Self::Range => (50, 10_000),
            Self::Unproved => (1, 10_000),
            // The whole installation sends no more in an hour.
            Self::Desk => (10, Budgets::default().all),
            Self::Organisation => (10, 100_000),
        }
    }

    /// The limit that `code` means.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|limit| limit.code() == code)
    }
}

/// What holds for an organisation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CodeLimits([i64; CodeLimit::ALL.len()]);

impl Default for CodeLimits {
    fn default() -> Self {
        Self(CodeLimit::ALL.map(CodeLimit::usual))
    }
}

impl CodeLimits {
    /// How many of this are let through.
    pub const fn of(&self, limit: CodeLimit) -> i64 {
        self.0[limit as usize]
    }

    /// Sets one, within its bounds.
    pub fn set(&mut self, limit: CodeLimit, most: i64) {
        let (least, greatest) = limit.bounds();
        self.0[limit as usize] = most.clamp(least, greatest);
    }

    /// As the database keeps it.
    pub(crate) fn to_json(self) -> String {
        let each = CodeLimit::ALL.map(|limit| (limit.code(), self.of(limit)));
        serde_json::to_string(&BTreeMap::from(each)).expect("words and numbers become JSON")
    }

    /// What [`CodeLimits::to_json`] wrote, by this version of the program or another: what it lacks is as usual.
    pub(crate) fn from_json(json: &str) -> Option<Self> {
        let kept: BTreeMap<String, i64> = serde_json::from_str(json).ok()?;
        let mut limits = Self::default();
        for (code, most) in kept {
            if let Some(limit) = CodeLimit::from_code(&code) {
                limits.set(limit, most);
            }
        }
        Some(limits)
    }

    /// How many codes may be sent.
    pub fn codes(&self) -> Budgets {
        Budgets {
            number: self.of(CodeLimit::Number),
            application: self.of(CodeLimit::Application),
            desk: self.of(CodeLimit::Desk),
            organisation: self.of(CodeLimit::Organisation),
            ..Budgets::default()
        }
    }

    /// How often addresses may ask.
    pub const fn addresses(&self) -> AddressBudgets {
        AddressBudgets {
            address: (self.of(CodeLimit::Address), self.of(CodeLimit::AddressUnproved)),
            range: (self.of(CodeLimit::Range), self.of(CodeLimit::RangeUnproved)),
            unproved: self.of(CodeLimit::Unproved),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_usual_is_what_the_program_says_and_within_bounds() {
        let usual = CodeLimits::default();
        assert_eq!(
            (usual.codes(), usual.addresses()),
            (Budgets::default(), AddressBudgets::default())
        );
        for limit in CodeLimit::ALL {
            let (least, most) = limit.bounds();
            assert!((least..=most).contains(&limit.usual()), "{limit:?}");
            assert_eq!(CodeLimit::from_code(limit.code()), Some(limit));
        }
    }

    #[test]
    fn what_another_version_wrote_is_read_as_far_as_it_is_known() {
        let read = CodeLimits::from_json(r#"{"number":2,"moon":7,"desk":999999}"#).expect("an object");
        assert_eq!(read.of(CodeLimit::Number), 2);
        assert_eq!(read.of(CodeLimit::Desk), 6_000, "no way around the bounds");
        assert_eq!(read.of(CodeLimit::Range), CodeLimit::Range.usual());
        assert_eq!(CodeLimits::from_json(&read.to_json()), Some(read));
        assert_eq!(CodeLimits::from_json("3"), None);
    }
}
