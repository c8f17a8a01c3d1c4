//! An application begun by a link of somebody's own out of an SMS: known by the link and the birth date, at the number
//! that the link arrived at.

use std::sync::Arc;

use accounts::SourceAddress;
use accounts::audit::{self, Entry};
use base::clock::Millis;
use base::date::CalendarDate;
use base::id::{ApplicationId, OrgId};
use db::{Db, DbError, OrgVault, Tx};
use messaging::links::{LinkPerson, TokenIndex};
use messaging::store::{HeldLink, count_try, hold_desk_link, use_desk_link};

use super::applicants::{APPLICATION_LOCK, APPLICATION_OPEN, Entrance, let_in_by};
use super::applications::{Begun, NewApplication, begin_in};
use crate::application::{Applicant, Content};
use crate::limits::TRIES;
use crate::visit::VisitSecret;

/// What became of a birth date behind a link to a desk.
#[derive(Clone, Debug)]
pub enum LinkTried {
    /// It is the person's: an application was begun, and this browser may fill it in.
    Begun(Begun, VisitSecret),
    /// It is not.
    Wrong,
    /// Too many were wrong.
    Locked,
    /// An application was begun with it before.
    Used(ApplicationId),
    /// It is the person's, but the desk takes nobody now. Nothing was begun, and the link works on.
    NotNow,
    /// Its time is over, or there never was such a link.
    Over,
}

/// Compares the birth date and begins the application, once: of two browsers at one moment one does. `new` is nothing
/// while the desk is not open; only whose birth date fits is told so.
pub async fn begin_by_link(
    db: &Db,
    org: OrgId,
    token: &TokenIndex,
    (birth, source): (CalendarDate, SourceAddress),
    new: Option<NewApplication>,
) -> Result<LinkTried, DbError> {
    let (vault, now, of) = (db.vault(org).await?, db.now(), db.clone());
    let asked = Arc::new((token.clone(), new, VisitSecret::new()));
    db.write(move |tx| {
        let (vault, asked, of) = (Arc::clone(&vault), Arc::clone(&asked), of.clone());
        Box::pin(async move {
            let (token, new, secret) = asked.as_ref();
            let Some(link) = hold_desk_link(tx, org, &vault, token).await? else {
                return Ok(LinkTried::Over);
            };
            let content = match standing(&link, birth, now) {
                Ok(content) => content,
                Err(LinkTried::Wrong) => return wrong(tx, org, &vault, (&link, source), now).await,
                Err(other) => return Ok(other),
            };
            let Some(new) = new.clone() else {
                return Ok(LinkTried::NotNow);
            };
            let new = NewApplication { content, ..new };
            let begun = begin_in(tx, (org, &vault), &of, &new, now).await?;
            use_desk_link(tx, org, (&link, token), begun.id, now).await?;
            let index = secret.index(&vault);
            let_in_by(tx, org, begun.id, (index, Entrance::Birth), now).await?;
            let entry = Entry::of(APPLICATION_OPEN)
                .about("application", begun.id.get())
                .from(source);
            audit::record(tx, org, &vault, &entry, now).await?;
            Ok(LinkTried::Begun(begun, secret.clone()))
        })
    })
    .await
}

/// What the application begins with, or why none does.
fn standing(link: &HeldLink, birth: CalendarDate, now: Millis) -> Result<Content, LinkTried> {
    if let Some(application) = link.application {
        return Err(LinkTried::Used(application));
    }
    if now >= link.expires_at {
        return Err(LinkTried::Over);
    }
    if link.tries >= TRIES {
        return Err(LinkTried::Locked);
    }
    let (Some(person), Some(phone)) = (&link.person, link.phone) else {
        return Err(LinkTried::Over);
    };
    if person.birth != birth {
        return Err(LinkTried::Wrong);
    }
    let LinkPerson { birth, name, kana } = person.clone();
    Ok(Content {
        applicant: Applicant {
            name,
            kana,
            birth: Some(birth),
            phone: Some(phone),
            phone_proved_at: Some(now),
            ..Applicant::default()
        },
        known_by_link: true,
        ..Content::default()
    })
}

async fn wrong(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    (link, source): (&HeldLink, SourceAddress),
    now: Millis,
) -> Result<LinkTried, DbError> {
    count_try(tx, org, link).await?;
    if link.tries + 1 < TRIES {
        return Ok(LinkTried::Wrong);
    }
    let entry = Entry::of(APPLICATION_LOCK)
        .about("messages", link.message.get())
        .from(source)
        .refused();
    audit::record(tx, org, vault, &entry, now).await?;
    Ok(LinkTried::Locked)
}
