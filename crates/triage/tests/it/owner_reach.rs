//! How the people of a programme are reached that belongs to one office: by that office, and what they write back is
//! read where they are looked after.

use accounts::{Name, Role};
use axum::http::StatusCode;
use base::date::CalendarDate;
use base::id::{OfficeId, ProgrammeId, StaffId, TemplateId};
use db::Db;
use messaging::message::Outcome;
use messaging::release::Hours;
use messaging::store::{self, replies};
use triage::case::FirstContact;
use triage::decision::Route;
use triage::jobs::take_over;
use triage::order::{NewOrder, release};
use triage::programme::{Content, examples};
use triage::store::changes::hand_over;
use triage::store::orders;
use triage::store::owners::set_owner;
use triage::store::programmes::{self, install_in};

use crate::people::{ASAKA, HANAKO, KAWAGUCHI, ORG, each, hand, opened};
use crate::reach::{Bulk, Carrier, arrive, desk, gather, somebody};
use crate::reach_pages::{Browser, Host, Seen};

/// Programme 1 belongs to this office.
async fn belongs_to(db: &Db, office: OfficeId) {
    let (example, now) = (examples().swap_remove(0), db.now());
    let installed = db.write(move |tx| {
        let example = example.clone();
        Box::pin(async move { install_in(tx, ORG, &example, None, now).await })
    });
    let programme = installed.await.unwrap();
    assert_eq!(programme, ProgrammeId::new(1));
    set_owner(db, ORG, programme, Some(office), HANAKO).await.unwrap();
}

/// The text of the first word. Nothing in it has to be known of a person but the name.
async fn text(db: &Db) -> (TemplateId, i64) {
    let words = "{{氏名}}様\n試験県です。受付番号は{{受付番号}}です。".to_owned();
    let added = store::add_template(db, ORG, "初回連絡".to_owned(), words, StaffId::new(1));
    (added.await.unwrap(), 1)
}

/// Presses the button of a gathering as its page shows it.
async fn press(browser: &mut Browser, page: &str) -> Seen {
    let shown = browser.get(page).await;
    let names = [
        "seal",
        "first",
        "route",
        "office",
        "programme",
        "template",
        "household",
    ];
    let values: Vec<String> = names.iter().map(|name| shown.hidden(name)).collect();
    let fields: Vec<(&str, &str)> = names
        .iter()
        .copied()
        .zip(values.iter().map(String::as_str))
        .collect();
    browser.submit(page, "/reach/gather", &fields).await
}

#[tokio::test]
async fn the_head_office_gathers_the_owners_people_only_by_themselves_and_in_the_owners_name() {
    each(async |db| {
        let host = Host::new(db);
        let (asaka, midori) = (host.office("朝霞保健所").await, host.office("みどり支援").await);
        belongs_to(&host.db, midori).await;
        let mut honcho = host.staff(OfficeId::HEADQUARTERS, "honcho").await;
        text(&host.db).await;
        arrive(&host.db, midori, (0..3).map(somebody).collect()).await;
        let list = honcho.get("/reach").await;
        list.shows("この部署の3人だけ集める");
        assert!(!list.body.contains("人を集めて確かめる"), "{}", list.body);
        let all = honcho.get("/reach/gather?route=head_office_sms").await;
        all.shows("いま送る相手はいません");
        // Those who are not at the owner yet are not forgotten.
        arrive(&host.db, asaka, vec![somebody(7)]).await;
        honcho.get("/reach").await.shows("1人を集めて確かめる");
        let all = honcho.get("/reach/gather?route=head_office_sms").await;
        all.shows("1人に送信する");
        all.shows("みどり支援の人は除いています");

        let page = format!("/reach/gather?route=head_office_sms&office={midori}");
        honcho.get(&page).await.shows("3人に送信する");
        let sent = press(&mut honcho, &page).await;
        assert_eq!(sent.location, "/broadcasts/1", "{}", sent.body);
        let day = store::broadcasts_between(&host.db, ORG, 0, i64::MAX)
            .await
            .unwrap();
        assert_eq!(day[0].office, midori, "so the answers are theirs too");
        let mut contractor = host.staff(midori, "midori").await;
        assert_eq!(contractor.get("/broadcasts/1").await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn nothing_goes_out_by_itself_for_an_office_that_has_closed() {
    each(async |db| {
        let desk = desk(&db);
        let version = text(&db).await;
        let offices = ["朝霞保健所", "みどり支援"].map(|name| Name::parse(name).unwrap());
        let mut ids = Vec::new();
        for name in offices {
            ids.push(desk.accounts.add_office(ORG, name).await.unwrap());
        }
        assert_eq!(ids, [ASAKA, KAWAGUCHI]);
        for (office, n) in [(ASAKA, 0), (KAWAGUCHI, 1)] {
            arrive(&db, office, vec![somebody(n)]).await;
            let new = NewOrder {
                office,
                programme: 1,
                route: Route::HeadOfficeSms,
                version,
                per_release: 10,
                per_day: 25,
                hours: Hours::DAYTIME,
                by: HANAKO,
            };
            orders::add(&db, ORG, new).await.unwrap().unwrap();
        }
        desk.accounts.close_office(ORG, KAWAGUCHI).await.unwrap();
        assert_eq!(
            release(&desk, ORG).await.unwrap(),
            1,
            "of the office where somebody works"
        );
        desk.accounts.reopen_office(ORG, KAWAGUCHI).await.unwrap();
        assert_eq!(release(&desk, ORG).await.unwrap(), 1, "the order itself stands");
    })
    .await;
}

#[tokio::test]
async fn what_people_write_back_is_read_where_they_are_looked_after() {
    each(async |db| {
        let host = Host::new(db);
        let (asaka, midori) = (host.office("朝霞保健所").await, host.office("みどり支援").await);
        let ids = arrive(&host.db, asaka, (0..2).map(somebody).collect()).await;
        let version = text(&host.db).await;
        // The head office wrote to everybody.
        gather(&desk(&host.db), version).await;
        let carrier = Carrier::of(&host.db).await;
        for part in carrier.take().await {
            carrier.says(&part, Outcome::Delivered).await;
        }
        carrier.writes_back("090-1200-0000", "熱が下がりました").await;
        carrier.writes_back("090-1200-0001", "電話をください").await;
        carrier.writes_back("090-9999-0001", "だれですか").await;
        take_over(&host.db, ORG).await.unwrap();
        let of = async |office: OfficeId| {
            let found = replies(&host.db, ORG, Some(office), None, (50, 0)).await;
            found.unwrap().len()
        };
        assert_eq!((of(asaka).await, of(OfficeId::HEADQUARTERS).await), (2, 1));

        let mut own = host.staff(asaka, "asaka").await;
        own.get("/replies").await.shows("受付番号");
        let reply = replies(&host.db, ORG, Some(asaka), None, (50, 0)).await.unwrap();
        let page = own.get(&format!("/replies/{}", reply[0].id)).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(
            !page.body.contains("/messages/"),
            "it is the head office's message"
        );
        let record = own.get(&format!("/cases/{}", ids[0])).await;
        record.shows("返信 1 が届いた");
        record.shows("href=\"/replies/1\"");
        assert!(!record.body.contains("/messages/"), "{}", record.body);
        let mut honcho = host.staff(OfficeId::HEADQUARTERS, "honcho").await;
        honcho
            .get(&format!("/cases/{}", ids[0]))
            .await
            .shows("/messages/");

        // Whoever takes a person over reads what they wrote.
        let case = opened(&host.db, ids[0]).await;
        let rules = std::sync::Arc::new(Bulk);
        hand_over(&host.db, ORG, hand(&case), midori, rules, String::new())
            .await
            .unwrap();
        assert_eq!((of(asaka).await, of(midori).await), (1, 1));
    })
    .await;
}

/// Programme 1, which names these first texts; they hold at once.
async fn names_texts(db: &Db, texts: &[TemplateId]) {
    let texts: Vec<String> = texts.iter().map(ToString::to_string).collect();
    let content = format!(
        r#"{{"schema":1,"rules":[{{"name":"全員","route":"head_office_sms","priority":50}}],"periods":{{"rules":[]}},
        "first_contact":{{"by":"opening","call_after_hours":24}},"first_texts":[{}],
        "closing":{{"after":"never","notice":false}}}}"#,
        texts.join(",")
    );
    let draft = programmes::Draft {
        title: "文面を決める".to_owned(),
        from: CalendarDate::new(2022, 1, 1).unwrap(),
        content: Content::from_json(&content).unwrap(),
    };
    let id = programmes::add_programme(db, ORG, "試験".to_owned(), draft, HANAKO);
    let id = id.await.unwrap();
    assert_eq!(id, ProgrammeId::new(1));
    let approved = programmes::approve(db, ORG, (id, 1), 1, StaffId::new(99)).await;
    assert!(approved.unwrap());
}

/// A first text of another disease, whose name comes before all others.
async fn another_text(db: &Db) -> TemplateId {
    let words = "{{氏名}}様\nほかの病気のご連絡です。試験県".to_owned();
    let added = store::add_template(db, ORG, "あ ほかの病気".to_owned(), words, StaffId::new(1));
    added.await.unwrap()
}

#[tokio::test]
async fn nobody_is_gathered_with_the_text_of_another_disease_because_its_name_comes_first() {
    each(async |db| {
        let host = Host::new(db);
        let asaka = host.office("朝霞保健所").await;
        let (own, other) = (text(&host.db).await.0, another_text(&host.db).await);
        arrive(&host.db, asaka, vec![somebody(0)]).await;
        let mut honcho = host.staff(OfficeId::HEADQUARTERS, "honcho").await;
        let page = honcho.get("/reach/gather").await;
        page.shows("文面が選ばれていません");
        page.shows(r#"<option value="" selected>選んでください"#);
        assert!(!page.body.contains("人に送信する"), "{}", page.body);
        let chosen = honcho.get(&format!("/reach/gather?template={own}.1")).await;
        chosen.shows("1人に送信する");

        names_texts(&host.db, &[own]).await;
        let page = honcho.get("/reach/gather").await;
        page.shows("1人に送信する");
        page.shows("受付番号は");
        let place = |template: TemplateId| {
            let option = format!(r#"<option value="{template}.1""#);
            page.body
                .find(&option)
                .unwrap_or_else(|| panic!("no {option}: {}", page.body))
        };
        assert!(place(own) < place(other), "its own come first");
        let orders = honcho.get("/reach/orders").await;
        assert!(
            !orders.body.contains(&format!(r#"value="{own}.1""#)),
            "not approved yet"
        );
        let approved = store::approve_version(&host.db, ORG, (own, 1), Some(StaffId::new(99))).await;
        assert!(approved.unwrap());
        honcho
            .get("/reach/orders")
            .await
            .shows(&format!(r#"<option value="{own}.1" selected>"#));
    })
    .await;
}

#[tokio::test]
async fn a_case_worker_writes_to_one_person_in_two_clicks_with_an_approved_text_only() {
    each(async |db| {
        let host = Host::new(db);
        let asaka = host.office("朝霞保健所").await;
        let (own, new) = (text(&host.db).await.0, another_text(&host.db).await);
        names_texts(&host.db, &[new, own]).await;
        let approved = store::approve_version(&host.db, ORG, (own, 1), Some(StaffId::new(99))).await;
        assert!(approved.unwrap());
        let id = arrive(&host.db, asaka, vec![somebody(0)]).await[0];
        let mut worker = host.staff_as(asaka, "worker", Role::CaseWorker).await;
        let record = worker.get(&format!("/cases/{id}")).await;
        let address = format!("/cases/{id}/write");
        let first = format!("{address}?template={own}.1");
        record.shows(&format!(r#"href="{first}""#));
        assert!(
            !record.body.contains(&format!("template={new}.1")),
            "it is not approved"
        );
        let texts = worker.get(&address).await;
        assert!(
            !texts.body.contains(&format!("template={new}.1")),
            "{}",
            texts.body
        );
        let refused = worker.get(&format!("{address}?template={new}.1")).await;
        refused.shows("まだ承認されていない文面です");
        assert!(!refused.body.contains("1人に送信する"));

        let shown = worker.get(&first).await;
        shown.shows("1人に送信する");
        let (word, seal) = (format!("{own}.1"), shown.hidden("seal"));
        let fields = [("template", word.as_str()), ("seal", &seal)];
        let sent = worker.submit(&first, &address, &fields).await;
        assert_eq!(sent.location, "/broadcasts/1", "{}", sent.body);
        assert_eq!(opened(&host.db, id).await.contact, FirstContact::Written);
    })
    .await;
}
