//! Links of everybody's own to a desk, out of a broadcast: whom they open to, what is not asked, how they end.

use accounts::Role;
use base::clock::DAY;
use base::id::{BroadcastId, MessageId, OfficeId, StaffId};
use desk::application::{Application, State};
use desk::document::{Document, shipped};
use desk::limits::{DRAFT_IDLE, TRIES};
use desk::store;
use lists::choice::Household;
use lists::contacts::{PersonKeys, Purpose};
use lists::numbers::{NewWrong, WrongKind};
use messaging::broadcast::{NewBroadcast, Origin};
use messaging::correction::report_wrong;
use messaging::limits::LINK_VALID;
use messaging::links::LinkOrigin;
use messaging::pages::roll::{self, Fate, Roll};
use messaging::store::{self as messages, TemplateDraft};
use messaging::template::Content;

use crate::applying::{HELP, host};
use crate::browser::{Browser, Seen};
use crate::house::{House, ORG};
use crate::office::somebody;

const HOST: &str = "https://sms.example.lg.jp";
pub(crate) const NOWHERE: &str = "/i/111111111111";

pub(crate) fn certificate() -> Document {
    let mut desks = shipped().into_iter().map(|one| one.document.document().clone());
    desks.find(|says| says.confirmed.certificate.is_some()).unwrap()
}

/// Houses whose desk texts may lead to, and the merge field that does.
pub(crate) async fn houses() -> Vec<(House, String)> {
    houses_of(certificate()).await
}

pub(crate) async fn houses_of(says: Document) -> Vec<(House, String)> {
    let mut all = Vec::new();
    for mut house in Box::pin(House::each(says)).await {
        house.desk.links.origin = LinkOrigin::parse(HOST);
        let mut office = somebody(&house, "head", OfficeId::HEADQUARTERS, &[Role::Administrator]).await;
        let page = format!("/desks/{}", house.id());
        office.get(&page).await.shows("本人用リンクを使う");
        let done = office.submit(&page, &format!("{page}/link"), &[]).await;
        assert_eq!(done.leads_to(), page);
        let field = format!("{{{{リンク {}}}}}", house.row.name);
        office.get(&page).await.shows(&field);
        all.push((house, field));
    }
    all
}

/// One row: number, name, kana, birth date.
pub(crate) type Row = [&'static str; 4];

pub(crate) const HANAKO: Row = ["09012000001", "手本 花子", "テホン ハナコ", "昭和60年4月3日"];

/// What becomes of each row, and the path of the link that each one gets who is written to. Everything leaves.
pub(crate) async fn invite(house: &House, field: &str, rows: &[Row]) -> (Vec<Fate>, Vec<String>) {
    let (fates, new) = plan(house, field, rows).await;
    let Some(new) = new else {
        return (fates, Vec::new());
    };
    let paths = started(house, new).await;
    leave(house).await;
    (fates, paths)
}

const LEAVE: db::Sql = db::Sql("UPDATE parts SET state = 20 WHERE state IN (65, 70)");

/// The carrier takes everything that waits.
pub(crate) async fn leave(house: &House) {
    let left = house
        .db
        .write(|tx| Box::pin(tx.execute(LEAVE, db::params![])))
        .await
        .unwrap();
    assert!(left > 0);
}

/// What becomes of each row, and the broadcast to those who are written to.
pub(crate) async fn plan(house: &House, field: &str, rows: &[Row]) -> (Vec<Fate>, Option<NewBroadcast>) {
    let text = format!("みどり県です。療養証明書を申請できます。\n{field}\n問い合わせ 000-000-0002");
    let draft = TemplateDraft {
        name: "証明書の案内".to_owned(),
        folder: String::new(),
        content: Content {
            purpose: Purpose::Notice,
            ..Content::of(text)
        },
    };
    let template = messages::add_draft(&house.db, ORG, draft, StaffId::new(1))
        .await
        .unwrap();
    let cells = rows
        .iter()
        .map(|row| (row.map(str::to_owned).to_vec(), PersonKeys::default()));
    let people = Roll {
        org: ORG,
        office: OfficeId::HEADQUARTERS,
        version: (template, 1),
        headings: ["電話番号", "氏名", "フリガナ", "生年月日"]
            .map(str::to_owned)
            .to_vec(),
        to: "電話番号",
        name: Some(1),
        household: Household::default(),
        links: messaging::links::PersonalLinks::default(),
        again: None,
        rows: cells.collect(),
    };
    let judged = roll::judge(&house.desk, people).await.unwrap().unwrap();
    if judged.rows.is_empty() {
        return (judged.fates, None);
    }
    let new = judged.broadcast(
        &house.desk,
        "案内".to_owned(),
        Origin::Browser,
        Some(StaffId::new(1)),
    );
    let new = new.await.unwrap();
    (judged.fates, Some(new))
}

/// Starts it; the path of each row's link.
pub(crate) async fn started(house: &House, new: NewBroadcast) -> Vec<String> {
    let started = messaging::broadcast::start(&house.db, new).await.unwrap();
    let mut paths = Vec::new();
    for fate in &started.fates {
        paths.push(path_in(house, fate.message).await);
    }
    paths
}

async fn path_in(house: &House, message: MessageId) -> String {
    let message = messages::message(&house.db, ORG, message).await.unwrap().unwrap();
    let (_, rest) = message.text.split_once(HOST).unwrap();
    rest.lines().next().unwrap().to_owned()
}

impl Browser {
    pub(crate) async fn born(&mut self, path: &str, year: &str) -> Seen {
        let day = [("birth-year", year), ("birth-month", "4"), ("birth-day", "3")];
        self.post(path, &day).await
    }
}

pub(crate) async fn only(house: &House) -> Application {
    let found = store::received(&house.db, ORG, house.id()).await.unwrap();
    let ready = store::ready(&house.db, ORG, house.id()).await.unwrap();
    found.into_iter().chain(ready).next().unwrap()
}

#[tokio::test]
async fn link_and_birth_date_begin_an_application_at_the_number_that_the_link_arrived_at() {
    for (house, field) in houses().await {
        let (_, paths) = invite(&house, &field, &[HANAKO]).await;
        let path = &paths[0];
        let mut browser = Browser::of(host(&house));
        // Looking shows nothing of anybody, and the same as a link that there never was.
        let page = browser.get(path).await;
        page.shows("確認番号は要りません");
        page.shows(HELP);
        for hidden in ["手本", "1985", "昭和60", "療養", "0901"] {
            page.hides(hidden);
        }
        let unknown = Browser::of(host(&house)).get(NOWHERE).await;
        assert_eq!(unknown.body.replace(NOWHERE, path), page.body);
        assert!(browser.jar.is_empty());

        let inside = browser.born(path, "1985").await;
        let at = inside.location().strip_suffix("/next").unwrap().to_owned();
        assert!(at.starts_with("/a/"), "{at}");
        let first = browser.get(inside.location()).await;
        assert_eq!(first.location(), format!("{at}/consent"));
        browser.post(&format!("{at}/consent"), &[("agree", "yes")]).await;
        for page in ["notified", "over", "lived_here"] {
            browser.post(&format!("{at}/e/{page}"), &[(page, "yes")]).await;
        }
        // Neither the birth date nor the number is asked.
        for known in ["birth", "phone", "code"] {
            let seen = browser.get(&format!("{at}/{known}")).await;
            assert_eq!(seen.location(), format!("{at}/next"), "{known}");
        }
        browser.get(&format!("{at}/name")).await.shows("花子");
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
        let check = browser.get(&format!("{at}/check")).await;
        check.shows("090-1200-0001");
        check.shows("手本 花子");
        check.hides("「生年月日」を変更");
        let sent = browser.post(&format!("{at}/check"), &[]).await;
        assert_eq!(sent.location(), format!("{at}/done"), "{}", sent.body);

        let found = only(&house).await;
        let applicant = &found.content.applicant;
        assert_eq!(applicant.phone.unwrap().national(), "090-1200-0001");
        assert!(applicant.phone_proved_at.is_some() && found.content.known_by_link);
        // It is used.
        let again = Browser::of(host(&house)).get(path).await;
        assert_eq!(again.status, 410);
        again.shows("このリンクからの申請は受け付けました");
        again.hides("手本");
        let again = Browser::of(host(&house)).born(path, "1985").await;
        assert_eq!(again.status, 410);
    }
}

#[tokio::test]
async fn what_was_begun_goes_on_behind_the_birth_date() {
    for (house, field) in houses().await {
        let (_, paths) = invite(&house, &field, &[HANAKO]).await;
        let mut browser = Browser::of(host(&house));
        let inside = browser.born(&paths[0], "1985").await;
        let at = inside.location().strip_suffix("/next").unwrap().to_owned();
        browser.post(&format!("{at}/consent"), &[("agree", "yes")]).await;
        house.clock.advance(DRAFT_IDLE);
        let mut later = Browser::of(host(&house));
        let gate = later.get(&paths[0]).await;
        assert_eq!(gate.location(), at);
        later.get(&at).await.hides("手本");
        let back = later.born(&at, "1985").await;
        assert_eq!(
            later.get(back.location()).await.location(),
            format!("{at}/e/notified")
        );
    }
}

#[tokio::test]
async fn five_wrong_birth_dates_lock_it_and_its_time_ends_it() {
    for (house, field) in houses().await {
        let rows = [HANAKO, ["09012000002", "見本 一郎", "", "1990/4/3"]];
        let (_, paths) = invite(&house, &field, &rows).await;
        let mut browser = Browser::of(host(&house));
        for attempt in 1..=TRIES {
            let seen = browser.born(&paths[0], "1984").await;
            assert_eq!(seen.status.as_u16(), if attempt < TRIES { 422 } else { 403 });
        }
        let right = browser.born(&paths[0], "1985").await;
        assert_eq!(right.status, 403);
        right.shows("このリンクを止めました");
        assert!(browser.jar.is_empty());
        house.clock.advance(LINK_VALID);
        for seen in [
            browser.get(&paths[1]).await,
            browser.born(&paths[1], "1990").await,
        ] {
            assert_eq!(seen.status, 410);
            seen.shows("このリンクで申請できる期間が終わりました");
        }
        let elsewhere = [("birth-year", "1990"), ("birth-month", "4"), ("birth-day", "3")];
        let seen = browser.post_from_elsewhere(&paths[1], &elsewhere).await;
        assert_eq!(seen.status, 403);
        assert_eq!(browser.get(&paths[1][..8]).await.status, 404);
    }
}

#[tokio::test]
async fn a_family_at_one_number_gets_a_link_each_and_two_presses_begin_one_application() {
    for (house, field) in houses().await {
        let rows = [
            HANAKO,
            ["09012000001", "手本 夏子", "テホン ナツコ", "2015年4月3日"],
        ];
        let (_, paths) = invite(&house, &field, &rows).await;
        assert_eq!(paths.len(), 2);
        assert_ne!(paths[0], paths[1]);
        let mut child = Browser::of(host(&house));
        assert_eq!(
            child.born(&paths[1], "1985").await.status,
            422,
            "it is the child's"
        );
        let presses = [(); 8].map(|()| {
            let (mut browser, path) = (Browser::of(host(&house)), paths[1].clone());
            tokio::spawn(async move { browser.born(&path, "2015").await.jar_was_filled() })
        });
        let mut begun = 0;
        for press in presses {
            begun += usize::from(press.await.unwrap());
        }
        assert_eq!(begun, 1);
    }
}

impl Seen {
    /// Whether this browser was let in.
    fn jar_was_filled(&self) -> bool {
        let mut cookies = self.headers.get_all("set-cookie").iter();
        cookies.any(|one| one.to_str().unwrap().contains("todoke-application="))
    }
}

#[tokio::test]
async fn whoever_has_no_birth_date_in_the_list_is_not_written_to() {
    for (house, field) in houses().await {
        let rows = [
            ["09012000003", "無記 入子", "", ""],
            ["09012000004", "誤記 入子", "", "不明"],
        ];
        let (fates, paths) = invite(&house, &field, &rows).await;
        assert!(paths.is_empty());
        for fate in fates {
            assert!(
                matches!(&fate, Fate::Blocked(why) if why.contains("生年月日を書き足すか")),
                "{fate:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_corrected_number_is_the_one_that_is_proved() {
    for (house, field) in houses().await {
        let (_, new) = plan(&house, &field, &[HANAKO]).await;
        let paths = started(&house, new.unwrap()).await;
        let newest = house.db.next_number("messages").await.unwrap() - 1;
        let corrected = base::phone::parse("09012000009").unwrap().number;
        let wrong = NewWrong {
            phone: base::phone::parse(HANAKO[0]).unwrap().number,
            kind: WrongKind::WrongNumber,
            person: PersonKeys::default(),
            corrected: Some(corrected),
            reason: "別の人が出た".to_owned(),
            message: Some(MessageId::new(newest)),
            office: OfficeId::HEADQUARTERS,
            by: Some(StaffId::new(1)),
        };
        let done = report_wrong(&house.db, ORG, wrong).await.unwrap();
        assert_eq!(done.effect.made, 1);
        let mut browser = Browser::of(host(&house));
        let early = browser.born(&paths[0], "1985").await;
        assert_eq!(early.status, 422, "nothing went to the right number yet");
        leave(&house).await;
        let inside = browser.born(&paths[0], "1985").await;
        let token = inside.location().split('/').nth(2).unwrap();
        let token = desk::application::ApplicationToken::in_address(token).unwrap();
        let (_, id) = store::application_of_link(&house.db, &token)
            .await
            .unwrap()
            .unwrap();
        let found = house.see(id).await;
        assert_eq!(found.state, State::Draft);
        assert_eq!(found.content.applicant.phone, Some(corrected));
    }
}

async fn people_kept(house: &House) -> i64 {
    const KEPT: db::Sql = db::Sql("SELECT COUNT(*) FROM link_people");
    let row = house.db.query_opt(KEPT, db::params![]).await.unwrap().unwrap();
    row.get(0).unwrap()
}

#[tokio::test]
async fn for_whom_a_link_was_is_erased_with_its_message() {
    for (house, field) in houses().await {
        invite(&house, &field, &[HANAKO]).await;
        let broadcast = BroadcastId::new(house.db.next_number("broadcasts").await.unwrap() - 1);
        assert!(messages::discard(&house.db, ORG, broadcast, None).await.unwrap());
        house.clock.advance(30 * DAY);
        assert_eq!(people_kept(&house).await, 1);
        house.clock.advance(1);
        messaging::retention::run(&house.db, ORG, None, None)
            .await
            .unwrap();
        assert_eq!(people_kept(&house).await, 0);
    }
}
