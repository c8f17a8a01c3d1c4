//! Codes that show that whoever applies holds the number: asked for at a page, sent at once, read back soon.
//!
//! A code belongs to one application and one number, is six random digits, and only a keyed hash of it is kept here. A
//! new one takes the place of the old and gives no new tries. What is spent of the budgets, the code and the message are
//! one commit, so nothing is sent that was not counted.

use std::sync::{Arc, Mutex};

use accounts::alarms::{Alarm, AlarmKind, raise};
use base::clock::Millis;
use base::id::{ApplicationId, DeskId, OrgId};
use base::phone::PhoneNumber;
use db::{Db, DbError, OrgVault, Tx, params};
use messaging::broadcast::{NewBroadcast, StartError, start_within};
use messaging::pages::{Desk, NoCode};
use web::Language;

use super::budgets::{Budget, Budgets};
use crate::limits::{CODE_TRIES, CODE_TRIES_IN, CODE_VALID, CODE_WAIT, CODES_FOR_ONE, CODES_LOOKED_AT};
use crate::proof::code_text;

db::statements! {
    BEGIN = "
        INSERT INTO phone_codes (org_id, application_id, sent_at, tries, tries_since) VALUES ($1, $2, 0, 0, 0)
        ON CONFLICT (org_id, application_id) DO NOTHING";
    HOLD = "
        SELECT phone_index, code_index, sent_at, tries, tries_since FROM phone_codes
        WHERE org_id = $1 AND application_id = $2 {locked phone_codes}";
    SENT = "
        UPDATE phone_codes SET phone_index = $3, code_index = $4, sent_at = $5
        WHERE org_id = $1 AND application_id = $2";
    TRIED = "
        UPDATE phone_codes SET code_index = $3, tries = $4, tries_since = $5
        WHERE org_id = $1 AND application_id = $2";
}

/// What came of asking for a code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodeSent {
    /// It is on its way.
    Sent,
    /// One is on its way already; another can be asked for from this moment on.
    Wait {
        /// UTC milliseconds.
        until: Millis,
    },
    /// This number or application had too many codes, or too many wrong ones, today.
    TooMany,
    /// No more codes are sent to anybody for a while.
    NoBudget,
    /// No message of ours reaches this number.
    CannotReach,
}

/// What came of reading a code back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodeChecked {
    /// It is the code: whoever applies holds the number. It counts once.
    Right,
    /// It is not.
    Wrong {
        /// So many tries are left.
        left: i64,
    },
    /// There is no code for this number that could be read back.
    Expired,
    /// Too many wrong ones. Only waiting a day helps, or a person at the telephone.
    TooMany,
}

/// Sends a code for this application to this number, if budgets allow it. Whoever calls it has asked
/// [`super::budgets::admit_address`] before.
pub async fn send(
    desk: &Desk,
    org: OrgId,
    application: ApplicationId,
    phone: PhoneNumber,
    language: Language,
) -> Result<CodeSent, DbError> {
    let limits = super::code_limits(&desk.db, org).await?;
    send_within(desk, org, (application, phone, language), limits.codes()).await
}

/// The same within other budgets.
pub async fn send_within(
    desk: &Desk,
    org: OrgId,
    (application, phone, language): (ApplicationId, PhoneNumber, Language),
    budgets: Budgets,
) -> Result<CodeSent, DbError> {
    let db = &desk.db;
    let Some(found) = super::application(db, org, application).await? else {
        return Ok(CodeSent::CannotReach);
    };
    let code = six_digits();
    let organisation = desk.accounts.organisation_name(org).await?.to_string();
    let host = desk.links.origin.as_ref().map(messaging::links::LinkOrigin::host);
    let text = code_text(language, &organisation, &code, host);
    let new = match desk.code(org, found.office, (phone, text)).await? {
        Ok(new) => new,
        Err(NoCode::Stopped) => return Ok(CodeSent::NoBudget),
        Err(NoCode::NoCarrier) => return Ok(CodeSent::CannotReach),
    };
    let (vault, now) = (db.vault(org).await?, db.now());
    let work = Arc::new(Sending {
        org,
        application,
        phone_index: phone_index(&vault, application, phone),
        code_index: code_index(&vault, application, phone, &code),
        number: Budget::of_number(db, org, phone, now),
        desk: found.desk,
        budgets,
        new,
        now,
        vault,
    });
    let refused = Arc::new(Mutex::new(None));
    let (why, sending) = (Arc::clone(&refused), Arc::clone(&work));
    let sent = db.write(move |tx| {
        let (work, why) = (Arc::clone(&sending), Arc::clone(&why));
        Box::pin(async move {
            let sent = work.run(tx).await?;
            if sent == CodeSent::Sent {
                return Ok(sent);
            }
            // What was spent on the way is given back with the write.
            if let Ok(mut why) = why.lock() {
                *why = Some(sent);
            }
            Err(DbError::Withdrawn)
        })
    });
    match sent.await {
        Err(DbError::Withdrawn) => {
            let why = refused.lock().ok().and_then(|why| *why);
            let why = why.unwrap_or(CodeSent::NoBudget);
            if why == CodeSent::NoBudget {
                tracing::warn!(%org, desk = %work.desk, "no more phone codes are sent for now");
                db.write(move |tx| {
                    let work = Arc::clone(&work);
                    Box::pin(async move { work.alarm(tx, AlarmKind::CODES_STOPPED, None).await })
                })
                .await?;
            }
            Ok(why)
        }
        sent => sent,
    }
}

/// Six digits, each number as likely as any other.
fn six_digits() -> String {
    // The largest multiple of a million below 2^32: what lies above it would favour small numbers.
    const FAIR: u32 = 4_294_000_000;
    loop {
        let number = getrandom::u32().expect("the operating system gives random bytes");
        if number < FAIR {
            return format!("{:06}", number % 1_000_000);
        }
    }
}

fn phone_index(vault: &OrgVault, application: ApplicationId, phone: PhoneNumber) -> String {
    let (number, phone) = (application.get().to_be_bytes(), phone.e164());
    vault.index("code phone", &[&number, phone.as_bytes()])
}

fn code_index(vault: &OrgVault, application: ApplicationId, phone: PhoneNumber, code: &str) -> String {
    let (number, phone) = (application.get().to_be_bytes(), phone.e164());
    vault.index("phone code", &[&number, phone.as_bytes(), code.as_bytes()])
}

struct Sending {
    org: OrgId,
    application: ApplicationId,
    phone_index: String,
    code_index: String,
    number: Budget,
    desk: DeskId,
    budgets: Budgets,
    new: NewBroadcast,
    now: Millis,
    vault: Arc<OrgVault>,
}

impl Sending {
    async fn run(&self, tx: &mut Tx) -> Result<CodeSent, DbError> {
        let (org, now) = (self.org, self.now);
        tx.execute(BEGIN, params![org, self.application]).await?;
        let Some(before) = Kept::hold(tx, org, self.application).await? else {
            return Err(DbError::Statement("a row that was just added".to_owned()));
        };
        if before.tries(now) >= CODE_TRIES {
            return Ok(CodeSent::TooMany);
        }
        let until = before.sent_at + CODE_WAIT;
        if now < until {
            return Ok(CodeSent::Wait { until });
        }
        if let Some(refused) = self.spend(tx).await? {
            return Ok(refused);
        }
        let row = params![
            org,
            self.application,
            self.phone_index.as_str(),
            self.code_index.as_str(),
            now
        ];
        tx.execute(SENT, row).await?;
        match start_within(tx, &self.new, &self.vault, now).await? {
            Ok(_) => Ok(CodeSent::Sent),
            Err(StartError::AllLeftOut(_) | StartError::NoRows) => Ok(CodeSent::CannotReach),
            Err(StartError::Refused(refusal)) => {
                tracing::warn!(%org, %refusal, "a phone code was refused");
                Ok(CodeSent::NoBudget)
            }
            Err(StartError::Database(error)) => Err(error),
        }
    }

    /// Always in this order, so that nobody waits for somebody who waits for them.
    async fn spend(&self, tx: &mut Tx) -> Result<Option<CodeSent>, DbError> {
        let (org, now, most) = (self.org, self.now, self.budgets);
        let personal = [
            (
                &Budget::of_application(org, self.application, now),
                most.application,
            ),
            (&self.number, most.number),
        ];
        for (budget, most) in personal {
            if budget.spend(tx, most).await?.is_none() {
                return Ok(Some(CodeSent::TooMany));
            }
        }
        let common = [
            (Budget::of_desk(org, self.desk, now), most.desk),
            (Budget::of_organisation(org, now), most.organisation),
            (Budget::of_all(now), most.all),
        ];
        for (budget, most) in common {
            if budget.spend(tx, most).await?.is_none() {
                return Ok(Some(CodeSent::NoBudget));
            }
        }
        let sent = Budget::sent(org, now).spend(tx, i64::MAX).await?.unwrap_or(0);
        let read = Budget::read_back(org, now).used(tx).await?;
        if sent >= CODES_LOOKED_AT && sent > CODES_FOR_ONE * read {
            let told = format!("この1時間に{sent}通を送り、入力されたのは{read}通です。");
            self.alarm(tx, AlarmKind::CODES_UNREAD, Some(told)).await?;
        }
        Ok(None)
    }

    /// Once for each desk and hour.
    async fn alarm(&self, tx: &mut Tx, kind: AlarmKind, detail: Option<String>) -> Result<(), DbError> {
        let subject = ("desks", self.desk.get());
        let told = Budget::told(self.org, self.desk, kind.code, self.now);
        if told.spend(tx, 1).await?.is_none() {
            return Ok(());
        }
        let alarm = Alarm {
            kind,
            subject: Some(subject),
            detail,
        };
        raise(tx, self.org, &self.vault, &alarm, self.now).await.map(drop)
    }
}

struct Kept {
    phone_index: Option<String>,
    code_index: Option<String>,
    sent_at: Millis,
    tries: i64,
    tries_since: Millis,
}

impl Kept {
    async fn hold(tx: &mut Tx, org: OrgId, application: ApplicationId) -> Result<Option<Self>, DbError> {
        let row = tx.query_opt(HOLD, params![org, application]).await?;
        let read = |row: db::Row| {
            Ok(Self {
                phone_index: row.get(0)?,
                code_index: row.get(1)?,
                sent_at: row.get(2)?,
                tries: row.get(3)?,
                tries_since: row.get(4)?,
            })
        };
        row.map(read).transpose()
    }

    /// Wrong codes that still count.
    fn tries(&self, now: Millis) -> i64 {
        if now - self.tries_since < CODE_TRIES_IN {
            self.tries
        } else {
            0
        }
    }
}

/// Whether this is the code that was sent for this application to this number. A try is counted in the commit in which
/// it is compared, so tries at the same moment do not pass together.
pub async fn check(
    db: &Db,
    org: OrgId,
    application: ApplicationId,
    phone: PhoneNumber,
    typed: &str,
) -> Result<CodeChecked, DbError> {
    let (vault, now) = (db.vault(org).await?, db.now());
    let typed = crate::proof::digits(typed);
    let phone_index = phone_index(&vault, application, phone);
    let code_index = code_index(&vault, application, phone, &typed);
    db.write_ahead(move |tx| {
        let (phone_index, code_index) = (phone_index.clone(), code_index.clone());
        Box::pin(async move {
            let Some(kept) = Kept::hold(tx, org, application).await? else {
                return Ok(CodeChecked::Expired);
            };
            let tries = kept.tries(now);
            if tries >= CODE_TRIES {
                return Ok(CodeChecked::TooMany);
            }
            let mine = kept.phone_index.as_ref() == Some(&phone_index) && now - kept.sent_at < CODE_VALID;
            let Some(sent) = kept.code_index.as_ref().filter(|_| mine) else {
                return Ok(CodeChecked::Expired);
            };
            // Keyed hashes are compared: what their first letters are tells nobody anything.
            let right = *sent == code_index;
            let tries = tries + i64::from(!right);
            let since = if tries > 1 { kept.tries_since } else { now };
            let left = Some(sent.clone()).filter(|_| !right && tries < CODE_TRIES);
            tx.execute(TRIED, params![org, application, left, tries, since])
                .await?;
            if right {
                Budget::read_back(org, now).spend(tx, i64::MAX).await?;
                return Ok(CodeChecked::Right);
            }
            Ok(match CODE_TRIES - tries {
                0 => CodeChecked::TooMany,
                left => CodeChecked::Wrong { left },
            })
        })
    })
    .await
}
