//! Between judging and storing somebody else is quicker: nobody is written to twice for it, and nobody at a number that
//! was found out to be wrong.

use std::sync::Arc;

use base::clock::MINUTE;
use base::id::{OfficeId, StaffId};
use base::phone::PhoneNumber;
use lists::contacts::{PersonKeys, PersonValues, Purpose};
use lists::numbers::{NewWrong, WrongKind};
use messaging::broadcast::{
    self, Horizon, LeftOutRow, NewBroadcast, Outgoing, Overtaken, StartError, Started,
};
use messaging::correction::report_wrong;
use messaging::store;

use crate::desk::{Desk, ORG, claim, desks, new, number, rows};

const ASAKA: OfficeId = OfficeId::new(2);
const HANAKO: StaffId = StaffId::new(7);

fn row(line: u32, to: PhoneNumber, text: &str) -> Outgoing {
    Outgoing::to_number(line, to, text.to_owned())
}

impl Desk {
    /// What somebody could know who judged a list now; then a minute goes by.
    async fn judged(&self) -> Horizon {
        let judged = Horizon::now(&self.db).await.unwrap();
        self.clock.advance(MINUTE);
        judged
    }

    async fn known_by(&self, id: &str) -> PersonKeys {
        let values = PersonValues {
            id: Some(id),
            ..PersonValues::default()
        };
        PersonKeys::of(&self.db.vault(ORG).await.unwrap(), &values)
    }

    async fn start_judged(&self, judged: Horizon, new: NewBroadcast) -> Result<Started, StartError> {
        broadcast::start(&self.db, NewBroadcast { judged, ..new }).await
    }

    async fn close(&self, phone: PhoneNumber, kind: WrongKind, person: PersonKeys) {
        let report = NewWrong {
            phone,
            kind,
            person,
            corrected: None,
            reason: "本人から電話".to_owned(),
            message: None,
            office: ASAKA,
            by: Some(HANAKO),
        };
        report_wrong(&self.db, ORG, report).await.unwrap();
    }

    async fn messages(&self) -> u32 {
        let mut total = 0;
        for one in store::broadcasts_between(&self.db, ORG, 0, i64::MAX)
            .await
            .unwrap()
        {
            let counts = store::counts(&self.db, ORG, &one, self.clock.now()).await;
            total += counts.unwrap().total();
        }
        total
    }
}

fn lines(started: &Started) -> (Vec<u32>, Vec<LeftOutRow>) {
    let fates = started.fates.iter().map(|fate| fate.line).collect();
    (fates, started.left_out.clone())
}

fn left(line: u32, why: Overtaken) -> LeftOutRow {
    LeftOutRow { line, why }
}

#[tokio::test]
async fn of_twenty_offices_that_confirm_at_once_one_writes_to_the_person_they_share() {
    for desk in desks().await {
        let judged = desk.judged().await;
        let starts = (0..20).map(|office| {
            let own = row(3, number(100 + office), &format!("本人{office}"));
            let shared = row(2, number(0), &format!("共通{office}"));
            let new = NewBroadcast {
                office: OfficeId::new(i64::from(office) + 1),
                judged,
                ..new(vec![shared, own])
            };
            let db = desk.db.clone();
            tokio::spawn(async move { broadcast::start(&db, new).await.unwrap() })
        });
        let (mut written, mut left_out) = (0, 0);
        for start in starts.collect::<Vec<_>>() {
            let started = start.await.unwrap();
            assert!(started.fates.iter().any(|fate| fate.line == 3 && fate.is_new));
            written += started.fates.iter().filter(|fate| fate.line == 2).count();
            left_out += started.left_out.len();
        }
        assert_eq!((written, left_out), (1, 19));
        assert_eq!(desk.messages().await, 21);
    }
}

#[tokio::test]
async fn whom_all_offices_share_is_written_to_once_and_the_others_make_nothing() {
    for desk in desks().await {
        let judged = desk.judged().await;
        let first = desk
            .start_judged(judged, new(vec![row(2, number(0), "本庁")]))
            .await;
        assert_eq!(first.unwrap().left_out, []);
        let theirs = NewBroadcast {
            office: ASAKA,
            ..new(vec![row(5, number(0), "朝霞"), row(9, number(0), "二通目")])
        };
        let second = desk.start_judged(judged, theirs.clone()).await;
        let Err(StartError::AllLeftOut(rows)) = second else {
            panic!("{second:?}")
        };
        assert_eq!(rows, [5, 9].map(|line| left(line, Overtaken::Contacted)));
        assert_eq!(desk.messages().await, 1);
        // For something else they may write, and whoever judges anew decides anew.
        let other = NewBroadcast {
            purpose: Purpose::Survey,
            ..theirs.clone()
        };
        let other = desk.start_judged(judged, other).await.unwrap();
        assert_eq!(lines(&other), (vec![5, 9], vec![]));
        let judged_anew = desk.start(NewBroadcast {
            rows: Arc::new(vec![row(5, number(0), "もう一度")]),
            ..theirs
        });
        assert!(judged_anew.await.is_new);
    }
}

#[tokio::test]
async fn a_person_is_known_by_more_than_a_number_and_a_number_may_be_a_familys() {
    for desk in desks().await {
        let judged = desk.judged().await;
        let (taro, hanako) = (desk.known_by("100001").await, desk.known_by("100002").await);
        let at = |line, to, person, text: &str| Outgoing {
            person,
            ..row(line, to, text)
        };
        desk.start_judged(judged, new(vec![at(2, number(0), taro, "本庁")]))
            .await
            .unwrap();
        let theirs = vec![
            at(2, number(7), taro, "番号が変わった本人"),
            at(3, number(0), hanako, "家族"),
            at(4, number(0), PersonKeys::default(), "だれか分からない"),
            at(5, number(8), desk.known_by("100003").await, "別の人"),
        ];
        let second = desk.start_judged(judged, new(theirs)).await.unwrap();
        let (fates, left_out) = lines(&second);
        assert_eq!(fates, [3, 5]);
        assert_eq!(left_out, [2, 4].map(|line| left(line, Overtaken::Contacted)));
    }
}

#[tokio::test]
async fn a_family_in_one_list_is_no_repeat_of_itself_however_long_the_list() {
    for desk in desks().await {
        let judged = desk.judged().await;
        desk.start(new(vec![row(2, number(9_999), "ほかの人")])).await;
        let mut all = rows(2_100, "家族");
        all[2_099].to = all[0].to;
        all[1].to = all[0].to;
        let started = desk.start_judged(judged, new(all)).await.unwrap();
        assert_eq!((started.fates.len(), started.left_out.len()), (2_100, 0));
    }
}

#[tokio::test]
async fn a_number_that_was_found_out_to_be_wrong_in_between_gets_nothing() {
    for desk in desks().await {
        let taro = desk.known_by("100001").await;
        let hanako = desk.known_by("100002").await;
        desk.close(number(4), WrongKind::Unused, PersonKeys::default())
            .await;
        let judged = desk.judged().await;
        desk.close(number(0), WrongKind::NotMe, PersonKeys::default())
            .await;
        desk.close(number(1), WrongKind::WrongNumber, taro).await;
        let at = |line, to, person| Outgoing {
            person,
            again: true,
            ..row(line, number(to), &format!("{line}"))
        };
        let all = vec![
            at(2, 0, taro),
            at(3, 1, taro),
            at(4, 1, hanako),
            at(5, 2, PersonKeys::default()),
            // Judged with the report known: nothing of a judgement is judged again.
            at(6, 4, PersonKeys::default()),
        ];
        let started = desk.start_judged(judged, new(all)).await.unwrap();
        let (fates, left_out) = lines(&started);
        assert_eq!(fates, [4, 5, 6]);
        assert_eq!(left_out, [2, 3].map(|line| left(line, Overtaken::Closed)));
        let events = store::broadcast_events(&desk.db, ORG, started.broadcast).await;
        let (_, by, action, detail) = events.unwrap().remove(0);
        assert_eq!((by, action.as_str()), (None, "left_out"));
        assert!(detail.unwrap().contains("[2,3]"));
    }
}

#[tokio::test]
async fn whoever_chose_to_write_all_the_same_does_and_a_command_without_purpose_asks_no_history() {
    for desk in desks().await {
        let judged = desk.judged().await;
        desk.start(new(rows(2, "朝"))).await;
        let again = Outgoing {
            again: true,
            ..row(2, number(0), "訂正")
        };
        let chosen = new(vec![again, row(3, number(1), "選んでいない")]);
        let started = desk.start_judged(judged, chosen).await.unwrap();
        assert_eq!(lines(&started), (vec![2], vec![left(3, Overtaken::Contacted)]));
        let bare = new(vec![row(2, number(0), "履歴を見ない")]);
        let started = desk.start_judged(judged.without_history(), bare).await;
        assert!(started.unwrap().is_new);
    }
}

#[tokio::test]
async fn the_same_rows_started_at_once_are_recognised_and_not_left_out() {
    for desk in desks().await {
        let judged = desk.judged().await;
        let first = desk.start_judged(judged, new(rows(3, "同じ"))).await.unwrap();
        let second = desk.start_judged(judged, new(rows(4, "同じ"))).await.unwrap();
        assert_eq!(second.left_out, []);
        let messages =
            |started: &Started| -> Vec<_> { started.fates.iter().map(|fate| fate.message).take(3).collect() };
        assert_eq!(messages(&first), messages(&second));
    }
}

#[tokio::test]
async fn a_corrected_number_gets_nothing_that_was_overtaken() {
    for desk in desks().await {
        let (taro, jiro) = (desk.known_by("100001").await, desk.known_by("100003").await);
        let to = |to, person, text: &str| {
            let one = Outgoing {
                person,
                ..row(2, number(to), text)
            };
            new(vec![one])
        };
        // Taro has the wrong number 0. A second message to it reached nobody; one to his right number 9 did.
        let waits = desk.start(to(0, taro, "待つ")).await;
        store::pause(&desk.db, ORG, waits.broadcast, None).await.unwrap();
        desk.start(to(0, taro, "他人に届いた")).await;
        let (outbox, account) = desk.outbox().await;
        assert_eq!(claim(&outbox, account, 10).await.len(), 1);
        let correct = |wrong, corrected| NewWrong {
            phone: number(wrong),
            kind: WrongKind::WrongNumber,
            person: PersonKeys::default(),
            corrected: Some(number(corrected)),
            reason: "本人から電話".to_owned(),
            message: None,
            office: ASAKA,
            by: Some(HANAKO),
        };
        let done = report_wrong(&desk.db, ORG, correct(0, 9)).await.unwrap();
        assert_eq!((done.effect.made, done.effect.overtaken), (1, 0));

        let waits = desk.start(to(10, jiro, "待つ二")).await;
        store::pause(&desk.db, ORG, waits.broadcast, None).await.unwrap();
        desk.start(to(19, jiro, "正しい番号へ")).await;
        let done = report_wrong(&desk.db, ORG, correct(10, 19)).await.unwrap();
        assert_eq!(
            (done.effect.cancelled, done.effect.made, done.effect.overtaken),
            (1, 0, 1)
        );
        assert!(
            done.effect
                .sentence()
                .contains("1件は、同じ目的のSMSがあとからこの方に")
        );

        desk.close(number(29), WrongKind::Unused, PersonKeys::default())
            .await;
        let waits = desk.start(to(20, desk.known_by("100005").await, "待つ三")).await;
        store::pause(&desk.db, ORG, waits.broadcast, None).await.unwrap();
        let done = report_wrong(&desk.db, ORG, correct(20, 29)).await.unwrap();
        assert_eq!((done.effect.made, done.effect.overtaken), (0, 1));
    }
}
