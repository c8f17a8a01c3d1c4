//! What people write back: kept once, joined from its parts, acted upon where one word says it all.

use base::clock::{DAY, HOUR};
use base::id::StaffId;
use base::phone::PhoneNumber;
use lists::numbers::{WrongKind, reports};
use messaging::broadcast::Started;
use messaging::message::MessageState;
use messaging::outbox::{Incoming, Outbox};
use messaging::reply::{Keyword, PartPlace, Reply, ReplyEvent, ReplyRule, ReplyState};
use messaging::retention::{Class, run};
use messaging::store;

use crate::desk::{Desk, ORG, claim, desks, new, number, rows};

fn part(from: PhoneNumber, units: &[u16], place: Option<PartPlace>) -> Incoming {
    Incoming {
        from: from.e164().trim_start_matches('+').to_owned(),
        number: Some(from),
        to: "0005123456".to_owned(),
        place,
        units: units.to_vec(),
    }
}

fn whole(from: PhoneNumber, text: &str) -> Incoming {
    let units: Vec<u16> = text.encode_utf16().collect();
    part(from, &units, None)
}

impl Desk {
    async fn inbox(&self) -> Vec<Reply> {
        store::replies(&self.db, ORG, None, None, (50, 0)).await.unwrap()
    }

    async fn standing(&self, started: &Started, row: usize) -> MessageState {
        let message = started.fates[row].message;
        store::standings(&self.db, ORG, &[message]).await.unwrap()[0].state
    }
}

async fn takes(outbox: &Outbox, account: base::id::AccountId, all: Vec<Incoming>) {
    outbox.replies(account, all).await.unwrap();
}

#[tokio::test]
async fn the_same_one_twice_is_kept_once_and_belongs_to_whoever_wrote_last() {
    for desk in desks().await {
        let started = desk.start(new(rows(3, "本庁"))).await;
        let (outbox, account) = desk.outbox().await;
        let reply = whole(number(1), "熱が38度あります。");
        takes(&outbox, account, vec![reply.clone(), reply.clone()]).await;
        takes(&outbox, account, vec![reply.clone()]).await;
        let inbox = desk.inbox().await;
        assert_eq!(inbox.len(), 1);
        let one = &inbox[0];
        assert_eq!(
            (one.text.as_str(), one.times, one.is_whole, one.state),
            ("熱が38度あります。", 3, true, ReplyState::New)
        );
        assert_eq!(one.number(), Some(number(1)));
        assert_eq!(one.answers, Some(started.fates[1].message));
        assert_eq!((one.keyword, one.report), (None, None));
        assert_eq!(store::unread_replies(&desk.db, ORG, None).await.unwrap(), 1);
        // Later it is somebody who writes the same again.
        desk.clock.advance(2 * HOUR);
        takes(&outbox, account, vec![reply]).await;
        assert_eq!(desk.inbox().await.len(), 2);
        // Nobody wrote to this one; it is read all the same.
        takes(&outbox, account, vec![whole(number(700), "だれですか")]).await;
        let inbox = desk.inbox().await;
        assert_eq!((inbox.len(), inbox[0].answers), (3, None));
    }
}

#[tokio::test]
async fn a_long_one_is_joined_in_any_order_even_through_the_middle_of_a_letter() {
    for desk in desks().await {
        desk.start(new(rows(1, "本庁"))).await;
        let (outbox, account) = desk.outbox().await;
        let text = "𠮷野です。熱は下がりました。";
        let units: Vec<u16> = text.encode_utf16().collect();
        let place = |part| {
            Some(PartPlace {
                reference: 7,
                total: 2,
                part,
            })
        };
        // The first letter takes two units: it is cut in two.
        takes(&outbox, account, vec![part(number(0), &units[1..], place(2))]).await;
        let inbox = desk.inbox().await;
        assert_eq!((inbox.len(), inbox[0].is_whole), (1, false));
        assert!(
            inbox[0].text.contains("この部分は届いていません"),
            "{}",
            inbox[0].text
        );
        let first = part(number(0), &units[..1], place(1));
        takes(&outbox, account, vec![first.clone(), first]).await;
        let inbox = desk.inbox().await;
        assert_eq!((inbox.len(), inbox[0].is_whole), (1, true));
        assert_eq!(inbox[0].text, text);
    }
}

#[tokio::test]
async fn stop_closes_the_number_and_calls_back_what_waits() {
    for desk in desks().await {
        let started = desk.start(new(rows(3, "本庁"))).await;
        let (outbox, account) = desk.outbox().await;
        takes(
            &outbox,
            account,
            vec![whole(number(0), " ＳＴＯＰ。"), whole(number(1), "停止しないで")],
        )
        .await;
        assert_eq!(desk.standing(&started, 0).await, MessageState::Cancelled);
        assert_eq!(desk.standing(&started, 1).await, MessageState::Queued);
        let closed = reports(&desk.db, ORG, None, 10, 0).await.unwrap();
        assert_eq!(closed.len(), 1);
        assert_eq!(
            (closed[0].phone, closed[0].kind, closed[0].by),
            (number(0), WrongKind::Refused, None)
        );
        let inbox = desk.inbox().await;
        assert_eq!(inbox[1].keyword, Some(Keyword::Stop));
        assert_eq!(inbox[1].report, Some(closed[0].id));
        assert_eq!(inbox[0].keyword, None, "what is unclear is read by staff");
        // Nothing was written back: no rule asks for it.
        assert_eq!(claim(&outbox, account, 10).await.len(), 2);
        // Twice is one report.
        desk.clock.advance(2 * HOUR);
        takes(&outbox, account, vec![whole(number(0), "停止")]).await;
        assert_eq!(reports(&desk.db, ORG, None, 10, 0).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn wrong_person_stops_the_broadcast_and_opens_an_incident_and_is_answered_by_rule() {
    for desk in desks().await {
        let rule = ReplyRule {
            stop: None,
            wrong: Some("申し訳ありません。今後この番号には送りません。".to_owned()),
        };
        store::save_reply_rule(&desk.db, ORG, rule, StaffId::new(1))
            .await
            .unwrap();
        let started = desk.start(new(rows(3, "本庁"))).await;
        let (outbox, account) = desk.outbox().await;
        // One has left before the person writes.
        assert_eq!(claim(&outbox, account, 1).await.len(), 1);
        takes(
            &outbox,
            account,
            vec![whole(number(0), "ちがいます"), whole(number(2), "停止")],
        )
        .await;
        let inbox = desk.inbox().await;
        let wrong = inbox.iter().find(|one| one.number() == Some(number(0))).unwrap();
        assert_eq!(wrong.keyword, Some(Keyword::WrongPerson));
        let incident = wrong.incident.expect("an incident is open");
        let lines = store::incident_lines(&desk.db, ORG, incident).await.unwrap();
        assert!(
            lines
                .iter()
                .any(|line| line.message == Some(started.fates[0].message))
        );
        let broadcast = store::broadcast(&desk.db, ORG, started.broadcast)
            .await
            .unwrap()
            .unwrap();
        assert!(broadcast.paused_at.is_some());
        let kinds: Vec<WrongKind> = reports(&desk.db, ORG, None, 10, 0)
            .await
            .unwrap()
            .into_iter()
            .map(|report| report.kind)
            .collect();
        assert!(
            kinds.contains(&WrongKind::NotMe) && kinds.contains(&WrongKind::Refused),
            "{kinds:?}"
        );
        // Only the answer leaves, and it leaves although the number is closed.
        let out = claim(&outbox, account, 10).await;
        assert_eq!(out.len(), 1);
        assert_eq!(out[0].to, number(0));
        assert!(out[0].text.starts_with("申し訳ありません"));
    }
}

#[tokio::test]
async fn a_reply_is_worked_on_once_and_erased_in_its_time() {
    for desk in desks().await {
        desk.start(new(rows(1, "本庁"))).await;
        let (outbox, account) = desk.outbox().await;
        takes(&outbox, account, vec![whole(number(0), "ありがとうございます")]).await;
        let id = desk.inbox().await[0].id;
        let hanako = StaffId::new(7);
        let mark = async |event, note: Option<&str>| {
            store::mark_reply(&desk.db, ORG, id, event, (hanako, note.map(str::to_owned)))
                .await
                .unwrap()
        };
        assert!(!mark(ReplyEvent::Reopened, None).await);
        assert!(mark(ReplyEvent::Shown, None).await);
        assert!(mark(ReplyEvent::Handled, Some("電話した")).await);
        assert!(!mark(ReplyEvent::Handled, None).await, "somebody was faster");
        let one = &desk.inbox().await[0];
        assert_eq!(
            (one.state, one.note.as_deref()),
            (ReplyState::Handled, Some("電話した"))
        );
        assert_eq!(one.read.map(|(by, _)| by), Some(hanako));
        desk.clock
            .advance(i64::from(Class::Replies.usual_days() + 1) * DAY);
        assert_eq!(run(&desk.db, ORG, None, None).await.unwrap().replies, 1);
        let one = &desk.inbox().await[0];
        assert_eq!(
            (one.text.as_str(), &one.from, &one.note),
            ("消去済み", &None, &None)
        );
        assert_eq!(run(&desk.db, ORG, None, None).await.unwrap().replies, 0);
    }
}
