//! What stands between a list and its sending. The check page says it, and no form gets around it.

use base::id::IncidentId;
use web::PageError;
use web::number::grouped;
use web::ui::Notice;

use super::list_judged::{Chosen, JudgedRows};
use crate::template::NotSendable;

/// Why nobody is written to now, whatever single rows say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Hindrance {
    /// Values stand in the wrong rows.
    Stopped,
    /// An incident about the list is being looked into.
    Incident(IncidentId),
    /// The text may not be sent today.
    Text(NotSendable),
    /// So many warnings about the whole list wait for somebody to look at them.
    Unseen(u64),
}

impl Hindrance {
    /// The first one, the gravest before the others.
    pub(super) fn of(chosen: &Chosen, rows: &JudgedRows) -> Option<Self> {
        if rows.checked.stopped() {
            return Some(Self::Stopped);
        }
        if let Some(incident) = chosen.incident {
            return Some(Self::Incident(incident));
        }
        if let Some(why) = &chosen.not_now {
            return Some(Self::Text(why.clone()));
        }
        let unseen = rows.to_look_at().len() as u64;
        (unseen > 0).then_some(Self::Unseen(unseen))
    }

    fn in_words(&self) -> (String, String) {
        match self {
            Self::Stopped => (
                "行の食い違いがあるため、このリストからは誰にも送りません。".to_owned(),
                "検査結果で、食い違いのある行を確かめてください。".to_owned(),
            ),
            Self::Incident(incident) => (
                "このリストから別の人の情報が届いたという報告があるため、いまは送れません。".to_owned(),
                format!("インシデント {incident} で「拡大を止めた」と記録してから送ってください。"),
            ),
            Self::Text(why) => ("この文面は、いまは送れません。".to_owned(), why.to_string()),
            Self::Unseen(count) => (
                format!("送る前に確かめることが{}件あります。", grouped(count)),
                "検査結果で確かめて、「確認しました」を押してください。".to_owned(),
            ),
        }
    }

    /// What the check page itself says where an incident stands in the way.
    pub(super) fn of_incident(&self) -> Option<Notice> {
        let Self::Incident(incident) = self else {
            return None;
        };
        let (what, next) = self.in_words();
        let notice = Notice::error(what.trim_end_matches('。')).text(next);
        Some(notice.link(
            format!("/incidents/{incident}"),
            format!("インシデント {incident}を見る"),
        ))
    }

    /// For a page from which one would go on.
    pub(super) fn notice(&self, list: &str) -> Notice {
        let (what, next) = self.in_words();
        Notice::warning(what.trim_end_matches('。'))
            .text(next)
            .link(list, "検査結果を見る")
    }

    /// For a form that came all the same.
    pub(super) fn refusal(&self) -> PageError {
        let (what, next) = self.in_words();
        PageError::conflict(format!("{what}何も送っていません。"), next)
    }
}
