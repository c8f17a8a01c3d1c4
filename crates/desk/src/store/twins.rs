//! Other applications that may be of the same person: told to staff, and never in anybody's way.

use std::collections::HashMap;

use base::clock::{DAY, Millis};
use base::id::{ApplicationId, DeskId, OrgId};
use db::{Db, DbError, OrgVault, Reference, Tx, params};

use super::applications::{optional, word};
use crate::application::{Application, State, applicant};
use crate::document::Decision;
use crate::limits::{ROWS_SHOWN, TWIN_DAYS};

db::statements! {
    DROP_KEYS = "
        DELETE FROM application_keys WHERE org_id = $1 AND application_id = $2 AND kind < 4";
    ADD_KEY = "
        INSERT INTO application_keys (org_id, key_index, application_id, kind) VALUES ($1, $2, $3, $4)
        ON CONFLICT (org_id, key_index, application_id) DO NOTHING";
    TWINS = "
        SELECT k.kind, o.application_id, a.desk_id, a.reference, a.state, a.started_at, a.outcome
        FROM application_keys k JOIN application_keys o ON o.org_id = $1 AND o.key_index = k.key_index
            JOIN applications a ON a.org_id = $1 AND a.application_id = o.application_id
        WHERE k.application_id = $2 AND k.org_id = $1 AND o.application_id <> $2 AND a.started_at >= $3
            AND a.state NOT IN ('draft', 'expired')
        ORDER BY a.started_at DESC, o.application_id, k.kind LIMIT $4";
    TWINNED = "
        SELECT DISTINCT k.application_id, k.kind
        FROM {each $2} CROSS JOIN application_keys k CROSS JOIN application_keys o CROSS JOIN applications a
        WHERE k.application_id = CAST(each.value AS {bigint}) AND +k.org_id = $1
            AND o.org_id = $1 AND o.key_index = k.key_index
            AND a.org_id = $1 AND a.application_id = o.application_id
            AND o.application_id <> k.application_id AND a.started_at >= $3 AND a.state NOT IN ('draft', 'expired')
        ORDER BY k.application_id, k.kind";
}

/// Why two applications may be of one person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Alike {
    /// The same number; families share one.
    Phone,
    /// The same kana and birth date.
    Kana,
    /// The same name and birth date.
    Name,
    /// The very same picture.
    Photo,
}

impl Alike {
    fn from_kind(kind: i64) -> Option<Self> {
        Some(match kind {
            applicant::SAME_PHONE => Self::Phone,
            applicant::SAME_KANA => Self::Kana,
            applicant::SAME_NAME => Self::Name,
            applicant::SAME_PHOTO => Self::Photo,
            _ => return None,
        })
    }

    /// For staff.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Phone => "電話番号が同じ",
            Self::Kana => "フリガナと生年月日が同じ",
            Self::Name => "氏名と生年月日が同じ",
            Self::Photo => "写真が同じ",
        }
    }
}

/// Another application that may be of the same person: told to staff, and never in anybody's way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Twin {
    /// Its number.
    pub id: ApplicationId,
    /// At which desk.
    pub desk: DeskId,
    /// 受付番号.
    pub reference: Reference,
    /// Where it stands.
    pub state: State,
    /// When it was begun.
    pub started_at: Millis,
    /// What was decided.
    pub decision: Option<Decision>,
    /// In what both are alike.
    pub alike: Vec<Alike>,
}

/// Other applications of the last weeks that may be of the same person, at any desk, the newest first.
pub async fn twins(db: &Db, org: OrgId, id: ApplicationId) -> Result<Vec<Twin>, DbError> {
    let since = db.now() - TWIN_DAYS * DAY;
    let rows = db.query(TWINS, params![org, id, since, ROWS_SHOWN]).await?;
    let mut twins: Vec<Twin> = Vec::new();
    for row in &rows {
        let (alike, id) = (word(Alike::from_kind(row.get(0)?))?, row.get(1)?);
        match twins.iter_mut().find(|twin| twin.id == id) {
            Some(twin) => twin.alike.push(alike),
            None => twins.push(Twin {
                id,
                desk: row.get(2)?,
                reference: row.get(3)?,
                state: word(State::from_code(&row.get::<String>(4)?))?,
                started_at: row.get(5)?,
                decision: optional(row, 6, Decision::from_code)?,
                alike: vec![alike],
            }),
        }
    }
    Ok(twins)
}

/// Which of these applications have others that may be of the same person, and in what they are alike.
pub async fn twinned(
    db: &Db,
    org: OrgId,
    ids: &[ApplicationId],
) -> Result<HashMap<ApplicationId, Vec<Alike>>, DbError> {
    let since = db.now() - TWIN_DAYS * DAY;
    let rows = db.query(TWINNED, params![org, super::json(&ids), since]).await?;
    let mut found: HashMap<ApplicationId, Vec<Alike>> = HashMap::new();
    for row in &rows {
        let alike = word(Alike::from_kind(row.get(1)?))?;
        found.entry(row.get(0)?).or_default().push(alike);
    }
    Ok(found)
}

/// Notes in a write that an application has a picture of these bytes (their keyed hash).
pub(super) async fn add_photo_key(
    tx: &mut Tx,
    org: OrgId,
    id: ApplicationId,
    key: i64,
) -> Result<(), DbError> {
    tx.execute(ADD_KEY, params![org, key, id, applicant::SAME_PHOTO])
        .await
        .map(drop)
}

/// By what the person of an application is known, as it was sent last.
pub(super) async fn keep_keys(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    found: &Application,
) -> Result<(), DbError> {
    tx.execute(DROP_KEYS, params![org, found.id]).await?;
    for (kind, key) in found.content.applicant.keys(vault) {
        tx.execute(ADD_KEY, params![org, key, found.id, kind]).await?;
    }
    Ok(())
}
