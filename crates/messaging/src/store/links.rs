//! Short links, whether they were opened, and the pages that they lead to.

use std::collections::{HashMap, HashSet};

use base::clock::Millis;
use base::id::{DeskId, LinkTargetId, MessageId, OrgId, StaffId};
use db::{Db, DbError, OrgVault, Tx, params};

use super::link_people;
use crate::limits::LINK_VALID;
use crate::links::{LinkPerson, LinkedPage, TargetName, TargetUrl, TokenIndex};

/// So many links travel in one statement.
const CHUNK: usize = 5_000;

db::statements! {
    ADD_TARGET = "
        INSERT INTO link_targets (org_id, target_id, name, name_key, created_at, desk_id)
        VALUES ($1, $2, $3, $4, $5, $6)";
    ADD_TARGET_VERSION = "
        INSERT INTO link_target_versions (org_id, target_id, version, url, created_by, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    RETIRE_TARGET = "
        UPDATE link_targets SET retired_at = $3
        WHERE org_id = $1 AND target_id = $2 AND retired_at IS NULL";
    LINK_TARGETS = "
        SELECT t.target_id, t.name, t.retired_at, t.desk_id, v.version, v.url, v.created_by, v.created_at
        FROM link_targets t JOIN link_target_versions v
            ON v.org_id = t.org_id AND v.target_id = t.target_id
        WHERE t.org_id = $1 AND t.retired_at IS NULL AND v.version = (
            SELECT MAX(version) FROM link_target_versions n
            WHERE n.org_id = t.org_id AND n.target_id = t.target_id)
        ORDER BY t.name, t.target_id";
    LINK_TARGET = "
        SELECT t.target_id, t.name, t.retired_at, t.desk_id, v.version, v.url, v.created_by, v.created_at
        FROM link_targets t JOIN link_target_versions v
            ON v.org_id = t.org_id AND v.target_id = t.target_id
        WHERE t.org_id = $1 AND t.target_id = $2 AND v.version = (
            SELECT MAX(version) FROM link_target_versions n
            WHERE n.org_id = t.org_id AND n.target_id = t.target_id)";
    LINK_TARGET_VERSIONS = "
        SELECT version, url, created_by, created_at FROM link_target_versions
        WHERE org_id = $1 AND target_id = $2 ORDER BY version DESC";
    INSERT_LINKS = "
        INSERT INTO links (org_id, message_id, target_id, target_version, token_index, generation, expires_at,
            open_count)
        SELECT $1, CAST(each.value ->> 0 AS {bigint}), CAST(each.value ->> 1 AS {bigint}),
            CAST(each.value ->> 2 AS {bigint}), each.value ->> 3, CAST(each.value ->> 4 AS {bigint}), $2, 0
        FROM {each $3}";
    /// Links to desks are no pages of somebody's: they begin elsewhere.
    SEE_LINK = "
        SELECT l.org_id, l.expires_at, v.url
        FROM links l CROSS JOIN link_target_versions v CROSS JOIN link_targets t
        WHERE l.token_index = $1 AND v.org_id = l.org_id AND v.target_id = l.target_id
            AND v.version = l.target_version
            AND t.org_id = l.org_id AND t.target_id = l.target_id AND t.desk_id IS NULL
        ORDER BY l.generation DESC LIMIT 1";
    // Every generation of the text that has not expired carries this link; each is opened by it.
    OPEN_LINK = "
        UPDATE links SET opened_at = COALESCE(opened_at, $2), open_count = open_count + 1
        WHERE token_index = $1 AND expires_at > $2";
    LINK_STATES = "
        SELECT l.message_id, MIN(l.opened_at), CAST(SUM(l.open_count) AS {bigint}), MAX(l.expires_at)
        FROM {each $2} CROSS JOIN links l
        WHERE l.org_id = $1 AND l.message_id = CAST(each.value AS {bigint})
        GROUP BY l.message_id";
    LINK_COUNTS = "
        SELECT COUNT(*), COUNT(opened_at) FROM (
            SELECT MIN(opened_at) AS opened_at FROM links
            WHERE org_id = $1 AND message_id BETWEEN $2 AND $3 GROUP BY message_id) AS one";
}

/// One address of a page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkTargetVersion {
    /// From 1.
    pub version: i64,
    /// Where the page is.
    pub url: TargetUrl,
    /// Who entered it.
    pub created_by: StaffId,
    /// When.
    pub created_at: Millis,
}

/// A page that links lead to, with its newest address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkTarget {
    /// Its number.
    pub id: LinkTargetId,
    /// As templates name it; unique among those in use.
    pub name: TargetName,
    /// Since when new texts cannot name it any more.
    pub retired_at: Option<Millis>,
    /// The address that new links lead to.
    pub current: LinkTargetVersion,
    /// The application desk that it is, if it is one.
    pub desk: Option<DeskId>,
}

impl LinkTarget {
    /// What a new link is made for.
    pub fn page(&self) -> LinkedPage {
        LinkedPage {
            target: self.id,
            version: self.current.version,
            is_desk: self.desk.is_some(),
        }
    }
}

fn version_of(row: &db::Row, first: usize) -> Result<LinkTargetVersion, DbError> {
    Ok(LinkTargetVersion {
        version: row.get(first)?,
        url: TargetUrl::from_database(row.get(first + 1)?),
        created_by: row.get(first + 2)?,
        created_at: row.get(first + 3)?,
    })
}

fn target_of(row: &db::Row) -> Result<LinkTarget, DbError> {
    let name: String = row.get(1)?;
    Ok(LinkTarget {
        id: row.get(0)?,
        name: TargetName::parse(&name)
            .ok_or_else(|| DbError::Statement("a page without a name".to_owned()))?,
        retired_at: row.get(2)?,
        desk: row.get(3)?,
        current: version_of(row, 4)?,
    })
}

/// Pages in use, by name.
pub async fn link_targets(db: &Db, org: OrgId) -> Result<Vec<LinkTarget>, DbError> {
    let rows = db.query(LINK_TARGETS, params![org]).await?;
    rows.iter().map(target_of).collect()
}

/// One page, in use or retired.
pub async fn link_target(db: &Db, org: OrgId, id: LinkTargetId) -> Result<Option<LinkTarget>, DbError> {
    let row = db.query_opt(LINK_TARGET, params![org, id]).await?;
    row.as_ref().map(target_of).transpose()
}

/// All addresses that the page had, newest first.
pub async fn link_target_versions(
    db: &Db,
    org: OrgId,
    id: LinkTargetId,
) -> Result<Vec<LinkTargetVersion>, DbError> {
    let rows = db.query(LINK_TARGET_VERSIONS, params![org, id]).await?;
    rows.iter().map(|row| version_of(row, 0)).collect()
}

/// Enters a page; nothing if another one in use has this name.
pub async fn add_link_target(
    db: &Db,
    org: OrgId,
    name: TargetName,
    url: TargetUrl,
    by: StaffId,
) -> Result<Option<LinkTargetId>, DbError> {
    add_target(db, org, (name, url, None), by).await
}

/// Enters an application desk: texts can ask for a link of everybody's own to it. Nothing if a page in use has this name.
pub async fn add_desk_link(
    db: &Db,
    org: OrgId,
    (name, path, desk): (TargetName, String, DeskId),
    by: StaffId,
) -> Result<Option<LinkTargetId>, DbError> {
    let page = (name, TargetUrl::from_database(path), Some(desk));
    add_target(db, org, page, by).await
}

async fn add_target(
    db: &Db,
    org: OrgId,
    (name, url, desk): (TargetName, TargetUrl, Option<DeskId>),
    by: StaffId,
) -> Result<Option<LinkTargetId>, DbError> {
    let now = db.now();
    let added = db.write(move |tx| {
        let (name, url) = (name.clone(), url.clone());
        Box::pin(async move {
            let id = LinkTargetId::new(tx.take_numbers("link_targets", 1).await?);
            tx.execute(ADD_TARGET, params![org, id, name.as_str(), name.key(), now, desk])
                .await?;
            tx.execute(ADD_TARGET_VERSION, params![org, id, 1, url.as_str(), by, now])
                .await?;
            Ok(id)
        })
    });
    match added.await {
        Ok(id) => Ok(Some(id)),
        // The number is new: only the name can be another's.
        Err(DbError::Constraint(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Gives the page another address, as the version after `seen`. Nothing if somebody was faster.
pub async fn add_link_target_version(
    db: &Db,
    org: OrgId,
    id: LinkTargetId,
    seen: i64,
    url: TargetUrl,
    by: StaffId,
) -> Result<Option<i64>, DbError> {
    let (now, version) = (db.now(), seen + 1);
    let added = db.write(move |tx| {
        let url = url.clone();
        Box::pin(async move {
            tx.execute(
                ADD_TARGET_VERSION,
                params![org, id, version, url.as_str(), by, now],
            )
            .await
        })
    });
    match added.await {
        Ok(_) => Ok(Some(version)),
        Err(DbError::Constraint(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Takes a page out of use: no new text can name it. Links that were sent go on leading to it.
pub async fn retire_link_target(db: &Db, org: OrgId, id: LinkTargetId) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| {
        Box::pin(async move { Ok(tx.execute(RETIRE_TARGET, params![org, id, now]).await? == 1) })
    })
    .await
}

/// A link about to be made, with its message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewLink {
    /// The message whose text carries it.
    pub message: MessageId,
    /// The message's generation.
    pub generation: i64,
    /// The letters in its address.
    pub token: TokenIndex,
    /// Where it leads.
    pub page: LinkedPage,
    /// Whose it is, if it leads to an application desk.
    pub person: Option<LinkPerson>,
}

/// Makes the links of new messages, in the transaction that makes the messages. A text that names one page twice
/// carries one link. Two texts whose tokens meet (one in 10²¹ pairs) are refused, never mixed up.
pub async fn insert_links(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    new: &[NewLink],
    now: Millis,
) -> Result<(), DbError> {
    let mut known = HashSet::new();
    let new: Vec<&NewLink> = new
        .iter()
        .filter(|one| known.insert((one.message, one.page.target)))
        .collect();
    let rows: Vec<_> = new
        .iter()
        .map(|one| {
            let page = one.page;
            (
                one.message,
                page.target,
                page.version,
                one.token.as_str(),
                one.generation,
            )
        })
        .collect();
    for chunk in rows.chunks(CHUNK) {
        let rows = serde_json::to_string(chunk).expect("numbers and text become JSON");
        tx.execute(INSERT_LINKS, params![org, now + LINK_VALID, rows])
            .await?;
    }
    link_people::insert(tx, org, vault, &new).await
}

/// A link that somebody looks at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SeenLink {
    /// Whose it is.
    pub org: OrgId,
    /// Where it leads.
    pub url: TargetUrl,
    /// Until when it leads there.
    pub expires_at: Millis,
}

/// Looks a link up, without changing anything: the newest message that carries it decides. `None` if there never
/// was such a link. The one function that is not told the organisation: the link is what names it.
pub async fn see_link(db: &Db, token: &TokenIndex) -> Result<Option<SeenLink>, DbError> {
    let row = db.query_opt(SEE_LINK, params![token.as_str()]).await?;
    row.as_ref().map(seen_of).transpose()
}

fn seen_of(row: &db::Row) -> Result<SeenLink, DbError> {
    Ok(SeenLink {
        org: row.get(0)?,
        expires_at: row.get(1)?,
        url: TargetUrl::from_database(row.get(2)?),
    })
}

/// What became of pressing the button.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Opening {
    /// Recorded; lead on to this page.
    Opened(TargetUrl),
    /// Its time is over; nothing was recorded.
    Expired,
    /// There never was such a link.
    Unknown,
}

/// Records that a person opened a link, and says where it leads. The first time is kept, the count rises.
pub async fn open_link(db: &Db, token: TokenIndex) -> Result<Opening, DbError> {
    let now = db.now();
    db.write(move |tx| {
        let token = token.clone();
        Box::pin(async move {
            let row = tx.query_opt(SEE_LINK, params![token.as_str()]).await?;
            let Some(link) = row.as_ref().map(seen_of).transpose()? else {
                return Ok(Opening::Unknown);
            };
            Ok(match note_opening(tx, &token, now).await? {
                0 => Opening::Expired,
                _ => Opening::Opened(link.url),
            })
        })
    })
    .await
}

/// Notes that a person opened a link, in a write that does more; on how many messages it stands that have not expired.
pub(super) async fn note_opening(tx: &mut Tx, token: &TokenIndex, now: Millis) -> Result<u64, DbError> {
    tx.execute(OPEN_LINK, params![token.as_str(), now]).await
}

/// What became of a message's link.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LinkState {
    /// When it was first opened.
    pub opened_at: Option<Millis>,
    /// How often.
    pub open_count: i64,
    /// Until when it leads on.
    pub expires_at: Millis,
}

/// What became of the links of these messages; messages without a link are not among the answers.
pub async fn link_states(
    db: &Db,
    org: OrgId,
    messages: &[MessageId],
) -> Result<HashMap<MessageId, LinkState>, DbError> {
    let mut states = HashMap::new();
    for chunk in messages.chunks(CHUNK) {
        let ids = serde_json::to_string(chunk).expect("numbers become JSON");
        for row in db.query(LINK_STATES, params![org, ids]).await? {
            let state = LinkState {
                opened_at: row.get(1)?,
                open_count: row.get(2)?,
                expires_at: row.get(3)?,
            };
            states.insert(row.get(0)?, state);
        }
    }
    Ok(states)
}

/// How many messages carry a link, and on how many of them it was opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LinkCounts {
    /// Messages with a link.
    pub links: u32,
    /// Messages whose link was opened.
    pub opened: u32,
}

/// Counts the links of a broadcast, given its first and last message.
pub async fn link_counts(
    db: &Db,
    org: OrgId,
    first: MessageId,
    last: MessageId,
) -> Result<LinkCounts, DbError> {
    let row = db.query_opt(LINK_COUNTS, params![org, first, last]).await?;
    let row = row.ok_or_else(|| DbError::Statement("a count gave no row".to_owned()))?;
    Ok(LinkCounts {
        links: row.get(0)?,
        opened: row.get(1)?,
    })
}
