//! A confirmed application becomes a case, once, with everything that the person told.

use accounts::{Accounts, Name};
use base::clock::Clock;
use base::date::CalendarDate;
use base::id::{OfficeId, StaffId};
use base::phone::PhoneNumber;
use db::Db;
use db::testing::TestDatabase;
use desk::application::{Address, Applicant, Content, Given, PROVISIONAL};
use desk::document::{Decision, DeskDocument, Verdict, shipped};
use desk::form::{Answer, Filling, Form, Key, Kind, Question};
use desk::store::{self, Act, ApplicationSubmitted, Claimed, Done, Mine, NewApplication, Wanted};
use triage::case::{CaseSource, CaseState};
use triage::decision::Route;
use triage::programme::examples;
use triage::store::owners::set_owner;
use triage::store::{cases, programmes};
use triage::take_over::take_over;
use web::Language;

use crate::people::ORG;

/// 2026-11-22 14:05:09 in Japan.
const START: i64 = 1_795_323_909_000;
const DOCTOR: StaffId = StaffId::new(5);

fn day(month: u8, day: u8) -> CalendarDate {
    CalendarDate::new(2026, month, day).unwrap()
}

/// What people feel whom the tests tell nothing else of.
const FEVER: &str = "fever";

/// The first answer, or the one that says that there is nothing.
fn answers(question: &Question, sign: &str) -> Vec<Answer> {
    match &question.kind {
        Kind::YesNo => vec![Answer::YesNo(true), Answer::YesNo(false)],
        Kind::Choice { options } => options
            .iter()
            .map(|one| Answer::Choice(one.key.clone()))
            .collect(),
        Kind::Several { options } => {
            let kinds = if question.key.as_str() == "signs" {
                options.iter().filter(|one| one.key.as_str() == sign).collect()
            } else {
                options.iter().rev().collect::<Vec<_>>()
            };
            kinds
                .into_iter()
                .map(|one| Answer::Several([one.key.clone()].into()))
                .collect()
        }
        Kind::Number { min, .. } => vec![Answer::Number(*min)],
        Kind::Day { .. } => vec![Answer::Day(day(11, 20))],
        _ => Vec::new(),
    }
}

fn eligible(document: &DeskDocument, filling: &Filling) -> Option<Filling> {
    match document.verdict(filling) {
        Verdict::GoOn => Some(filling.clone()),
        Verdict::Stops(_) => None,
        Verdict::Ask(page) => answers(&page.questions[0], FEVER).into_iter().find_map(|answer| {
            let mut next = filling.clone();
            let given = vec![(page.questions[0].key.clone(), Some(answer))];
            next.save(document.eligibility()?, &page.key, given, true).ok()?;
            eligible(document, &next)
        }),
    }
}

fn answered(form: &Form, sign: &str) -> Filling {
    let mut filling = Filling::default();
    for page in form.pages() {
        let given = page.questions.iter();
        let given: Vec<(Key, Option<Answer>)> = given
            .map(|question| (question.key.clone(), answers(question, sign).into_iter().next()))
            .collect();
        filling.save(form, &page.key, given, true).unwrap();
    }
    filling
}

fn document() -> DeskDocument {
    let all = shipped().into_iter().map(|one| one.document.document().clone());
    let mut says = all.into_iter().find(|says| says.confirmed.opens_case).unwrap();
    says.review.precheck = false;
    says.review.second_look.percent = 0;
    for rule in &mut says.photos {
        rule.least = 0;
    }
    DeskDocument::of(says).unwrap()
}

async fn confirmed(db: &Db, document: &DeskDocument) -> (base::id::ApplicationId, i64, base::id::DeskId) {
    confirmed_with(db, document, FEVER).await
}

async fn confirmed_with(
    db: &Db,
    document: &DeskDocument,
    sign: &str,
) -> (base::id::ApplicationId, i64, base::id::DeskId) {
    let office = OfficeId::HEADQUARTERS;
    let desk = store::install(db, ORG, office, day(11, 1), document)
        .await
        .unwrap()
        .unwrap();
    let content = Content {
        consent: Some(Given {
            version: document.document().consent.version.clone(),
            at: START,
        }),
        eligibility: eligible(document, &Filling::default()).unwrap(),
        applicant: Applicant {
            name: Some("試験 花子".to_owned()),
            kana: Some("シケン ハナコ".to_owned()),
            birth: CalendarDate::new(1990, 4, 3),
            phone: PhoneNumber::from_e164("+819012000001"),
            phone_proved_at: Some(START),
            address: Some(Address {
                postcode: "0000000".to_owned(),
                area: "みどり県あおば市".to_owned(),
                rest: "1番地".to_owned(),
            }),
            ..Applicant::default()
        },
        answers: answered(document.form(), sign),
        kit: None,
        known_by_link: false,
    };
    let new = NewApplication {
        desk,
        version: 1,
        office,
        language: Language::Vietnamese,
        content,
    };
    let begun = store::begin(db, ORG, new).await.unwrap();
    let received = store::submit_application(db, ORG, begun.id, document)
        .await
        .unwrap();
    assert_eq!(received, ApplicationSubmitted::Received(begun.reference));
    let (vault, now) = (db.vault(ORG).await.unwrap(), db.now());
    let claimed = db.write(move |tx| {
        let vault = vault.clone();
        Box::pin(async move { store::claim(tx, ORG, &vault, (desk, Wanted::Next), DOCTOR, now).await })
    });
    let Claimed::Yours(id, lease) = claimed.await.unwrap() else {
        panic!("it waits");
    };
    let mine = Mine {
        id,
        review: lease.review,
        staff: DOCTOR,
    };
    let done = store::act(db, ORG, mine, (Act::Decide(Decision::Confirmed), None), document);
    let Done::Done(number) = done.await.unwrap() else {
        panic!("it was theirs");
    };
    (id, number, desk)
}

/// The case of a confirmed application, once the decision is final: nobody is forgotten.
async fn taken_over(db: &Db, clock: &Clock, id: base::id::ApplicationId) -> base::id::CaseId {
    clock.advance(PROVISIONAL);
    store::settle(db, ORG).await.unwrap();
    assert_eq!(take_over(db, ORG).await.unwrap(), 1, "nobody is forgotten");
    store::case_of(db, ORG, id).await.unwrap().unwrap()
}

#[tokio::test]
async fn nobody_is_taken_by_the_programme_of_another_disease() {
    let own = |diseases: &str| {
        let mut example = examples().remove(1);
        example.code = String::new();
        example.diseases = vec![diseases.to_owned()];
        example
    };
    // The only programme is for measles; then one of the office's own making that names the desk's disease.
    for (example, takes) in [(examples().remove(1), false), (own("コロナ"), true)] {
        for mut database in TestDatabase::each(&Clock::manual(START)).await {
            let clock = Clock::manual(START);
            database.options.clock = clock.clone();
            let db = database.open().await.unwrap();
            let example = example.clone();
            let installed = db.write(move |tx| {
                let example = example.clone();
                Box::pin(async move { programmes::install_in(tx, ORG, &example, None, START).await })
            });
            let programme = installed.await.unwrap().get();
            let (id, ..) = confirmed(&db, &document()).await;
            let case = taken_over(&db, &clock, id).await;
            let found = cases::case(&db, ORG, None, case).await.unwrap().unwrap();
            if takes {
                assert_eq!(found.programme, programme);
            } else {
                assert_eq!((found.programme, found.decided.route), (0, Route::CentrePhone));
            }
        }
    }
}

#[tokio::test]
async fn whoever_the_desk_confirmed_is_the_office_s_to_which_the_programme_belongs() {
    for mut database in TestDatabase::each(&Clock::manual(START)).await {
        let clock = Clock::manual(START);
        database.options.clock = clock.clone();
        let db = database.open().await.unwrap();
        let installed = db.write(move |tx| {
            Box::pin(async move { programmes::install_in(tx, ORG, &examples()[0], None, START).await })
        });
        let programme = installed.await.unwrap();
        let accounts = Accounts::new(db.clone(), false);
        let midori = accounts
            .add_office(ORG, Name::parse("みどり支援センター").unwrap())
            .await
            .unwrap();
        set_owner(&db, ORG, programme, Some(midori), DOCTOR)
            .await
            .unwrap();
        let (id, ..) = confirmed(&db, &document()).await;
        let case = taken_over(&db, &clock, id).await;
        let found = cases::case(&db, ORG, Some(midori), case).await.unwrap();
        let found = found.expect("the contractor sees it");
        assert_eq!((found.office, found.programme), (midori, programme.get()));
        let elsewhere = OfficeId::new(midori.get() + 1);
        let hidden = cases::case(&db, ORG, Some(elsewhere), case).await.unwrap();
        assert!(hidden.is_none(), "another office does not");
    }
}

#[tokio::test]
async fn whoever_is_mildly_ill_gets_a_first_word_by_sms_and_whoever_may_not_be_a_call() {
    for (sign, route) in [(FEVER, Route::HeadOfficeSms), ("pneumonia", Route::CentrePhone)] {
        for mut database in TestDatabase::each(&Clock::manual(START)).await {
            let clock = Clock::manual(START);
            database.options.clock = clock.clone();
            let db = database.open().await.unwrap();
            let installed = db.write(move |tx| {
                Box::pin(async move { programmes::install_in(tx, ORG, &examples()[0], None, START).await })
            });
            installed.await.unwrap();
            let (id, ..) = confirmed_with(&db, &document(), sign).await;
            let case = taken_over(&db, &clock, id).await;
            let found = cases::case(&db, ORG, None, case).await.unwrap().unwrap();
            assert_eq!(found.decided.route, route, "{sign}");
        }
    }
}

#[tokio::test]
async fn a_confirmed_application_becomes_one_case_and_a_corrected_one_closes_it() {
    for mut database in TestDatabase::each(&Clock::manual(START)).await {
        let clock = Clock::manual(START);
        database.options.clock = clock.clone();
        let db = database.open().await.unwrap();
        let installed = db.write(move |tx| {
            Box::pin(async move {
                for example in examples() {
                    programmes::install_in(tx, ORG, &example, None, START).await?;
                }
                Ok(())
            })
        });
        installed.await.unwrap();
        let document = document();
        let (id, number, _) = confirmed(&db, &document).await;
        assert_eq!(
            take_over(&db, ORG).await.unwrap(),
            0,
            "it can still be taken back"
        );
        clock.advance(PROVISIONAL);
        store::settle(&db, ORG).await.unwrap();
        assert_eq!(take_over(&db, ORG).await.unwrap(), 1);
        clock.advance(10 * PROVISIONAL);
        assert_eq!(take_over(&db, ORG).await.unwrap(), 0, "once");
        let case = store::case_of(&db, ORG, id).await.unwrap().unwrap();
        let found = cases::case(&db, ORG, None, case).await.unwrap().unwrap();
        assert_eq!((found.state, found.source), (CaseState::Open, CaseSource::Desk));
        let told = found.notification.clone().unwrap();
        assert_eq!(told.person.name, "試験 花子");
        assert_eq!(
            told.person.mobiles,
            [PhoneNumber::from_e164("+819012000001").unwrap()]
        );
        assert_eq!(told.person.language.as_deref(), Some("vi"));
        assert_eq!(told.illness.onset, Some(day(11, 20)));
        assert_eq!(told.illness.diagnosed, Some(day(11, 22)));
        assert_eq!(told.illness.symptoms.as_deref(), Some("発熱"));
        assert!(
            told.illness
                .risk_factors
                .is_some_and(|factors| factors.is_empty())
        );
        let reference = store::application(&db, ORG, id).await.unwrap().unwrap().reference;
        assert!(
            told.illness
                .remarks
                .is_some_and(|words| words.contains(&reference.to_string()))
        );
        assert!(found.decided.rules.is_some(), "the programme's rules decided");

        let refused = document.document().reasons[7].code.clone();
        let given = (Decision::Refused(refused), "線が見えない".to_owned());
        let corrected = store::correct(&db, ORG, (id, number), given, StaffId::new(6), &document);
        assert!(matches!(corrected.await.unwrap(), Done::Done(_)));
        clock.advance(PROVISIONAL);
        store::settle(&db, ORG).await.unwrap();
        assert_eq!(take_over(&db, ORG).await.unwrap(), 1);
        let found = cases::case(&db, ORG, None, case).await.unwrap().unwrap();
        assert_eq!(found.state, CaseState::Closed);
    }
}
