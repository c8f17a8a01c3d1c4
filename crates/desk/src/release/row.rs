//! What one person's message is made of: the values of its fields, in the language that the text has for them, and the
//! link to their own page.

use std::collections::HashMap;

use base::clock::{HOUR, MINUTE, Millis, japan_midnight};
use base::date::CalendarDate;
use base::id::OrgId;
use base::phone::PhoneNumber;
use db::{Db, DbError, OrgVault};
use lists::contacts::{PersonKeys, PersonValues};
use messaging::links::{PersonalLinks, TargetName, parse_link_field};
use messaging::pages::roll::Version;
use messaging::store::template_version;
use web::Language;

use crate::application::{Application, ApplicationToken};
use crate::document::Outcome;
use crate::form::{Texts, moment};
use crate::store::{self, DeskRow};
use crate::texts::LINK;

/// What the columns of a roll are called: [`crate::texts::FIELDS`], the number, and the language.
pub(super) const HEADINGS: [&str; 6] = ["電話番号", "氏名", "受付番号", "日時", "窓口", "言語"];

/// In which languages a list's text is written, and what its desk is called in them.
pub(super) struct Wording {
    translated: Vec<Language>,
    title: Texts,
    /// What staff call the desk: its name in Japanese.
    name: String,
}

impl Wording {
    /// Of the text that a list is told with, at a desk.
    pub(super) async fn of(
        db: &Db,
        org: OrgId,
        desk: &DeskRow,
        (template, version): Version,
    ) -> Result<Self, DbError> {
        let text = template_version(db, org, template, version).await?;
        let translations = text.into_iter().flat_map(|text| text.content.translations);
        let translated = translations.filter_map(|(language, _)| Language::from_code(language.code()));
        let document = store::now_in_force(db, org, desk.id).await?;
        Ok(Self {
            translated: translated.collect(),
            title: document.map_or_else(Texts::default, |now| now.document.document().title.clone()),
            name: desk.name.clone(),
        })
    }

    /// The language in which somebody is written to: their own if the text has it.
    fn language(&self, one: &Application) -> Language {
        if self.translated.contains(&one.language) {
            one.language
        } else {
            Language::Japanese
        }
    }

    fn desk(&self, language: Language) -> &str {
        let translated = (language != Language::Japanese).then(|| self.title.of(language));
        translated.flatten().unwrap_or(&self.name)
    }

    /// The cells of one person, in the order of [`HEADINGS`].
    pub(super) fn cells(&self, one: &Application, outcome: &Outcome) -> Vec<String> {
        let applicant = &one.content.applicant;
        let language = self.language(one);
        let decided_at = one.decided.as_ref().map(|decided| decided.at);
        let at = match outcome {
            Outcome::Decided(_) => decided_at.unwrap_or(one.state_at),
            Outcome::SentBack(_) => one.state_at,
        };
        vec![
            applicant.phone.map_or_else(String::new, PhoneNumber::national),
            applicant.name.clone().unwrap_or_default(),
            one.reference.to_string(),
            match language {
                Language::Japanese => in_words(at),
                other => moment(at, other),
            },
            self.desk(language).to_owned(),
            one.language.code().to_owned(),
        ]
    }
}

/// `9月8日14時05分`, Japan's.
fn in_words(at: Millis) -> String {
    let since = at - japan_midnight(at);
    let (hour, minute) = (since / HOUR, since % HOUR / MINUTE);
    CalendarDate::in_japan(at).map_or_else(String::new, |day| {
        format!("{}月{}日{hour}時{minute:02}分", day.month(), day.day())
    })
}

/// By what a person is known again.
pub(super) fn keys(vault: &OrgVault, one: &Application) -> PersonKeys {
    let applicant = &one.content.applicant;
    let birth = applicant.birth.map(|birth| birth.to_string());
    let values = PersonValues {
        phone: applicant.phone,
        id: None,
        name: applicant.name.as_deref(),
        birth: birth.as_deref(),
    };
    PersonKeys::of(vault, &values)
}

/// The way of each to their own page, which opens with the birth date.
pub(super) fn links(vault: &OrgVault, people: &[Application]) -> PersonalLinks {
    let paths = people
        .iter()
        .map(|one| Some(ApplicationToken::of(vault, one.id).path()));
    let name: Option<TargetName> = parse_link_field(LINK);
    PersonalLinks::of(HashMap::from_iter(name.map(|name| (name, paths.collect()))))
}
