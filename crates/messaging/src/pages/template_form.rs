//! The form of a template: what may stand in it, and what there is to say about its texts.

use std::collections::HashMap;

use base::clock::Millis;
use base::id::OrgId;
use base::limits::TEXT_UNITS;
use base::merge::{MessageTemplate, heading_key};
use base::text;
use jiff::civil::Date;
use web::form::{Choice, Field};
use web::{Errors, PageError};

use super::template_look::{Look, Remark, Shape};
use super::{Desk, failed};
use crate::advice::{Links, Settings};
use crate::limits::{FOLDER_LETTERS, TEMPLATE_NAME_LETTERS};
use crate::store::{self, TemplateDraft, TemplateRow};
use crate::template::{Content, Language, Purpose, Stage};

/// What the person typed.
#[derive(Clone, Default)]
pub(super) struct Typed {
    /// By the names of the fields.
    fields: HashMap<String, String>,
}

/// The name of a language's field.
fn text_field(language: Language) -> String {
    match language {
        Language::Japanese => "body".to_owned(),
        other => format!("text-{}", other.code()),
    }
}

impl From<HashMap<String, String>> for Typed {
    fn from(fields: HashMap<String, String>) -> Self {
        let mut typed = Self { fields };
        if typed.adds_language()
            && let Some(language) = Language::from_code(typed.of("add_language"))
        {
            typed.fields.entry(text_field(language)).or_default();
        }
        typed
    }
}

impl From<&TemplateRow> for Typed {
    fn from(row: &TemplateRow) -> Self {
        let content = &row.current.content;
        let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        let mut fields: HashMap<String, String> = [
            ("name", row.name.clone()),
            ("folder", row.folder.clone()),
            ("purpose", content.purpose.as_str().to_owned()),
            ("stage", content.stage.code().to_owned()),
            ("links", content.links.code().to_owned()),
            ("valid_from", day(content.valid_from)),
            ("valid_until", day(content.valid_until)),
            ("version", row.current.version.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        fields.extend(
            content
                .texts()
                .map(|(language, text)| (text_field(language), text.to_owned())),
        );
        Self { fields }
    }
}

impl Typed {
    fn of(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// Only shows what the text will look like.
    pub(super) fn is_preview(&self) -> bool {
        self.of("action") == "preview"
    }

    /// Opens a field for another language; nothing has to be right yet.
    pub(super) fn adds_language(&self) -> bool {
        self.of("action") == "add_language"
    }

    /// The version that stood in the form; 0 for a new template.
    pub(super) fn version(&self) -> i64 {
        self.of("version").parse().unwrap_or_default()
    }

    /// The languages that have a field, the Japanese one first.
    fn languages(&self) -> Vec<Language> {
        let has = |language: &Language| {
            *language == Language::Japanese || self.fields.contains_key(&text_field(*language))
        };
        Language::ALL.iter().copied().filter(has).collect()
    }

    /// What may be kept, or every mistake.
    pub(super) fn accept(&self) -> Result<TemplateDraft, Errors> {
        let mut errors = Errors::default();
        let name = line(
            &mut errors,
            "name",
            "文面の名前",
            self.of("name"),
            TEMPLATE_NAME_LETTERS,
        );
        if name.is_empty() && errors.of("name").is_none() {
            errors.add("name", "文面の名前を入力してください。");
        }
        let folder = line(
            &mut errors,
            "folder",
            "フォルダの名前",
            self.of("folder"),
            FOLDER_LETTERS,
        );
        let (valid_from, valid_until) = self.days(&mut errors);
        let mut texts = self.texts(&mut errors);
        if !errors.is_empty() || texts.is_empty() {
            return Err(errors);
        }
        let (_, text) = texts.remove(0);
        Ok(TemplateDraft {
            name,
            folder,
            content: Content {
                translations: texts,
                valid_from,
                valid_until,
                ..self.frame(text)
            },
        })
    }

    /// The content as far as it is chosen from lists; whatever is not among the choices is the usual one.
    fn frame(&self, text: String) -> Content {
        Content {
            purpose: Purpose::from_word(self.of("purpose")).unwrap_or(Purpose::FirstTouch),
            stage: Stage::from_code(self.of("stage")).unwrap_or(Stage::Live),
            links: Links::from_code(self.of("links")).unwrap_or(Links::Allowed),
            ..Content::of(text)
        }
    }

    fn days(&self, errors: &mut Errors) -> (Option<Date>, Option<Date>) {
        let mut day = |name| match self.of(name).trim() {
            "" => None,
            typed => {
                let day = read_day(typed);
                if day.is_none() {
                    errors.add(
                        name,
                        "日付が読めません。「2026-11-22」のように、年から入力してください。",
                    );
                }
                day
            }
        };
        let (from, until) = (day("valid_from"), day("valid_until"));
        if from.zip(until).is_some_and(|(from, until)| from > until) {
            errors.add(
                "valid_until",
                "終わりの日が、始まりの日より前です。どちらかを直してください。",
            );
        }
        (from, until)
    }

    /// Every text, the Japanese one first; a language whose field is empty has none.
    fn texts(&self, errors: &mut Errors) -> Vec<(Language, String)> {
        let mut texts = Vec::new();
        for language in self.languages() {
            let field = text_field(language);
            let typed = self.of(&field);
            if language != Language::Japanese && typed.trim().is_empty() {
                continue;
            }
            match MessageTemplate::parse(typed) {
                Err(problem) => errors.add(field, problem),
                Ok(template) => {
                    let over = Shape::of(&template).fixed.saturating_sub(TEXT_UNITS);
                    if over > 0 {
                        let too_long = format!("文面が{over}文字長すぎます。SMSは{TEXT_UNITS}文字までです。");
                        errors.add(field, too_long);
                    }
                    texts.push((language, template.source().to_owned()));
                }
            }
        }
        texts
    }

    /// The name's field, above the texts.
    pub(super) fn name(&self, errors: &Errors) -> Field {
        Field::text("name", "文面の名前")
            .required()
            .support("一覧と配信の記録に出ます。受け取る人には見えません。")
            .value(self.of("name"))
            .errors(errors)
    }

    /// The fields below the texts.
    pub(super) fn fields(&self, errors: &Errors) -> Vec<Field> {
        let choices = |codes: Vec<(&str, &str)>| -> Vec<Choice> {
            codes
                .into_iter()
                .map(|(code, label)| Choice::new(code, label))
                .collect()
        };
        let frame = self.frame(String::new());
        let purposes = Purpose::ALL
            .iter()
            .map(|one| (one.as_str(), one.label()))
            .collect();
        let links = [Links::Allowed, Links::None].map(|one| (one.code(), one.label()));
        let stages = vec![
            Choice::new(Stage::Live.code(), Stage::Live.label()).support("住民に送れます。"),
            Choice::new(Stage::Trial.code(), Stage::Trial.label())
                .support("模擬の配信だけに使えます。住民には届きません。"),
        ];
        let fields = vec![
            Field::text("folder", "フォルダ")
                .optional()
                .support("同じ名前を付けた文面が、一覧で一つにまとまります。")
                .value(self.of("folder")),
            Field::select("purpose", "目的", choices(purposes)).value(frame.purpose.as_str()),
            Field::radios("stage", "本番か試験か", stages).value(frame.stage.code()),
            Field::select("links", "URL", choices(links.into()))
                .support("「URLなし」にすると、URLが入っていないかを点検します。")
                .value(frame.links.code()),
            Field::text("valid_from", "使える最初の日")
                .optional()
                .short()
                .support("例: 2026-11-22。空欄なら、すぐに使えます。")
                .value(self.of("valid_from")),
            Field::text("valid_until", "使える最後の日")
                .optional()
                .short()
                .support("例: 2027-03-31。空欄なら、いつまでも使えます。")
                .value(self.of("valid_until")),
        ];
        fields.into_iter().map(|field| field.errors(errors)).collect()
    }

    /// The texts side by side, each with what there is to say about it.
    pub(super) fn sheets(
        &self,
        errors: &Errors,
        sender: &str,
        settings: &Settings,
        now: Millis,
    ) -> Vec<Sheet> {
        let frame = self.frame(String::new());
        let wanted = MessageTemplate::parse(self.of("body"));
        let wanted = wanted
            .map(|template| template.fields().to_vec())
            .unwrap_or_default();
        let sheet = |language: Language| {
            let name = text_field(language);
            let typed = self.of(&name);
            let parsed = MessageTemplate::parse(typed).ok();
            let source = parsed.as_ref().map_or("", MessageTemplate::source);
            let findings = match source {
                "" => Vec::new(),
                source => frame.advice_on(language, source, settings, now),
            };
            Sheet {
                offered: wanted.clone(),
                tag: language.tag(),
                label: language.label(),
                field: field_of(language, &name).value(typed).errors(errors),
                name,
                remarks: findings
                    .into_iter()
                    .map(|finding| Remark::of(finding, source))
                    .collect(),
                missing: parsed
                    .as_ref()
                    .map(|template| missing(&wanted, template))
                    .unwrap_or_default(),
                look: parsed.map(|template| Look::of(&template, sender)),
            }
        };
        self.languages().into_iter().map(sheet).collect()
    }

    /// The languages that could be added.
    pub(super) fn more_languages(&self) -> Option<Field> {
        let here = self.languages();
        let more = Language::ALL.iter().filter(|language| !here.contains(language));
        let choices: Vec<Choice> = more.map(|one| Choice::new(one.code(), one.label())).collect();
        (!choices.is_empty()).then(|| {
            Field::select("add_language", "言語を増やす", choices).support(
                "リストに「言語」の列があれば、その人の言語で送ります。ない言語の人には日本語で送ります。",
            )
        })
    }
}

/// A link that texts can ask for.
pub(super) struct LinkOffered {
    /// The merge field, without its braces.
    pub(super) field: String,
    /// What opens.
    pub(super) what: &'static str,
}

/// Every link that the organisation's texts can ask for; each is among the fields that the sheets put in.
pub(super) async fn offer_links(
    desk: &Desk,
    org: OrgId,
    sheets: &mut [Sheet],
) -> Result<Vec<LinkOffered>, PageError> {
    let targets = store::link_targets(&desk.db, org).await.map_err(failed)?;
    let offered = targets.iter().map(|target| LinkOffered {
        field: format!("リンク {}", target.name),
        what: match target.desk {
            Some(_) => "申請窓口（本人の生年月日で開く、一人ずつのリンク）",
            None => "案内ページ",
        },
    });
    let offered: Vec<LinkOffered> = offered.collect();
    for sheet in sheets {
        let new = offered.iter().filter(|one| !sheet.offered.contains(&one.field));
        let new: Vec<String> = new.map(|one| one.field.clone()).collect();
        sheet.offered.extend(new);
    }
    Ok(offered)
}

/// One text in the form.
pub(super) struct Sheet {
    /// For the `lang` attribute.
    pub(super) tag: &'static str,
    pub(super) label: &'static str,
    /// The field's name, which is its id.
    pub(super) name: String,
    pub(super) field: Field,
    /// Merge fields that the page's buttons put in.
    pub(super) offered: Vec<String>,
    pub(super) look: Option<Look>,
    pub(super) remarks: Vec<Remark>,
    /// Merge fields of the Japanese text that this one lacks.
    pub(super) missing: Vec<String>,
}

fn field_of(language: Language, name: &str) -> Field {
    match language {
        Language::Japanese => Field::long_text(name, "本文", 8)
            .required()
            .support("リストの列を差し込むところは {{列の見出し}} と書きます。660文字まで。"),
        other => {
            Field::long_text(name, other.label(), 8).support("空欄で保存すると、この言語はなくなります。")
        }
    }
}

fn missing(wanted: &[String], template: &MessageTemplate) -> Vec<String> {
    let has = |heading: &String| {
        let key = heading_key(heading);
        template.fields().iter().any(|field| heading_key(field) == key)
    };
    wanted.iter().filter(|heading| !has(heading)).cloned().collect()
}

/// A short text of one line, without the blanks around it.
fn line(errors: &mut Errors, field: &str, what: &str, typed: &str, most: usize) -> String {
    let typed = typed.trim();
    let letters = typed.chars().count();
    if letters > most {
        let over = letters - most;
        errors.add(
            field,
            format!("{what}が{over}文字長すぎます。{most}文字までにしてください。"),
        );
    } else if typed.chars().any(text::is_control) {
        errors.add(
            field,
            format!("{what}に目に見えない制御文字があります。入力し直してください。"),
        );
    }
    typed.to_owned()
}

/// A day as people type it: `2026-11-22`, `２０２６/11/22`, `2026年11月22日`.
fn read_day(typed: &str) -> Option<Date> {
    let plain: String = heading_key(typed)
        .chars()
        .map(|c| if c.is_ascii_digit() { c } else { ' ' })
        .collect();
    let numbers: Vec<&str> = plain.split_whitespace().collect();
    let &[year, month, day] = numbers.as_slice() else {
        return None;
    };
    let year = year.parse().ok().filter(|year| (2000..2200).contains(year))?;
    Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn typed(fields: &[(&str, &str)]) -> Typed {
        let fields = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Typed::from(fields.collect::<HashMap<_, _>>())
    }

    fn named(name: &str, body: &str) -> Typed {
        typed(&[("name", name), ("body", body)])
    }

    #[test]
    fn every_mistake_is_told_at_its_field() {
        let errors = |typed: Typed| {
            let errors = typed.accept().err().unwrap();
            errors
                .iter()
                .map(|(field, _)| field.to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(errors(named(" ", "")), ["name", "body"]);
        assert_eq!(errors(named("案内", "ID: {{HER-SYS ID")), ["body"]);
        assert_eq!(errors(named("案内", &"あ".repeat(661))), ["body"]);
        assert_eq!(errors(named(&"あ".repeat(61), "本文")), ["name"]);
        assert!(named("案内", &"あ".repeat(660)).accept().is_ok());
        let wrong = [
            ("name", "案内"),
            ("body", "本文"),
            ("text-en", "{{"),
            ("valid_from", "きょう"),
            ("folder", "a\u{7}"),
        ];
        assert_eq!(errors(typed(&wrong)), ["folder", "valid_from", "text-en"]);
        let turned = [
            ("name", "a"),
            ("body", "b"),
            ("valid_from", "2026-11-22"),
            ("valid_until", "2026/11/21"),
        ];
        assert_eq!(errors(typed(&turned)), ["valid_until"]);
    }

    #[test]
    fn a_form_of_name_and_text_alone_makes_a_usual_template() {
        let draft = named("案内", "本文").accept().unwrap();
        assert_eq!(draft.content, Content::of("本文".to_owned()));
    }

    #[test]
    fn a_language_comes_with_its_button_and_goes_when_empty() {
        let more = typed(&[
            ("body", "本文"),
            ("action", "add_language"),
            ("add_language", "vi"),
        ]);
        assert!(more.adds_language());
        assert_eq!(more.languages(), [Language::Japanese, Language::Vietnamese]);
        let empty = typed(&[
            ("name", "a"),
            ("body", "本文"),
            ("text-vi", " "),
            ("text-en", "hi"),
        ]);
        let translations = empty.accept().unwrap().content.translations;
        assert_eq!(translations, [(Language::English, "hi".to_owned())]);
    }

    #[test]
    fn days_are_read_as_people_type_them() {
        for day in [
            "2026-11-22",
            "２０２６/１１/２２",
            "2026年11月22日",
            " 2026.11.22 ",
        ] {
            assert_eq!(read_day(day), Some(date(2026, 11, 22)), "{day}");
        }
        for wrong in ["", "11/22", "2026-13-01", "2026-02-30", "20261122", "0026-11-22"] {
            assert_eq!(read_day(wrong), None, "{wrong}");
        }
    }
}
