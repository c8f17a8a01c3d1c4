//! What a certificate says: texts of the document, filled with what the person told.

use base::date::CalendarDate;
use certificate::{GETA, is_printable};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use web::Language;

use super::{DeskDocument, Document};
use crate::application::{Applicant, Application};
use crate::form::problem::Finder;
use crate::form::{Answer, Key, Question, Shown};

/// Fields of a certificate besides the keys of the desk's questions.
const FIELDS: [&str; 5] = ["氏名", "フリガナ", "生年月日", "住所", "受付番号"];

/// Most lines, and most letters of a text: it is one sheet of paper.
const LINES: usize = 12;
const LETTERS: usize = 300;

/// A certificate as the document words it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateText {
    /// What it is called.
    pub title: String,
    /// What is certified.
    pub statement: String,
    /// About whom and what.
    pub lines: Vec<CertificateLine>,
    /// Small sentences at the foot.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// A heading, and a value that can hold `{{氏名}}` and the keys of questions.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateLine {
    /// 「療養した期間」.
    pub label: String,
    /// 「{{diagnosed}}から{{until}}まで」.
    pub value: String,
}

/// What a certificate says of one person, word by word.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// What it is called.
    pub title: String,
    /// What is certified.
    pub statement: String,
    /// About whom and what.
    pub lines: Vec<(String, String)>,
    /// Small sentences at the foot.
    pub notes: Vec<String>,
}

/// Health data: the debug form says nothing.
impl std::fmt::Debug for Statement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Statement(…)")
    }
}

impl DeskDocument {
    /// What the certificate of a granted application says; nothing if the desk has none.
    pub fn statement(&self, of: &Application) -> Option<Statement> {
        let text = self.document().confirmed.certificate.as_ref()?;
        let answers = of.content.answers.delivered(self.form());
        let mut notes = text.notes.clone();
        let name = name(&of.content.applicant, &mut notes);
        let value = |field: &str| match field {
            "氏名" => name.clone(),
            "受付番号" => of.reference.to_string(),
            field => told(&of.content.applicant, field)
                .or_else(|| {
                    let key = Key::parse(field)?;
                    answer(self.form().question(&key)?, answers.get(&key)?)
                })
                .unwrap_or_else(|| "―".to_owned()),
        };
        let lines: Vec<(String, String)> = text
            .lines
            .iter()
            .map(|line| (line.label.clone(), filled(&line.value, &value).nfc().collect()))
            .collect();
        if lines.iter().any(|(_, value)| !is_printable(value)) {
            notes.push(format!("この書類で印刷できない文字は「{GETA}」としています。"));
        }
        Some(Statement {
            title: text.title.clone(),
            statement: text.statement.clone(),
            lines,
            notes,
        })
    }
}

/// The name, or, where a letter of it cannot be printed, how it is read.
fn name(applicant: &Applicant, notes: &mut Vec<String>) -> String {
    let of = |text: &Option<String>| -> String { text.as_deref().unwrap_or_default().trim().nfc().collect() };
    let (name, kana) = (of(&applicant.name), of(&applicant.kana));
    if is_printable(&name) || kana.is_empty() || !is_printable(&kana) {
        return name;
    }
    notes.push("氏名は、印刷できない文字があるため、フリガナで記しています。".to_owned());
    kana
}

fn told(applicant: &Applicant, field: &str) -> Option<String> {
    match field {
        "フリガナ" => applicant.kana.clone(),
        "生年月日" => applicant.birth.map(day),
        "住所" => {
            let address = applicant.address.as_ref()?;
            Some(format!("{}{}", address.area, address.rest))
        }
        _ => None,
    }
}

fn answer(question: &Question, answer: &Answer) -> Option<String> {
    if let Answer::Day(answered) = answer {
        return Some(day(*answered));
    }
    let lines = answer.lines(question, Language::Japanese);
    let words: Vec<&str> = lines.iter().map(Shown::plain).collect();
    (!words.is_empty()).then(|| words.join("、"))
}

/// `2026年11月29日`.
pub(crate) fn day(day: CalendarDate) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// The fields of a text, in order.
fn fields(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split("{{").skip(1);
    parts.filter_map(|part| part.split_once("}}").map(|(field, _)| field.trim()))
}

fn filled(text: &str, value: impl Fn(&str) -> String) -> String {
    let mut parts = text.split("{{");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once("}}") {
            Some((field, rest)) => {
                filled.push_str(&value(field.trim()));
                filled.push_str(rest);
            }
            None => filled.push_str(part),
        }
    }
    filled
}

impl Finder {
    /// What a certificate says has to be asked, and answered by everybody.
    pub(super) fn certificate(&mut self, says: &Document) {
        let Some(text) = &says.confirmed.certificate else {
            return;
        };
        let at = "confirmed.certificate";
        let lines = text.lines.iter().flat_map(|line| [&line.label, &line.value]);
        let all: Vec<&String> = [&text.title, &text.statement]
            .into_iter()
            .chain(lines)
            .chain(&text.notes)
            .collect();
        if all
            .iter()
            .any(|text| text.trim().is_empty() || text.chars().count() > LETTERS)
        {
            self.add(
                at,
                format!("証明書の言葉は、空けずに、{LETTERS}文字までにしてください。"),
            );
        }
        if let Some(text) = all.iter().find(|text| !is_printable(text)) {
            self.add(at, format!("「{text}」に、印刷できない文字があります。"));
        }
        if text.lines.is_empty() || text.lines.len() > LINES || text.notes.len() > LINES {
            self.add(
                at,
                format!("証明書の行は、1行以上、{LINES}行までにしてください。"),
            );
        }
        let questions: Vec<&Question> = says.pages.iter().flat_map(|page| &page.questions).collect();
        let used: Vec<&str> = text.lines.iter().flat_map(|line| fields(&line.value)).collect();
        for field in &used {
            let question = questions.iter().find(|question| question.key.as_str() == *field);
            match question {
                None if FIELDS.contains(field) => {}
                None => self.add(at, format!("「{field}」という項目がありません。")),
                Some(question) if question.optional || question.unknown.is_some() => {
                    self.add(at, format!("「{field}」は、必ず答える質問にしてください。"));
                }
                Some(_) => {}
            }
        }
        for needed in ["氏名", "生年月日"] {
            if !used.contains(&needed) {
                self.add(at, format!("証明書に {{{{{needed}}}}} を入れてください。"));
            }
        }
    }
}
