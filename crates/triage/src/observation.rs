//! What a programme says of asking people every day how they are: from when, at which hour, with which texts, and
//! after how many unanswered days somebody telephones instead.

use base::id::TemplateId;
use serde::{Deserialize, Serialize};

use crate::limits;

/// A version of a template. Approved once, it never changes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextRef {
    /// Which template.
    pub template: i64,
    /// Which of its versions.
    pub version: i64,
}

impl TextRef {
    /// As `messaging` names it.
    pub fn version(self) -> (TemplateId, i64) {
        (TemplateId::new(self.template), self.version)
    }
}

/// How people are asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct ObservationRule {
    text: TextRef,
    reminder: Option<TextRef>,
    hour: u16,
    first_day: u16,
    unanswered: u16,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    text: TextRef,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reminder: Option<TextRef>,
    hour: u16,
    first_day: u16,
    call_after_unanswered: u16,
}

impl TryFrom<Written> for ObservationRule {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        Self::new(
            (written.text, written.reminder),
            written.hour,
            written.first_day,
            written.call_after_unanswered,
        )
    }
}

impl From<ObservationRule> for Written {
    fn from(rule: ObservationRule) -> Self {
        Self {
            text: rule.text,
            reminder: rule.reminder,
            hour: rule.hour,
            first_day: rule.first_day,
            call_after_unanswered: rule.unanswered,
        }
    }
}

impl ObservationRule {
    /// With which text, and which other one where the day before was not answered; from which hour of the day, Japan's;
    /// from which day on, counted from the one on which the case came in; and how many days in a row may stay
    /// unanswered before somebody telephones and nothing more is sent.
    pub fn new(
        (text, reminder): (TextRef, Option<TextRef>),
        hour: u16,
        first_day: u16,
        unanswered: u16,
    ) -> Result<Self, String> {
        let (earliest, latest) = limits::ASKING_HOURS;
        if !(earliest..latest).contains(&hour) {
            return Err(format!(
                "質問を送る時刻は、{earliest}時から{}時までにしてください。",
                latest - 1
            ));
        }
        if first_day > limits::PERIOD_DAYS {
            return Err(format!(
                "健康観察を始める日は、{}日目までにしてください。",
                limits::PERIOD_DAYS
            ));
        }
        if unanswered == 0 || unanswered > limits::UNANSWERED_DAYS {
            return Err(format!(
                "電話に切り替えるまでの日数は、1から{}までにしてください。",
                limits::UNANSWERED_DAYS
            ));
        }
        Ok(Self {
            text,
            reminder,
            hour,
            first_day,
            unanswered,
        })
    }

    /// The text, for somebody who left so many days in a row unanswered.
    pub fn text_after(self, unanswered: u16) -> TextRef {
        match self.reminder {
            Some(reminder) if unanswered > 0 => reminder,
            _ => self.text,
        }
    }

    /// The usual text.
    pub fn text(self) -> TextRef {
        self.text
    }

    /// The text where the day before was not answered.
    pub fn reminder(self) -> Option<TextRef> {
        self.reminder
    }

    /// From which hour of the day.
    pub fn hour(self) -> u16 {
        self.hour
    }

    /// From which day on.
    pub fn first_day(self) -> u16 {
        self.first_day
    }

    /// How many days in a row may stay unanswered.
    pub fn unanswered(self) -> u16 {
        self.unanswered
    }

    /// In a sentence.
    pub fn sentence(self) -> String {
        format!(
            "登録から{}日目から療養または健康観察の終わりまで、毎日{}時に1通、健康観察の質問を送ります。{}日続けて回答がない人は、送るのをやめて電話リストに移します。",
            self.first_day, self.hour, self.unanswered
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: TextRef = TextRef {
        template: 1,
        version: 2,
    };

    #[test]
    fn nobody_is_asked_at_night_or_without_an_end() {
        assert!(ObservationRule::new((TEXT, None), 9, 1, 2).is_ok());
        for (hour, first, unanswered) in [(5, 1, 2), (21, 1, 2), (9, 100, 2), (9, 1, 0), (9, 1, 100)] {
            let refused = ObservationRule::new((TEXT, None), hour, first, unanswered);
            assert!(refused.is_err(), "{hour} {first} {unanswered}");
        }
    }

    #[test]
    fn a_rule_is_read_back_and_a_wrong_one_is_not_read() {
        let other = TextRef { template: 3, ..TEXT };
        let rule = ObservationRule::new((TEXT, Some(other)), 9, 1, 2).expect("a good rule");
        let json = serde_json::to_string(&rule).expect("numbers become JSON");
        assert_eq!(serde_json::from_str::<ObservationRule>(&json).ok(), Some(rule));
        assert!(serde_json::from_str::<ObservationRule>(&json.replace("\"hour\":9", "\"hour\":3")).is_err());
        assert_eq!((rule.text_after(0), rule.text_after(1)), (TEXT, other));
    }
}
