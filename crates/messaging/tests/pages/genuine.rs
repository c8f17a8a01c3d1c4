//! 「このSMSは本物ですか」 says what is configured, all of it and nothing else.

use accounts::Accounts;
use axum::body::Body;
use axum::extract::Request;
use base::clock::{DAY, japan_midnight};
use base::id::StaffId;
use base::text::Carrier;
use lists::contacts::Purpose;
use messaging::links::{HostPattern, LinkOrigin, LinkSettings};
use messaging::pages::{GenuineDesk, ResidentDesk, genuine_pages};
use messaging::sender::{SenderKind, SenderNumber};
use messaging::store;
use tower::ServiceExt;

use crate::host::{Host, ORG, START};

const HELP: &str = "みどり県 感染症対策課 電話 000-000-0000";

async fn page(host: &Host) -> String {
    let desk = GenuineDesk {
        desk: ResidentDesk {
            db: host.db.clone(),
            accounts: Accounts::new(host.db.clone(), false),
            help: HELP.to_owned(),
        },
        sender: "0005999999".to_owned(),
        links: LinkSettings {
            origin: LinkOrigin::parse("https://sms.pref.example.lg.jp"),
            hosts: HostPattern::parse("*.lg.jp").into_iter().collect(),
        },
    };
    let request = Request::get("/genuine").body(Body::empty()).unwrap();
    let answer = genuine_pages(desk).oneshot(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn number(digits: &str, carrier: Option<Carrier>, purpose: Option<Purpose>) -> SenderNumber {
    SenderNumber {
        id: 0,
        office: None,
        carrier,
        kind: SenderKind::CommonShortCode,
        number: digits.to_owned(),
        purpose,
        from_day: japan_midnight(START),
        until_day: None,
    }
}

/// The cells of the table of numbers, row by row.
fn table(page: &str) -> Vec<[String; 3]> {
    let body = page
        .split("<tbody>")
        .nth(1)
        .unwrap()
        .split("</tbody>")
        .next()
        .unwrap();
    let cells = |row: &str| -> Vec<String> {
        let texts = row
            .split('>')
            .skip(1)
            .map(|rest| rest.split('<').next().unwrap().trim());
        texts.filter(|text| !text.is_empty()).map(str::to_owned).collect()
    };
    body.split("</tr>")
        .map(cells)
        .filter_map(|cells| cells.try_into().ok())
        .collect()
}

#[tokio::test]
async fn the_page_is_the_configuration() {
    let host = Host::new().await;
    let all = "すべての携帯電話会社";
    let everything = "すべてのお知らせ";
    assert_eq!(
        table(&page(&host).await),
        [[all, "0005999999", everything].map(str::to_owned)]
    );
    let ended = SenderNumber {
        until_day: Some(japan_midnight(START)),
        from_day: japan_midnight(START) - DAY,
        ..number("00051111", None, None)
    };
    let later = SenderNumber {
        from_day: japan_midnight(START) + DAY,
        ..number("00052222", None, None)
    };
    let used = [
        number("00053333", None, None),
        number("243056", Some(Carrier::SoftBank), None),
        number("00054444", None, Some(Purpose::Survey)),
    ];
    for one in used.iter().cloned().chain([ended, later]) {
        store::add_sender(&host.db, ORG, one, StaffId::new(1))
            .await
            .unwrap();
    }
    let configured: std::collections::BTreeSet<[String; 3]> = store::senders(&host.db, ORG)
        .await
        .unwrap()
        .used(japan_midnight(START))
        .map(|one| {
            [
                one.carrier.map_or(all, Carrier::label).to_owned(),
                one.number.clone(),
                one.purpose.map_or(everything, Purpose::label).to_owned(),
            ]
        })
        .collect();
    let text = page(&host).await;
    let shown = table(&text);
    assert_eq!(shown.len(), configured.len());
    assert_eq!(
        shown.into_iter().collect::<std::collections::BTreeSet<_>>(),
        configured
    );
    for host_name in ["sms.pref.example.lg.jp", "*.lg.jp"] {
        assert!(
            text.contains(&format!("<li class=\"mono\">{host_name}</li>")),
            "{text}"
        );
    }
    assert!(text.contains("あなたのIDは ○○ です。"), "{text}");
    for words in ["パスワード", "口座", HELP] {
        assert!(text.contains(words), "{words}");
    }
    assert!(!text.contains("{{"), "no field is shown");
    let scripts = text.matches("<script").count();
    assert_eq!(
        scripts,
        text.matches("/static/").count() - text.matches("<link ").count(),
        "only that of forms: {text}"
    );
}

#[tokio::test]
async fn a_text_that_is_put_away_or_for_trial_is_no_sample() {
    let host = Host::new().await;
    store::archive_template(&host.db, ORG, host.template)
        .await
        .unwrap();
    let text = page(&host).await;
    assert!(!text.contains("あなたのIDは"), "{text}");
    assert!(text.contains("いま使っている文面はありません"));
}
