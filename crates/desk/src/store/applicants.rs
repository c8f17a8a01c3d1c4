//! Browsers that may go on with an application, and birth dates held against it.

use accounts::SourceAddress;
use accounts::audit::{self, Action, Entry};
use base::clock::Millis;
use base::date::CalendarDate;
use base::id::{ApplicationId, OrgId};
use db::{Db, DbError, OrgVault, Reference, Tx, params};
use web::Language;

use super::applications::{application, application_by_reference, application_of_link, hold};
use crate::application::{Application, ApplicationToken, State};
use crate::limits::{
    DRAFT_ABSOLUTE, DRAFT_IDLE, STATUS_TRIES_KEPT, TRIES, VISIT_ABSOLUTE, VISIT_IDLE, VISIT_NOTE_EVERY,
};
use crate::visit::VisitSecret;

db::statements! {
    LET_IN = "
        INSERT INTO application_visits (org_id, application_id, secret_index, way, let_in_at, seen_at)
        VALUES ($1, $2, $3, $4, $5, $5)";
    SWEEP = "DELETE FROM application_visits WHERE org_id = $1 AND seen_at <= $2";
    VISIT = "
        SELECT way, let_in_at, seen_at FROM application_visits
        WHERE org_id = $1 AND application_id = $2 AND secret_index = $3";
    NOTE = "
        UPDATE application_visits SET seen_at = $4
        WHERE org_id = $1 AND application_id = $2 AND secret_index = $3";
    END = "
        DELETE FROM application_visits WHERE org_id = $1 AND application_id = $2 AND secret_index = $3";
    /// Attempts at one application take turns here. What lies before $5 is forgotten; once it is locked, trying on
    /// does not make it longer.
    TRY = "
        INSERT INTO application_tries (org_id, application_id, way, tries, last_at) VALUES ($1, $2, $3, 1, $4)
        ON CONFLICT (org_id, application_id, way) DO UPDATE SET
            tries = CASE WHEN application_tries.last_at <= $5 THEN 1 ELSE application_tries.tries + 1 END,
            last_at = CASE WHEN application_tries.last_at > $5 AND application_tries.tries >= $6
                THEN application_tries.last_at ELSE $4 END
        RETURNING tries";
    FORGIVE = "DELETE FROM application_tries WHERE org_id = $1 AND application_id = $2 AND way = $3";
    TRIES_OF = "
        SELECT tries FROM application_tries WHERE org_id = $1 AND application_id = $2 AND way = $3";
    SET_LANGUAGE = "UPDATE applications SET language = $3 WHERE org_id = $1 AND application_id = $2";
}

/// The right birth date was given for an application.
pub const APPLICATION_OPEN: Action = Action {
    code: "application.open",
    label: "申請者が生年月日を入れて申請を開いた",
};

/// Too many wrong ones.
pub const APPLICATION_LOCK: Action = Action {
    code: "application.lock",
    label: "申請のリンクか状況確認が、生年月日の誤りで開けなくなった",
};

/// What the audit trail may hold of applicants.
pub const APPLICANT_ACTIONS: &[Action] = &[APPLICATION_OPEN, APPLICATION_LOCK];

/// How a browser came to an application.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Entrance {
    /// It began it. That shows no result.
    Begun,
    /// The birth date was given in it.
    Birth,
}

impl Entrance {
    const fn code(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Birth => "birth",
        }
    }

    fn from_code(code: &str) -> Self {
        if code == Self::Birth.code() {
            Self::Birth
        } else {
            Self::Begun
        }
    }
}

/// An application and a browser that may see it.
#[derive(Clone, Debug)]
pub struct Entered {
    /// Whose.
    pub org: OrgId,
    /// The application.
    pub application: Application,
    /// How the browser came to it.
    pub way: Entrance,
}

/// What became of a birth date.
#[derive(Clone, Debug)]
pub enum BirthTried {
    /// It is the right one.
    Fits(VisitSecret),
    /// It is not.
    Wrong,
    /// Too many were wrong.
    Locked,
}

/// Lets the browser in that begins an application.
pub async fn let_in(db: &Db, org: OrgId, id: ApplicationId) -> Result<VisitSecret, DbError> {
    let (vault, now, secret) = (db.vault(org).await?, db.now(), VisitSecret::new());
    let index = secret.index(&vault);
    db.write(move |tx| {
        let index = index.clone();
        Box::pin(async move { let_in_by(tx, org, id, (index, Entrance::Begun), now).await })
    })
    .await?;
    Ok(secret)
}

pub(super) async fn let_in_by(
    tx: &mut Tx,
    org: OrgId,
    id: ApplicationId,
    (index, way): (String, Entrance),
    now: Millis,
) -> Result<(), DbError> {
    tx.execute(SWEEP, params![org, now - DRAFT_ABSOLUTE]).await?;
    let row = params![org, id, index, way.code(), now];
    tx.execute(LET_IN, row).await.map(drop)
}

/// How long a browser may stay: longer while there is something to fill in.
fn lasts(application: &Application) -> (Millis, Millis) {
    match application.state {
        State::Draft | State::SentBack => (DRAFT_IDLE, DRAFT_ABSOLUTE),
        _ => (VISIT_IDLE, VISIT_ABSOLUTE),
    }
}

/// The application of this link, if this browser may see it. Notes now and then that it was used.
pub async fn application_visit(
    db: &Db,
    token: &ApplicationToken,
    secret: &VisitSecret,
) -> Result<Option<Entered>, DbError> {
    let Some((org, id)) = application_of_link(db, token).await? else {
        return Ok(None);
    };
    let (index, now) = (secret.index(&*db.vault(org).await?), db.now());
    let Some(row) = db.query_opt(VISIT, params![org, id, index.clone()]).await? else {
        return Ok(None);
    };
    let Some(application) = application(db, org, id).await? else {
        return Ok(None);
    };
    let (let_in_at, seen_at): (Millis, Millis) = (row.get(1)?, row.get(2)?);
    let (idle, absolute) = lasts(&application);
    if now - seen_at >= idle || now - let_in_at >= absolute {
        return Ok(None);
    }
    if now - seen_at >= VISIT_NOTE_EVERY {
        db.write(move |tx| {
            let index = index.clone();
            Box::pin(async move { tx.execute(NOTE, params![org, id, index, now]).await })
        })
        .await?;
    }
    Ok(Some(Entered {
        org,
        application,
        way: Entrance::from_code(&row.get::<String>(0)?),
    }))
}

/// The browser is let go.
pub async fn end_application_visit(
    db: &Db,
    org: OrgId,
    id: ApplicationId,
    secret: &VisitSecret,
) -> Result<(), DbError> {
    let index = secret.index(&*db.vault(org).await?);
    db.write(move |tx| {
        let index = index.clone();
        Box::pin(async move { tx.execute(END, params![org, id, index]).await.map(drop) })
    })
    .await
}

/// By what somebody tries to see an application.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Behind {
    Link,
    Status,
}

impl Behind {
    const fn code(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Status => "status",
        }
    }

    /// What lies before this moment is forgotten.
    const fn forgets(self, now: Millis) -> Millis {
        match self {
            Self::Link => 0,
            Self::Status => now - STATUS_TRIES_KEPT,
        }
    }
}

/// Whether too many wrong birth dates were given behind the link of an application.
pub async fn is_link_locked(db: &Db, org: OrgId, id: ApplicationId) -> Result<bool, DbError> {
    let row = db
        .query_opt(TRIES_OF, params![org, id, Behind::Link.code()])
        .await?;
    let tries = row.map_or(Ok(0), |row| row.get::<i64>(0))?;
    Ok(tries >= TRIES)
}

/// Compares a birth date behind the link. It is counted before it is compared, in the same commit.
pub async fn try_application_birth(
    db: &Db,
    org: OrgId,
    id: ApplicationId,
    birth: CalendarDate,
    source: SourceAddress,
) -> Result<BirthTried, DbError> {
    compared(db, (org, id), Behind::Link, (birth, None), source).await
}

/// What somebody may see who knows the reference number.
#[derive(Clone, Debug)]
pub enum StatusSeen {
    /// Reference number, birth date and number belong together.
    Fits(Box<Application>, VisitSecret),
    /// They do not, or there is no such application at this desk.
    Wrong,
    /// Too many were wrong today.
    Locked,
}

/// Compares what is given at the status page. `last` are the last digits of the number.
pub async fn see_status(
    db: &Db,
    org: OrgId,
    reference: Reference,
    (birth, last): (CalendarDate, String),
    source: SourceAddress,
) -> Result<StatusSeen, DbError> {
    let Some(found) = application_by_reference(db, org, reference).await? else {
        return Ok(StatusSeen::Wrong);
    };
    let given = (birth, Some(last));
    let tried = compared(db, (org, found.id), Behind::Status, given, source).await?;
    Ok(match tried {
        BirthTried::Fits(secret) => StatusSeen::Fits(Box::new(found), secret),
        BirthTried::Wrong => StatusSeen::Wrong,
        BirthTried::Locked => StatusSeen::Locked,
    })
}

async fn compared(
    db: &Db,
    (org, id): (OrgId, ApplicationId),
    behind: Behind,
    given: (CalendarDate, Option<String>),
    source: SourceAddress,
) -> Result<BirthTried, DbError> {
    let (vault, now, secret) = (db.vault(org).await?, db.now(), VisitSecret::new());
    db.write(move |tx| {
        let (vault, secret, given) = (vault.clone(), secret.clone(), given.clone());
        Box::pin(async move {
            let counted = params![org, id, behind.code(), now, behind.forgets(now), TRIES];
            let row = tx.query_opt(TRY, counted).await?;
            let tries = row.map_or(Ok(1), |row| row.get::<i64>(0))?;
            if tries > TRIES {
                return Ok(BirthTried::Locked);
            }
            let found = hold(tx, org, &vault, id).await?;
            if !found.is_some_and(|found| fits(&found, &given)) {
                return wrong(tx, org, &vault, (id, source), tries >= TRIES, now).await;
            }
            tx.execute(FORGIVE, params![org, id, behind.code()]).await?;
            let index = secret.index(&vault);
            let_in_by(tx, org, id, (index, Entrance::Birth), now).await?;
            let entry = Entry::of(APPLICATION_OPEN)
                .about("application", id.get())
                .from(source);
            audit::record(tx, org, &vault, &entry, now).await?;
            Ok(BirthTried::Fits(secret))
        })
    })
    .await
}

fn fits(found: &Application, (birth, last): &(CalendarDate, Option<String>)) -> bool {
    let applicant = &found.content.applicant;
    let number = applicant.phone.map(base::phone::PhoneNumber::national_digits);
    applicant.birth == Some(*birth)
        && last
            .as_ref()
            .is_none_or(|last| number.is_some_and(|number| number.ends_with(last.as_str())))
}

async fn wrong(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    (id, source): (ApplicationId, SourceAddress),
    locks: bool,
    now: Millis,
) -> Result<BirthTried, DbError> {
    if !locks {
        return Ok(BirthTried::Wrong);
    }
    let entry = Entry::of(APPLICATION_LOCK)
        .about("application", id.get())
        .from(source)
        .refused();
    audit::record(tx, org, vault, &entry, now).await?;
    Ok(BirthTried::Locked)
}

/// From now on the pages and messages of an application are in this language.
pub async fn set_application_language(
    db: &Db,
    org: OrgId,
    id: ApplicationId,
    language: Language,
) -> Result<(), DbError> {
    db.write(move |tx| {
        Box::pin(async move {
            let row = params![org, id, language.code()];
            tx.execute(SET_LANGUAGE, row).await.map(drop)
        })
    })
    .await
}
