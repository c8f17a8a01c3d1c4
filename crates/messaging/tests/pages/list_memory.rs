//! What is remembered of a judged list is never older than what anybody did: each change shows in the next look.

use base::clock::DAY;
use base::id::{ListId, MessageId, OfficeId};
use base::phone::PhoneNumber;
use lists::choice::Choice;
use lists::contacts::{NewContact, Occasion, PersonKeys, PersonValues, Purpose, record};
use lists::numbers::{NewWrong, WrongKind, report_wrong};
use lists::store::{RowWish, Settings, change_row, choose, set_settings};
use messaging::store;

use crate::host::{Browser, Host, ORG};

/// How many people the list would be sent to now.
async fn people(browser: &mut Browser, list: ListId) -> usize {
    let page = browser.get(&format!("/lists/{list}")).await;
    let (_, rest) = page.body.split_once("送る人数</dt><dd>").unwrap();
    let (_, rest) = rest.split_once('>').unwrap();
    rest.split('<').next().unwrap().parse().unwrap()
}

async fn keys(host: &Host, row: u32) -> PersonKeys {
    let vault = host.db.vault(ORG).await.unwrap();
    let (id, phone) = (
        format!("{:06}", 100 + row),
        PhoneNumber::from_e164(&format!("+8190{:08}", 12_000_000 + row)),
    );
    let values = PersonValues {
        phone,
        id: Some(&id),
        name: None,
        birth: None,
    };
    PersonKeys::of(&vault, &values)
}

async fn write_to(host: &Host, row: u32) {
    let contact = NewContact {
        message: MessageId::new(9_000 + i64::from(row)),
        keys: keys(host, row).await,
    };
    let occasion = Occasion {
        office: OfficeId::HEADQUARTERS,
        purpose: Purpose::FirstTouch,
        list: None,
        at: host.clock.now(),
    };
    let recorded = host
        .db
        .write(move |tx| Box::pin(async move { record(tx, ORG, &occasion, &[contact]).await }));
    recorded.await.unwrap();
}

async fn close(host: &Host, row: u32) {
    let report = NewWrong {
        phone: PhoneNumber::from_e164(&format!("+8190{:08}", 12_000_000 + row)).unwrap(),
        kind: WrongKind::Unused,
        person: keys(host, row).await,
        corrected: None,
        reason: "現在使われていません".to_owned(),
        message: None,
        office: OfficeId::HEADQUARTERS,
        by: Some(host.staff),
    };
    report_wrong(&host.db, ORG, report).await.unwrap();
}

#[tokio::test]
async fn what_anybody_did_to_the_rows_shows_in_the_next_look() {
    let host = Host::new().await;
    let mut browser = host.asaka().await;
    let list = host.good_list(6).await;
    assert_eq!(people(&mut browser, list).await, 6);
    assert_eq!(people(&mut browser, list).await, 6, "remembered");
    let exclude = RowWish::Exclude("転出".to_owned());
    change_row(&host.db, ORG, list, 2, exclude, host.staff)
        .await
        .unwrap();
    assert_eq!(people(&mut browser, list).await, 5);
    change_row(&host.db, ORG, list, 2, RowWish::Include, host.staff)
        .await
        .unwrap();
    assert_eq!(people(&mut browser, list).await, 6);
    let mend = RowWish::Mend {
        cells: vec![(1, "048-123-4567".to_owned())],
        seen: 0,
    };
    change_row(&host.db, ORG, list, 3, mend, host.staff)
        .await
        .unwrap();
    assert_eq!(people(&mut browser, list).await, 5);
    browser.get(&format!("/lists/{list}")).await.shows("048-123-4567");
}

#[tokio::test]
async fn what_another_office_knows_or_did_shows_in_the_next_look() {
    let host = Host::new().await;
    let mut browser = host.asaka().await;
    let list = host.good_list(6).await;
    assert_eq!(people(&mut browser, list).await, 6);
    write_to(&host, 0).await;
    assert_eq!(people(&mut browser, list).await, 5);
    close(&host, 1).await;
    assert_eq!(people(&mut browser, list).await, 4);
    let again = Choice::Again {
        line: Some(2),
        reason: "本人の希望".to_owned(),
    };
    choose(&host.db, ORG, list, &again, host.staff).await.unwrap();
    assert_eq!(people(&mut browser, list).await, 5);
    host.clock.advance(60 * DAY);
    let mut later = host.asaka().await;
    assert_eq!(people(&mut later, list).await, 5, "the number stays closed");
}

#[tokio::test]
async fn another_text_or_column_shows_in_the_next_look() {
    let host = Host::new().await;
    let mut browser = host.asaka().await;
    let list = host.good_list(3).await;
    assert_eq!(people(&mut browser, list).await, 3);
    let text = "受付番号{{ID}}の方へ。".to_owned();
    let other = store::add_template(&host.db, ORG, "別のご案内".into(), text, host.staff)
        .await
        .unwrap();
    let settings = Settings {
        to: Some("電話番号".to_owned()),
        template: Some((other, 1)),
        ..Settings::default()
    };
    assert!(set_settings(&host.db, ORG, list, settings).await.unwrap());
    let preview = browser.get(&format!("/lists/{list}/preview")).await;
    preview.shows("受付番号");
    let mut head_office = host.browser("honcho").await;
    assert_eq!(people(&mut head_office, list).await, 3);
}
