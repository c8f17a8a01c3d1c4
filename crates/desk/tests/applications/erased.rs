//! Applications whose time is over go, those that are held stay, and a dump searched afterwards finds nothing.

use std::net::{IpAddr, Ipv4Addr};

use accounts::SourceAddress;
use base::clock::DAY;
use base::date::CalendarDate;
use base::id::{ApplicationId, StaffId};
use db::{DatabaseUrl, Sql, params};
use desk::application::State;
use desk::document::Document;
use desk::store::{self, Act, StatusSeen};
use messaging::retention::{Counts, FormRecords, HoldScope, dry_run, run};
use messaging::store::retention::{add_hold, lift_hold};

use crate::house::{House, ORG, applicant, confirmed, doctor, says, unclear};

/// As `triage` gives them to whoever erases what is due, without what staff noted of answers.
pub(crate) const FORMS: Option<FormRecords> = Some(FormRecords {
    due: |db, org, before, held| {
        Box::pin(async move { store::due_before(&db, org, before, &held.messages).await })
    },
    erase: |db, org, before, held| {
        Box::pin(async move { store::erase_before(&db, org, before, &held.messages).await })
    },
    due_photos: |db, org, before, held| {
        Box::pin(async move { store::due_photos(&db, org, before, &held).await })
    },
    erase_photos: |db, org, before, held| {
        Box::pin(async move { store::erase_photos(&db, org, before, &held).await })
    },
    due_applications: |db, org, before, held| {
        Box::pin(async move { store::due_applications(&db, org, before, &held).await })
    },
    erase_applications: |db, org, before, held| {
        Box::pin(async move { store::erase_applications(&db, org, before, &held).await })
    },
    has_application: |db, org, id| {
        Box::pin(async move { Ok(store::applications(&db, org, &[id]).await?.len() as u64) })
    },
});

/// The desk for test kits, with a certificate of what was granted.
fn certifying() -> Document {
    let mut all = desk::document::shipped().into_iter();
    let certificate = all.find_map(|one| one.document.document().confirmed.certificate.clone());
    let mut says = says();
    let mut certificate = certificate.unwrap();
    certificate
        .lines
        .retain(|line| !line.value.contains("{{diagnosed}}") && !line.value.contains("{{clinic}}"));
    says.confirmed.certificate = Some(certificate);
    says
}

/// Somebody who was told, with everything that is kept about an application.
async fn told(house: &House) -> ApplicationId {
    let id = house.apply(1).await;
    let (reference, birth) = (house.see(id).await.reference, applicant(1).birth.unwrap());
    let source = SourceAddress(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
    let wrong = CalendarDate::new(1999, 1, 1).unwrap();
    for (birth, fits) in [(wrong, false), (birth, true), (wrong, false)] {
        let given = (birth, "0001".to_owned());
        let seen = store::see_status(&house.db, ORG, reference, given, source)
            .await
            .unwrap();
        assert_eq!(matches!(seen, StatusSeen::Fits(..)), fits);
    }
    let mine = house.next(doctor(1)).await;
    let comment = Some("写真は鮮明".to_owned());
    store::act(
        &house.db,
        ORG,
        mine,
        (Act::Decide(confirmed()), comment),
        &house.document,
    )
    .await
    .unwrap();
    house.settle().await;
    house.release(confirmed(), false).await;
    let issued = store::issue_certificate(&house.db, ORG, id, &house.document, "みどり県".to_owned());
    issued.await.unwrap().unwrap();
    id
}

const SEALED: [Sql; 6] = [
    Sql("SELECT content_sealed FROM applications"),
    Sql("SELECT birth_index FROM applications"),
    Sql("SELECT token_index FROM applications"),
    Sql("SELECT comment_sealed FROM application_reviews WHERE comment_sealed IS NOT NULL"),
    Sql("SELECT says_sealed FROM certificates"),
    Sql("SELECT secret_index FROM application_visits"),
];

async fn values(house: &House) -> Vec<String> {
    let mut found = Vec::new();
    for sql in SEALED {
        let rows = house.db.query(sql, params![]).await.unwrap();
        assert!(!rows.is_empty(), "{}", sql.0);
        found.extend(rows.iter().map(|row| row.get::<String>(0).unwrap()));
    }
    found
}

async fn counted(house: &House, sql: &'static str) -> i64 {
    let row = house.db.query_opt(Sql(sql), params![]).await.unwrap().unwrap();
    row.get(0).unwrap()
}

/// Everything that the database holds, as text.
async fn dump(house: &House) -> String {
    match &house.database.options.url {
        DatabaseUrl::Sqlite(path) => {
            let mut bytes = std::fs::read(path).unwrap();
            let mut log = path.clone().into_os_string();
            log.push("-wal");
            bytes.extend(std::fs::read(log).unwrap_or_default());
            String::from_utf8_lossy(&bytes).into_owned()
        }
        DatabaseUrl::Postgres(_) => {
            const ALL: Sql = Sql(
                "SELECT query_to_xml('SELECT * FROM ' || quote_ident(tablename), true, false, '')::text
                FROM pg_tables WHERE schemaname = 'public'",
            );
            let rows = house.db.query(ALL, params![]).await.unwrap();
            rows.iter().map(|row| row.get::<String>(0).unwrap()).collect()
        }
    }
}

#[tokio::test]
async fn a_dump_searched_after_its_time_finds_nothing_of_an_application() {
    for house in House::each(certifying()).await {
        let id = told(&house).await;
        let waits = house.apply(2).await;
        let before = values(&house).await;
        let waiting = house.see(waits).await.content;
        assert!(before.iter().all(|value| !value.is_empty()));
        house.clock.advance(364 * DAY);
        assert_eq!(
            dry_run(&house.db, ORG, FORMS).await.unwrap().applications,
            0,
            "nothing is early"
        );
        house.clock.advance(2 * DAY);
        let due = dry_run(&house.db, ORG, FORMS).await.unwrap();
        assert_eq!(
            (due.applications, run(&house.db, ORG, FORMS, None).await.unwrap()),
            (1, due)
        );
        let (after, kept) = (dump(&house).await, values_of(&house, waits).await);
        let gone = before.iter().filter(|value| !kept.contains(value));
        for value in gone
            .map(String::as_str)
            .chain(["試験 1子", "0001番地", "写真は鮮明"])
        {
            assert!(!after.contains(value), "{value}");
        }
        for table in [
            "SELECT COUNT(*) FROM application_visits",
            "SELECT COUNT(*) FROM application_tries",
            "SELECT COUNT(*) FROM phone_codes",
            "SELECT COUNT(*) FROM certificates",
        ] {
            assert_eq!(counted(&house, table).await, 0, "{table}");
        }
        // What is counted stays, and whoever still waits.
        let erased = house.see(id).await;
        assert!(erased.decided.is_some() && erased.told.is_some());
        assert!(erased.content.applicant.name.is_none());
        assert!(house.see(waits).await.content == waiting);
        assert_eq!(
            run(&house.db, ORG, FORMS, None).await.unwrap(),
            Counts::default(),
            "and nothing twice"
        );
    }
}

/// Sealed values of one application that stays.
async fn values_of(house: &House, id: ApplicationId) -> Vec<String> {
    const OF: Sql =
        Sql("SELECT content_sealed, birth_index, token_index FROM applications WHERE application_id = $1");
    let row = house.db.query_opt(OF, params![id]).await.unwrap().unwrap();
    (0..3).map(|at| row.get::<String>(at).unwrap()).collect()
}

#[tokio::test]
async fn an_application_that_is_held_stays_until_the_hold_is_lifted() {
    for house in House::each(certifying()).await {
        let id = told(&house).await;
        let by = StaffId::new(1);
        let hold = add_hold(
            &house.db,
            ORG,
            HoldScope::Application(id),
            "情報公開請求".to_owned(),
            by,
        );
        let hold = hold.await.unwrap();
        house.clock.advance(400 * DAY);
        assert_eq!(run(&house.db, ORG, FORMS, None).await.unwrap().applications, 0);
        assert!(house.see(id).await.content.applicant.name.is_some());
        assert!(lift_hold(&house.db, ORG, hold, by).await.unwrap());
        assert_eq!(run(&house.db, ORG, FORMS, None).await.unwrap().applications, 1);
        assert!(house.see(id).await.content.applicant.name.is_none());
    }
}

#[tokio::test]
async fn what_was_never_sent_is_erased_when_its_time_is_over() {
    for house in House::each(says()).await {
        let begun = house.begun(house.content(3)).await;
        store::let_in(&house.db, ORG, begun.id).await.unwrap();
        house.clock.advance(3 * DAY);
        store::expire(&house.db, ORG).await.unwrap();
        assert!(house.see(begun.id).await.content.applicant.name.is_none());
        assert_eq!(
            counted(&house, "SELECT COUNT(*) FROM application_visits").await,
            0
        );
    }
}

#[tokio::test]
async fn what_was_never_sent_and_is_held_stays_until_its_time_after_the_hold() {
    for house in House::each(says()).await {
        let begun = house.begun(house.content(3)).await;
        let other = house.begun(house.content(4)).await;
        let by = StaffId::new(1);
        let scope = HoldScope::Application(begun.id);
        let hold = add_hold(&house.db, ORG, scope, "情報公開請求".to_owned(), by);
        let hold = hold.await.unwrap();
        house.clock.advance(3 * DAY);
        assert_eq!(store::expire(&house.db, ORG).await.unwrap(), 2);
        let kept = house.see(begun.id).await;
        assert_eq!(kept.state, State::Expired);
        assert!(kept.content.applicant.name.is_some());
        assert!(house.see(other.id).await.content.applicant.name.is_none());
        house.clock.advance(366 * DAY);
        assert_eq!(run(&house.db, ORG, FORMS, None).await.unwrap().applications, 0);
        assert!(lift_hold(&house.db, ORG, hold, by).await.unwrap());
        assert_eq!(run(&house.db, ORG, FORMS, None).await.unwrap().applications, 1);
        assert!(house.see(begun.id).await.content.applicant.name.is_none());
    }
}

#[tokio::test]
async fn whoever_was_asked_to_send_again_is_told_before_it_is_erased() {
    for house in House::each(says()).await {
        let id = house.apply(1).await;
        house.decide(doctor(1), unclear()).await;
        house.clock.advance(400 * DAY);
        assert_eq!(
            run(&house.db, ORG, FORMS, None).await.unwrap().applications,
            0,
            "nobody was told yet"
        );
        assert!(house.see(id).await.content.applicant.name.is_some());
    }
}
