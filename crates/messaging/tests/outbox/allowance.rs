//! Limits hold exactly, whoever starts what at the same moment, and what never left comes back once.

use base::clock::{DAY, HOUR, SECOND, japan_midnight};
use base::id::{AccountId, OfficeId, StaffId};
use lists::contacts::PersonKeys;
use lists::numbers::{NewWrong, WrongKind};
use messaging::allowance::{Bound, LimitKind, Used};
use messaging::broadcast::{self, BroadcastState, NewBroadcast, Outgoing, Refusal, StartError, Started};
use messaging::correction::report_wrong;
use messaging::outbox::{Answer, Outbox};
use messaging::release::{ApprovalRule, Hours, HoursFor, SendRule};
use messaging::stage::BroadcastStage;
use messaging::store::{self, Decided, NewLimit};
use messaging::tariff::{CarrierTariff, PriceRule};

use crate::desk::{Desk, ORG, claim, desks, new, number, rows, strangers, taken};
use crate::release::{APPROVER, asking, from_browser, quiet};

const HEAD: OfficeId = OfficeId::HEADQUARTERS;

impl Desk {
    fn today(&self) -> i64 {
        japan_midnight(self.clock.now())
    }

    async fn limit(&self, office: Option<OfficeId>, kind: LimitKind, amount: Option<i64>) {
        let limit = NewLimit {
            office,
            kind,
            amount,
            from_day: self.today(),
        };
        store::set_limits(&self.db, ORG, vec![limit], None).await.unwrap();
    }

    async fn used(&self) -> Used {
        store::used(&self.db, ORG, HEAD, self.today(), false)
            .await
            .unwrap()
    }

    async fn refusal(&self, new: NewBroadcast) -> Refusal {
        match broadcast::start(&self.db, new).await {
            Err(StartError::Refused(refusal)) => refusal,
            other => panic!("not refused: {other:?}"),
        }
    }

    async fn broadcasts(&self) -> usize {
        store::broadcasts_between(&self.db, ORG, 0, i64::MAX)
            .await
            .unwrap()
            .len()
    }
}

fn quiet_in(hours: Hours) -> SendRule {
    SendRule {
        hours: vec![HoursFor {
            office: None,
            purpose: None,
            hours: Some(hours),
        }],
        ..quiet()
    }
}

/// Each row in two parts.
fn long(count: u32, text: &str) -> Vec<Outgoing> {
    strangers(count, &format!("{text}{}", "長".repeat(80)))
}

#[tokio::test]
async fn without_a_limit_everything_goes_and_is_counted() {
    for desk in desks().await {
        desk.start(new(strangers(3, "短い"))).await;
        desk.start(new(long(2, "長い"))).await;
        let used = desk.used().await;
        assert_eq!((used.day, used.office, used.month), (7, 7, 7));
        desk.start(new(strangers(3, "短い"))).await;
        assert_eq!(desk.used().await.day, 7, "what is recognised costs nothing");
    }
}

#[tokio::test]
async fn what_does_not_fit_is_refused_whole_and_says_how_much_is_left() {
    for desk in desks().await {
        desk.limit(None, LimitKind::DayParts, Some(10)).await;
        desk.start(new(strangers(4, "一"))).await;
        let refusal = desk.refusal(new(long(4, "二"))).await;
        let Refusal::OverLimit(over) = &refusal else {
            panic!("{refusal:?}");
        };
        assert_eq!((over.bound, over.left, over.wanted), (Bound::Day, 6, 8));
        let words = refusal.to_string();
        for word in ["10通", "残りは6通", "8通が必要", "組織の管理者"] {
            assert!(words.contains(word), "{words}");
        }
        assert_eq!((desk.broadcasts().await, desk.used().await.day), (1, 4));
        desk.start(new(long(3, "三"))).await;
        assert_eq!(desk.used().await.day, 10);
        desk.clock.advance(DAY);
        desk.start(new(long(4, "二"))).await;
        assert_eq!(desk.used().await.day, 8, "the next day has its own");
    }
}

#[tokio::test]
async fn fifty_broadcasts_at_once_never_pass_the_limit_by_one_part() {
    for desk in desks().await {
        desk.limit(None, LimitKind::DayParts, Some(103)).await;
        // As many connections as several processes would have.
        let mut nodes = vec![desk.db.clone()];
        for _ in 0..3 {
            nodes.push(desk.database.open().await.unwrap());
        }
        let starts: Vec<_> = (0..50)
            .map(|n: usize| {
                let db = nodes[n % nodes.len()].clone();
                let count = 3 + u32::try_from(n % 5).unwrap();
                tokio::spawn(async move {
                    broadcast::start(&db, new(strangers(count, &format!("{n}番 ")))).await
                })
            })
            .collect();
        let (mut made, mut refused) = (0, 0);
        for start in starts {
            match start.await.unwrap() {
                Ok(started) => made += i64::try_from(started.fates.len()).unwrap(),
                Err(StartError::Refused(Refusal::OverLimit(over))) => {
                    assert!(over.left < over.wanted);
                    refused += 1;
                }
                Err(other) => panic!("{other}"),
            }
        }
        let used = desk.used().await;
        assert_eq!(used.day, made, "reserved is what was made");
        assert!(used.day <= 103, "{}", used.day);
        assert!(
            used.day > 103 - 7,
            "what still fitted was not refused: {}",
            used.day
        );
        assert!(refused > 0);
        let (outbox, account) = desk.outbox().await;
        let out = claim(&outbox, account, 1_000).await;
        assert_eq!(i64::try_from(out.len()).unwrap(), made, "nothing more leaves");
    }
}

#[tokio::test]
async fn an_office_has_a_limit_of_its_own() {
    for desk in desks().await {
        let office = OfficeId::new(5);
        desk.limit(Some(office), LimitKind::DayParts, Some(3)).await;
        desk.start(new(strangers(5, "本庁"))).await;
        let of_office = |count, text: &str| NewBroadcast {
            office,
            ..new(strangers(count, text))
        };
        desk.start(of_office(3, "朝霞")).await;
        let Refusal::OverLimit(over) = desk.refusal(of_office(1, "もう一つ")).await else {
            panic!("refused for another reason");
        };
        assert_eq!((over.bound, over.left), (Bound::OfficeDay, 0));
        desk.limit(Some(office), LimitKind::DayParts, None).await;
        desk.start(of_office(1, "もう一つ")).await;
    }
}

#[tokio::test]
async fn the_budget_counts_in_yen_at_the_dearest_tariff() {
    for desk in desks().await {
        let tariff = |price| CarrierTariff {
            account: None,
            price,
            rule: PriceRule::Delivered,
            from_day: desk.today(),
        };
        store::add_tariff(&desk.db, ORG, tariff(1_000), None)
            .await
            .unwrap();
        desk.limit(None, LimitKind::MonthYen, Some(100)).await;
        desk.start(new(strangers(9, "十円"))).await;
        assert_eq!(desk.used().await.cost, 9_000);
        let Refusal::OverLimit(over) = desk.refusal(new(strangers(2, "足りない"))).await else {
            panic!("refused for another reason");
        };
        assert_eq!((over.bound, over.left, over.wanted), (Bound::Money, 10, 20));
        desk.start(new(strangers(1, "足りる"))).await;
        assert_eq!(desk.used().await.cost, 10_000);
    }
}

#[tokio::test]
async fn what_is_discarded_before_it_left_comes_back_once() {
    for desk in desks().await {
        desk.limit(None, LimitKind::DayParts, Some(20)).await;
        let started = desk.start(new(long(10, "破棄"))).await;
        let (outbox, account) = desk.outbox().await;
        let out = claim(&outbox, account, 3).await;
        assert_eq!(desk.used().await.day, 20);
        store::discard(&desk.db, ORG, started.broadcast, None)
            .await
            .unwrap();
        // Both parts of the first message have left, and one of the second: its rest is given up unsent.
        assert_eq!(desk.used().await.day, 3);
        outbox
            .record(account, out.iter().map(taken).collect())
            .await
            .unwrap();
        for _ in 0..2 {
            outbox.recover().await.unwrap();
            store::discard(&desk.db, ORG, started.broadcast, None)
                .await
                .unwrap();
        }
        assert_eq!(desk.used().await.day, 3);
        desk.start(new(strangers(17, "次"))).await;
        assert!(matches!(
            desk.refusal(new(strangers(1, "もう無理"))).await,
            Refusal::OverLimit(_)
        ));
    }
}

#[tokio::test]
async fn what_the_carrier_refused_was_handed_over_and_stays_counted() {
    for desk in desks().await {
        let started = desk.start(new(strangers(2, "拒否"))).await;
        let (outbox, account) = desk.outbox().await;
        let out = claim(&outbox, account, 1).await;
        let refused = Answer::RefusedForGood {
            code: "0x0B".to_owned(),
        };
        outbox
            .record(account, vec![(out[0].part, refused)])
            .await
            .unwrap();
        store::discard(&desk.db, ORG, started.broadcast, None)
            .await
            .unwrap();
        assert_eq!(desk.used().await.day, 1);
    }
}

#[tokio::test]
async fn a_corrected_number_takes_the_place_of_the_wrong_one_under_the_limit() {
    for desk in desks().await {
        desk.limit(None, LimitKind::DayParts, Some(3)).await;
        desk.start(new(rows(3, "訂正"))).await;
        let wrong = NewWrong {
            phone: number(0),
            kind: WrongKind::WrongNumber,
            person: PersonKeys::default(),
            corrected: Some(number(900)),
            reason: "電話があった".to_owned(),
            message: None,
            office: HEAD,
            by: Some(StaffId::new(7)),
        };
        let done = report_wrong(&desk.db, ORG, wrong).await.unwrap();
        assert_eq!((done.effect.cancelled, done.effect.made), (1, 1));
        assert_eq!(desk.used().await.day, 3);
        store::discard(&desk.db, ORG, done.waiting[0], None)
            .await
            .unwrap();
        assert_eq!(desk.used().await.day, 2);
    }
}

#[tokio::test]
async fn a_broadcast_counts_on_the_day_on_which_its_first_message_may_leave() {
    for desk in desks().await {
        let until_midnight = desk.today() + DAY - desk.clock.now();
        let held = NewBroadcast {
            hold: until_midnight + SECOND,
            ..new(strangers(3, "明日"))
        };
        desk.start(held).await;
        assert_eq!(desk.used().await.day, 0);
        desk.clock.advance(until_midnight);
        assert_eq!(desk.used().await.day, 3);
    }
}

#[tokio::test]
async fn an_exercise_is_counted_for_itself() {
    for desk in desks().await {
        desk.limit(None, LimitKind::DayParts, Some(3)).await;
        let exercise = |count, text: &str| NewBroadcast {
            stage: BroadcastStage::Training,
            simulated: true,
            ..new(strangers(count, text))
        };
        desk.start(exercise(3, "訓練")).await;
        assert!(matches!(
            desk.refusal(exercise(1, "超える")).await,
            Refusal::OverLimit(_)
        ));
        assert_eq!(desk.used().await.day, 0);
        desk.start(new(strangers(3, "本番"))).await;
    }
}

#[tokio::test]
async fn what_is_approved_on_another_day_counts_on_the_day_on_which_it_leaves() {
    for desk in desks().await {
        let always = ApprovalRule {
            always: true,
            ..ApprovalRule::default()
        };
        desk.rule(&asking(always)).await;
        desk.limit(None, LimitKind::DayParts, Some(5)).await;
        let asked = desk.start(from_browser(strangers(4, "承認"))).await;
        assert_eq!(desk.used().await.day, 4);
        desk.rule(&quiet()).await;
        desk.clock.advance(DAY);
        desk.start(from_browser(strangers(3, "翌日"))).await;
        let approve = || store::approve(&desk.db, ORG, asked.broadcast, APPROVER);
        let Decided::NoRoom(over) = approve().await.unwrap() else {
            panic!("there is no room for four");
        };
        assert_eq!((over.bound, over.left, over.wanted), (Bound::Day, 2, 4));
        assert_eq!(desk.stands(&asked).await, BroadcastState::AwaitingApproval);
        assert_eq!(desk.used().await.day, 3);
        desk.clock.advance(DAY);
        assert_eq!(approve().await.unwrap(), Decided::Done);
        let used = desk.used().await;
        assert_eq!((used.day, used.month), (4, 7));
        assert!(matches!(
            desk.refusal(from_browser(strangers(2, "超える"))).await,
            Refusal::OverLimit(_)
        ));
    }
}

#[tokio::test]
async fn what_is_stopped_over_night_counts_with_its_rest_on_the_day_on_which_it_goes_on() {
    for desk in desks().await {
        desk.limit(None, LimitKind::DayParts, Some(6)).await;
        let started = desk.start(new(strangers(6, "停止"))).await;
        let (outbox, account) = desk.outbox().await;
        let out = claim(&outbox, account, 2).await;
        outbox
            .record(account, out.iter().map(taken).collect())
            .await
            .unwrap();
        store::pause(&desk.db, ORG, started.broadcast, None)
            .await
            .unwrap();
        desk.clock.advance(DAY);
        let morning = desk.start(new(strangers(3, "朝の分"))).await;
        let over = store::resume(&desk.db, ORG, started.broadcast, None)
            .await
            .unwrap()
            .expect_err("three and four are more than six");
        assert_eq!((over.left, over.wanted), (3, 4));
        store::discard(&desk.db, ORG, morning.broadcast, None)
            .await
            .unwrap();
        let resumed = store::resume(&desk.db, ORG, started.broadcast, None).await;
        assert_eq!(resumed.unwrap(), Ok(true));
        let used = desk.used().await;
        assert_eq!(
            (used.day, used.month),
            (4, 6),
            "what had left stays in the month only"
        );
        desk.start(new(strangers(2, "まだ入る"))).await;
        assert!(matches!(
            desk.refusal(new(strangers(1, "もう無理"))).await,
            Refusal::OverLimit(_)
        ));
    }
}

#[tokio::test]
async fn in_the_evening_a_broadcast_counts_on_the_morning_on_which_its_hours_begin() {
    for desk in desks().await {
        desk.clock.advance(desk.today() + 21 * HOUR - desk.clock.now());
        desk.rule(&quiet_in(Hours::DAYTIME)).await;
        desk.limit(None, LimitKind::DayParts, Some(3)).await;
        desk.start(from_browser(strangers(3, "夜"))).await;
        assert_eq!(desk.used().await.day, 0);
        let other = desk.refusal(from_browser(strangers(1, "もう一人"))).await;
        assert!(matches!(other, Refusal::OverLimit(_)));
        desk.clock.advance(3 * HOUR);
        assert_eq!(desk.used().await.day, 3);
    }
}

/// A broadcast of which two leave today, and the outbox that keeps its hours.
async fn begun(desk: &Desk, count: u32) -> (Started, Outbox, AccountId) {
    let started = desk.start(new(strangers(count, "きのうから"))).await;
    let (outbox, account) = desk.outbox().await;
    let out = claim(&outbox, account, 2).await;
    assert_eq!(out.len(), 2);
    let answers = out.iter().map(taken).collect();
    outbox.record(account, answers).await.unwrap();
    (started, outbox, account)
}

#[tokio::test]
async fn what_goes_on_by_itself_the_next_day_counts_on_that_day_before_it_leaves() {
    for desk in desks().await {
        desk.limit(None, LimitKind::DayParts, Some(6)).await;
        let (_, outbox, account) = begun(&desk, 6).await;
        // The carrier is away over night.
        desk.clock.advance(DAY);
        assert_eq!(
            claim(&outbox, account, 9).await.len(),
            0,
            "not before it is counted"
        );
        outbox.recover().await.unwrap();
        let used = desk.used().await;
        assert_eq!((used.day, used.month), (4, 6), "what had left stays in the month");
        assert!(matches!(
            desk.refusal(new(strangers(3, "超える"))).await,
            Refusal::OverLimit(_)
        ));
        desk.start(new(strangers(2, "まだ入る"))).await;
        assert_eq!(claim(&outbox, account, 9).await.len(), 6);
    }
}

#[tokio::test]
async fn what_has_no_room_on_the_next_day_waits_and_goes_when_there_is_some() {
    for desk in desks().await {
        desk.limit(None, LimitKind::DayParts, Some(6)).await;
        let (started, outbox, account) = begun(&desk, 6).await;
        desk.clock.advance(DAY);
        // Somebody was quicker than the first look of the new day.
        let morning = desk.start(new(strangers(3, "朝の分"))).await;
        for _ in 0..2 {
            outbox.recover().await.unwrap();
            assert_eq!(desk.used().await.day, 3);
        }
        let out = claim(&outbox, account, 9).await;
        assert_eq!(out.len(), 3, "only what is counted today leaves");
        let answers = out.iter().map(taken).collect();
        outbox.record(account, answers).await.unwrap();
        let _ = morning;
        // The next day has room.
        desk.clock.advance(DAY);
        outbox.recover().await.unwrap();
        assert_eq!(desk.used().await.day, 4);
        assert_eq!(claim(&outbox, account, 9).await.len(), 4);
        assert_eq!(desk.stands(&started).await, BroadcastState::Sending);
    }
}

#[tokio::test]
async fn what_its_hours_cut_off_and_what_stood_still_count_on_the_day_on_which_they_go_on() {
    for desk in desks().await {
        desk.clock.advance(desk.today() + 12 * HOUR - desk.clock.now());
        desk.rule(&quiet_in(Hours::DAYTIME)).await;
        desk.limit(None, LimitKind::DayParts, Some(6)).await;
        desk.start(from_browser(strangers(4, "昼から"))).await;
        desk.clock.advance(31 * SECOND);
        let (outbox, account) = desk.outbox().await;
        let out = claim(&outbox, account, 1).await;
        outbox
            .record(account, out.iter().map(taken).collect())
            .await
            .unwrap();
        desk.clock.advance(9 * HOUR);
        outbox.recover().await.unwrap();
        assert_eq!(desk.used().await.day, 4, "until midnight it is today's");
        desk.clock.advance(4 * HOUR);
        outbox.recover().await.unwrap();
        assert_eq!(
            desk.used().await.day,
            3,
            "at night it is tomorrow's, before its hours"
        );
        store::stop_all(&desk.db, ORG, StaffId::new(7), "確認中")
            .await
            .unwrap();
        desk.clock.advance(DAY);
        outbox.recover().await.unwrap();
        assert_eq!(desk.used().await.day, 0, "what stands still asks for nothing");
        store::release_all(&desk.db, ORG).await.unwrap();
        outbox.recover().await.unwrap();
        assert_eq!(desk.used().await.day, 3);
    }
}

#[tokio::test]
async fn a_broadcast_that_goes_over_into_another_month_may_bring_its_budget_to_the_alarm() {
    for desk in desks().await {
        desk.limit(None, LimitKind::MonthParts, Some(10)).await;
        let raised = async || {
            let open = accounts::alarms::open_alarms(&desk.db, ORG, 10).await.unwrap();
            let budget = open.iter().filter(|one| one.kind == "budget");
            budget.map(|one| one.detail.clone().unwrap()).collect::<Vec<_>>()
        };
        let (_, outbox, _) = begun(&desk, 10).await;
        assert_eq!(raised().await.len(), 1, "this month's");
        desk.clock.advance(DAY);
        outbox.recover().await.unwrap();
        assert_eq!(raised().await.len(), 1, "the month's sum is the same");
        // It began in the last third of a month.
        desk.clock.advance(31 * DAY);
        outbox.recover().await.unwrap();
        let used = desk.used().await;
        assert_eq!(
            (used.day, used.month),
            (8, 10),
            "all of it counts in the new month"
        );
        let all = raised().await;
        assert_eq!(all.len(), 2, "{all:?}");
        assert!(all[0].contains("100％（10通）"), "{all:?}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(12))]
    #[test]
    fn no_day_is_passed_by_one_part_whatever_is_approved_when(
        steps in proptest::collection::vec((0..6_u8, 1..4_u32), 1..20)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(days(&steps));
    }
}

/// Starts, approves, stops and lets go on as days pass, with a carrier that takes some or is away over night, and with a
/// stop of everything that is lifted the next day: neither what is reserved nor what left on a day passes its limit.
async fn days(steps: &[(u8, u32)]) {
    for desk in desks().await {
        desk.limit(None, LimitKind::DayParts, Some(5)).await;
        let always = ApprovalRule {
            always: true,
            ..ApprovalRule::default()
        };
        desk.rule(&asking(always)).await;
        let (outbox, account) = desk.outbox().await;
        let (mut all, mut left) = (Vec::new(), 0);
        for (at, (what, count)) in steps.iter().enumerate() {
            match what {
                0 => {
                    let asked = from_browser(strangers(*count, &format!("{at}番")));
                    match broadcast::start(&desk.db, asked).await {
                        Ok(started) => all.push(started.broadcast),
                        Err(StartError::Refused(Refusal::OverLimit(_))) => {}
                        Err(other) => panic!("{other}"),
                    }
                }
                1 => {
                    for id in &all {
                        store::approve(&desk.db, ORG, *id, APPROVER).await.unwrap();
                    }
                    desk.clock.advance(31 * SECOND);
                }
                2 => {
                    let out = claim(&outbox, account, *count as usize).await;
                    left += out.len();
                    outbox
                        .record(account, out.iter().map(taken).collect())
                        .await
                        .unwrap();
                }
                // The night passes, and nobody does anything.
                3 => {
                    desk.clock.advance(DAY);
                    left = 0;
                    outbox.recover().await.unwrap();
                }
                4 => {
                    store::stop_all(&desk.db, ORG, StaffId::new(7), "確認中")
                        .await
                        .unwrap();
                    desk.clock.advance(DAY);
                    left = 0;
                    outbox.recover().await.unwrap();
                    assert_eq!(claim(&outbox, account, 9).await.len(), 0, "{steps:?}");
                    store::release_all(&desk.db, ORG).await.unwrap();
                    outbox.recover().await.unwrap();
                }
                _ => {
                    for id in &all {
                        store::pause(&desk.db, ORG, *id, None).await.unwrap();
                    }
                    desk.clock.advance(DAY);
                    left = 0;
                    for id in &all {
                        let _ = store::resume(&desk.db, ORG, *id, None).await.unwrap();
                    }
                }
            }
            assert!(left <= 5, "{left} left in one day: {steps:?}");
            assert!(desk.used().await.day <= 5, "{steps:?}");
        }
    }
}
