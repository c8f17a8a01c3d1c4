//! `todoke demo`: one command, no set-up, and the very text arrives on the phone.

use tempfile::TempDir;

use crate::support::process::todoke;
use crate::support::serving::Serving;
use crate::support::until;

#[test]
fn a_visitor_sends_a_sample_list_and_sees_the_text_on_the_phone() {
    let elsewhere = TempDir::new().unwrap();
    let program = todoke()
        .args(&["demo", "--listen", "127.0.0.1:0", "--hold", "0", "--rate", "500"])
        .env("TMPDIR", elsewhere.path().to_str().unwrap())
        .in_directory(elsewhere.path());
    let mut demo = Serving::demo(program);
    let account = demo.process.line_with("保健所の職員");
    let words: Vec<&str> = account.split_whitespace().collect();
    let after = |label: &str| words[words.iter().position(|word| *word == label).unwrap() + 1];
    let mut browser = demo.browser();
    browser.sign_in(after("ログインID"), after("パスワード"));

    browser.get("/samples").shows("minato_12.csv");
    let list = browser.get("/samples/minato_12.csv");
    assert_eq!(list.status, 200);
    let uploaded = browser.upload(
        "/lists/new",
        "/lists",
        ("minato_12.csv", &list.bytes),
        &[("template", "1.1")],
    );
    let list = uploaded.leads_to().split('?').next().unwrap().to_owned();
    let confirm = browser.get(&format!("{list}/confirm"));
    confirm.shows("12人に送信する");
    let hidden = ["csrf", "seal", "seen"].map(|name| (name, confirm.hidden(name)));
    let fields: Vec<(&str, &str)> = hidden
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    assert!(
        browser
            .post(&format!("{list}/send"), &fields)
            .leads_to()
            .starts_with("/broadcasts/")
    );
    let phones = until("a text is on a phone", || {
        let page = browser.get("/phones").body();
        page.contains("健康観察の番号は").then_some(page)
    });
    assert!(phones.contains("毎日の体調を登録してください。"), "{phones}");

    demo.process.signal("TERM");
    demo.process.wait().exits(0);
    assert_eq!(
        std::fs::read_dir(elsewhere.path()).unwrap().count(),
        0,
        "the demo leaves nothing behind"
    );
}

#[test]
fn a_demo_that_keeps_its_data_opens_it_again() {
    let directory = TempDir::new().unwrap();
    let start = || {
        let program = todoke()
            .args(&["demo", "--listen", "127.0.0.1:0", "--directory"])
            .arg(directory.path());
        Serving::demo(program)
    };
    let first = start();
    let mut browser = first.browser();
    browser.sign_in("aoba", "midori-no-kaze-17");
    let made = browser.submit(
        "/templates/new",
        "/templates",
        &[("name", "残る文面"), ("body", "お知らせです。")],
    );
    assert_eq!(made.status, 303);
    drop(first);
    let second = start();
    let mut browser = second.browser();
    browser.sign_in("aoba", "midori-no-kaze-17");
    browser.get("/templates").shows("残る文面");
}
