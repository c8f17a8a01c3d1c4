//! The last look before messages are stored: what came after the list was judged, and nobody could see then.
//!
//! Judging asks the history and the register of wrong numbers outside of any write; starts take turns. Between the two
//! another office may have written to the same person for the same purpose, or a number may have been found out to be
//! wrong. So each judgement has a [`Horizon`], taken before anything is asked, and the start asks for what lies behind
//! it and before itself. Exactly those rows are left out; nothing of a judgement is judged again. Where nothing came in
//! between, two numbers are compared and nothing is asked.

use base::clock::Millis;
use base::id::{MessageId, OrgId, WrongNumberId};
use db::{Db, DbError, OrgVault, Tx};
use lists::contacts::{Key, Later, PersonKeys, Purpose, written_to_since};
use lists::numbers::closed_since;
use serde::{Deserialize, Serialize};

use super::Outgoing;

const MESSAGES: &str = "messages";
const REPORTS: &str = "wrong_numbers";

/// How far a judgement could see: to which message, and to which report of a wrong number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Horizon {
    messages: MessageId,
    reports: WrongNumberId,
    at: Millis,
}

impl Horizon {
    /// Nobody has asked anything: everything that is known counts.
    pub const BEGINNING: Self = Self {
        messages: MessageId::new(0),
        reports: WrongNumberId::new(0),
        at: 0,
    };

    /// Everything that can be read now. To be taken before the questions whose answers are judged by.
    pub async fn now(db: &Db) -> Result<Self, DbError> {
        Ok(Self {
            messages: MessageId::new(db.next_number(MESSAGES).await?),
            reports: WrongNumberId::new(db.next_number(REPORTS).await?),
            at: db.now(),
        })
    }

    /// The same inside of a write, in which starts and reports have taken turns.
    pub(crate) async fn in_write(tx: &mut Tx, now: Millis) -> Result<Self, DbError> {
        Ok(Self {
            messages: MessageId::new(tx.next_number(MESSAGES).await?),
            reports: WrongNumberId::new(tx.next_number(REPORTS).await?),
            at: now,
        })
    }

    /// All messages up to this one, which was made then, and no report at all.
    pub(crate) fn of_message(last: MessageId, at: Millis) -> Self {
        Self {
            messages: MessageId::new(last.get() + 1),
            at,
            ..Self::BEGINNING
        }
    }

    /// For whoever does not go by the history: no message that was made meanwhile keeps a row back.
    #[must_use]
    pub fn without_history(self) -> Self {
        Self {
            messages: MessageId::new(i64::MAX),
            ..self
        }
    }
}

/// Why a row that was to be sent is left out at the last moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Overtaken {
    /// Its number was found out to be wrong meanwhile.
    Closed,
    /// Its person was written to for the same purpose meanwhile.
    Contacted,
}

impl Overtaken {
    /// What happened and what to do.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Closed => {
                "確認したあとに、この番号が使えない番号（人違い・番号違いなど）として登録されたため、送っていません。正しい番号を確かめてください。"
            }
            Self::Contacted => {
                "確認したあとに、同じ目的のSMSがほかの配信で送られた方のため、送っていません。それでも送るときは、連絡の履歴を確かめてから、もう一度送ってください。"
            }
        }
    }
}

/// A row that was left out at the last moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LeftOutRow {
    /// Row number in the sheet.
    pub line: u32,
    /// Why.
    pub why: Overtaken,
}

/// What a broadcast's history keeps of such rows: how many, and the first of them.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub(crate) struct LeftOutNote {
    pub(crate) closed: Lines,
    pub(crate) contacted: Lines,
}

/// Rows of one kind.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub(crate) struct Lines {
    pub(crate) count: u32,
    pub(crate) first: Vec<u32>,
}

impl LeftOutNote {
    pub(crate) const ACTION: &'static str = "left_out";
    /// Row numbers that are told one by one; the list's page shows all.
    const TOLD: usize = 20;

    pub(crate) fn of(rows: &[LeftOutRow]) -> Self {
        let mut note = Self::default();
        for row in rows {
            let lines = match row.why {
                Overtaken::Closed => &mut note.closed,
                Overtaken::Contacted => &mut note.contacted,
            };
            lines.count += 1;
            if lines.first.len() < Self::TOLD {
                lines.first.push(row.line);
            }
        }
        note
    }

    pub(crate) fn from_detail(detail: &str) -> Option<Self> {
        serde_json::from_str(detail).ok()
    }

    pub(crate) fn detail(&self) -> String {
        serde_json::to_string(self).expect("numbers always become JSON")
    }

    pub(crate) fn count(&self) -> u32 {
        self.closed.count + self.contacted.count
    }

    /// Which rows, and why.
    pub(crate) fn reasons(&self) -> String {
        let kinds = [
            (
                &self.contacted,
                "同じ目的のSMSが、確認のあとにほかの配信で送られた方",
            ),
            (&self.closed, "番号が、確認のあとに使えない番号として登録された方"),
        ];
        let told: Vec<String> = kinds
            .into_iter()
            .filter(|(lines, _)| lines.count > 0)
            .map(|(lines, why)| format!("{why}: {}", lines.in_words()))
            .collect();
        told.join("。")
    }
}

impl Lines {
    fn in_words(&self) -> String {
        let lines: Vec<String> = self.first.iter().map(|line| format!("{line}行目")).collect();
        let more = if self.count as usize > lines.len() {
            "など"
        } else {
            ""
        };
        format!("{}人（{}{more}）", self.count, lines.join("、"))
    }
}

/// What lies between a judgement and the write that carries it out.
#[derive(Clone, Copy)]
pub(crate) struct Recheck {
    pub(crate) org: OrgId,
    pub(crate) purpose: Purpose,
    /// What the judgement could see.
    pub(crate) judged: Horizon,
    /// What this write finds before it makes anything.
    pub(crate) found: Horizon,
    /// A number that turned out to be wrong: what went there reached nobody who was meant.
    pub(crate) not_at: Option<Key>,
}

impl Recheck {
    /// For each of the rows, in their order: why it is left out. At most a few thousand rows at once.
    pub(crate) async fn overtaken(
        &self,
        tx: &mut Tx,
        vault: &OrgVault,
        rows: &[&Outgoing],
    ) -> Result<Vec<Option<Overtaken>>, DbError> {
        let mut overtaken = vec![None; rows.len()];
        let ask_history = self.judged.messages < self.found.messages;
        let ask_register = self.judged.reports < self.found.reports;
        if rows.is_empty() || !(ask_history || ask_register) {
            return Ok(overtaken);
        }
        let keys: Vec<PersonKeys> = rows.iter().map(|row| row.keys(vault)).collect();
        if ask_history {
            let later = Later {
                purpose: self.purpose,
                from: self.judged.messages,
                before: self.found.messages,
                asked_at: self.judged.at,
                not_at: self.not_at,
            };
            for at in written_to_since(tx, self.org, &later, self.found.at, &keys).await? {
                if !rows[at].again {
                    overtaken[at] = Some(Overtaken::Contacted);
                }
            }
        }
        if ask_register {
            for at in closed_since(tx, self.org, self.judged.reports, &keys).await? {
                overtaken[at] = Some(Overtaken::Closed);
            }
        }
        Ok(overtaken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_note_counts_all_and_names_the_first() {
        let row = |line, why| LeftOutRow { line, why };
        let few = LeftOutNote::of(&[row(3, Overtaken::Contacted), row(7, Overtaken::Closed)]);
        assert_eq!(
            few.reasons(),
            "同じ目的のSMSが、確認のあとにほかの配信で送られた方: 1人（3行目）。番号が、確認のあとに使えない番号として登録された方: 1人（7行目）"
        );
        assert_eq!(LeftOutNote::from_detail(&few.detail()), Some(few));
        let many: Vec<LeftOutRow> = (2..102).map(|line| row(line, Overtaken::Contacted)).collect();
        let many = LeftOutNote::of(&many);
        assert_eq!((many.count(), many.contacted.first.len()), (100, 20));
        assert!(many.reasons().ends_with("21行目など）"), "{}", many.reasons());
    }
}
