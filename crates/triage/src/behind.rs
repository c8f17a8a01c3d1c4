//! Who stands behind a message that somebody wrote back: the cases of the message that it answers, then the other open
//! cases with its number, who may have written it too. The inbox is of `messaging`, which knows no cases; it is handed
//! this.

use std::collections::HashMap;

use base::id::{CaseId, MessageId, OfficeId, OrgId, ReplyId};
use base::phone::PhoneNumber;
use db::{Db, DbError, Work};
use messaging::reply::{AskedPerson, KnownPerson};

use crate::case::{Case, CaseState};
use crate::keys::CaseKey;
use crate::store::{cases, reach, search};

/// Cases that are told of one reply: a family.
const TOLD: usize = 5;

/// Of this office; `None` stands for all.
pub fn people(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    asked: Vec<AskedPerson>,
) -> Work<'_, Vec<(ReplyId, KnownPerson)>> {
    Box::pin(async move {
        let mut messages: Vec<MessageId> = asked.iter().filter_map(|one| one.message).collect();
        messages.sort_unstable();
        messages.dedup();
        let mut of_message: HashMap<MessageId, Vec<CaseId>> = HashMap::new();
        for (message, case) in reach::cases_of(db, org, &messages).await? {
            of_message.entry(message).or_default().push(case);
        }
        let mut people = Vec::new();
        for one in &asked {
            let written_to = one.message.and_then(|message| of_message.get(&message));
            let mut found = match written_to {
                Some(ids) => cases::cases(db, org, ids).await?,
                None => Vec::new(),
            };
            if let Some(number) = one.number {
                let others = with_number(db, org, office, number).await?;
                let known: Vec<CaseId> = found.iter().map(|case| case.id).collect();
                found.extend(others.into_iter().filter(|case| !known.contains(&case.id)));
            }
            let seen = found
                .into_iter()
                .filter(|case| office.is_none_or(|office| office == case.office))
                .take(TOLD);
            people.extend(seen.map(|case| (one.reply, told(&case))));
        }
        Ok(people)
    })
}

/// Open cases with this number, the newest first.
async fn with_number(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    number: PhoneNumber,
) -> Result<Vec<Case>, DbError> {
    let vault = db.vault(org).await?;
    let key = CaseKey::of_mobile(&vault, number);
    let found = search::by_keys(db, org, office, &[key]).await?;
    Ok(found
        .cases
        .into_iter()
        .filter(|case| case.state == CaseState::Open)
        .collect())
}

fn told(case: &Case) -> KnownPerson {
    let name = case
        .notification
        .as_ref()
        .map(|told| messaging::pages::mask::name(&told.person.name))
        .filter(|name| !name.is_empty());
    KnownPerson {
        href: format!("/cases/{}", case.id),
        label: match name {
            Some(name) => format!("{name}（受付番号 {}）", case.reference),
            None => format!("受付番号 {}", case.reference),
        },
    }
}
