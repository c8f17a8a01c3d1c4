//! A database with cases, and people as their notifications tell of them.

use std::sync::Arc;

use base::clock::Clock;
use base::date::CalendarDate;
use base::id::{CaseId, OfficeId, OrgId, StaffId};
use base::phone;
use db::Db;
use db::testing::TestDatabase;
use triage::case::{Case, CaseSource, NewCase};
use triage::decision::{Rules, WithoutRules};
use triage::notification::CaseNotification;
use triage::store::cases::{Added, add};
use triage::store::take_over::Taking;

pub(crate) const ORG: OrgId = OrgId::FIRST;
pub(crate) const ASAKA: OfficeId = OfficeId::new(2);
pub(crate) const KAWAGUCHI: OfficeId = OfficeId::new(3);
pub(crate) const HANAKO: StaffId = StaffId::new(7);
/// Noon of a Monday in Japan.
pub(crate) const NOON: i64 = 1_789_959_600_000;

pub(crate) async fn each(test: impl AsyncFn(Db)) {
    each_on(Clock::manual, test).await;
}

/// With a clock of its own for each.
pub(crate) async fn each_on(clock: fn(i64) -> Clock, test: impl AsyncFn(Db)) {
    for database in TestDatabase::each(&clock(NOON)).await {
        let options = db::OpenOptions {
            clock: clock(NOON),
            ..database.options.clone()
        };
        test(Db::open(&options).await.unwrap()).await;
    }
}

pub(crate) fn day(text: &str) -> CalendarDate {
    base::date::parse(text).unwrap().full().unwrap()
}

/// Somebody: name, kana, birth date, number.
pub(crate) fn person(name: &str, kana: &str, birth: &str, number: &str) -> CaseNotification {
    let mut told = CaseNotification::default();
    name.clone_into(&mut told.person.name);
    told.person.kana = (!kana.is_empty()).then(|| kana.to_owned());
    told.person.birth = (!birth.is_empty()).then(|| day(birth));
    told.person.mobiles = phone::parse(number)
        .map(|parsed| parsed.number)
        .into_iter()
        .collect();
    told
}

pub(crate) fn hanako() -> CaseNotification {
    person("佐藤 花子", "サトウ ハナコ", "1985/4/3", "090-1234-5678")
}

pub(crate) fn by_form(office: OfficeId, notification: CaseNotification) -> NewCase {
    NewCase {
        office,
        source: CaseSource::Form,
        notification,
    }
}

pub(crate) async fn take_in(db: &Db, office: OfficeId, all: Vec<CaseNotification>) -> Added {
    let new = all.into_iter().map(|one| by_form(office, one)).collect();
    add(db, ORG, 1, &WithoutRules, None, new).await.unwrap()
}

pub(crate) async fn opened(db: &Db, id: CaseId) -> Case {
    triage::store::cases::case(db, ORG, None, id)
        .await
        .unwrap()
        .unwrap()
}

/// The programme that cases of these tests have, by which they stay when they are corrected.
pub(crate) fn stays(rules: impl Rules + 'static) -> Taking {
    Taking {
        programme: 1,
        rules: Arc::new(rules),
        words: String::new(),
    }
}

/// Somebody of the case's office who sees it as it is now.
pub(crate) fn hand(case: &Case) -> triage::store::changes::Hand {
    triage::store::changes::Hand {
        scope: Some(case.office),
        case: case.id,
        version: case.version,
        by: HANAKO,
        office: case.office,
    }
}
