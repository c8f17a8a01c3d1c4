//! What closing a case calls back, and what it leaves because somebody else of the family still needs it.

use base::date::CalendarDate;
use base::id::{CaseId, OfficeId};
use db::Db;
use lists::choice::Household;
use messaging::message::MessageState;
use messaging::store::standings;
use triage::case::ClosedWhy;
use triage::pages::home_tiles;
use triage::store::changes::{Changed, close};
use triage::store::events::messages;

use crate::host::each_host;
use crate::people::{ASAKA, ORG, each, hanako, hand, opened, person, take_in};
use crate::reach::{Carrier, arrive, desk, gather, gathered, press, somebody, text};

async fn state(db: &Db, id: CaseId) -> MessageState {
    let message = messages(db, ORG, id).await.unwrap()[0].0;
    standings(db, ORG, &[message]).await.unwrap()[0].state
}

async fn closed(db: &Db, id: CaseId) {
    let today = CalendarDate::in_japan(db.now()).unwrap();
    let seen = hand(&opened(db, id).await);
    let done = close(db, ORG, seen, (ClosedWhy::Dead, today), "家族から連絡".to_owned()).await;
    assert_eq!(done.unwrap(), Changed::Done);
}

#[tokio::test]
async fn what_has_not_left_is_called_back_with_its_case_and_nothing_else() {
    each(async |db| {
        let (desk, version) = (desk(&db), text(&db).await);
        let ids = arrive(&db, ASAKA, (0..2).map(somebody).collect()).await;
        gather(&desk, version).await;
        closed(&db, ids[0]).await;
        assert_eq!(state(&db, ids[0]).await, MessageState::Cancelled);
        assert_eq!(state(&db, ids[1]).await, MessageState::Queued);
        let carrier = Carrier::of(&db).await;
        let left: std::collections::BTreeSet<_> = carrier
            .take()
            .await
            .iter()
            .map(|part| part.part.message)
            .collect();
        assert_eq!(left.len(), 1, "nobody writes to the dead");
    })
    .await;
}

#[tokio::test]
async fn a_message_to_a_family_leaves_as_long_as_somebody_of_it_is_looked_after() {
    each(async |db| {
        let (desk, version) = (desk(&db), text(&db).await);
        let mut child = person("佐藤 太郎", "サトウ タロウ", "2018/5/5", "");
        let mut mother = person("佐藤 花子", "サトウ ハナコ", "1985/4/3", "090-1234-5678");
        for one in [&mut child, &mut mother] {
            one.person.location = Some("朝霞市本町1-1-1".to_owned());
        }
        let ids = arrive(&db, ASAKA, vec![mother, child]).await;
        let once = gathered(&desk, version, Household::Once).await;
        press(&desk, &once).await.unwrap();
        closed(&db, ids[0]).await;
        assert_eq!(
            state(&db, ids[0]).await,
            MessageState::Queued,
            "it is the child's too"
        );
        closed(&db, ids[1]).await;
        assert_eq!(state(&db, ids[1]).await, MessageState::Cancelled);
    })
    .await;
}

#[tokio::test]
async fn a_message_for_a_corrected_number_goes_with_the_case_though_nobody_has_looked_since() {
    each(async |db| {
        let (desk, version) = (desk(&db), text(&db).await);
        let id = arrive(&db, ASAKA, vec![somebody(0)]).await[0];
        let sent = gather(&desk, version).await;
        let wrong = lists::numbers::NewWrong {
            phone: base::phone::parse("090-1200-0000").unwrap().number,
            kind: lists::numbers::WrongKind::WrongNumber,
            person: lists::contacts::PersonKeys::default(),
            corrected: Some(base::phone::parse("090-1200-9999").unwrap().number),
            reason: "家族から電話".to_owned(),
            message: Some(sent.started.fates[0].message),
            office: ASAKA,
            by: None,
        };
        let done = messaging::correction::report_wrong(&db, ORG, wrong)
            .await
            .unwrap();
        assert_eq!(done.effect.made, 1);
        closed(&db, id).await;
        let resumed = messaging::store::resume(&db, ORG, done.waiting[0], None).await;
        assert!(resumed.is_ok());
        let carrier = Carrier::of(&db).await;
        assert!(carrier.take().await.is_empty(), "never a message after the end");
        assert_eq!(
            messages(&db, ORG, id).await.unwrap().len(),
            2,
            "the record shows it"
        );
    })
    .await;
}

#[tokio::test]
async fn the_home_page_counts_whom_an_office_was_handed_for_whoever_works_on_cases() {
    each_host(async |host| {
        let id = take_in(&host.db, host.asaka, vec![hanako()]).await.cases[0];
        let tiles = async |login: &str| {
            let login = accounts::Login::parse(login).unwrap();
            let (_, id) = host.accounts.whose(&login).await.unwrap();
            let staff = host.accounts.staff_by_id(ORG, id).await.unwrap().unwrap();
            home_tiles(&host.db, &staff).await.unwrap().len()
        };
        assert_eq!(tiles("kawaguchi").await, 0, "no tile for nobody");
        let mut asaka = host.browser("asaka").await;
        let over = format!("/cases/{id}/hand-over");
        let version = opened(&host.db, id).await.version.to_string();
        let office: OfficeId = host.kawaguchi;
        let office = office.to_string();
        let fields = [("version", &*version), ("office", &*office), ("why", "転居")];
        asaka.submit(&over, &over, &fields).await;
        assert_eq!((tiles("kawaguchi").await, tiles("asaka").await), (1, 0));
    })
    .await;
}
