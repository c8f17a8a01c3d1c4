//! What leaves a desk on paper: certificates that can be checked, address lists on which each person stands once.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use accounts::{Name, SourceAddress};
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use axum::{Extension, Router};
use base::id::ApplicationId;
use desk::certificate::{Certificate, pdf};
use desk::document::{DeskDocument, Document, ReleaseRule, shipped};
use desk::pages::{FormDesk, form_pages};
use desk::store::{self, IssueProblem};
use tower::ServiceExt;

use crate::house::{AUTHOR, HEAD, House, ORG, applicant, confirmed, doctor, refused, says};

/// The shipped desk for certificates, its results locked by the head office.
fn certificates() -> Document {
    let all = shipped().into_iter().map(|one| one.document.document().clone());
    let mut says = all
        .into_iter()
        .find(|says| says.confirmed.certificate.is_some())
        .unwrap();
    says.release = ReleaseRule::Locked;
    says.review.precheck = false;
    says
}

impl House {
    async fn issue(&self, id: ApplicationId) -> Result<Certificate, IssueProblem> {
        store::issue_certificate(&self.db, ORG, id, &self.document, "みどり県".to_owned())
            .await
            .unwrap()
    }

    async fn residents(&self) -> Router {
        let accounts = self.desk.accounts.clone();
        accounts
            .set_organisation_name(ORG, Name::parse("みどり県").unwrap())
            .await
            .unwrap();
        let source = SourceAddress(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
        form_pages(FormDesk {
            db: self.db.clone(),
            accounts,
            help: "みどり県 000-000-0000".to_owned(),
            https: true,
        })
        .layer(Extension(source))
    }
}

async fn get(app: &Router, path: &str) -> (StatusCode, String) {
    ask(app, Request::get(path).body(Body::empty()).unwrap()).await
}

async fn birth(app: &Router, path: &str, year: u32) -> (StatusCode, String) {
    let form = format!("birth-era=&birth-year={year}&birth-month=4&birth-day=3");
    let request = Request::post(path)
        .header("host", "residents.example")
        .header("origin", "https://residents.example")
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded");
    ask(app, request.body(Body::from(form)).unwrap()).await
}

async fn ask(app: &Router, request: Request<Body>) -> (StatusCode, String) {
    let answer = app.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    let bytes = to_bytes(answer.into_body(), 1_000_000).await.unwrap();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn a_certificate_says_what_was_decided_and_no_more_once_that_was_corrected() {
    for house in House::each(certificates()).await {
        let app = house.residents().await;
        let id = house.apply(1).await;
        assert_eq!(house.issue(id).await.unwrap_err(), IssueProblem::NotGranted);
        house.decide(doctor(1), confirmed()).await;
        house.settle().await;
        assert_eq!(
            house.issue(id).await.unwrap_err(),
            IssueProblem::NotGranted,
            "nobody was told yet"
        );
        house.release(confirmed(), false).await;
        let one = house.issue(id).await.unwrap();
        assert_eq!(house.issue(id).await.unwrap(), one, "issued once, printed often");
        let file = pdf(&one, "https://residents.example/v/x");
        assert!(
            file.starts_with(b"%PDF-1.7") && file.len() < 100_000,
            "{}",
            file.len()
        );

        let path = one.code.path();
        let (status, page) = get(&app, &path).await;
        assert_eq!(status, StatusCode::OK);
        assert!(page.contains("この証明書は有効です") && page.contains(&one.printed.number));
        let secret = ["試験", "1981", "みどり診療所", "11月10日"];
        assert!(!secret.iter().any(|word| page.contains(word)), "{page}");
        let (status, page) = birth(&app, &path, 1999).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!secret[2..].iter().any(|word| page.contains(word)), "{page}");
        let (status, page) = birth(&app, &path, 1981).await;
        assert_eq!(status, StatusCode::OK);
        assert!(page.contains("試験 1子") && page.contains("2026年11月10日から2026年11月10日まで"));
        let (status, _) = get(&app, "/v/ABCDEFGHJKLMNPQRSTUVWX").await;
        assert_eq!(status, StatusCode::NOT_FOUND);

        // Put right: what can be taken back changes nothing, what is final does, before anybody is told.
        let seen = house.see(id).await.changes;
        house.correct(id, seen, refused("C02"), AUTHOR).await;
        assert!(get(&app, &path).await.1.contains("有効です"));
        house.settle().await;
        assert!(get(&app, &path).await.1.contains("この証明書は取り消されました"));
        assert_eq!(house.issue(id).await.unwrap_err(), IssueProblem::NotGranted);
        // And back again: the paper that says the same holds again.
        let seen = house.see(id).await.changes;
        house.correct(id, seen, confirmed(), AUTHOR).await;
        house.settle().await;
        assert!(get(&app, &path).await.1.contains("有効です"));
        assert_eq!(house.issue(id).await.unwrap(), one);
    }
}

#[tokio::test]
async fn ten_wrong_birth_dates_close_a_certificate_for_the_day() {
    for house in House::each(certificates()).await {
        let app = house.residents().await;
        let id = house.apply(1).await;
        house.decide(doctor(1), confirmed()).await;
        house.settle().await;
        house.release(confirmed(), false).await;
        let path = house.issue(id).await.unwrap().code.path();
        for _ in 0..10 {
            assert!(birth(&app, &path, 1999).await.1.contains("違います"));
        }
        assert!(!birth(&app, &path, 1981).await.1.contains("試験"));
        house.clock.advance(base::clock::DAY);
        assert!(birth(&app, &path, 1981).await.1.contains("試験"));
    }
}

#[tokio::test]
async fn a_name_that_cannot_be_printed_stands_as_it_is_read() {
    for house in House::each(certificates()).await {
        let mut content = house.content(1);
        content.applicant.name = Some("𠮷田 花子".to_owned());
        let id = house.begun(content).await.id;
        house.submit(id).await;
        house.decide(doctor(1), confirmed()).await;
        house.settle().await;
        house.release(confirmed(), false).await;
        let printed = house.issue(id).await.unwrap().printed.statement;
        assert_eq!(printed.lines[0].1, "シケン 1コ");
        assert!(printed.notes.iter().any(|note| note.contains("フリガナ")));
    }
}

#[test]
fn a_certificate_names_only_what_everybody_answers() {
    let wrong = |line: &str| {
        let mut says = certificates();
        says.confirmed.certificate.as_mut().unwrap().lines[2].value = line.to_owned();
        DeskDocument::of(says).is_err()
    };
    assert!(!wrong("{{diagnosed}}から"));
    for line in ["{{nobody}}", "{{number}}", "", "𠮷"] {
        assert!(wrong(line), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_person_stands_on_one_address_list() {
    for house in House::each(says()).await {
        for n in 0..9 {
            house.apply(n).await;
        }
        for _ in 0..8 {
            house.decide(doctor(1), confirmed()).await;
        }
        house.settle().await;
        let waiting = async || {
            store::waiting_deliveries(&house.db, ORG, house.id())
                .await
                .unwrap()
        };
        assert_eq!(waiting().await, 0, "nobody was told yet");
        house.release(confirmed(), false).await;
        assert_eq!(waiting().await, 8);
        let take = || store::hand_over(&house.db, ORG, house.id(), "発送".to_owned(), HEAD);
        let (one, other) = tokio::join!(take(), take());
        let lists: Vec<i64> = [one.unwrap(), other.unwrap()].into_iter().flatten().collect();
        let mut people = BTreeSet::new();
        let mut lines = 0;
        for list in &lists {
            let (kept, on) = store::delivered_on(&house.db, ORG, house.id(), *list)
                .await
                .unwrap()
                .unwrap();
            assert_eq!((kept.people as usize, kept.purpose.as_str()), (on.len(), "発送"));
            lines += on.len();
            people.extend(on.iter().map(|one| one.content.applicant.phone.unwrap().e164()));
        }
        assert_eq!((lines, people.len()), (8, 8));
        assert!(people.contains(&applicant(0).phone.unwrap().e164()));
        assert_eq!((waiting().await, take().await.unwrap()), (0, None));
        assert_eq!(
            store::delivery_lists(&house.db, ORG, house.id())
                .await
                .unwrap()
                .len(),
            lists.len()
        );
        assert!(
            store::delivered_on(&house.db, ORG, base::id::DeskId::new(99), lists[0])
                .await
                .unwrap()
                .is_none()
        );
    }
}
