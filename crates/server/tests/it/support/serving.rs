//! A running `todoke serve` or `todoke demo`.

use std::net::SocketAddr;

use super::browser::{Browser, Seen};
use super::list::{Person, TEMPLATE, csv};
use super::place::Place;
use super::process::{Program, Running};

pub(crate) struct Serving {
    pub(crate) process: Running,
    pub(crate) staff: SocketAddr,
    pub(crate) resident: SocketAddr,
}

impl Serving {
    pub(crate) fn start(program: Program) -> Self {
        Self::announced_as(program, "職員の画面: ", "住民の画面: ")
    }

    pub(crate) fn demo(program: Program) -> Self {
        Self::announced_as(program, "開いてください: ", "住民向けの画面: ")
    }

    /// Waits for the lines in which the program says where its two hosts are.
    fn announced_as(program: Program, staff: &str, resident: &str) -> Self {
        let mut process = program.start();
        let mut address = |label: &str| {
            let line = process.line_with(label);
            let (_, address) = line.split_once("://").unwrap();
            address.trim().parse().unwrap()
        };
        Self {
            staff: address(staff),
            resident: address(resident),
            process,
        }
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.staff)
    }
}

pub(crate) const PASSWORD: &str = "青い傘と三匹の猫とラーメン";

/// Adds a person with [`PASSWORD`] by the command line.
pub(crate) fn add_account(place: &Place, login: &str, office: Option<&str>) {
    let mut args = vec!["account", "add", login, "--name", "見本 花子"];
    args.extend([
        "--role",
        "sender",
        "--role",
        "template_editor",
        "--role",
        "case_worker",
    ]);
    args.extend(office.map(|office| ["--office", office]).iter().flatten());
    place.admin(&args).input(PASSWORD).run().exits(0);
}

/// A list that was uploaded and sent in the browser.
pub(crate) struct SentList {
    /// `/lists/7`
    pub(crate) list: String,
    /// `/broadcasts/7`
    pub(crate) broadcast: String,
    fields: Vec<(&'static str, String)>,
}

impl SentList {
    /// From a new template to the button that says how many.
    pub(crate) fn of(browser: &mut Browser, file_name: &str, people: &[Person]) -> Self {
        Self::by_button(
            browser,
            file_name,
            people,
            &format!("{}人に送信する", people.len()),
        )
    }

    /// The same where the organisation's rule wants a second person for a new text, who then lets it go.
    pub(crate) fn approved(
        browser: &mut Browser,
        approver: &mut Browser,
        file_name: &str,
        people: &[Person],
    ) -> Self {
        let asks = format!("{}人への送信の承認を求める", people.len());
        let sent = Self::by_button(browser, file_name, people, &asks);
        let page = format!("{}/approval", sent.broadcast);
        let shown = approver.get(&page);
        let fields = ["csrf", "shown"].map(|name| (name, shown.hidden(name)));
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        approver
            .post(&format!("{}/approve", sent.broadcast), &fields)
            .leads_to();
        sent
    }

    fn by_button(browser: &mut Browser, file_name: &str, people: &[Person], button: &str) -> Self {
        let template = [("name", "ご案内"), ("body", TEMPLATE)];
        let made = browser.submit("/templates/new", "/templates", &template);
        let version = format!("{}.1", page_of(&made).trim_start_matches("/templates/"));
        let file = (file_name, csv(people).into_bytes());
        let uploaded = browser.upload(
            "/lists/new",
            "/lists",
            (file.0, &file.1),
            &[("template", &version)],
        );
        let list = page_of(&uploaded);
        let confirm = browser.get(&format!("{list}/confirm"));
        confirm.shows(button);
        let mut fields = Vec::from(["csrf", "seal", "seen"].map(|name| (name, confirm.hidden(name))));
        // Whatever the time of day is: where there are hours for sending, this says why they do not matter.
        if confirm.body().contains("name=\"any_time\"") {
            fields.extend(
                [("any_time", "yes"), ("any_time_reason", "動きを確かめるため")]
                    .map(|(name, value)| (name, value.to_owned())),
            );
        }
        let mut sent = Self {
            list,
            broadcast: String::new(),
            fields,
        };
        sent.broadcast = page_of(&sent.press(browser));
        assert!(sent.broadcast.starts_with("/broadcasts/"), "{}", sent.broadcast);
        sent
    }

    /// Presses the button, once more perhaps.
    pub(crate) fn press(&self, browser: &mut Browser) -> Seen {
        let fields: Vec<(&str, &str)> = self
            .fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        browser.post(&format!("{}/send", self.list), &fields)
    }
}

/// Where an answer leads, without what is said there.
#[track_caller]
fn page_of(seen: &Seen) -> String {
    seen.leads_to().split('?').next().unwrap().to_owned()
}
