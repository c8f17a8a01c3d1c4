//! The time at home moves: by rules that change while people are under care, and by a date that is corrected. Record,
//! text and closing always say one day.

use axum::http::StatusCode;
use base::clock::{DAY, HOUR, MINUTE, japan_midnight};
use base::date::CalendarDate;
use base::id::{CaseId, ProgrammeId, StaffId};
use db::Db;
use lists::choice::Household;
use messaging::message::Outcome;
use triage::case::{CaseState, EventKind, received_day};
use triage::jobs::care;
use triage::programme::{Content, Scope};
use triage::reach::ContactRule;
use triage::store::cases::add;
use triage::store::events::events;
use triage::store::programmes as kept;

use crate::host::{Host, each_host};
use crate::observation::{desk_of, ill};
use crate::people::{HANAKO, ORG, by_form, opened};
use crate::reach::{Carrier, gathered, press, text, watched};

const PROGRAMME: ProgrammeId = ProgrammeId::new(1);

/// So many days at home, told by nobody.
fn says(days: u16, under_care_too: bool) -> Content {
    let content = format!(
        r#"{{"schema":1,"rules":[{{"name":"全員","route":"head_office_sms","priority":50}}],
        "periods":{{"under_care_too":{under_care_too},"rules":[{{"day_zero":"illness","days":{days}}}]}},
        "first_contact":{{"by":"delivery","call_after_hours":24}},"closing":{{"after":"isolation","notice":false}}}}"#
    );
    Content::from_json(&content).unwrap()
}

async fn approve(db: &Db, version: i64) {
    let approved = kept::approve(db, ORG, (PROGRAMME, version), 1, StaffId::new(99));
    assert!(approved.await.unwrap());
}

/// A programme with ten days at home, and somebody who fell ill on the 18th.
async fn under_care(host: &Host) -> CaseId {
    let draft = kept::Draft {
        title: "10日".to_owned(),
        from: CalendarDate::new(2022, 1, 1).unwrap(),
        content: says(10, false),
    };
    let made = kept::add_programme(&host.db, ORG, "試験".to_owned(), draft, HANAKO);
    assert_eq!(made.await.unwrap(), PROGRAMME);
    approve(&host.db, 1).await;
    let rules = kept::in_force(&host.db, ORG, PROGRAMME).await.unwrap();
    let new = vec![by_form(host.asaka, ill(1))];
    let added = add(&host.db, ORG, PROGRAMME.get(), &rules, None, new).await;
    added.unwrap().cases[0]
}

/// Seven days from tomorrow on, for whoever is under care too: a draft.
async fn shorter(db: &Db) -> i64 {
    let draft = kept::Draft {
        title: "7日に短縮".to_owned(),
        from: received_day(db.now()).plus_days(1).unwrap(),
        content: says(7, true),
    };
    let new = (Scope::Organisation, draft);
    kept::add_version(db, ORG, PROGRAMME, new, HANAKO).await.unwrap()
}

async fn cared(db: &Db) {
    care(&desk_of(db), ORG).await.unwrap();
}

fn next_morning(db: &Db) {
    let midnight = japan_midnight(db.now());
    db.clock().advance(midnight + DAY + 10 * HOUR - db.now());
}

fn september(day: u8) -> Option<CalendarDate> {
    CalendarDate::new(2026, 9, day)
}

#[tokio::test]
async fn whoever_is_under_care_when_rules_change_is_told_the_new_day_everywhere() {
    each_host(async |host| {
        let db = &host.db;
        let (id, version) = (under_care(&host).await, text(db).await);
        let mut asaka = host.browser("asaka").await;
        let (at, desk) = (format!("/cases/{id}"), crate::reach::desk(db));
        cared(db).await;
        assert_eq!(opened(db, id).await.decided.isolation_ends, september(28));
        assert_eq!(events(db, ORG, id).await.unwrap().len(), 1, "nothing moved");

        let shorter = shorter(db).await;
        cared(db).await;
        assert_eq!(
            opened(db, id).await.decided.isolation_ends,
            september(28),
            "a draft decides nothing"
        );
        approve(db, shorter).await;
        // Before anybody looks, and after.
        let says_the_new_day = async |asaka: &mut crate::host::Browser| {
            let (_, judged) = gathered(&desk, version, Household::Each).await;
            let letter = &judged.rows[0].text;
            assert!(letter.contains("療養は9月25日まで"), "{letter}");
            let page = asaka.get(&at).await;
            page.shows("2026年9月25日（令和8年9月25日）まで");
            let course = asaka.get(&format!("{at}/course")).await;
            course.shows("2026年9月25日（令和8年9月25日）まで");
        };
        says_the_new_day(&mut asaka).await;
        cared(db).await;
        let case = opened(db, id).await;
        assert_eq!(
            case.decided.isolation_ends,
            september(25),
            "looked at without waiting for tomorrow"
        );
        let told = events(db, ORG, id).await.unwrap();
        assert_eq!(
            (told.len(), told[1].kind, told[1].by),
            (2, EventKind::Decided, None)
        );
        assert!(
            told[1]
                .detail
                .words
                .as_ref()
                .unwrap()
                .contains("規則が変わったため")
        );
        says_the_new_day(&mut asaka).await;
        asaka
            .get(&at)
            .await
            .shows("療養の終わり: 2026年9月28日（令和8年9月28日） → 2026年9月25日");
        cared(db).await;
        assert_eq!(events(db, ORG, id).await.unwrap().len(), 2, "once");

        let carrier = Carrier::of(db).await;
        press(&desk, &gathered(&desk, version, Household::Each).await)
            .await
            .unwrap();
        for part in carrier.take().await {
            carrier.says(&part, Outcome::Delivered).await;
        }
        db.clock().advance(2 * MINUTE);
        watched(db, ContactRule::default()).await;
        while Some(received_day(db.now())) < september(25) {
            next_morning(db);
            cared(db).await;
            assert_eq!(
                opened(db, id).await.state,
                CaseState::Open,
                "{}",
                received_day(db.now())
            );
        }
        next_morning(db);
        cared(db).await;
        assert_eq!(opened(db, id).await.state, CaseState::Closed);
        // Taken back, nothing of what somebody was told changes.
        let why = "誤り".to_owned();
        assert!(
            kept::withdraw(db, ORG, (PROGRAMME, shorter), why, HANAKO)
                .await
                .unwrap()
        );
        cared(db).await;
        let mut asaka = host.browser("asaka").await;
        asaka.get(&at).await.shows("2026年9月25日（令和8年9月25日）まで");
    })
    .await;
}

#[tokio::test]
async fn rules_that_are_withdrawn_give_people_their_former_day_back() {
    each_host(async |host| {
        let db = &host.db;
        let id = under_care(&host).await;
        let shorter = shorter(db).await;
        approve(db, shorter).await;
        cared(db).await;
        assert_eq!(opened(db, id).await.decided.isolation_ends, september(25));
        let why = "県の通知が変わった".to_owned();
        let withdrawn = kept::withdraw(db, ORG, (PROGRAMME, shorter), why, HANAKO);
        assert!(withdrawn.await.unwrap());
        cared(db).await;
        assert_eq!(opened(db, id).await.decided.isolation_ends, september(28));
    })
    .await;
}

#[tokio::test]
async fn a_corrected_onset_moves_the_end_on_the_record() {
    each_host(async |host| {
        let id = under_care(&host).await;
        let mut asaka = host.browser("asaka").await;
        let (at, correct) = (format!("/cases/{id}"), format!("/cases/{id}/correct"));
        asaka.get(&at).await.shows("2026年9月28日（令和8年9月28日）まで");
        let form = asaka.get(&correct).await;
        let version = form.hidden("version");
        let fields = [
            ("version", &*version),
            ("name", "試験 1子"),
            ("number1", "090-1200-0001"),
            ("birth", "1985/4/3"),
            ("onset", "2026/9/16"),
            ("why", "本人に電話で確認"),
        ];
        let done = asaka.submit(&at, &correct, &fields).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
        let page = asaka.get(&at).await;
        page.shows("2026年9月26日（令和8年9月26日）まで");
        page.shows("療養の終わり: 2026年9月28日（令和8年9月28日） → 2026年9月26日");
        assert_eq!(opened(&host.db, id).await.decided.isolation_ends, september(26));
    })
    .await;
}
