//! Links to application desks: for whom each is, how often its birth date was tried, what was begun with it.

use base::clock::Millis;
use base::id::{ApplicationId, DeskId, LinkTargetId, MessageId, OrgId};
use base::phone::PhoneNumber;
use db::vault::ERASED;
use db::{Db, DbError, Field, OrgVault, Row, Tx, params};

use super::broadcasts::json;
use super::links::{NewLink, note_opening};
use super::messages::open_phone;
use crate::links::{LinkPerson, TokenIndex};
use crate::message::MessageState;

const PERSON: Field = Field("link_people.person");

/// So many rows travel in one statement.
const CHUNK: usize = 2_000;

/// The messages that carry one link, the newest first, each with where the message stands that reached the person.
macro_rules! carried {
    ($columns:literal, $rest:literal) => {
        concat!(
            "SELECT p.message_id, p.target_id, p.reached_by, p.tries, p.application_id, l.expires_at,
                (SELECT MAX(a.state) FROM parts a WHERE a.org_id = p.org_id AND a.message_id = p.reached_by), ",
            $columns,
            " FROM links l JOIN link_people p
                ON p.org_id = l.org_id AND p.message_id = l.message_id AND p.target_id = l.target_id ",
            $rest
        )
    };
}

/// The links that an application was begun with. Its messages are looked for first: SQLite would walk all of them.
macro_rules! begun {
    ($change:literal) => {
        concat!(
            "UPDATE link_people SET ",
            $change,
            " WHERE org_id = $1 AND application_id = $2 AND message_id IN (
                SELECT message_id FROM link_people WHERE org_id = $1 AND application_id = $2)"
        )
    };
}

db::statements! {
    INSERT = "
        INSERT INTO link_people (org_id, message_id, target_id, reached_by, person_sealed, tries)
        SELECT $1, CAST(each.value ->> 0 AS {bigint}), CAST(each.value ->> 1 AS {bigint}),
            CAST(each.value ->> 0 AS {bigint}), each.value ->> 2, 0
        FROM {each $2}";
    /// The one look-up that is not told the organisation: the link is what names it.
    SEE = carried!(
        "l.org_id, t.desk_id",
        "JOIN link_targets t ON t.org_id = l.org_id AND t.target_id = l.target_id
        WHERE l.token_index = $1 ORDER BY l.generation DESC");
    /// In a write: attempts at one link take turns.
    HOLD = carried!(
        "p.person_sealed, m.phone_sealed",
        "JOIN messages m ON m.org_id = p.org_id AND m.message_id = p.reached_by
        WHERE l.org_id = $1 AND l.token_index = $2 ORDER BY l.generation DESC {locked p}");
    TRY = "
        UPDATE link_people SET tries = tries + 1 WHERE org_id = $1 AND message_id = $2 AND target_id = $3";
    USE = "
        UPDATE link_people SET application_id = $4
        WHERE org_id = $1 AND message_id IN (SELECT CAST(each.value AS {bigint}) FROM {each $2}) AND target_id = $3";
    FREE = begun!("application_id = NULL");
    FORGET = begun!("person_sealed = $3");
    FOLLOW = "
        UPDATE link_people SET reached_by = CAST(each.value ->> 2 AS {bigint})
        FROM {each $1}
        WHERE link_people.org_id = CAST(each.value ->> 0 AS {bigint})
            AND link_people.reached_by = CAST(each.value ->> 1 AS {bigint})";
    /// Once a night.
    PEOPLE_OVER = "
        SELECT DISTINCT p.message_id FROM link_people p JOIN links l
            ON l.org_id = p.org_id AND l.message_id = p.message_id AND l.target_id = p.target_id
        WHERE p.org_id = $1 AND p.person_sealed <> $2 AND l.expires_at <= $3
            AND NOT EXISTS (SELECT 1 FROM {each $4}
                WHERE p.message_id BETWEEN CAST(each.value ->> 0 AS {bigint}) AND CAST(each.value ->> 1 AS {bigint}))";
    /// The links of one message end together.
    ERASE_PEOPLE = "
        UPDATE link_people SET person_sealed = $3
        WHERE org_id = $1 AND message_id IN (SELECT CAST(each.value AS {bigint}) FROM {each $2})";
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

/// What the messages that carry a link say of it together.
struct Carried {
    /// Which of them says for whom and until when it is.
    says: usize,
    expires_at: Millis,
    tries: i64,
    application: Option<ApplicationId>,
}

/// Whoever sends a link once more makes neither tries nor use undone. The newest message says the rest, unless it was
/// discarded. `None` before that has left: nobody can have the link, and it proves no number.
fn carried(rows: &[Row]) -> Result<Option<Carried>, DbError> {
    let (mut tries, mut application, mut newest) = (0, None, None);
    for (at, row) in rows.iter().enumerate() {
        tries += row.get::<i64>(3)?;
        application = application.or(row.get(4)?);
        let state = row.get::<Option<i64>>(6)?.and_then(MessageState::from_code);
        let own = row.get::<MessageId>(0)? == row.get::<MessageId>(2)?;
        if newest.is_none() && !(own && state == Some(MessageState::Cancelled)) {
            newest = Some((at, state.is_some_and(MessageState::has_left)));
        }
    }
    let Some((says, _)) = newest.filter(|(_, has_left)| *has_left || application.is_some()) else {
        return Ok(None);
    };
    Ok(Some(Carried {
        says,
        expires_at: rows[says].get(5)?,
        tries,
        application,
    }))
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

/// Looks a link to a desk up, without changing anything. `None` if there never was such a link, or it has not left yet.
pub async fn desk_link(db: &Db, token: &TokenIndex) -> Result<Option<DeskLink>, DbError> {
    let rows = db.query(SEE, params![token.as_str()]).await?;
    let Some(carried) = carried(&rows)? else {
        return Ok(None);
    };
    let row = &rows[carried.says];
    Ok(Some(DeskLink {
        org: row.get(7)?,
        desk: row.get(8)?,
        expires_at: carried.expires_at,
        tries: carried.tries,
        application: carried.application,
    }))
}

/// A link to a desk inside of a write: nobody else uses it before that ends.
#[derive(Debug)]
pub struct HeldLink {
    /// The message whose text carries it.
    pub message: MessageId,
    target: LinkTargetId,
    /// Every message that carries it.
    carried_by: Vec<MessageId>,
    /// Until when it can be used.
    pub expires_at: Millis,
    /// Wrong birth dates so far.
    pub tries: i64,
    /// What was begun with it.
    pub application: Option<ApplicationId>,
    /// Whose it is; nobody, once its application was sent or its time is over.
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
    let rows = tx.query(HOLD, params![org, token.as_str()]).await?;
    let Some(carried) = carried(&rows)? else {
        return Ok(None);
    };
    let row = &rows[carried.says];
    let (message, reached_by): (MessageId, MessageId) = (row.get(0)?, row.get(2)?);
    let person: String = row.get(7)?;
    let person = (person != ERASED).then(|| {
        let json = vault.open(PERSON, message.get(), &person)?;
        serde_json::from_str(&json).map_err(|_| DbError::Sealed(PERSON.0))
    });
    let phone: String = row.get(8)?;
    let phone = (phone != ERASED).then(|| open_phone(vault, reached_by, &phone));
    Ok(Some(HeldLink {
        message,
        target: row.get(1)?,
        carried_by: rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?,
        expires_at: carried.expires_at,
        tries: carried.tries,
        application: carried.application,
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

/// An application was begun with it, which is the opening of its message's link.
pub async fn use_desk_link(
    tx: &mut Tx,
    org: OrgId,
    (link, token): (&HeldLink, &TokenIndex),
    application: ApplicationId,
    now: Millis,
) -> Result<(), DbError> {
    let used = params![org, json(&link.carried_by), link.target, application];
    tx.execute(USE, used).await?;
    note_opening(tx, token, now).await.map(drop)
}

/// What was begun with it was never sent and is over: it begins another one, as long as it lives.
pub async fn free_desk_link(tx: &mut Tx, org: OrgId, application: ApplicationId) -> Result<(), DbError> {
    tx.execute(FREE, params![org, application]).await.map(drop)
}

/// What was begun with it begins no more: for whom the link is, the application knows.
pub async fn forget_desk_person(tx: &mut Tx, org: OrgId, application: ApplicationId) -> Result<(), DbError> {
    tx.execute(FORGET, params![org, application, ERASED])
        .await
        .map(drop)
}

/// Messages that were called back because of a wrong number, and those for the right one: the link is theirs.
pub(crate) async fn follow(tx: &mut Tx, org: OrgId, pairs: &[(MessageId, MessageId)]) -> Result<(), DbError> {
    let rows: Vec<_> = pairs.iter().map(|(old, new)| (org, old, new)).collect();
    tx.execute(FOLLOW, params![json(&rows)]).await.map(drop)
}

/// Takes away for whom links are that cannot be used any more, but those of messages that are held.
pub(crate) async fn erase_over(db: &Db, org: OrgId, held: &[(MessageId, MessageId)]) -> Result<(), DbError> {
    let over = params![org, ERASED, db.now(), json(&held)];
    let rows = db.query(PEOPLE_OVER, over).await?;
    let over: Vec<MessageId> = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
    for chunk in over.chunks(CHUNK) {
        let chunk = json(&chunk);
        db.write(move |tx| {
            let erased = params![org, chunk.clone(), ERASED];
            Box::pin(async move { tx.execute(ERASE_PEOPLE, erased).await.map(drop) })
        })
        .await?;
    }
    Ok(())
}

/// Takes away for whom the links of these messages were.
pub(super) async fn erase(tx: &mut Tx, org: OrgId, from: i64, to: i64) -> Result<(), DbError> {
    tx.execute(ERASE, params![org, from, to]).await.map(drop)
}
