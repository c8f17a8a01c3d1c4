//! Several offices press at once, and what the pages say to those who were not the first.

use axum::http::StatusCode;
use base::id::{ListId, StaffId};
use base::phone::PhoneNumber;
use lists::contacts::{PersonKeys, Purpose};
use lists::numbers::{NewWrong, WrongKind};
use messaging::broadcast::{self, Horizon, Lane, NewBroadcast, Origin, Outgoing};
use messaging::correction::report_wrong;
use messaging::store;
use std::sync::Arc;

use super::host::{Browser, Host, ORG};

/// The person whom all offices have on their lists.
const SHARED: &str = "+819011112222";

fn list_of(office: u32) -> String {
    format!("ID,電話\n100001,09011112222\n2{office:05},090333344{office:02}\n")
}

async fn seal(browser: &mut Browser, list: &str) -> String {
    let page = browser.get(&format!("{list}/confirm")).await;
    let (_, rest) = page.body.split_once(r#"name="seal" value=""#).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// How many messages go to the shared number, and how many there are.
async fn messages(host: &Host) -> (usize, usize) {
    let (mut shared, mut all) = (0, 0);
    for one in store::broadcasts_between(&host.db, ORG, 0, i64::MAX)
        .await
        .unwrap()
    {
        for id in one.messages.0.get()..=one.messages.1.get() {
            let message = store::message(&host.db, ORG, base::id::MessageId::new(id)).await;
            let message = message.unwrap().unwrap();
            shared += usize::from(message.to.is_some_and(|to| to.e164() == SHARED));
            all += 1;
        }
    }
    (shared, all)
}

#[tokio::test]
async fn six_offices_that_press_at_once_write_once_to_the_person_they_share() {
    for host in Host::each().await {
        let mut pressing = Vec::new();
        for n in 0..6 {
            let text = format!("【みどり県】窓口{n}です。あなたのIDは{{{{ID}}}}です。");
            let (_, template) = host.template(&text).await;
            let office = if n % 2 == 0 { host.asaka } else { host.soka };
            let mut browser = host.staff(&format!("staff{n}"), office).await;
            let list = browser.list(&template, &list_of(n)).await;
            let (seal, token) = (seal(&mut browser, &list).await, browser.token("/lists/new").await);
            pressing.push((browser, list, seal, token));
        }
        let pressed = pressing.into_iter().map(|(mut browser, list, seal, token)| {
            tokio::spawn(async move {
                let fields = [("csrf", token.as_str()), ("seal", seal.as_str()), ("seen", "0")];
                let seen = browser.post(&format!("{list}/send"), &fields).await;
                (browser, list, seen)
            })
        });
        for press in pressed.collect::<Vec<_>>() {
            let (mut browser, list, seen) = press.await.unwrap();
            // Whoever's list is judged after the first start sees the page again instead.
            if seen.status == StatusCode::CONFLICT {
                let seal = seal(&mut browser, &list).await;
                let fields = [("seal", seal.as_str()), ("seen", "0")];
                let seen = browser
                    .submit("/lists/new", &format!("{list}/send"), &fields)
                    .await;
                assert!(seen.location.starts_with("/broadcasts/"), "{}", seen.words());
                continue;
            }
            assert!(seen.location.starts_with("/broadcasts/"), "{}", seen.words());
            if seen.location.ends_with("?done=left-out") {
                let page = browser.get(&seen.location).await;
                assert!(page.has("1人には送りません"), "{}", page.words());
                assert!(browser.get(&list).await.has("すでに連絡した人（1人）"));
            }
        }
        assert_eq!(messages(&host).await, (1, 7));
    }
}

/// The rows of a list start as somebody confirmed them who could see so far.
async fn start(host: &Host, list: &str, judged: Horizon) -> broadcast::Started {
    let list: ListId = list.trim_start_matches("/lists/").parse().unwrap();
    let row = |line, e164: &str| {
        let to = PhoneNumber::from_e164(e164).unwrap();
        Outgoing::to_number(line, to, format!("{line}行目の文面"))
    };
    let rows = vec![row(2, SHARED), row(3, "+819033334400"), row(4, "+819033334401")];
    let new = NewBroadcast {
        org: ORG,
        office: host.asaka,
        list: Some(list),
        template: None,
        file_name: "朝霞.csv".to_owned(),
        origin: Origin::Browser,
        stage: messaging::stage::BroadcastStage::Live,
        simulated: false,
        purpose: Purpose::FirstTouch,
        lane: Lane::FirstTouch,
        sender: "0005000000".to_owned(),
        segmentation: base::segment::Segmentation::Udh8,
        hold: 30_000,
        created_by: Some(StaffId::new(1)),
        resend: None,
        replaces: None,
        release: messaging::release::NewRelease::default(),
        judged,
        rows: Arc::new(rows),
    };
    broadcast::start(&host.db, new).await.unwrap()
}

#[tokio::test]
async fn the_pages_say_who_was_left_out_in_the_last_moment_and_why() {
    for host in Host::each().await {
        let (mut browser, template) = host.desk().await;
        let text = "ID,電話\n100001,09011112222\n100002,09033334400\n100003,09033334401\n";
        let list = browser.list(&template, text).await;
        let judged = Horizon::now(&host.db).await.unwrap();
        let mut soka = host.staff("soka", host.soka).await;
        let (_, template) = host.template("【みどり県】草加です。{{ID}}").await;
        let theirs = soka.list(&template, &list_of(7)).await;
        let seal = seal(&mut soka, &theirs).await;
        let fields = [("seal", seal.as_str()), ("seen", "0")];
        soka.submit("/lists/new", &format!("{theirs}/send"), &fields)
            .await;
        let wrong = NewWrong {
            phone: PhoneNumber::from_e164("+819033334400").unwrap(),
            kind: WrongKind::Unused,
            person: PersonKeys::default(),
            corrected: None,
            reason: "現在使われていません".to_owned(),
            message: None,
            office: host.soka,
            by: Some(StaffId::new(1)),
        };
        report_wrong(&host.db, ORG, wrong).await.unwrap();

        let started = start(&host, &list, judged).await;
        let page = format!("/broadcasts/{}", started.broadcast);
        let shown = browser.get(&format!("{page}?done=left-out")).await;
        assert!(shown.has("2人には送りません"), "{}", shown.words());
        assert!(
            shown.has("ほかの配信で送られた方: 1人（2行目）"),
            "{}",
            shown.words()
        );
        assert!(shown.has("使えない番号として登録された方: 1人（3行目）"));
        host.db.clock().advance(60_000);
        let later = browser.get(&page).await;
        assert!(later.has("送る直前に2人を外しました"), "{}", later.words());
        let shown = browser.get(&format!("{list}?done=overtaken")).await;
        assert!(shown.has("送る直前に、送る相手の状況が変わりました"));
        assert!(shown.has("すでに連絡した人（1人）") && shown.has("使われていない番号"));
        store::discard(&host.db, ORG, started.broadcast, None)
            .await
            .unwrap();
        let result = browser.get(&page).await;
        assert!(
            result.has("同じ目的ですでに連絡した人の行: 1行"),
            "{}",
            result.words()
        );
        let export = format!("{page}/export");
        let fields = [("form", "csv"), ("purpose", "確認")];
        let report = browser.submit(&export, &export, &fields).await;
        assert!(
            report.has("草加保健所が「初回連絡」を送っています"),
            "{}",
            report.body
        );
    }
}
