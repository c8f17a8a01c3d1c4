//! Links of everybody's own to a desk, later: a desk that is closed, a draft that nobody finished, a text that goes out
//! once more, something that is put right, the time that is over.

use accounts::Role;
use axum::body::Body;
use axum::extract::Request;
use base::clock::DAY;
use base::date::CalendarDate;
use base::id::{ApplicationId, BroadcastId, OfficeId, StaffId};
use desk::application::{ApplicationToken, State};
use desk::document::{Again, Document, Field, SendBack};
use desk::form::Key;
use desk::limits::{DRAFT_KEPT, TRIES};
use desk::store::{self, Precheck};
use messaging::broadcast::{Horizon, NewBroadcast, Resend};
use messaging::limits::LINK_VALID;
use messaging::recognition::ResendScope;
use messaging::retention::HoldScope;
use messaging::store as messages;
use messaging::store::retention::{add_hold, lift_hold};

use crate::applying::{HELP, host, self_test};
use crate::browser::Browser;
use crate::house::{CLERK, House, ORG, START};
use crate::invited::{HANAKO, NOWHERE, Row, certificate, houses, houses_of, invite, leave, plan, started};
use crate::office::somebody;

const ICHIRO: Row = ["09012000002", "見本 一郎", "ミホン イチロウ", "1990/4/3"];

/// Begins an application by a link; where its pages begin.
async fn begin(browser: &mut Browser, path: &str, year: &str) -> String {
    let inside = browser.born(path, year).await;
    let at = inside.location().strip_suffix("/next");
    at.unwrap_or_else(|| panic!("{}", inside.body)).to_owned()
}

/// Answers what is asked and sends it.
async fn finish(browser: &mut Browser, at: &str) {
    browser.post(&format!("{at}/consent"), &[("agree", "yes")]).await;
    for page in ["notified", "over", "lived_here"] {
        browser.post(&format!("{at}/e/{page}"), &[(page, "yes")]).await;
    }
    let period = [
        ("diagnosed-year", "2026"),
        ("diagnosed-month", "11"),
        ("diagnosed-day", "1"),
        ("until-year", "2026"),
        ("until-month", "11"),
        ("until-day", "8"),
        ("diagnosed", "day"),
        ("until", "day"),
    ];
    browser.post(&format!("{at}/q/period"), &period).await;
    browser
        .post(&format!("{at}/q/clinic"), &[("clinic", "みどり診療所")])
        .await;
    let sent = browser.post(&format!("{at}/check"), &[]).await;
    assert_eq!(sent.location(), format!("{at}/done"), "{}", sent.body);
}

async fn id_of(house: &House, at: &str) -> ApplicationId {
    let token = ApplicationToken::in_address(at.strip_prefix("/a/").unwrap()).unwrap();
    let found = store::application_of_link(&house.db, &token).await.unwrap();
    found.unwrap().1
}

/// Of how many links it is still kept for whom they are.
async fn people_known(house: &House) -> i64 {
    const KNOWN: db::Sql = db::Sql("SELECT COUNT(*) FROM link_people WHERE person_sealed <> 'erased'");
    let row = house.db.query_opt(KNOWN, db::params![]).await.unwrap().unwrap();
    row.get(0).unwrap()
}

#[tokio::test]
async fn a_closed_desk_says_so_to_whoever_knows_the_birth_date_and_to_nobody_else() {
    let mut says = certificate();
    says.hours.closed_on = vec![CalendarDate::in_japan(START).unwrap()];
    for (house, field) in houses_of(says).await {
        let (_, paths) = invite(&house, &field, &[HANAKO, ICHIRO]).await;
        let mut browser = Browser::of(host(&house));
        let right = browser.born(&paths[0], "1985").await;
        assert_eq!(right.status, 503, "{}", right.body);
        right.shows("次の受付は");
        right.shows("SMSのリンクをもう一度開いてください");
        right.shows(HELP);
        assert!(browser.jar.is_empty());
        for attempt in 1..=TRIES {
            let wrong = browser.born(&paths[1], "1985").await;
            assert_eq!(wrong.status.as_u16(), if attempt < TRIES { 422 } else { 403 });
            wrong.hides("次の受付は");
        }
        house.clock.advance(DAY);
        begin(&mut browser, &paths[0], "1985").await;
        assert_eq!(browser.born(&paths[1], "1990").await.status, 403);
    }
}

#[tokio::test]
async fn before_the_text_has_left_there_is_no_link_and_nothing_counts() {
    for (house, field) in houses().await {
        let (_, new) = plan(&house, &field, &[HANAKO]).await;
        let paths = started(&house, new.unwrap()).await;
        let mut browser = Browser::of(host(&house));
        let page = browser.get(&paths[0]).await;
        let unknown = browser.get(NOWHERE).await;
        assert_eq!(unknown.body.replace(NOWHERE, &paths[0]), page.body);
        assert_eq!(browser.born(&paths[0], "1985").await.status, 422);
        for _ in 1..TRIES {
            browser.born(&paths[0], "1984").await;
        }
        assert!(browser.jar.is_empty());
        leave(&house).await;
        assert_eq!(browser.born(&paths[0], "1984").await.status, 422);
        begin(&mut browser, &paths[0], "1985").await;
    }
}

/// The same texts to the same people once more.
async fn once_more(house: &House, new: NewBroadcast) -> NewBroadcast {
    NewBroadcast {
        resend: Some(Resend {
            scope: ResendScope::All,
            reason: "届いていないとの電話".to_owned(),
        }),
        judged: Horizon::now(&house.db).await.unwrap(),
        ..new
    }
}

#[tokio::test]
async fn a_text_that_goes_out_once_more_makes_no_used_or_locked_link_good_again() {
    for (house, field) in houses().await {
        let (_, new) = plan(&house, &field, &[HANAKO, ICHIRO]).await;
        let new = new.unwrap();
        let paths = started(&house, new.clone()).await;
        leave(&house).await;
        let mut browser = Browser::of(host(&house));
        let at = begin(&mut browser, &paths[0], "1985").await;
        for _ in 1..=TRIES {
            browser.born(&paths[1], "1984").await;
        }
        let again = started(&house, once_more(&house, new).await).await;
        assert_eq!(again, paths);
        let mut other = Browser::of(host(&house));
        assert_eq!(other.get(&paths[0]).await.location(), at, "it leads to the draft");
        leave(&house).await;
        assert_eq!(other.get(&paths[0]).await.location(), at);
        finish(&mut browser, &at).await;
        for seen in [other.get(&paths[0]).await, other.born(&paths[0], "1985").await] {
            assert_eq!(seen.status, 410);
            seen.shows("このリンクからの申請は受け付けました");
            seen.shows("送信したあとの画面に出た番号です");
        }
        assert_eq!(other.get(&paths[1]).await.status, 403);
        assert_eq!(other.born(&paths[1], "1990").await.status, 403);
    }
}

#[tokio::test]
async fn a_second_text_that_was_discarded_takes_no_link_away() {
    for (house, field) in houses().await {
        let (_, new) = plan(&house, &field, &[HANAKO]).await;
        let new = new.unwrap();
        let paths = started(&house, new.clone()).await;
        leave(&house).await;
        started(&house, once_more(&house, new).await).await;
        let second = BroadcastId::new(house.db.next_number("broadcasts").await.unwrap() - 1);
        assert!(messages::discard(&house.db, ORG, second, None).await.unwrap());
        begin(&mut Browser::of(host(&house)), &paths[0], "1985").await;
    }
}

#[tokio::test]
async fn a_draft_that_nobody_finished_frees_its_link_and_one_that_was_taken_back_does_not() {
    for (house, field) in houses().await {
        let (_, paths) = invite(&house, &field, &[HANAKO]).await;
        let path = &paths[0];
        let first = begin(&mut Browser::of(host(&house)), path, "1985").await;
        house.clock.advance(DRAFT_KEPT + 1);
        assert_eq!(store::expire(&house.db, ORG).await.unwrap(), 1);
        let mut browser = Browser::of(host(&house));
        let gate = browser.get(path).await;
        assert_eq!(gate.status, 200);
        gate.hides("受け付けました");
        let at = begin(&mut browser, path, "1985").await;
        assert_ne!(at, first);
        assert_eq!(people_known(&house).await, 1);
        finish(&mut browser, &at).await;
        assert_eq!(people_known(&house).await, 0, "the application knows");
        let id = id_of(&house, &at).await;
        store::withdraw_application(&house.db, ORG, id).await.unwrap();
        let over = Browser::of(host(&house)).get(path).await;
        assert_eq!(over.status, 410);
        over.shows("この申請は取り下げられました");
    }
}

#[tokio::test]
async fn a_link_opens_in_the_language_of_the_browser() {
    for (house, field) in houses().await {
        let (_, paths) = invite(&house, &field, &[HANAKO]).await;
        let mut browser = Browser::of(host(&house));
        let mut open = async |path: &str| {
            let request = Request::get(path).header("accept-language", "vi-VN,en;q=0.5");
            browser.send(request.body(Body::empty()).unwrap()).await
        };
        open(&paths[0]).await.shows("Đây là thông báo từ");
        let chosen = format!("{}?lang=en", paths[0]);
        open(&chosen).await.shows("This is a notice from");
    }
}

/// The desk for certificates, whose clerk can ask for birth date and number again.
fn asking_again() -> Document {
    let mut says = certificate();
    says.review.precheck = true;
    says.send_backs = vec![SendBack {
        key: Key::parse("unclear").unwrap(),
        label: "生年月日か番号が違う".to_owned(),
        again: vec![Again::Field(Field::Birth), Again::Field(Field::Phone)],
        telling: self_test().send_backs[0].telling.clone(),
    }];
    says
}

#[tokio::test]
async fn what_the_link_knew_is_no_match_once_the_person_put_it_right() {
    const MATCHES: &str = "番号・生年月日は一致";
    for (house, field) in houses_of(asking_again()).await {
        let mut clerk = somebody(&house, "clerk", OfficeId::HEADQUARTERS, &[Role::DeskClerk]).await;
        for (row, year, (born, phone)) in [
            (HANAKO, "1985", ("1985", "09012000001")),
            (ICHIRO, "1990", ("1991", "09012000002")),
            (
                ["09012000003", "見本 次郎", "ミホン ジロウ", "1992/4/3"],
                "1992",
                ("1992", "09012000007"),
            ),
        ] {
            let (_, paths) = invite(&house, &field, &[row]).await;
            let mut browser = Browser::of(host(&house));
            let at = begin(&mut browser, &paths[0], year).await;
            finish(&mut browser, &at).await;
            let id = id_of(&house, &at).await;
            let page = format!("/applications/{id}");
            clerk.get(&page).await.shows(MATCHES);
            let what = Key::parse("unclear").unwrap();
            let seen = (id, house.see(id).await.changes);
            let back = Precheck::SendBack { what };
            store::precheck(&house.db, ORG, seen, back, (CLERK, String::new()))
                .await
                .unwrap();
            browser.born(&at, year).await;
            browser.born(&format!("{at}/birth"), born).await;
            let next = browser.post(&format!("{at}/phone"), &[("phone", phone)]).await;
            let content = house.see(id).await.content;
            let same = phone == row[0];
            assert_eq!(next.location().ends_with("/code"), !same, "{}", next.body);
            assert_eq!(content.applicant.phone_proved_at.is_some(), same);
            let matches = same && born == year;
            assert_eq!(content.known_by_link, matches);
            if same {
                browser.post(&format!("{at}/check"), &[]).await;
                assert_eq!(house.see(id).await.state, State::Received);
            }
            let record = clerk.get(&page).await;
            if matches {
                record.shows(MATCHES);
            } else {
                record.hides(MATCHES);
            }
        }
    }
}

#[tokio::test]
async fn whoever_is_too_young_is_not_led_to_a_birth_date_that_is_not_asked() {
    let mut says = self_test();
    for rule in &mut says.ages {
        rule.when = None;
    }
    for (house, field) in houses_of(says).await {
        let child = ["09012000005", "手本 夏子", "テホン ナツコ", "2022年4月3日"];
        let (_, paths) = invite(&house, &field, &[child]).await;
        let mut browser = Browser::of(host(&house));
        let at = begin(&mut browser, &paths[0], "2022").await;
        browser.post(&format!("{at}/consent"), &[("agree", "yes")]).await;
        let way = browser.get(&format!("{at}/way")).await;
        assert_eq!(way.status, 200, "{}", way.location());
        way.hides("まちがえて答えたので");
        way.hides(&format!("{at}/birth"));
    }
}

#[tokio::test]
async fn for_whom_a_link_was_goes_in_the_night_after_its_time_unless_it_is_held() {
    for (house, field) in houses().await {
        invite(&house, &field, &[HANAKO]).await;
        let broadcast = BroadcastId::new(house.db.next_number("broadcasts").await.unwrap() - 1);
        let run = async || {
            messaging::retention::run(&house.db, ORG, None, None)
                .await
                .unwrap();
            people_known(&house).await
        };
        house.clock.advance(LINK_VALID - 1);
        assert_eq!(run().await, 1);
        let by = StaffId::new(1);
        let scope = HoldScope::Broadcast(broadcast);
        let hold = add_hold(&house.db, ORG, scope, "情報公開請求".to_owned(), by);
        let hold = hold.await.unwrap();
        house.clock.advance(1);
        assert_eq!(run().await, 1, "it is held");
        assert!(lift_hold(&house.db, ORG, hold, by).await.unwrap());
        assert_eq!(run().await, 0);
    }
}
