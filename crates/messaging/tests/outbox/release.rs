//! What lets a broadcast go: approval, hold, hours, schedule, the last moment, the first wave.

use base::clock::{DAY, HOUR, MINUTE, Millis, SECOND, japan_midnight};
use base::id::{AccountId, StaffId, TemplateId};
use messaging::broadcast::{
    self, BroadcastState, NewBroadcast, Origin, Outgoing, Refusal, StartError, Started,
};
use messaging::message::{MessageState, Outcome};
use messaging::outbox::{Answer, Outbox, Submission};
use messaging::release::{ApprovalRule, FirstWaveRule, Hours, HoursFor, NewRelease, Reason, SendRule, Told};
use messaging::store::{self, Decided};

use crate::desk::{Desk, ORG, carrier_id, claim, desks, new, receipt, rows, taken};

pub(crate) const SENDER: StaffId = StaffId::new(11);
pub(crate) const APPROVER: StaffId = StaffId::new(12);
const OTHER: StaffId = StaffId::new(13);

/// Nothing but what a test is about.
pub(crate) fn quiet() -> SendRule {
    SendRule {
        approval: ApprovalRule::default(),
        first_wave: FirstWaveRule {
            above: None,
            patience: 10 * MINUTE,
        },
        ..SendRule::first().at_any_time()
    }
}

pub(crate) fn asking(approval: ApprovalRule) -> SendRule {
    SendRule { approval, ..quiet() }
}

fn always() -> SendRule {
    asking(ApprovalRule {
        always: true,
        ..ApprovalRule::default()
    })
}

/// From the browser of the sender.
pub(crate) fn from_browser(rows: Vec<Outgoing>) -> NewBroadcast {
    NewBroadcast {
        origin: Origin::Browser,
        created_by: Some(SENDER),
        hold: 30 * SECOND,
        ..new(rows)
    }
}

impl Desk {
    pub(crate) async fn rule(&self, rule: &SendRule) {
        self.rule_from(rule, self.clock.now()).await;
    }

    async fn rule_from(&self, rule: &SendRule, from: Millis) {
        let kept = store::send_rules(&self.db, ORG, 1).await.unwrap();
        let seen = kept.first().map_or(0, |one| one.version);
        let saved = store::save_send_rule(&self.db, ORG, seen, rule, from, None).await;
        assert!(saved.unwrap());
    }

    pub(crate) async fn stands(&self, started: &Started) -> BroadcastState {
        let (broadcast, counts) = (self.broadcast(started).await, self.counts(started).await);
        broadcast.state(&counts, self.clock.now())
    }

    pub(crate) async fn history(&self, started: &Started) -> Vec<String> {
        let events = store::broadcast_events(&self.db, ORG, started.broadcast)
            .await
            .unwrap();
        events.into_iter().map(|(_, _, action, _)| action).collect()
    }

    /// A template by somebody who is none of the persons here.
    async fn template(&self) -> TemplateId {
        let text = "【みどり県】ご案内".to_owned();
        store::add_template(&self.db, ORG, "ご案内".to_owned(), text, OTHER)
            .await
            .unwrap()
    }

    async fn reasons(&self, started: &Started) -> Vec<Reason> {
        let asked = store::asked(&self.db, ORG, started.broadcast).await.unwrap();
        asked.map_or_else(Vec::new, |asked| asked.reasons)
    }
}

#[tokio::test]
async fn more_than_n_waits_and_n_goes_and_a_rule_holds_from_its_day_on() {
    for desk in desks().await {
        let (outbox, account) = desk.outbox().await;
        let above = asking(ApprovalRule {
            above: Some(3),
            ..ApprovalRule::default()
        });
        let tomorrow = japan_midnight(desk.clock.now()) + DAY;
        desk.rule_from(&above, tomorrow).await;
        let before = desk.start(from_browser(rows(4, "前"))).await;
        assert!(matches!(desk.stands(&before).await, BroadcastState::Held { .. }));
        desk.clock.advance(tomorrow - desk.clock.now() - 1);
        let last = desk.start(from_browser(rows(4, "間際"))).await;
        assert!(matches!(desk.stands(&last).await, BroadcastState::Held { .. }));
        desk.clock.advance(1);

        let three = desk.start(from_browser(rows(3, "三"))).await;
        assert!(matches!(desk.stands(&three).await, BroadcastState::Held { .. }));
        let four = desk.start(from_browser(rows(4, "四"))).await;
        assert_eq!(desk.stands(&four).await, BroadcastState::AwaitingApproval);
        assert_eq!(desk.reasons(&four).await, [Reason::People]);
        desk.clock.advance(30 * DAY);
        // What is left of a day is counted on the next before it leaves.
        outbox.recover().await.unwrap();
        assert_eq!(claim(&outbox, account, 100).await.len(), 4 + 4 + 3);
        assert_eq!(desk.stands(&four).await, BroadcastState::AwaitingApproval);

        // Only what is new counts: of six rows three were sent with the three.
        let six = rows(6, "三");
        desk.clock.advance(-30 * DAY);
        let more = desk.start(from_browser(six)).await;
        assert_eq!(desk.counts(&more).await.total(), 3);
        assert!(matches!(desk.stands(&more).await, BroadcastState::Held { .. }));
        // A later rule changes nothing of what was confirmed.
        desk.rule(&quiet()).await;
        assert_eq!(desk.stands(&four).await, BroadcastState::AwaitingApproval);
        let free = desk.start(from_browser(rows(9, "九"))).await;
        assert!(matches!(desk.stands(&free).await, BroadcastState::Held { .. }));
    }
}

#[tokio::test]
async fn nobody_approves_their_own_and_of_two_approvers_one_wins() {
    for desk in desks().await {
        desk.rule(&always()).await;
        let started = desk.start(from_browser(rows(2, "承認"))).await;
        let id = started.broadcast;
        let own = store::approve(&desk.db, ORG, id, SENDER).await.unwrap();
        assert_eq!(own, Decided::Own);
        let own = store::give_back(&desk.db, ORG, id, SENDER, "やめる".to_owned()).await;
        assert_eq!(own.unwrap(), Decided::Own);
        assert_eq!(desk.stands(&started).await, BroadcastState::AwaitingApproval);

        let decide = (0..8).map(|n| {
            let db = desk.db.clone();
            tokio::spawn(async move {
                let by = StaffId::new(20 + n);
                if n % 2 == 0 {
                    store::approve(&db, ORG, id, by).await.unwrap()
                } else {
                    store::give_back(&db, ORG, id, by, "だめ".to_owned())
                        .await
                        .unwrap()
                }
            })
        });
        let mut done = 0;
        for decided in decide.collect::<Vec<_>>() {
            match decided.await.unwrap() {
                Decided::Done => done += 1,
                Decided::TooLate => {}
                Decided::Own | Decided::NoRoom(_) => panic!("nobody here started it, and nothing is limited"),
            }
        }
        assert_eq!(done, 1);
        let decisions = desk.history(&started).await;
        let decisions = decisions
            .iter()
            .filter(|one| ["approved", "returned"].contains(&one.as_str()));
        assert_eq!(decisions.count(), 1);
        let decided = store::asked(&desk.db, ORG, id).await.unwrap().unwrap().decided;
        assert!(decided.is_some());
    }
}

#[tokio::test]
async fn what_was_approved_leaves_byte_for_byte_when_its_hold_window_is_over() {
    for desk in desks().await {
        let (outbox, account) = desk.outbox().await;
        desk.rule(&always()).await;
        let sent = rows(3, "承認した文面＃\u{3000}");
        let started = desk.start(from_browser(sent.clone())).await;
        desk.clock.advance(5 * HOUR);
        assert!(claim(&outbox, account, 10).await.is_empty());
        let shown = store::sample(&desk.db, ORG, &desk.ids(&started).await)
            .await
            .unwrap();
        assert_eq!(
            store::approve(&desk.db, ORG, started.broadcast, APPROVER)
                .await
                .unwrap(),
            Decided::Done
        );
        let now = desk.clock.now();
        assert_eq!(
            desk.stands(&started).await,
            BroadcastState::Held {
                until: now + 30 * SECOND
            },
            "the window begins with the approval"
        );
        desk.clock.advance(30 * SECOND - 1);
        assert!(claim(&outbox, account, 10).await.is_empty());
        desk.clock.advance(1);
        let left = claim(&outbox, account, 10).await;
        for ((row, shown), left) in sent.iter().zip(&shown).zip(&left) {
            assert_eq!((&row.text, row.to), (&left.text, left.to));
            assert_eq!(
                (&shown.text, shown.to, shown.line),
                (&left.text, left.to, row.line)
            );
        }
        assert_eq!(left.len(), 3);
    }
}

impl Desk {
    async fn ids(&self, started: &Started) -> Vec<base::id::MessageId> {
        let (first, last) = self.broadcast(started).await.messages;
        (first.get()..=last.get()).map(base::id::MessageId::new).collect()
    }
}

#[tokio::test]
async fn what_is_given_back_or_withdrawn_never_leaves_and_may_be_sent_anew() {
    for desk in desks().await {
        let (outbox, account) = desk.outbox().await;
        desk.rule(&always()).await;
        let returned = desk.start(from_browser(rows(3, "戻"))).await;
        let why = "2行目の人が違います".to_owned();
        let decided = store::give_back(&desk.db, ORG, returned.broadcast, APPROVER, why.clone()).await;
        assert_eq!(decided.unwrap(), Decided::Done);
        assert_eq!(desk.stands(&returned).await, BroadcastState::Returned);
        assert_eq!(desk.present(&returned).await, [(MessageState::Cancelled, 3)]);
        let events = store::broadcast_events(&desk.db, ORG, returned.broadcast)
            .await
            .unwrap();
        assert!(events.iter().any(|(_, by, action, detail)| {
            *by == Some(APPROVER) && action == "returned" && detail.as_ref() == Some(&why)
        }));
        let anew = desk.start(from_browser(rows(3, "戻"))).await;
        assert!(anew.is_new, "the same rows may be sent anew");
        store::discard(&desk.db, ORG, anew.broadcast, Some(SENDER))
            .await
            .unwrap();
        assert_eq!(desk.stands(&anew).await, BroadcastState::Discarded);
        let late = store::approve(&desk.db, ORG, anew.broadcast, APPROVER)
            .await
            .unwrap();
        assert_eq!(late, Decided::TooLate);
        desk.clock.advance(DAY);
        assert!(claim(&outbox, account, 10).await.is_empty());
    }
}

#[tokio::test]
async fn a_version_counts_as_approved_once_somebody_else_approved_it() {
    for desk in desks().await {
        desk.rule(&asking(ApprovalRule {
            new_version: true,
            warnings: true,
            ..ApprovalRule::default()
        }))
        .await;
        let template = desk.template().await;
        let with = |version: i64, text: &str| NewBroadcast {
            template: Some((template, version)),
            ..from_browser(rows(2, text))
        };
        let first = desk.start(with(1, "一")).await;
        assert_eq!(desk.reasons(&first).await, [Reason::NewVersion]);
        store::approve(&desk.db, ORG, first.broadcast, APPROVER)
            .await
            .unwrap();
        let second = desk.start(with(1, "二")).await;
        assert!(matches!(desk.stands(&second).await, BroadcastState::Held { .. }));
        // Another version is another text, and one without a template was never approved.
        let other = desk.start(with(2, "三")).await;
        assert_eq!(desk.reasons(&other).await, [Reason::NewVersion]);
        let bare = desk.start(from_browser(rows(2, "裸"))).await;
        assert_eq!(desk.reasons(&bare).await, [Reason::NewVersion]);
        // By itself: not by its author, and once.
        let another = desk.template().await;
        let approve = |by| store::approve_version(&desk.db, ORG, (another, 1), Some(by));
        assert!(!approve(OTHER).await.unwrap());
        assert!(approve(APPROVER).await.unwrap());
        assert!(!approve(APPROVER).await.unwrap());
        let free = NewBroadcast {
            template: Some((another, 1)),
            ..from_browser(rows(2, "五"))
        };
        let started = desk.start(free.clone()).await;
        assert!(matches!(desk.stands(&started).await, BroadcastState::Held { .. }));
        let warned = NewBroadcast {
            release: NewRelease {
                told: Told {
                    warnings: vec!["同じ名前の人が2人います".to_owned()],
                    ..Told::default()
                },
                ..NewRelease::default()
            },
            rows: std::sync::Arc::new(rows(2, "六")),
            ..free
        };
        let started = desk.start(warned).await;
        assert_eq!(desk.reasons(&started).await, [Reason::Warnings]);
    }
}

#[tokio::test]
async fn the_command_line_does_not_get_around_the_rule() {
    for desk in desks().await {
        let before = desk.start(new(rows(2, "前"))).await;
        assert!(before.is_new, "without a rule nothing is asked");
        desk.rule(&always()).await;
        let refused = broadcast::start(&desk.db, new(rows(5, "命令"))).await;
        let Err(StartError::Refused(Refusal::NeedsApproval(reasons))) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(reasons, [Reason::Always]);
        let all = store::broadcasts_between(&desk.db, ORG, 0, i64::MAX)
            .await
            .unwrap();
        assert_eq!(all.len(), 1, "nothing was stored");
        // What was done before is found again, and nothing new is asked for.
        assert!(!desk.start(new(rows(2, "前"))).await.is_new);

        let night = Hours::new(0, 1);
        desk.rule(&SendRule {
            hours: vec![HoursFor {
                office: None,
                purpose: None,
                hours: night,
            }],
            ..quiet()
        })
        .await;
        let refused = broadcast::start(&desk.db, new(rows(5, "命令"))).await;
        assert!(matches!(
            refused,
            Err(StartError::Refused(Refusal::OutsideHours(_)))
        ));
        desk.rule(&quiet()).await;
        assert!(desk.start(new(rows(5, "命令"))).await.is_new);
    }
}

#[tokio::test]
async fn hours_are_kept_in_the_middle_of_a_broadcast_too() {
    for desk in desks().await {
        let (outbox, account) = desk.outbox().await;
        desk.rule(&SendRule {
            approval: ApprovalRule::default(),
            ..SendRule::first()
        })
        .await;
        let midnight = japan_midnight(desk.clock.now());
        desk.clock
            .advance(midnight + DAY + 20 * HOUR - MINUTE - desk.clock.now());
        let started = desk
            .start(NewBroadcast {
                hold: 0,
                ..from_browser(rows(6, "夜"))
            })
            .await;
        assert_eq!(claim(&outbox, account, 2).await.len(), 2);
        desk.clock.advance(MINUTE - 1);
        assert_eq!(claim(&outbox, account, 2).await.len(), 2);
        desk.clock.advance(1);
        assert!(claim(&outbox, account, 2).await.is_empty());
        let until = midnight + 2 * DAY + 8 * HOUR;
        assert_eq!(
            desk.stands(&started).await,
            BroadcastState::OutsideHours { until }
        );
        desk.clock.advance(until - desk.clock.now() - 1);
        assert!(claim(&outbox, account, 2).await.is_empty());
        desk.clock.advance(1);
        outbox.recover().await.unwrap();
        assert_eq!(claim(&outbox, account, 2).await.len(), 2);

        // Somebody may open them, with a reason that is kept.
        desk.clock.advance(14 * HOUR);
        let night = desk
            .start(NewBroadcast {
                hold: 0,
                ..from_browser(rows(2, "急"))
            })
            .await;
        assert!(claim(&outbox, account, 2).await.is_empty());
        let why = "停電の知らせ".to_owned();
        assert!(
            store::open_hours(&desk.db, ORG, night.broadcast, SENDER, why.clone())
                .await
                .unwrap()
                .unwrap()
        );
        assert!(
            !store::open_hours(&desk.db, ORG, night.broadcast, SENDER, why)
                .await
                .unwrap()
                .unwrap()
        );
        assert_eq!(claim(&outbox, account, 2).await.len(), 2);
        let chosen = NewRelease {
            any_time: Some("停電の知らせ".to_owned()),
            ..NewRelease::default()
        };
        let started = desk
            .start(NewBroadcast {
                hold: 0,
                release: chosen,
                ..from_browser(rows(2, "急ぎ"))
            })
            .await;
        assert_eq!(claim(&outbox, account, 2).await.len(), 2);
        assert_eq!(desk.history(&started).await, ["hours_overridden"]);
    }
}

#[tokio::test]
async fn a_schedule_is_kept_and_what_is_too_late_is_cancelled() {
    for desk in desks().await {
        let (outbox, account) = desk.outbox().await;
        let now = desk.clock.now();
        let (at, last) = (now + 3 * DAY, now + 3 * DAY + HOUR);
        let started = desk
            .start(NewBroadcast {
                release: NewRelease {
                    scheduled_for: Some(at),
                    not_after: Some(last),
                    ..NewRelease::default()
                },
                ..from_browser(rows(5, "予約"))
            })
            .await;
        assert_eq!(
            desk.stands(&started).await,
            BroadcastState::Scheduled { until: at }
        );
        let that_day = store::broadcasts_between(&desk.db, ORG, at - HOUR, at + HOUR)
            .await
            .unwrap();
        assert_eq!(that_day.len(), 1, "the day for which it is scheduled shows it");
        let counts = store::counts_between(&desk.db, ORG, at - HOUR, at + HOUR)
            .await
            .unwrap();
        assert_eq!(counts[&started.broadcast].total(), 5);
        desk.clock.advance(3 * DAY - 1);
        assert!(claim(&outbox, account, 9).await.is_empty());
        desk.clock.advance(1);
        let left = claim(&outbox, account, 2).await;
        assert_eq!(left.len(), 2);
        outbox
            .record(account, left.iter().map(taken).collect())
            .await
            .unwrap();
        desk.clock.advance(HOUR - 1);
        outbox.recover().await.unwrap();
        assert_eq!(claim(&outbox, account, 1).await.len(), 1);
        desk.clock.advance(1);
        assert!(
            claim(&outbox, account, 9).await.is_empty(),
            "also before anybody has cancelled it"
        );
        outbox.recover().await.unwrap();
        outbox.recover().await.unwrap();
        let expected = [
            (MessageState::Submitting, 1),
            (MessageState::Accepted, 2),
            (MessageState::Cancelled, 2),
        ];
        assert_eq!(desk.present(&started).await, expected);
        assert_eq!(desk.history(&started).await, ["too_late"]);
    }
}

fn wave(desk_rows: Vec<Outgoing>) -> NewBroadcast {
    NewBroadcast {
        hold: 0,
        release: NewRelease {
            first_wave: true,
            ..NewRelease::default()
        },
        ..from_browser(desk_rows)
    }
}

async fn tell(outbox: &Outbox, account: AccountId, sent: &[Submission], outcome: Outcome) {
    let receipts = sent
        .iter()
        .map(|one| receipt(carrier_id(one.part), outcome))
        .collect();
    outbox.receipts(account, receipts).await.unwrap();
}

#[tokio::test]
async fn five_go_first_and_when_they_arrived_the_others_follow() {
    for desk in desks().await {
        let (outbox, account) = desk.outbox().await;
        let started = desk.start(wave(rows(41, "波"))).await;
        assert_eq!(desk.stands(&started).await, BroadcastState::FirstWave);
        let first = claim(&outbox, account, 100).await;
        let offset = |one: &Submission| one.part.message.get() - started.fates[0].message.get();
        let places: Vec<i64> = first.iter().map(offset).collect();
        assert_eq!(places, [0, 10, 20, 30, 40], "from end to end");
        outbox
            .record(account, first.iter().map(taken).collect())
            .await
            .unwrap();
        tell(&outbox, account, &first[..4], Outcome::Delivered).await;
        outbox.recover().await.unwrap();
        assert!(claim(&outbox, account, 100).await.is_empty());
        tell(&outbox, account, &first[4..], Outcome::Delivered).await;
        assert!(claim(&outbox, account, 100).await.is_empty());
        outbox.recover().await.unwrap();
        assert_eq!(desk.stands(&started).await, BroadcastState::Sending);
        assert_eq!(claim(&outbox, account, 100).await.len(), 36);
        outbox.recover().await.unwrap();
        assert_eq!(desk.history(&started).await, ["first_wave_passed"]);
        // So few need no scout.
        let few = desk.start(wave(rows(5, "少"))).await;
        assert_eq!(desk.stands(&few).await, BroadcastState::Sending);
    }
}

#[tokio::test]
async fn if_one_does_not_arrive_or_nobody_says_a_person_decides() {
    for desk in desks().await {
        let (outbox, account) = desk.outbox().await;
        desk.rule(&SendRule {
            first_wave: FirstWaveRule {
                above: Some(20),
                patience: 3 * MINUTE,
            },
            ..quiet()
        })
        .await;
        let by_rule = |text: &str| NewBroadcast {
            hold: 0,
            ..from_browser(rows(21, text))
        };
        let bad = desk.start(by_rule("悪")).await;
        let first = claim(&outbox, account, 100).await;
        assert_eq!(first.len(), 5);
        outbox
            .record(account, first.iter().map(taken).collect())
            .await
            .unwrap();
        tell(&outbox, account, &first[..4], Outcome::Delivered).await;
        tell(&outbox, account, &first[4..], Outcome::Undelivered).await;
        outbox.recover().await.unwrap();
        assert_eq!(desk.stands(&bad).await, BroadcastState::FirstWaveFailed);
        assert!(claim(&outbox, account, 100).await.is_empty());
        assert_eq!(desk.history(&bad).await, ["first_wave_failed"]);
        assert!(
            store::resume(&desk.db, ORG, bad.broadcast, Some(SENDER))
                .await
                .unwrap()
                .unwrap()
        );
        assert_eq!(
            claim(&outbox, account, 100).await.len(),
            16,
            "the person said: go on"
        );

        let silent = desk.start(by_rule("黙")).await;
        let first = claim(&outbox, account, 100).await;
        outbox
            .record(account, first.iter().map(taken).collect())
            .await
            .unwrap();
        desk.clock.advance(3 * MINUTE - 1);
        outbox.recover().await.unwrap();
        assert_eq!(desk.stands(&silent).await, BroadcastState::FirstWave);
        desk.clock.advance(1);
        outbox.recover().await.unwrap();
        assert_eq!(desk.stands(&silent).await, BroadcastState::FirstWaveFailed);
        assert!(claim(&outbox, account, 100).await.is_empty());
        store::discard(&desk.db, ORG, silent.broadcast, Some(SENDER))
            .await
            .unwrap();
        let expected = [(MessageState::Accepted, 5), (MessageState::Cancelled, 16)];
        assert_eq!(desk.present(&silent).await, expected);

        // Stopped and resumed by a person in between, the wave still decides.
        let stopped = desk.start(by_rule("止")).await;
        let first = claim(&outbox, account, 3).await;
        store::pause(&desk.db, ORG, stopped.broadcast, Some(SENDER))
            .await
            .unwrap();
        assert!(claim(&outbox, account, 100).await.is_empty());
        store::resume(&desk.db, ORG, stopped.broadcast, Some(SENDER))
            .await
            .unwrap()
            .unwrap();
        let second = claim(&outbox, account, 100).await;
        assert_eq!((first.len(), second.len()), (3, 2));
        let refused = |one: &Submission| {
            let code = "0x0B".to_owned();
            (one.part, Answer::RefusedForGood { code })
        };
        outbox.record(account, vec![refused(&first[0])]).await.unwrap();
        outbox.recover().await.unwrap();
        assert_eq!(desk.stands(&stopped).await, BroadcastState::FirstWaveFailed);
    }
}

/// Two processes on one PostgreSQL: what is decided through one holds for the other with its next claim.
#[tokio::test]
async fn every_node_keeps_to_what_was_decided_through_another() {
    let clock = base::clock::Clock::manual(crate::desk::NOON);
    let Some(database) = db::testing::TestDatabase::postgres(clock.clone()).await else {
        return;
    };
    let (here, there) = (database.open().await.unwrap(), database.open().await.unwrap());
    let node = there.join().await.unwrap().unwrap();
    let outbox = Outbox::new(there.clone(), node, false);
    let account = outbox.account("todoke@carrier:2775").await.unwrap();
    store::save_send_rule(&here, ORG, 0, &always(), 0, None)
        .await
        .unwrap();
    let new = NewBroadcast {
        hold: 0,
        ..from_browser(rows(20, "二台"))
    };
    let started = broadcast::start(&here, new).await.unwrap();
    let room = async |count| claim(&outbox, account, count).await.len();
    assert_eq!(room(5).await, 0);
    store::approve(&here, ORG, started.broadcast, APPROVER)
        .await
        .unwrap();
    assert_eq!(room(5).await, 5);
    store::pause(&here, ORG, started.broadcast, None).await.unwrap();
    assert_eq!(room(5).await, 0);
    store::resume(&here, ORG, started.broadcast, None)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(room(5).await, 5);
    store::discard(&here, ORG, started.broadcast, None).await.unwrap();
    assert_eq!(room(5).await, 0);
}
