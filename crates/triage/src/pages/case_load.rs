//! One case, if it is there for the person who asks.

use accounts::Staff;
use base::id::CaseId;
use messaging::pages::{failed, scope};
use web::PageError;

use super::Triage;
use crate::case::Case;
use crate::store::cases::case;
use crate::store::changes::{Changed, Hand};

/// The case; what belongs to another office is not there.
pub(super) async fn load(triage: &Triage, staff: &Staff, id: CaseId) -> Result<Case, PageError> {
    let found = case(&triage.db, staff.org, scope(staff), id).await;
    found.map_err(failed)?.ok_or(PageError::NotFound)
}

/// Who changes it, as their page showed it.
pub(super) fn hand(staff: &Staff, case: CaseId, version: &str) -> Result<Hand, PageError> {
    Ok(Hand {
        scope: scope(staff),
        case,
        version: version.parse().map_err(|_| PageError::Unreadable)?,
        by: staff.id,
        office: staff.office,
    })
}

/// What somebody is told who was overtaken.
pub(super) fn told(changed: Changed) -> Result<(), PageError> {
    match changed {
        Changed::Done | Changed::Nothing => Ok(()),
        Changed::Overtaken => Err(PageError::conflict(
            "この記録は、画面を開いたあとで、ほかの人が変更しました。今回の入力は記録していません。",
            "患者の画面を開き直し、新しい内容を確かめてから、もう一度操作してください。",
        )),
    }
}

/// A reason that has to be given: the text, or what to do.
pub(super) fn reason(words: &str) -> Result<String, PageError> {
    let words = words.trim();
    if words.is_empty() {
        return Err(PageError::rejected(
            "理由が入力されていません。何も変更していません。",
            "前の画面に戻り、理由を書いてから、もう一度操作してください。",
        ));
    }
    if words.chars().count() > crate::limits::NOTE_LETTERS {
        return Err(PageError::rejected(
            format!(
                "文章が長すぎます。{}文字まで入力できます。何も変更していません。",
                crate::limits::NOTE_LETTERS
            ),
            "前の画面に戻り、短くしてから、もう一度操作してください。",
        ));
    }
    Ok(words.to_owned())
}
