//! What an outcome says: the texts of a desk's document as templates, so that a result is sent as everything is.
//!
//! The template follows from decision and reason and is chosen by nobody. Whoever wrote the document is its author,
//! whoever approved the document approved it; where the texts change, the template gets its next version.

use base::id::{OrgId, StaffId, TemplateId};
use base::merge::MessageTemplate;
use base::text::utf16_len;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use db::{Db, DbError};
use messaging::links::parse_link_field;
use messaging::store::{
    TemplateDraft, add_draft, add_template_version, approve_version, follows_from_decision,
};
use messaging::template::{Content, Language, Purpose};
use sha2::{Digest, Sha256};

use crate::document::{DeskDocument, Outcome};
use crate::form::Texts;
use crate::store::{self, DeskRow, Kind};

/// What a message can hold of the person.
pub const FIELDS: [&str; 4] = ["氏名", "受付番号", "日時", "窓口"];

/// The link to the person's own page: the result, or what is asked again, behind the birth date.
pub const LINK: &str = "リンク 申請";

/// Whether a message can hold this field.
pub fn can_hold(field: &str) -> bool {
    FIELDS.contains(&field)
        || parse_link_field(field).is_some_and(|name| Some(name) == parse_link_field(LINK))
}

/// What each holds, so that two results are never the same text, and a call finds the application.
pub const NEEDED: [&str; 2] = ["受付番号", "日時"];

/// How long a message can become, in UTF-16 units: with a long name, a long desk's name and the link put in.
pub fn longest(template: &MessageTemplate) -> Option<usize> {
    let (name, reference) = ("氏".repeat(NAME_LETTERS / 2), "0000-0000-00");
    let (time, desk) = ("2026年11月22日 14:05", "窓".repeat(NAME_LETTERS));
    let values = [name.as_str(), reference, time, desk.as_str()];
    let link = "l".repeat(LINK_LETTERS);
    let of = |field: usize| {
        let name = template.fields().get(field)?;
        let at = FIELDS.iter().position(|one| one == name);
        at.map_or(Some(link.as_str()), |at| values.get(at).copied())
    };
    template.merge(of).ok().map(|text| utf16_len(&text))
}

/// Letters of a link: `https://`, a host of 30 letters, `/a/` and a token.
const LINK_LETTERS: usize = 64;

/// Every kind of message of a desk, with its texts.
pub fn kinds(document: &DeskDocument) -> Vec<(Kind, &Texts)> {
    let mut all = Vec::new();
    for outcome in document.outcomes() {
        let Some(telling) = document.telling(&outcome) else {
            continue;
        };
        let telling: &crate::document::Telling = telling;
        if matches!(outcome, Outcome::Decided(_)) {
            let kind = Kind {
                outcome: outcome.clone(),
                corrects: true,
            };
            all.push((kind, &telling.correction));
        }
        let kind = Kind {
            outcome,
            corrects: false,
        };
        all.push((kind, &telling.sms));
    }
    all
}

fn content(kind: &Kind, texts: &Texts) -> Content {
    let mut japanese = String::new();
    let mut translations = Vec::new();
    for (language, text) in texts.iter() {
        match Language::from_code(language.code()) {
            Some(Language::Japanese) => text.clone_into(&mut japanese),
            Some(other) => translations.push((other, text.to_owned())),
            None => {}
        }
    }
    translations.sort_by_key(|(language, _)| *language);
    Content {
        translations,
        purpose: match (&kind.outcome, kind.corrects) {
            (_, true) => Purpose::Correction,
            (Outcome::Decided(_), false) => Purpose::TestResult,
            (Outcome::SentBack(_), false) => Purpose::Notice,
        },
        ..Content::of(japanese)
    }
}

fn hash(content: &Content) -> String {
    let mut hash = Sha256::new();
    for (language, text) in content.texts() {
        for part in [language.code(), text] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
    }
    hash.update(content.purpose.as_str());
    BASE64.encode(hash.finalize())
}

/// Makes templates of what a version of a desk says, as far as that changed. `author` wrote it; `approver` approved
/// it, nobody if it came with the product. Says how many are new. What was done before is not done again.
pub async fn publish(
    db: &Db,
    org: OrgId,
    (desk, document): (&DeskRow, &DeskDocument),
    author: StaffId,
    approver: Option<StaffId>,
) -> Result<usize, DbError> {
    let mut made = 0;
    for (kind, texts) in kinds(document) {
        let content = content(&kind, texts);
        let hash = hash(&content);
        let known = store::text_of(db, org, desk.id, &kind).await?;
        if known.as_ref().is_some_and(|(_, known)| *known == hash) {
            continue;
        }
        let label = document.label(&kind.outcome);
        let name = match (&kind.outcome, kind.corrects) {
            (outcome, false) => format!("{} {label}（{}）", desk.name, outcome.code()),
            (outcome, true) => format!("{} 訂正 {label}（{}）", desk.name, outcome.code()),
        };
        let draft = TemplateDraft {
            name: name.chars().take(NAME_LETTERS).collect(),
            folder: desk.name.clone(),
            content,
        };
        let version = version_of(db, org, known.map(|((template, _), _)| template), draft, author).await?;
        approve_version(db, org, version, approver).await?;
        store::keep_text(db, org, desk.id, &kind, (version, hash)).await?;
        made += 1;
    }
    Ok(made)
}

/// The same of the version that holds today. Results are told with its texts, so whoever locks a list asks for this
/// first; mostly nothing changed and nothing is written.
pub async fn publish_in_force(db: &Db, org: OrgId, desk: &DeskRow) -> Result<usize, DbError> {
    let Some(now) = store::now_in_force(db, org, desk.id).await? else {
        return Ok(0);
    };
    let version = store::desk_version(db, org, (desk.id, now.version)).await?;
    let Some(version) = version else { return Ok(0) };
    let approver = version.approved.and_then(|(by, _)| by);
    // What came with the product has no author; its texts were made where it was installed.
    let Some(author) = version.saved_by.or(approver) else {
        return Ok(0);
    };
    publish(db, org, (desk, &now.document), author, approver).await
}

/// Longest name of a template, in letters: a line of a list.
const NAME_LETTERS: usize = 60;

async fn version_of(
    db: &Db,
    org: OrgId,
    template: Option<TemplateId>,
    draft: TemplateDraft,
    author: StaffId,
) -> Result<(TemplateId, i64), DbError> {
    if let Some(id) = template {
        return Ok((id, add_template_version(db, org, id, draft, author).await?));
    }
    let id = add_draft(db, org, draft, author).await?;
    follows_from_decision(db, org, id).await?;
    Ok((id, 1))
}

#[cfg(test)]
mod tests {
    use messaging::advice::Settings;

    use super::*;
    use crate::document::shipped;

    /// 2026-11-22 14:05:09 in Japan.
    const NOW: i64 = 1_795_323_909_000;

    #[test]
    fn every_text_that_ships_may_be_sent() {
        for desk in shipped() {
            for (kind, texts) in kinds(&desk.document) {
                let sendable = content(&kind, texts).sendable(NOW, false, &Settings::default());
                assert_eq!(sendable, Ok(()), "{kind:?}: {texts:?}");
            }
        }
    }

    #[test]
    fn what_changes_a_text_changes_its_hash() {
        let desk = shipped().remove(0);
        let mut hashes: Vec<String> = kinds(&desk.document)
            .iter()
            .map(|(kind, texts)| hash(&content(kind, texts)))
            .collect();
        let all = hashes.len();
        hashes.sort();
        hashes.dedup();
        assert_eq!(hashes.len(), all);
    }
}
