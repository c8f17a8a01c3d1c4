//! How long what is kept: classes of records, each with its rule, and the run that erases what is due.
//!
//! Erasing takes the values away and leaves what is counted: a message keeps its number and states, a list that it was
//! there. Nothing that is held is touched. What is told before (a dry run) and what is done ask the same.

mod class;

use std::pin::Pin;

use accounts::audit::{self, Entry};
use accounts::audit_actions::ERASE;
use base::clock::{DAY, HOUR, Millis, japan_midnight};
use base::id::{ApplicationId, BroadcastId, ListId, MessageId, OrgId, StaffId};
use db::{Db, DbError};
use lists::store::erase::{self, Held};
use serde::{Deserialize, Serialize};

pub use self::class::Class;
use crate::store::link_people;
use crate::store::reply_inbox::{due_replies, erase_replies};
use crate::store::retention as store;

/// When of the night what is due is erased, in Japan: nobody works on lists then.
pub const NIGHTLY: Millis = 3 * HOUR;

/// The days of every class.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rules([u32; Class::ALL.len()]);

impl Default for Rules {
    fn default() -> Self {
        Self(Class::ALL.map(Class::usual_days))
    }
}

impl Rules {
    /// The days of this class.
    pub fn days(&self, class: Class) -> u32 {
        self.0[class as usize]
    }

    pub(crate) fn set(&mut self, class: Class, days: u32) {
        let (least, most) = class.bounds();
        self.0[class as usize] = days.clamp(least, most);
    }

    /// What is older than this is due.
    fn before(&self, class: Class, now: Millis) -> Millis {
        now - i64::from(self.days(class)) * DAY
    }
}

/// How much of each class.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Lists.
    pub lists: u64,
    /// The rows of those lists, as they were uploaded.
    pub rows: u64,
    /// Imports that came to nothing.
    pub imports: u64,
    /// Broadcasts.
    pub broadcasts: u64,
    /// Their messages.
    pub messages: u64,
    /// Calls.
    pub calls: u64,
    /// Entries of the contact history.
    pub contacts: u64,
    /// Wrong numbers.
    pub wrong_numbers: u64,
    /// Questions that were asked behind personal links.
    pub forms: u64,
    /// Replies.
    pub replies: u64,
    /// Photos of applications.
    pub photos: u64,
    /// Applications.
    pub applications: u64,
}

impl Counts {
    /// How many records of this class.
    pub const fn of(&self, class: Class) -> u64 {
        match class {
            Class::Lists => self.lists,
            Class::Messages => self.messages,
            Class::Calls => self.calls,
            Class::Contacts => self.contacts,
            Class::WrongNumbers => self.wrong_numbers,
            Class::Forms => self.forms,
            Class::Replies => self.replies,
            Class::Photos => self.photos,
            Class::Applications => self.applications,
        }
    }

    /// In one line, for the trail and the command line.
    pub fn words(&self) -> String {
        format!(
            "リスト{}件（{}行）、途中で終わった取り込み{}件、メッセージ{}通（配信{}件）、電話{}件、連絡の履歴{}件、番号の誤り{}件、質問票{}件、返信{}件、写真{}枚、申請{}件",
            self.lists,
            self.rows,
            self.imports,
            self.messages,
            self.broadcasts,
            self.calls,
            self.contacts,
            self.wrong_numbers,
            self.forms,
            self.replies,
            self.photos,
            self.applications
        )
    }
}

/// What is kept although its time is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HoldScope {
    /// Everything.
    Organisation,
    /// One list.
    List(ListId),
    /// One broadcast with its messages and its list.
    Broadcast(BroadcastId),
    /// One application with its photos.
    Application(ApplicationId),
}

impl HoldScope {
    /// Whether an application of which nobody was told anything is kept.
    pub fn keeps(self, application: ApplicationId) -> bool {
        self == Self::Organisation || self == Self::Application(application)
    }
}

/// A hold that stands, or stood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hold {
    /// Its number.
    pub id: i64,
    /// On what.
    pub scope: HoldScope,
    /// Why.
    pub reason: String,
    /// Who set it.
    pub by: StaffId,
    /// When.
    pub at: Millis,
}

/// One run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Run {
    /// When it began.
    pub started_at: Millis,
    /// When it ended; nothing while it is under way, or if its process died.
    pub ended_at: Option<Millis>,
    /// What it erased.
    pub erased: Option<Counts>,
}

/// Counts, in time.
pub type Counted = Pin<Box<dyn Future<Output = Result<u64, DbError>> + Send>>;

/// Records that are kept although their time is over.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct HeldRecords {
    /// Those of these messages, from the first to the last of each range.
    pub messages: Vec<(MessageId, MessageId)>,
    /// Those of these applications.
    pub applications: Vec<ApplicationId>,
}

/// How whoever keeps forms and applications counts and erases what is older than a moment. This slice knows neither.
#[derive(Clone, Copy, Debug)]
pub struct FormRecords {
    /// How many requests would be erased.
    pub due: fn(Db, OrgId, Millis, HeldRecords) -> Counted,
    /// Erases them.
    pub erase: fn(Db, OrgId, Millis, HeldRecords) -> Counted,
    /// How many photos would be erased.
    pub due_photos: fn(Db, OrgId, Millis, HeldRecords) -> Counted,
    /// Erases them.
    pub erase_photos: fn(Db, OrgId, Millis, HeldRecords) -> Counted,
    /// How many applications would be erased.
    pub due_applications: fn(Db, OrgId, Millis, HeldRecords) -> Counted,
    /// Erases them, with the photos that they still have.
    pub erase_applications: fn(Db, OrgId, Millis, HeldRecords) -> Counted,
    /// Whether there is this application: 1, or 0.
    pub has_application: fn(Db, OrgId, ApplicationId) -> Counted,
}

/// Everything that is due, found but not touched.
struct Due {
    lists: Vec<(ListId, u64)>,
    imports: Vec<ListId>,
    broadcasts: Vec<store::DueBroadcast>,
    calls: Vec<i64>,
    wrong_numbers: Vec<i64>,
    replies: Vec<i64>,
    contacts_before: Millis,
    forms: u64,
    forms_before: Millis,
    photos: u64,
    photos_before: Millis,
    applications: u64,
    applications_before: Millis,
    held: Held,
    held_records: HeldRecords,
}

impl Due {
    /// Nothing at all while the organisation is held.
    async fn of(
        db: &Db,
        org: OrgId,
        forms: Option<FormRecords>,
        now: Millis,
    ) -> Result<Option<Self>, DbError> {
        let rules = store::rules(db, org).await?;
        let holds = store::holds(db, org).await?;
        if holds.iter().any(|hold| hold.scope == HoldScope::Organisation) {
            return Ok(None);
        }
        let (held, broadcasts) = store::held(db, org, &holds).await?;
        let before = |class| rules.before(class, now);
        let held_records = HeldRecords {
            messages: held.messages.clone(),
            applications: applications(&holds),
        };
        let count = async |of: fn(Db, OrgId, Millis, HeldRecords) -> Counted, class| {
            of(db.clone(), org, before(class), held_records.clone()).await
        };
        let (forms, photos, applications) = match forms {
            Some(records) => (
                count(records.due, Class::Forms).await?,
                count(records.due_photos, Class::Photos).await?,
                count(records.due_applications, Class::Applications).await?,
            ),
            None => (0, 0, 0),
        };
        Ok(Some(Self {
            applications,
            applications_before: before(Class::Applications),
            held_records,
            photos,
            photos_before: before(Class::Photos),
            forms,
            forms_before: before(Class::Forms),
            lists: erase::due_lists(db, org, before(Class::Lists), &held).await?,
            imports: erase::due_imports(db, org).await?,
            broadcasts: store::due_broadcasts(db, org, before(Class::Messages), &broadcasts).await?,
            calls: erase::due_calls(db, org, before(Class::Calls), &held).await?,
            wrong_numbers: erase::due_wrong(db, org, before(Class::WrongNumbers), &held).await?,
            replies: due_replies(db, org, before(Class::Replies), &held).await?,
            contacts_before: before(Class::Contacts),
            held,
        }))
    }

    fn counts(&self, contacts: u64) -> Counts {
        Counts {
            lists: self.lists.len() as u64,
            rows: self.lists.iter().map(|(_, rows)| rows).sum(),
            imports: self.imports.len() as u64,
            broadcasts: self.broadcasts.len() as u64,
            messages: self.broadcasts.iter().map(|one| one.messages).sum(),
            calls: self.calls.len() as u64,
            contacts,
            wrong_numbers: self.wrong_numbers.len() as u64,
            forms: self.forms,
            replies: self.replies.len() as u64,
            photos: self.photos,
            applications: self.applications,
        }
    }
}

fn applications(holds: &[Hold]) -> Vec<ApplicationId> {
    let each = holds.iter().filter_map(|hold| match hold.scope {
        HoldScope::Application(application) => Some(application),
        _ => None,
    });
    each.collect()
}

/// What a run would erase now.
pub async fn dry_run(db: &Db, org: OrgId, forms: Option<FormRecords>) -> Result<Counts, DbError> {
    let Some(due) = Due::of(db, org, forms, db.now()).await? else {
        return Ok(Counts::default());
    };
    let contacts = erase::due_contacts(db, org, due.contacts_before, &due.held).await?;
    Ok(due.counts(contacts))
}

/// Erases what is due, and keeps what that was. Begun again after a crash, it goes on where it stopped.
pub async fn run(
    db: &Db,
    org: OrgId,
    forms: Option<FormRecords>,
    by: Option<StaffId>,
) -> Result<Counts, DbError> {
    let run = store::begin_run(db, org, by.is_none()).await?;
    erase_due(db, org, forms, (run, by)).await
}

async fn erase_due(
    db: &Db,
    org: OrgId,
    forms: Option<FormRecords>,
    (run, by): (i64, Option<StaffId>),
) -> Result<Counts, DbError> {
    let now = db.now();
    let mut counts = Counts::default();
    if let Some(due) = Due::of(db, org, forms, now).await? {
        for (list, _) in &due.lists {
            erase::erase_list(db, org, *list).await?;
        }
        for import in &due.imports {
            erase::erase_import(db, org, *import).await?;
        }
        for broadcast in &due.broadcasts {
            store::erase_broadcast(db, org, broadcast).await?;
        }
        erase::erase_calls(db, org, &due.calls).await?;
        erase::erase_wrong(db, org, &due.wrong_numbers).await?;
        if let Some(forms) = forms {
            let held = || due.held_records.clone();
            (forms.erase)(db.clone(), org, due.forms_before, held()).await?;
            (forms.erase_photos)(db.clone(), org, due.photos_before, held()).await?;
            (forms.erase_applications)(db.clone(), org, due.applications_before, held()).await?;
        }
        erase_replies(db, org, &due.replies).await?;
        link_people::erase_over(db, org, &due.held.messages).await?;
        let contacts = erase::erase_contacts(db, org, due.contacts_before, &due.held).await?;
        counts = due.counts(contacts);
        let rules = store::rules(db, org).await?;
        erase::forget_keys(db, org, rules.before(Class::Lists, now)).await?;
    }
    let mut entry = Entry::of(ERASE).with(counts.words());
    entry.staff = by;
    audit::record_alone(db, org, entry).await?;
    store::end_run(db, org, run, &counts).await?;
    // What was erased is not to be found in the log of the database either.
    db.compact().await?;
    Ok(counts)
}

/// The night's run, if it is time and no node has done it: `None` otherwise.
pub async fn nightly(db: &Db, org: OrgId, forms: Option<FormRecords>) -> Result<Option<Counts>, DbError> {
    let since = last_time(db.now());
    match store::begin_nightly(db, org, since).await? {
        Some(run) => erase_due(db, org, forms, (run, None)).await.map(Some),
        None => Ok(None),
    }
}

/// When it was last time for a night's run.
fn last_time(now: Millis) -> Millis {
    japan_midnight(now - NIGHTLY) + NIGHTLY
}

/// When the next night's run is.
pub fn next_time(now: Millis) -> Millis {
    last_time(now) + DAY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_read_back_and_their_usual_days_are_within_bounds() {
        for class in Class::ALL {
            assert_eq!(Class::from_code(class.code()), Some(class));
            let (least, most) = class.bounds();
            assert!((least..=most).contains(&class.usual_days()), "{class:?}");
        }
        assert_eq!(Class::from_code("audit"), None, "the trail is never shortened");
    }

    #[test]
    fn the_night_is_a_night_in_japan() {
        let three = japan_midnight(1_795_323_909_000) + NIGHTLY;
        assert_eq!(last_time(three), three);
        assert_eq!(last_time(three - 1), three - DAY);
        assert_eq!(next_time(three), three + DAY);
    }
}
