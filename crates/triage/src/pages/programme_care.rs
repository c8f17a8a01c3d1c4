//! The fields of a version that say with which texts people are first written to, how they are asked every day, and with
//! which text a case ends.

use base::id::OrgId;
use db::Db;
use messaging::pages::failed;
use messaging::store::templates;
use messaging::template::Purpose;
use web::form::{Choice, Field};
use web::{Errors, PageError};

use super::programme_form::digits;
use super::reach_words::{version_of, version_word};
use crate::observation::{ObservationRule, TextRef};
use crate::programme::Content;

/// The texts to choose from, newest versions: the word of the form and the name.
#[derive(Default)]
pub(super) struct Texts {
    /// By template: its newest version is sent.
    first: Vec<(String, String)>,
    observation: Vec<(String, String)>,
    notice: Vec<(String, String)>,
}

impl Texts {
    pub(super) async fn load(db: &Db, org: OrgId) -> Result<Self, PageError> {
        let mut texts = Self::default();
        for row in templates(db, org).await.map_err(failed)? {
            if row.archived_at.is_some() {
                continue;
            }
            let all = match row.current.content.purpose {
                Purpose::FirstTouch => {
                    texts.first.push((row.id.to_string(), row.name));
                    continue;
                }
                Purpose::Observation => &mut texts.observation,
                Purpose::Notice => &mut texts.notice,
                _ => continue,
            };
            let word = version_word((row.id, row.current.version));
            all.push((word, format!("{} 第{}版", row.name, row.current.version)));
        }
        Ok(texts)
    }
}

/// These fields as they are typed.
#[derive(Clone, Default)]
pub(super) struct TypedCare {
    text: String,
    reminder: String,
    hour: String,
    first_day: String,
    unanswered: String,
    closing_text: String,
    first: [String; FIRST_TEXTS],
}

/// First texts that a version may name: for those whom the head office writes to, and those of the centres, in two
/// lengths.
const FIRST_TEXTS: usize = 4;

fn word(text: TextRef) -> String {
    version_word(text.version())
}

fn text(word: &str) -> Option<TextRef> {
    let (template, version) = version_of(word)?;
    Some(TextRef {
        template: template.get(),
        version,
    })
}

impl TypedCare {
    pub(super) fn of(content: &Content) -> Self {
        let closing_text = content.closing_text.map(word).unwrap_or_default();
        let first = |at| {
            content
                .first_texts
                .get(at)
                .map(i64::to_string)
                .unwrap_or_default()
        };
        let first = std::array::from_fn(first);
        match content.observation {
            None => Self {
                hour: "9".to_owned(),
                first_day: "1".to_owned(),
                unanswered: "2".to_owned(),
                closing_text,
                first,
                ..Self::default()
            },
            Some(rule) => Self {
                text: word(rule.text()),
                reminder: rule.reminder().map(word).unwrap_or_default(),
                hour: rule.hour().to_string(),
                first_day: rule.first_day().to_string(),
                unanswered: rule.unanswered().to_string(),
                closing_text,
                first,
            },
        }
    }

    pub(super) fn read(get: impl Fn(&str) -> String) -> Self {
        Self {
            text: get("observe_text"),
            reminder: get("observe_reminder"),
            hour: get("observe_hour"),
            first_day: get("observe_first_day"),
            unanswered: get("observe_unanswered"),
            closing_text: get("closing_text"),
            first: std::array::from_fn(|at| get(&first_field(at))),
        }
    }

    /// The templates that are named, each once.
    pub(super) fn first_texts(&self) -> Vec<i64> {
        let mut named = Vec::new();
        for template in self.first.iter().filter_map(|word| word.parse().ok()) {
            if !named.contains(&template) {
                named.push(template);
            }
        }
        named
    }

    pub(super) fn first_fields(&self, texts: &Texts) -> Vec<Field> {
        let field = |(at, chosen): (usize, &String)| {
            let label = format!("初回連絡の文面（{}番目）", at + 1);
            choice(&first_field(at), &label, (&texts.first, "（選ばない）"), chosen)
        };
        self.first.iter().enumerate().map(field).collect()
    }

    /// What it means; without a text nobody is asked.
    pub(super) fn accept(&self, errors: &mut Errors) -> (Option<ObservationRule>, Option<TextRef>) {
        let closing = text(&self.closing_text);
        let Some(asked) = text(&self.text) else {
            return (None, closing);
        };
        let number = |typed: &str| digits(typed).unwrap_or(u16::MAX);
        let rule = ObservationRule::new(
            (asked, text(&self.reminder)),
            number(&self.hour),
            number(&self.first_day),
            number(&self.unanswered),
        );
        (
            rule.map_err(|words| errors.add("observe_hour", words)).ok(),
            closing,
        )
    }

    pub(super) fn fields(&self, texts: &Texts, errors: &Errors) -> Vec<Field> {
        let number =
            |name: &str, label: &str, value: &str| Field::number(name, label).value(value).errors(errors);
        vec![
            choice(
                "observe_text",
                "質問の文面",
                (&texts.observation, "（送らない）"),
                &self.text,
            )
            .support("目的が「健康観察」の文面から選びます。"),
            choice(
                "observe_reminder",
                "前の日に回答がない人への文面",
                (&texts.observation, "（同じ文面）"),
                &self.reminder,
            ),
            number("observe_hour", "送る時刻（時）", &self.hour),
            number("observe_first_day", "始める日（登録から何日目）", &self.first_day),
            number(
                "observe_unanswered",
                "電話に切り替えるまでの、回答のない日数",
                &self.unanswered,
            ),
        ]
    }

    pub(super) fn closing_field(&self, texts: &Texts, errors: &Errors) -> Field {
        choice(
            "closing_text",
            "終わりのお知らせの文面",
            (&texts.notice, "（選ばない）"),
            &self.closing_text,
        )
        .support("目的が「お知らせ」の文面から選びます。選ばないと、お知らせを送る規則では自動で終えません。")
        .errors(errors)
    }
}

fn first_field(at: usize) -> String {
    format!("first_text-{at}")
}

/// One of the texts; the one that is chosen stays although a later version is there.
fn choice(name: &str, label: &str, (texts, nothing): (&[(String, String)], &str), chosen: &str) -> Field {
    let mut choices = vec![Choice::new("", nothing)];
    choices.extend(texts.iter().map(|(word, name)| Choice::new(word, name)));
    if !chosen.is_empty() && texts.iter().all(|(word, _)| word != chosen) {
        choices.push(Choice::new(chosen, "いま選ばれている版"));
    }
    Field::select(name, label, choices).value(chosen)
}
