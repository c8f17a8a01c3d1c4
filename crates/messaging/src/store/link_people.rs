//! Links to application desks: for whom each is, how often its birth date was tried, what was begun with it.

use base::clock::Millis;
use base::id::{ApplicationId, DeskId, LinkTargetId, MessageId, OrgId};
use base::phone::PhoneNumber;
use db::vault::ERASED;
use db::{Db, DbError, Field, OrgVault, Tx, params};

use super::broadcasts::json;
use super::links::{NewLink, note_opening};
use super::messages::open_phone;
use crate::links::{LinkPerson, TokenIndex};

const PERSON: Field = Field("link_people.person");

/// So many rows travel in one statement.
const CHUNK: usize = 2_000;

db::statements! {
    INSERT = "
        INSERT INTO link_people (org_id, message_id, target_id, reached_by, person_sealed, tries)
        SELECT $1, CAST(each.value ->> 0 AS {bigint}), CAST(each.value ->> 1 AS {bigint}),
            CAST(each.value ->> 0 AS {bigint}), each.value ->> 2, 0
        FROM {each $2}";
    /// The one look-up that is not told the organisation: the link is what names it. The newest message that carries it
    /// decides.
    SEE = "
        SELECT l.org_id, t.desk_id, l.expires_at, p.tries, p.application_id
        FROM links l JOIN link_people p
                ON p.org_id = l.org_id AND p.message_id = l.message_id AND p.target_id = l.target_id
            JOIN link_targets t ON t.org_id = l.org_id AND t.target_id = l.target_id
        WHERE l.token_index = $1 ORDER BY l.generation DESC LIMIT 1";
    /// In a write: attempts at one link take turns.
    HOLD = "
        SELECT p.message_id, p.target_id, l.expires_at, p.tries, p.application_id, p.person_sealed, p.reached_by,
            m.phone_sealed
        FROM links l JOIN link_people p
                ON p.org_id = l.org_id AND p.message_id = l.message_id AND p.target_id = l.target_id
            JOIN messages m ON m.org_id = p.org_id AND m.message_id = p.reached_by
        WHERE l.org_id = $1 AND l.token_index = $2 ORDER BY l.generation DESC LIMIT 1 {locked p}";
    TRY = "
        UPDATE link_people SET tries = tries + 1 WHERE org_id = $1 AND message_id = $2 AND target_id = $3";
    USE = "
        UPDATE link_people SET application_id = $4, person_sealed = $5
        WHERE org_id = $1 AND message_id = $2 AND target_id = $3";
    FOLLOW = "
        UPDATE link_people SET reached_by = CAST(each.value ->> 2 AS {bigint})
        FROM {each $1}
        WHERE link_people.org_id = CAST(each.value ->> 0 AS {bigint})
            AND link_people.reached_by = CAST(each.value ->> 1 AS {bigint})";
    ERASE = "DELETE FROM link_people WHERE org_id = $1 AND message_id BETWEEN $2 AND $3";
}

/// Keeps for whom links to desks are, in the write that makes them.
pub(super) async fn insert(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    new: &[&NewLink],
) -> Result<(), DbError> {
    let rows: Vec<_> = new
        .iter()
        .filter_map(|one| {
            let person = serde_json::to_string(one.person.as_ref()?).expect("a day and names become JSON");
            let sealed = vault.seal(PERSON, one.message.get(), &person);
            Some((one.message, one.page.target, sealed))
        })
        .collect();
    for chunk in rows.chunks(CHUNK) {
        tx.execute(INSERT, params![org, json(&chunk)]).await?;
    }
    Ok(())
}

/// A link to a desk as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeskLink {
    /// Whose.
    pub org: OrgId,
    /// To which desk.
    pub desk: DeskId,
    /// Until when it can be used.
    pub expires_at: Millis,
    /// Wrong birth dates so far.
    pub tries: i64,
    /// What was begun with it.
    pub application: Option<ApplicationId>,
}

/// Looks a link to a desk up, without changing anything. `None` if there never was such a link.
pub async fn desk_link(db: &Db, token: &TokenIndex) -> Result<Option<DeskLink>, DbError> {
    let row = db.query_opt(SEE, params![token.as_str()]).await?;
    row.map(|row| {
        Ok(DeskLink {
            org: row.get(0)?,
            desk: row.get(1)?,
            expires_at: row.get(2)?,
            tries: row.get(3)?,
            application: row.get(4)?,
        })
    })
    .transpose()
}

/// A link to a desk inside of a write: nobody else uses it before that ends.
#[derive(Debug)]
pub struct HeldLink {
    /// The message whose text carries it.
    pub message: MessageId,
    target: LinkTargetId,
    /// Until when it can be used.
    pub expires_at: Millis,
    /// Wrong birth dates so far.
    pub tries: i64,
    /// What was begun with it.
    pub application: Option<ApplicationId>,
    /// Whose it is; nobody, once it was used.
    pub person: Option<LinkPerson>,
    /// The number that it arrived at.
    pub phone: Option<PhoneNumber>,
}

/// Takes a link up. Somebody may have pressed at the same moment: what it says now is what holds.
pub async fn hold_desk_link(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    token: &TokenIndex,
) -> Result<Option<HeldLink>, DbError> {
    let Some(row) = tx.query_opt(HOLD, params![org, token.as_str()]).await? else {
        return Ok(None);
    };
    let message: MessageId = row.get(0)?;
    let (person, reached_by): (String, MessageId) = (row.get(5)?, row.get(6)?);
    let person = (person != ERASED).then(|| {
        let json = vault.open(PERSON, message.get(), &person)?;
        serde_json::from_str(&json).map_err(|_| DbError::Sealed(PERSON.0))
    });
    let phone: String = row.get(7)?;
    let phone = (phone != ERASED).then(|| open_phone(vault, reached_by, &phone));
    Ok(Some(HeldLink {
        message,
        target: row.get(1)?,
        expires_at: row.get(2)?,
        tries: row.get(3)?,
        application: row.get(4)?,
        person: person.transpose()?,
        phone: phone.transpose()?,
    }))
}

/// Counts a birth date that is not the person's.
pub async fn count_try(tx: &mut Tx, org: OrgId, link: &HeldLink) -> Result<(), DbError> {
    tx.execute(TRY, params![org, link.message, link.target])
        .await
        .map(drop)
}

/// An application was begun with it, which is the opening of its message's link. Whose it is, the application knows now.
pub async fn use_desk_link(
    tx: &mut Tx,
    org: OrgId,
    (link, token): (&HeldLink, &TokenIndex),
    application: ApplicationId,
    now: Millis,
) -> Result<(), DbError> {
    let used = params![org, link.message, link.target, application, ERASED];
    tx.execute(USE, used).await?;
    note_opening(tx, token, now).await.map(drop)
}

/// Messages that were called back because of a wrong number, and those for the right one: the link is theirs.
pub(crate) async fn follow(tx: &mut Tx, org: OrgId, pairs: &[(MessageId, MessageId)]) -> Result<(), DbError> {
    let rows: Vec<_> = pairs.iter().map(|(old, new)| (org, old, new)).collect();
    tx.execute(FOLLOW, params![json(&rows)]).await.map(drop)
}

/// Takes away for whom the links of these messages were.
pub(super) async fn erase(tx: &mut Tx, org: OrgId, from: i64, to: i64) -> Result<(), DbError> {
    tx.execute(ERASE, params![org, from, to]).await.map(drop)
}
