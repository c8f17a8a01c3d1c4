//! What a colleague who knows text messages would say about a text, before anyone gets it.
//!
//! [`examine`] reads one text, as it is written (with `{{merge fields}}`) or with one row's values put in, and
//! gives [`Finding`]s: which [`Rule`], where, and what to do. Each organisation sets the [`Level`] of each rule.
//! A text with a blocking finding may be kept, so that half-written work is not lost; it may not be sent.
//!
//! What it is not: it does not judge which letters a phone can show, nor whether a merged value is of its kind.

mod easy;
mod limits;
mod links;
mod rule;
mod scan;
mod settings;
mod words;

use std::ops::Range;

use base::merge::heading_key;
use jiff::civil::Date;

pub use self::limits::{ENTRIES, ENTRY_LETTERS};
use self::links::Link;
pub use self::links::{Host, HostProblem};
pub use self::rule::{Level, Rule};
use self::scan::View;
pub use self::settings::{ContactNumber, ContactProblem, Settings};
use self::words::{Kind, Word};

/// Whether a text may lead to a web page.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Links {
    /// It may hold one address.
    #[default]
    Allowed,
    /// It holds none: people are asked to call.
    None,
}

impl Links {
    /// As the database and forms write it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::None => "none",
        }
    }

    /// What `code` means.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Allowed, Self::None]
            .into_iter()
            .find(|links| links.code() == code)
    }

    /// As pages show it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Allowed => "URLあり",
            Self::None => "URLなし",
        }
    }
}

/// How far the text has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source<'a> {
    /// As it was written. Merge fields stand for values that are not known yet.
    Template,
    /// As one person gets it; these of the row's values are names of people.
    Merged {
        /// As they stand in the row.
        names: &'a [&'a str],
    },
}

/// In what words a text is written, as far as the rules care.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Wording {
    /// Ordinary Japanese.
    #[default]
    Japanese,
    /// やさしい日本語.
    Easy,
    /// Another language: the rules about Japanese words do not apply.
    Foreign,
}

/// A text to be examined.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text<'a> {
    /// The text.
    pub text: &'a str,
    /// With merge fields or with values.
    pub source: Source<'a>,
    /// Whether it may lead to a web page.
    pub links: Links,
    /// In what words.
    pub wording: Wording,
    /// It goes to a simulated carrier only: words such as 「テスト」 are in place.
    pub trial: bool,
    /// The day in Japan.
    pub today: Date,
}

// A merged text holds what only its reader may see.
impl std::fmt::Debug for Text<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Text(…)")
    }
}

/// Something that a colleague would say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// [`Level::Warn`] or [`Level::Block`].
    pub level: Level,
    /// Bytes of the text, on letters' borders; empty where something is missing.
    pub at: Range<usize>,
    /// What is the matter and what to do, in Japanese.
    pub advice: String,
}

/// Everything there is to say about the text, in the order of the text.
pub fn examine(text: &Text<'_>, settings: &Settings) -> Vec<Finding> {
    let mut examination = Examination {
        text,
        settings,
        view: View::of(text.text, text.source == Source::Template),
        findings: Vec::new(),
    };
    examination.sender();
    examination.addresses();
    examination.words();
    examination.name_and_disease();
    examination.dates();
    if text.wording == Wording::Easy {
        examination.easy();
    }
    let mut findings = examination.findings;
    findings.sort_by_key(|finding| (finding.at.start, finding.at.end, finding.rule));
    findings
}

/// Whether the text may not be sent as it is.
pub fn blocks(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.level == Level::Block)
}

struct Examination<'a> {
    text: &'a Text<'a>,
    settings: &'a Settings,
    view: View,
    findings: Vec<Finding>,
}

impl Examination<'_> {
    fn is_on(&self, rule: Rule) -> bool {
        self.settings.level(rule) != Level::Off
    }

    fn say(&mut self, rule: Rule, at: Range<usize>, advice: impl Into<String>) {
        let level = self.settings.level(rule);
        if level == Level::Off {
            return;
        }
        let advice = advice.into();
        self.findings.push(Finding {
            rule,
            level,
            at,
            advice,
        });
    }

    /// Who writes, where to call, and whether both show on a phone's first screen.
    fn sender(&mut self) {
        let name = self.settings.first_organisation(&self.view);
        let first = self.view.first_letter();
        match &name {
            None => {
                let advice = match self.settings.organisations.first() {
                    Some(known) => {
                        format!("文面の先頭に組織名を書いてください（例:「{known}です。」）。")
                    }
                    None => "文面の先頭に組織名を書いてください（例:「○○県○○保健所です。」）。".to_owned(),
                };
                self.say(Rule::OrgFirst, first..first, advice);
            }
            Some(at) if self.view.has_letters_before(at.start) => self.say(
                Rule::OrgFirst,
                at.clone(),
                "組織名が先頭にありません。文面を組織名から始めてください。",
            ),
            Some(_) => {}
        }
        if !self.settings.has_contact(&self.view) {
            let advice = match self.settings.contacts.first() {
                Some(number) => format!("問い合わせの電話番号（{number}など）を書いてください。"),
                None => "問い合わせの電話番号を、市外局番から半角の数字で書いてください。".to_owned(),
            };
            let end = self.text.text.len();
            self.say(Rule::ContactNumber, end..end, advice);
        }
        self.first_screen(name.as_ref());
    }

    /// Old phones show a long text as several messages; the first has to speak for all.
    fn first_screen(&mut self, name: Option<&Range<usize>>) {
        if self.text.wording == Wording::Foreign || !self.is_on(Rule::FirstLetters) {
            return;
        }
        let screen = self.view.bytes_of_units(limits::FIRST_UNITS);
        let action = self.view.words().iter().find(|word| word.kind == Kind::Action);
        let missing = match (
            name.is_some_and(|at| at.end <= screen),
            action.is_some_and(|word| word.at.end <= screen),
        ) {
            (true, true) => return,
            (false, true) => "組織名",
            (true, false) => "してほしいこと（「お電話ください」「登録をお願いします」など）",
            (false, false) => "組織名と、してほしいこと（「お電話ください」など）",
        };
        let advice = format!(
            "最初の{}文字までに、{missing}を書いてください。",
            limits::FIRST_UNITS
        );
        self.say(Rule::FirstLetters, 0..screen, advice);
    }

    fn addresses(&mut self) {
        let links = self.view.links().to_vec();
        if self.text.links == Links::None {
            for link in links {
                self.say(
                    Rule::NoUrlMode,
                    link.at,
                    "URLなしの文面です。URLを消すか、文面を「URLあり」に変えてください。",
                );
            }
            return;
        }
        if let Some(second) = links.get(1) {
            let advice = format!("URLが{}個あります。1個だけにしてください。", links.len());
            self.say(Rule::OneUrl, second.at.clone(), advice);
        }
        for link in links {
            self.host(&link);
            self.surroundings(link);
        }
    }

    fn host(&mut self, link: &Link) {
        let (host, at) = (&link.host, link.at.clone());
        if links::is_shortener(host) {
            let advice = format!("「{host}」は短縮URLです。行き先の分かる、組織のURLに書き換えてください。");
            self.say(Rule::UrlShortener, at, advice);
        } else if !self.settings.hosts.iter().any(|allowed| allowed.covers(host)) {
            let advice = format!(
                "「{host}」は、使ってよいURLに入っていません。URLを確かめてください。正しければ、本庁の担当者に登録を頼んでください。"
            );
            self.say(Rule::UrlHost, at, advice);
        }
    }

    fn surroundings(&mut self, link: Link) {
        if let Some(swallowed) = link.swallowed {
            self.say(
                Rule::UrlEnd,
                swallowed,
                "URLのすぐ後ろに文字があります。半角の空白か改行を入れてください。全角の空白では区切れません。",
            );
        }
        let advice = match (link.first, link.last) {
            (true, true) => "URLだけの文面です。前と後ろに文を足してください。",
            (true, false) => "URLが文面の先頭にあります。前に文を足して、途中に置いてください。",
            (false, true) => "URLが文面の最後にあります。後ろに文を足して、途中に置いてください。",
            (false, false) => return,
        };
        self.say(Rule::UrlMiddle, link.at, advice);
    }

    fn words(&mut self) {
        let easy = self.text.wording == Wording::Easy;
        let foreign = self.text.wording == Wording::Foreign;
        for Word { kind, at, text } in self.view.words().to_vec() {
            match kind {
                Kind::Urgency => self.say(
                    Rule::Urgency,
                    at,
                    format!(
                        "「{text}」は詐欺のSMSによく使われる言葉です。期限の日付などに言い換えてください。"
                    ),
                ),
                Kind::Trial if self.text.trial => {}
                // In English or Filipino it is what somebody did: "take another test".
                Kind::Trial if foreign && text.eq_ignore_ascii_case("test") => {}
                Kind::Trial | Kind::Placeholder => self.say(
                    Rule::PlaceholderLeft,
                    at,
                    format!("「{text}」が残っています。送る内容に書き換えてください。"),
                ),
                Kind::Hard(easier) if easy => self.say(
                    Rule::EasyWords,
                    at,
                    format!("「{text}」は難しい言葉です。「{easier}」などに言い換えてください。"),
                ),
                Kind::Hard(_) | Kind::Action | Kind::Disease | Kind::Harmless => {}
            }
        }
    }

    /// Whoever picks up the phone reads the text: a name and a disease together tell who is ill.
    fn name_and_disease(&mut self) {
        let disease = self
            .view
            .words()
            .iter()
            .find(|word| word.kind == Kind::Disease)
            .map(|word| (word.at.clone(), format!("「{}」", word.text)));
        let field = |names: bool| {
            let fields = self.view.fields().iter();
            let mut fields = fields.filter(move |field| {
                if names {
                    field.is_name()
                } else {
                    field.is_disease()
                }
            });
            fields
                .next()
                .map(|field| (field.at.clone(), format!("差し込み「{}」", field.heading)))
        };
        let Some((at, what)) = disease.or_else(|| field(false)) else {
            return;
        };
        let named = match self.text.source {
            Source::Template => field(true).is_some(),
            Source::Merged { names } => names
                .iter()
                .any(|name| !heading_key(name).is_empty() && self.view.contains(name)),
        };
        if named {
            let advice = format!("{what}と氏名が一つの文面にあります。どちらかを消してください。");
            self.say(Rule::NameAndDisease, at, advice);
        }
    }

    /// A day that has gone by is left over from the last time.
    fn dates(&mut self) {
        let dates = self.view.dates(self.text.today);
        for date in dates {
            let is_template = self.text.source == Source::Template;
            if date.day >= self.text.today || !(is_template || date.is_deadline) {
                continue;
            }
            let advice = format!(
                "「{}」は過ぎた日付です。前の文面の残りでないか確かめてください。",
                &self.text.text[date.at.clone()]
            );
            self.say(Rule::PastDate, date.at, advice);
        }
    }

    fn easy(&mut self) {
        let long = easy::long_sentences(&self.view);
        for (at, letters) in long {
            let advice = format!(
                "この文は{letters}文字あります。{}文字までの短い文に分けてください。",
                limits::EASY_SENTENCE_LETTERS
            );
            self.say(Rule::EasySentences, at, advice);
        }
        let names = self.settings.organisations.iter().map(String::as_str);
        if let Some(percent) = easy::too_many_kanji(&self.view, names) {
            let advice = format!(
                "漢字が{percent}％あります。ひらがなを増やして、{}％までにしてください。",
                limits::EASY_KANJI_PERCENT
            );
            self.say(Rule::EasyKanji, 0..self.text.text.len(), advice);
        }
    }
}
