//! What was computed about a record is not carried out on another one.

use base::clock::Clock;
use base::date::CalendarDate;
use base::id::{OfficeId, StaffId};
use db::testing::TestDatabase;

use super::*;
use crate::case::{CaseSource, NewCase};
use crate::decision::{Route, WithoutRules};
use crate::notification::CaseNotification;
use crate::reach::OneRule;
use crate::store::care::may_close;
use crate::store::changes::{Hand, overrule};

const ORG: OrgId = OrgId::FIRST;
const ASAKA: OfficeId = OfficeId::new(2);
const NOON: Millis = 1_789_959_600_000;

/// On each kind of database, with somebody whom the centre is to telephone.
async fn each(test: impl AsyncFn(Db, Case)) {
    for database in TestDatabase::each(&Clock::manual(NOON)).await {
        let options = db::OpenOptions {
            clock: Clock::manual(NOON),
            ..database.options.clone()
        };
        let db = Db::open(&options).await.unwrap();
        let mut told = CaseNotification::default();
        told.person.name = "見本 花子".to_owned();
        told.person.birth = CalendarDate::new(1985, 4, 3);
        told.person.mobiles = vec![base::phone::parse("090-1234-5678").unwrap().number];
        let new = NewCase {
            office: ASAKA,
            source: CaseSource::Form,
            notification: told,
        };
        let added = cases::add(&db, ORG, 1, &WithoutRules, None, vec![new]).await;
        let id = added.unwrap().cases[0];
        let case = cases::case(&db, ORG, None, id).await.unwrap().unwrap();
        test(db, case).await;
    }
}

async fn steps(db: &Db, case: &Case) -> Vec<Step> {
    let found = [case.clone()];
    let facts = Facts::of(db, ORG, &found).await.unwrap();
    vec![step(case, &facts, &OneRule::default(), db.now())]
}

async fn open_calls(db: &Db) -> u32 {
    lists::calls::open_count(db, ORG, None).await.unwrap()
}

#[tokio::test]
async fn a_step_that_was_computed_before_an_overrule_is_left_for_the_next_look() {
    each(async |db, case| {
        let stale = steps(&db, &case).await;
        let hand = Hand {
            scope: None,
            case: case.id,
            version: case.version,
            by: StaffId::new(7),
            office: ASAKA,
        };
        let why = "本人がSMSを希望".to_owned();
        overrule(&db, ORG, hand, Route::CentreSms, why).await.unwrap();
        assert_eq!(carry_out(&db, ORG, stale, db.now()).await.unwrap(), 0);
        assert_eq!(open_calls(&db).await, 0, "nobody telephones any more");
    })
    .await;
}

#[tokio::test]
async fn no_case_ends_by_itself_whose_person_somebody_is_to_telephone() {
    each(async |db, case| {
        let may = async || {
            let id = case.id;
            let asked = db.write(move |tx| Box::pin(async move { may_close(tx, ORG, id).await }));
            asked.await.unwrap()
        };
        assert!(may().await);
        let steps = steps(&db, &case).await;
        assert_eq!(carry_out(&db, ORG, steps, db.now()).await.unwrap(), 1);
        assert_eq!(open_calls(&db).await, 1);
        assert!(!may().await);
    })
    .await;
}
