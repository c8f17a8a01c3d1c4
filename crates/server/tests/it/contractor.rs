//! A contractor owns a whole programme, from the first word to the end, as a support centre of 2022 did: the real
//! router, guard and jobs, a carrier over SMPP, phones that answer, and a resident behind a personal link.

use base::clock::Clock;
use base::date::CalendarDate;
use base::id::{OrgId, StaffId};
use messaging::release::SendRule;
use messaging::template::{Content as TextContent, Purpose};
use triage::programme::Content;
use triage::store::programmes;

use crate::support::browser::{Browser, Seen};
use crate::support::carrier::Carrier;
use crate::support::place::Place;
use crate::support::serving::{PASSWORD, Serving};
use crate::support::{runtime, until, until_true};

const OFFICE: &str = "みどり支援センター";
const PROGRAMME: &str = "風しんの患者";
const BIRTH: (&str, &str, &str) = ("1985", "4", "3");

/// One who answers, one in danger, one without a mobile number, and one whose number is somebody else's.
const PEOPLE: [(&str, &str); 4] = [
    ("見本 答", "090-1000-0001"),
    ("見本 急", "090-1000-0002"),
    ("見本 固定", "048-100-0003"),
    ("見本 別人", "090-9999-0011"),
];

/// A day of Japan, so many days from today.
fn day(from: i64) -> String {
    let at = Clock::System.now() + from * base::clock::DAY;
    let day = CalendarDate::in_japan(at).unwrap();
    format!("{}/{}/{}", day.year(), day.month(), day.day())
}

fn add(place: &Place, login: &str, office: Option<&str>, roles: &[&str]) {
    let mut args = vec!["account", "add", login, "--name", "見本 花子"];
    args.extend(roles.iter().flat_map(|role| ["--role", role]));
    args.extend(office.iter().flat_map(|office| ["--office", office]));
    place.admin(&args).input(PASSWORD).run().exits(0);
}

/// What the head office has prepared: a rule by which new texts are approved at any hour, the text of the first word,
/// and an approved programme that names it.
fn prepare(place: &Place) {
    let made = async {
        let (db, org, author) = (
            place.database.open().await.unwrap(),
            OrgId::FIRST,
            StaffId::new(1),
        );
        let rule = SendRule::first().at_any_time();
        messaging::store::save_send_rule(&db, org, 0, &rule, db.now(), None)
            .await
            .unwrap();
        let draft = |name: &str, words: &str| messaging::store::TemplateDraft {
            name: name.to_owned(),
            folder: String::new(),
            content: TextContent {
                purpose: Purpose::FirstTouch,
                ..TextContent::of(words.to_owned())
            },
        };
        let other = draft("あいさつ", "別の病気の人への文面です。試験県");
        messaging::store::add_draft(&db, org, other, author)
            .await
            .unwrap();
        let words = "{{氏名}}様\n体の様子を教えてください。\n{{リンク 質問票 健康観察}}\n試験県";
        let text = messaging::store::add_draft(&db, org, draft("風しんの初回連絡", words), author);
        let text = text.await.unwrap();
        let content = format!(
            r#"{{"schema":1,"rules":[{{"name":"全員","route":"head_office_sms","priority":50}}],
            "periods":{{"rules":[{{"day_zero":"illness","days":7}}]}},
            "first_contact":{{"by":"delivery","call_after_hours":24}},"first_texts":[{text}],
            "closing":{{"after":"isolation","notice":false}}}}"#
        );
        let draft = programmes::Draft {
            title: "はじめの規則".to_owned(),
            from: CalendarDate::new(2022, 1, 1).unwrap(),
            content: Content::from_json(&content).unwrap(),
        };
        let id = programmes::add_programme(&db, org, PROGRAMME.to_owned(), draft, author);
        let id = id.await.unwrap();
        let approved = programmes::approve(&db, org, (id, 1), 1, StaffId::new(99)).await;
        assert!(approved.unwrap());
    };
    runtime().block_on(made);
}

/// The number behind these words on a page.
#[track_caller]
fn number_after(body: &str, words: &str) -> String {
    let (_, rest) = body
        .split_once(words)
        .unwrap_or_else(|| panic!("no {words}: {body}"));
    rest.chars().take_while(char::is_ascii_digit).collect()
}

/// The letters of a link at the beginning of a text.
fn secret(text: &str) -> &str {
    let ends = |letter: char| !(letter.is_ascii_alphanumeric() || "-_".contains(letter));
    text.split(ends).next().unwrap_or_default()
}

/// Presses a button of a page whose form needs nothing but what stands hidden in it.
#[track_caller]
fn press(browser: &mut Browser, page: &str, action: &str, hidden: &[&str]) -> Seen {
    let shown = browser.get(page);
    let values: Vec<String> = hidden.iter().map(|name| shown.hidden(name)).collect();
    let fields: Vec<(&str, &str)> = hidden
        .iter()
        .copied()
        .zip(values.iter().map(String::as_str))
        .collect();
    browser.post(action, &fields)
}

/// The contractor's office, made by the head office, and somebody there who came by invitation: the office's number and
/// their browser.
fn contractor(serving: &Serving, head: &mut Browser) -> (String, Browser) {
    let last_day = day(1);
    let fields = [("name", OFFICE), ("kind", "contractor"), ("last_day", &last_day)];
    head.submit("/offices", "/offices", &fields).leads_to();
    let offices = head.get("/offices").body();
    let office = number_after(&offices[offices.find(OFFICE).unwrap()..], "/offices/");
    let fields = [
        ("name", "委託 はじめ"),
        ("login", "hajime"),
        ("office", office.as_str()),
        ("role", "contractor"),
    ];
    let invited = head.submit("/staff/new", "/staff", &fields).body();
    let (_, token) = invited.split_once("/invitation/").expect(&invited);
    let page = format!("/invitation/{}", secret(token));
    let mut browser = serving.browser();
    let fields = [
        ("password", PASSWORD),
        ("password_again", PASSWORD),
        ("agreed", "yes"),
    ];
    browser.submit(&page, &page, &fields).leads_to();
    browser.sign_in("hajime", PASSWORD);
    (office, browser)
}

/// A centre takes a list in; its people are the contractor's.
fn take_in(asaka: &mut Browser) {
    let onset = day(-1);
    let rows = PEOPLE.map(|(name, phone)| format!("{name},1985/4/3,{phone},風しん,{onset}\n"));
    let list = format!("氏名,生年月日,電話番号,疾患名,発病日\n{}", rows.concat());
    let taken = asaka.upload("/intake/new", "/intake", ("発生届.csv", list.as_bytes()), &[]);
    let check = taken.leads_to().split('?').next().unwrap().to_owned();
    asaka
        .get(&check)
        .shows(&format!("振り分け規則により{OFFICE}の担当になる人</dt><dd>4人"));
    let done = asaka.submit(&check, &format!("{check}/register"), &[("programme", "1")]);
    asaka.get(done.leads_to()).shows("4人を登録しました");
}

/// The case of each of [`PEOPLE`], as the contractor finds it.
fn cases_of(browser: &mut Browser) -> Vec<String> {
    let find = |browser: &mut Browser, name: &str| {
        let found = browser.submit("/cases", "/cases/search", &[("words", name)]);
        let body = if found.status == 303 {
            return number_after(found.leads_to(), "/cases/");
        } else {
            found.body()
        };
        let main = body.split("<main").nth(1).unwrap();
        let links = main.split("\"/cases/").skip(1);
        let mut numbers = links.map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
        numbers.find(|number| !number.is_empty()).expect(&body)
    };
    PEOPLE.iter().map(|(name, _)| find(browser, name)).collect()
}

/// Everybody is gathered with the programme's own text, and a second person at the head office lets it go.
fn reach(contractor: &mut Browser, approver: &mut Browser) -> String {
    contractor.get("/reach").shows("人を集めて確かめる");
    let page = "/reach/gather?route=head_office_sms";
    contractor.get(page).shows("風しんの初回連絡");
    let names = [
        "csrf",
        "seal",
        "first",
        "route",
        "office",
        "programme",
        "template",
        "household",
    ];
    let sent = press(contractor, page, "/reach/gather", &names);
    let broadcast = sent.leads_to().split('?').next().unwrap().to_owned();
    let approval = format!("{broadcast}/approval");
    press(
        approver,
        &approval,
        &format!("{broadcast}/approve"),
        &["csrf", "shown"],
    )
    .leads_to();
    broadcast
}

/// The personal link that came to a phone.
fn link(phones: &[(String, String)], phone: &str) -> String {
    let number = format!("81{}", &phone.replace('-', "")[1..]);
    let (_, text) = phones.iter().find(|(to, _)| *to == number).unwrap();
    let (_, token) = text.split_once("/f/").unwrap();
    format!("/f/{}", secret(token))
}

fn opened(serving: &Serving, path: &str) -> Browser {
    let mut resident = Browser::new(serving.resident);
    let fields = [
        ("birth-year", BIRTH.0),
        ("birth-month", BIRTH.1),
        ("birth-day", BIRTH.2),
    ];
    let seen = resident.post(path, &fields);
    assert!(seen.leads_to().ends_with("/begin"));
    resident
}

/// Answers to the end: nothing is wrong.
fn answers(serving: &Serving, path: &str) {
    let mut resident = opened(serving, path);
    for (page, fields) in [
        ("emergency", vec![("emergency", "none")]),
        ("measured", vec![("temperature", "36.8"), ("spo2", "98")]),
        ("symptoms", vec![("symptoms", "none")]),
        ("intake", vec![("intake", "well")]),
        ("wish", vec![("call", "no"), ("note", "")]),
    ] {
        let fields = [fields, vec![("go", "next")]].concat();
        resident.post(&format!("{path}/q/{page}"), &fields).leads_to();
    }
    let sent = resident.post(&format!("{path}/check"), &[]);
    assert!(sent.leads_to().ends_with("/done"));
}

/// Tells of danger: 119 at once, and staff are called.
fn raises_danger(serving: &Serving, path: &str) {
    let fields = [("emergency", "lips"), ("go", "next")];
    let stopped = opened(serving, path).post(&format!("{path}/q/emergency"), &fields);
    assert!(stopped.leads_to().contains("/stop"), "{}", stopped.leads_to());
}

/// Takes the next call; its address, and whom it is to.
fn next_call(browser: &mut Browser) -> (String, String) {
    let taken = browser.submit("/calls", "/calls/next", &[]);
    let address = taken.leads_to().split('?').next().unwrap().to_owned();
    let body = browser.get(&address).body();
    let whom = PEOPLE.iter().find(|(name, _)| body.contains(name));
    (address, whom.map(|(name, _)| (*name).to_owned()).expect(&body))
}

/// The calls of the contractor, most urgent first: whoever is in danger, then the others.
fn telephone(contractor: &mut Browser) {
    let mut called = Vec::new();
    until_true("three people wait for a call", || {
        contractor.get("/calls").body().contains("残り3人")
    });
    for _ in 0..3 {
        let (address, whom) = next_call(contractor);
        let page = contractor.get(&address);
        if whom == "見本 別人" {
            let wrong = format!("{address}/wrong");
            let fields = [("kind", "not_me"), ("corrected", ""), ("reason", "別の人が出た")];
            contractor.submit(&wrong, &wrong, &fields).leads_to();
            let fields = [("result", "other_way"), ("note", "医療機関を通じて伝えた")];
            let marked = contractor.submit(&address, &format!("{address}/mark"), &fields);
            marked.leads_to();
        } else {
            page.shows("話すこと");
            let fields = [("result", "told"), ("note", "話せた")];
            let marked = contractor.submit(&address, &format!("{address}/mark"), &fields);
            marked.leads_to();
        }
        called.push(whom);
    }
    assert_eq!(called[0], "見本 急", "danger never waits behind others");
}

/// Another office sees nothing of the contractor's people, in whatever way it asks.
fn nobody_else_sees(kawaguchi: &mut Browser, cases: &[String], broadcast: &str) {
    let token = kawaguchi.get("/cases").hidden("csrf");
    for case in cases {
        let record = format!("/cases/{case}");
        for page in [
            "",
            "/correct",
            "/course",
            "/visit",
            "/close",
            "/hand-over",
            "/write",
        ] {
            let seen = kawaguchi.get(&format!("{record}{page}"));
            assert_eq!(seen.status, 404, "{record}{page}");
        }
        for action in ["reveal", "notes", "close", "hand-over"] {
            let seen = kawaguchi.post(&format!("{record}/{action}"), &[("csrf", &token)]);
            assert_eq!(seen.status, 404, "{record}/{action}");
        }
    }
    assert_eq!(kawaguchi.get(broadcast).status, 404);
    for page in ["/cases", "/calls", "/replies", "/observation"] {
        let body = kawaguchi.get(page).body();
        assert!(!body.contains("見＊"), "{page}: {body}");
    }
}

fn version(browser: &mut Browser, page: &str) -> String {
    browser.get(page).hidden("version")
}

#[test]
fn a_contractor_owns_a_programme_from_the_first_word_to_the_end() {
    for place in Place::each() {
        for office in ["朝霞保健所", "川口保健所"] {
            place.admin(&["office-add", office]).run().exits(0);
        }
        let all = ["administrator", "sender", "case_worker", "office_manager"];
        add(&place, "honcho", None, &all);
        add(&place, "shonin", None, &["approver"]);
        add(&place, "asaka", Some("朝霞保健所"), &["case_worker"]);
        add(
            &place,
            "kawaguchi",
            Some("川口保健所"),
            &["case_worker", "sender"],
        );
        prepare(&place);
        let mut carrier = Carrier::new();
        let flags = ["--hold", "0", "--resident-url", "https://sms.example.lg.jp"];
        let serving = Serving::start(place.serve().args(&flags).args(&["--carrier", &carrier.url()]));
        let signed_in = |login: &str| {
            let mut browser = serving.browser();
            browser.sign_in(login, PASSWORD);
            browser
        };
        let (mut head, mut approver) = (signed_in("honcho"), signed_in("shonin"));
        let (mut asaka, mut kawaguchi) = (signed_in("asaka"), signed_in("kawaguchi"));

        let (office, mut contractor) = contractor(&serving, &mut head);
        let fields = [("diseases", "風しん"), ("default", "yes")];
        head.submit("/programmes/1", "/programmes/1/diseases", &fields)
            .leads_to();
        let fields = [("office", office.as_str())];
        head.submit("/programmes/1", "/programmes/1/owner", &fields)
            .leads_to();
        take_in(&mut asaka);
        let cases = cases_of(&mut contractor);
        assert_eq!(asaka.get(&format!("/cases/{}", cases[0])).status, 404);
        let own = format!("/cases/{}", cases[0]);
        contractor
            .submit(&own, &format!("{own}/reveal"), &[])
            .shows("見本 答");
        assert_eq!(contractor.get("/cases/twins").status, 200);

        let broadcast = reach(&mut contractor, &mut approver);
        let mut phones = Vec::new();
        until_true("two texts are on their phones", || {
            phones.extend(carrier.phones());
            phones.len() >= 2
        });
        assert!(phones.iter().all(|(_, text)| text.contains("体の様子を教えて")));
        answers(&serving, &link(&phones, PEOPLE[0].1));
        raises_danger(&serving, &link(&phones, PEOPLE[1].1));
        until_true("somebody is told of the danger", || {
            contractor.get("/observation?view=alerts").body().contains("見＊")
        });
        contractor
            .get("/")
            .shows("回答に緊急の症状や電話の希望があります: 1件");
        telephone(&mut contractor);
        nobody_else_sees(&mut kawaguchi, &cases, &broadcast);
        ends(&mut contractor, &cases);
        contractor.get("/figures").shows("届いてから連絡がつくまでの時間");
        after_the_last_day(&serving, (&mut head, &mut contractor), (&office, &cases));
    }
}

/// What care finds out, a visit, and the end: by the rule after a correction, and by hand.
fn ends(contractor: &mut Browser, cases: &[String]) {
    let visit = format!("/cases/{}/visit", cases[3]);
    let today = day(0);
    let fields = [
        ("day", today.as_str()),
        ("who", "委託 はじめ"),
        ("result", "absent"),
        ("words", ""),
    ];
    contractor.submit(&visit, &visit, &fields).leads_to();
    let close = format!("/cases/{}/close", cases[2]);
    let seen = version(contractor, &close);
    let fields = [
        ("version", seen.as_str()),
        ("why", "moved_away"),
        ("from", &today),
        ("words", "転居"),
    ];
    contractor.submit(&close, &close, &fields).leads_to();
    // The first one fell ill longer ago than the list said: their time at home is over.
    let correct = format!("/cases/{}/correct", cases[0]);
    let (seen, onset) = (version(contractor, &correct), day(-12));
    let fields = [
        ("version", seen.as_str()),
        ("name", PEOPLE[0].0),
        ("birth", "1985/4/3"),
        ("number1", PEOPLE[0].1),
        ("disease", "風しん"),
        ("onset", &onset),
        ("why", "電話で確認"),
    ];
    contractor.submit(&correct, &correct, &fields).leads_to();
    until("the rule ends it", || {
        let record = contractor.get(&format!("/cases/{}", cases[0])).body();
        record.contains("終了: ").then_some(())
    });
}

/// The contractor is out; the head office sees what is left, and hands it over with one button.
fn after_the_last_day(
    serving: &Serving,
    (head, contractor): (&mut Browser, &mut Browser),
    (office, cases): (&str, &[String]),
) {
    let page = format!("/offices/{office}");
    let yesterday = day(-1);
    let fields = [("name", OFFICE), ("kind", "contractor"), ("last_day", &yesterday)];
    head.submit(&page, &page, &fields).leads_to();
    let left = contractor.get(&format!("/cases/{}", cases[1]));
    assert_eq!(left.status, 303, "out: {}", left.body());
    let mut again = serving.browser();
    let fields = [("login", "hajime"), ("password", PASSWORD)];
    let refused = again.submit("/sign-in", "/sign-in", &fields);
    assert_ne!(refused.status, 303);

    head.get("/").shows(&format!("{OFFICE}に、患者"));
    let page = format!("/cases/hand-over?office={office}");
    head.get(&page).shows("人をまとめて引き継ぐ");
    let field = format!("to-1-{office}");
    let fields = [("programme", "1"), ("from", office), (&field, "2")];
    let done = head.submit(&page, "/cases/hand-over", &fields);
    head.get(done.leads_to()).shows("人を引き継ぎました");
    let gone = head.get("/").body();
    assert!(!gone.contains(&format!("{OFFICE}に、患者")), "{gone}");
    // Everybody is reached, on the call list, or closed: nobody is lost with the contract.
    for case in cases {
        let record = head.get(&format!("/cases/{case}")).body();
        let is_somewhere = ["届いた", "話せた", "電話リスト", "終了"]
            .iter()
            .any(|word| record.contains(word));
        assert!(is_somewhere, "{record}");
    }
}
