//! Whose turn comes when, and at whose number a child is written to.

use base::date::CalendarDate;
use lists::choice::Household;
use triage::case::ClosedWhy;
use triage::store::changes::{Changed, close};
use triage::store::events::messages;

use crate::people::{ASAKA, ORG, each, hand, opened, person};
use crate::reach::{arrive, desk, gathered, press, text};

#[tokio::test]
async fn a_family_waits_for_others_once_its_most_urgent_member_is_out() {
    each(async |db| {
        let (desk, version) = (desk(&db), text(&db).await);
        let number = "090-1234-5678";
        let family = [
            person("佐藤 花子", "サトウ ハナコ", "1956/4/3", number),
            person("佐藤 太郎", "サトウ タロウ", "2016/5/5", number),
        ];
        let other = person("田中 一郎", "タナカ イチロウ", "1956/5/5", "090-8765-4321");
        let ids = arrive(&db, ASAKA, family.into_iter().chain([other]).collect()).await;
        let plan = gathered(&desk, version, Household::Each).await;
        let order: Vec<_> = plan.0.cases.iter().map(|case| case.id).collect();
        assert_eq!(order, ids, "the family stands together");
        // Between the look and the press.
        let today = CalendarDate::in_japan(db.now()).unwrap();
        let seen = hand(&opened(&db, ids[0]).await);
        let closed = close(&db, ORG, seen, (ClosedWhy::Admitted, today), String::new());
        assert_eq!(closed.await.unwrap(), Changed::Done);
        let done = press(&desk, &plan).await.unwrap();
        let first = plan.0.at(done.started.fates[0].line).unwrap().id;
        assert_eq!((done.people, first), (2, ids[2]));
        let message = async |id| messages(&db, ORG, id).await.unwrap()[0].0;
        assert!(message(ids[2]).await < message(ids[1]).await);
    })
    .await;
}

#[tokio::test]
async fn a_child_is_written_to_at_the_number_of_whoever_stands_for_the_household() {
    each(async |db| {
        let (desk, version) = (desk(&db), text(&db).await);
        let mut people = vec![
            person("佐藤 某", "サトウ ナニガシ", "", "090-1111-2222"),
            person("佐藤 花子", "サトウ ハナコ", "1985/4/3", "090-1234-5678"),
            person("佐藤 太郎", "サトウ タロウ", "2018/5/5", ""),
        ];
        for one in &mut people {
            one.person.location = Some("朝霞市本町1-1-1".to_owned());
        }
        let ids = arrive(&db, ASAKA, people).await;
        let (gathering, judged) = gathered(&desk, version, Household::Each).await;
        let to = |id| {
            let row = judged
                .rows
                .iter()
                .find(|row| gathering.at(row.line).unwrap().id == id);
            row.unwrap().to
        };
        assert_eq!(to(ids[2]), to(ids[1]), "not that of somebody of unknown age");
        assert_ne!(to(ids[0]), to(ids[1]));
    })
    .await;
}
