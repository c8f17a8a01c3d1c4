//! What was told, as whoever judges reads it: first what stands out, then the answers; no name and no address.

use askama::Template;
use askama::filters::HtmlSafe;
use base::clock::Millis;
use base::date::CalendarDate;
use base::id::ApplicationId;
use web::Language;
use web::ui::{Chip, Tone};

use super::review_words::{age, decided};
use crate::application::{Application, FilledIn, KitChosen};
use crate::document::{DeskDocument, Field, Verdict};
use crate::form::{Filling, Form, Question, day_in_words};
use crate::store::{Alike, Twin};

/// The part of a page. Written into a template it becomes markup.
#[derive(Template)]
#[template(path = "review_facts.html")]
pub(super) struct Facts {
    flags: Vec<Chip>,
    rows: Vec<Row>,
    /// What was asked to see whether somebody may apply.
    eligibility: Vec<Row>,
    may_apply: bool,
    twins: Vec<TwinLine>,
}

impl HtmlSafe for Facts {}

struct Row {
    label: String,
    lines: Vec<String>,
    warns: bool,
}

impl Row {
    fn new(label: impl Into<String>, line: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            lines: vec![line.into()],
            warns: false,
        }
    }

    fn warning(mut self, warns: bool) -> Self {
        self.warns = warns;
        self
    }
}

struct TwinLine {
    id: ApplicationId,
    reference: String,
    alike: String,
    at: Millis,
    standing: String,
}

impl Facts {
    /// `shows_name`: whoever judges holds the name against a document.
    pub(super) fn of(
        application: &Application,
        document: &DeskDocument,
        twins: &[Twin],
        (now, shows_name): (Millis, bool),
    ) -> Self {
        let content = &application.content;
        let may_apply = matches!(document.verdict(&content.eligibility), Verdict::GoOn);
        let mut rows = person(application, now, shows_name);
        rows.extend(kit(application, document));
        rows.extend(answers(&content.answers, document.form()));
        Self {
            flags: flags(application, document, twins, now),
            rows,
            eligibility: document
                .eligibility()
                .map_or_else(Vec::new, |form| answers(&content.eligibility, form)),
            may_apply,
            twins: twins.iter().map(|twin| line(twin, document)).collect(),
        }
    }
}

/// What the machine noticed, the most serious first.
pub(super) fn flags(
    application: &Application,
    document: &DeskDocument,
    twins: &[Twin],
    now: Millis,
) -> Vec<Chip> {
    let content = &application.content;
    let mut all = Vec::new();
    for flag in content.answers.red_flags(document.form()) {
        all.push(Chip::new(Tone::Failed, &flag.label));
    }
    if let Verdict::Stops(way) = document.verdict(&content.eligibility) {
        let why = way.title.shown(Language::Japanese);
        all.push(Chip::new(
            Tone::Attention,
            format!("対象外の回答: {}", why.plain()),
        ));
    }
    let day = CalendarDate::in_japan(application.received_at.unwrap_or(now));
    let born = content.applicant.birth.zip(day);
    let outside = born.and_then(|(birth, day)| document.age_stop(&content.eligibility, birth, day));
    if let Some(way) = outside {
        let why = way.title.shown(Language::Japanese);
        all.push(Chip::new(Tone::Attention, format!("年齢: {}", why.plain())));
    }
    if let Some(KitChosen::Other(_)) = content.kit {
        all.push(Chip::new(Tone::Attention, "一覧にない検査キット"));
    }
    for field in &document.document().fields {
        if !content.applicant.has(*field) {
            all.push(Chip::new(
                Tone::Attention,
                format!("{}がない", field_label(*field)),
            ));
        }
    }
    if !twins.is_empty() {
        let same_photo = twins.iter().any(|twin| twin.alike.contains(&Alike::Photo));
        let words = if same_photo {
            "同じ写真の申請"
        } else {
            "重複の可能性"
        };
        all.push(Chip::new(Tone::Attention, format!("{words} {}件", twins.len())));
    }
    if is_minor(application, now) {
        all.push(Chip::new(Tone::Unknown, "18歳未満"));
    }
    if content.known_by_link {
        all.push(Chip::new(Tone::Done, "本人用リンクから（番号・生年月日は一致）"));
    }
    if is_again(application) {
        all.push(Chip::new(Tone::Checking, "出し直し"));
    }
    if application.language != Language::Japanese {
        let words = format!("言語: {}", application.language.own_name());
        all.push(Chip::new(Tone::Draft, words));
    }
    all
}

/// Whether somebody is a child before the law.
pub(super) fn is_minor(application: &Application, now: Millis) -> bool {
    age(application, now).is_some_and(|age| age < 18)
}

/// Whether it was sent back or refused before, and came again.
pub(super) fn is_again(application: &Application) -> bool {
    application.told.is_some()
}

pub(super) const fn field_label(field: Field) -> &'static str {
    match field {
        Field::Name => "氏名",
        Field::Kana => "フリガナ",
        Field::Birth => "生年月日",
        Field::Phone => "携帯電話番号",
        Field::Address => "住所",
        Field::Guardian => "保護者",
        Field::Proxy => "申請した人",
    }
}

fn person(application: &Application, now: Millis, shows_name: bool) -> Vec<Row> {
    let applicant = &application.content.applicant;
    let years = age(application, now);
    let mut rows = vec![Row::new(
        "年齢",
        years.map_or_else(|| "分かりません".to_owned(), |years| format!("{years}歳")),
    )];
    if shows_name {
        let text = |value: &Option<String>| value.clone().filter(|text| !text.trim().is_empty());
        rows.extend(text(&applicant.name).map(|name| Row::new("氏名", name)));
        rows.extend(text(&applicant.kana).map(|kana| Row::new("フリガナ", kana)));
        let birth = applicant
            .birth
            .map(|birth| day_in_words(birth, Language::Japanese));
        rows.extend(birth.map(|birth| Row::new("生年月日", birth)));
    }
    if applicant
        .guardian
        .as_deref()
        .is_some_and(|name| !name.trim().is_empty())
    {
        rows.push(Row::new("申請した人", "保護者"));
    } else if let Some(FilledIn::Proxy { relation, .. }) = &applicant.filled_in {
        rows.push(Row::new("申請した人", format!("代理人（{}）", relation.label())));
    }
    rows
}

fn kit(application: &Application, document: &DeskDocument) -> Option<Row> {
    Some(match application.content.kit.as_ref()? {
        KitChosen::Other(name) => Row::new("検査キット", format!("一覧にない製品: {name}")).warning(true),
        KitChosen::Known(key) => {
            let known = document.document().kits.iter().find(|kit| kit.key == *key);
            match known {
                Some(kit) if kit.maker.is_empty() => {
                    Row::new("検査キット", format!("一覧にある製品: {}", kit.name))
                }
                Some(kit) => Row::new(
                    "検査キット",
                    format!("一覧にある製品: {}（{}）", kit.name, kit.maker),
                ),
                None => Row::new("検査キット", "いまの一覧にない製品").warning(true),
            }
        }
    })
}

/// Question and answer, as they were asked; what was not answered is left out.
fn answers(filling: &Filling, form: &Form) -> Vec<Row> {
    let flags = filling.red_flags(form);
    let raises = |question: &Question| {
        let leaves = flags.iter().flat_map(|flag| flag.when.leaves());
        leaves
            .filter_map(|leaf| leaf.question())
            .any(|key| *key == question.key)
    };
    let shown = filling.shown(form).into_iter().flat_map(|(_, asked)| asked);
    shown
        .filter_map(|question| {
            let lines = filling.answer(&question.key)?.lines(question, Language::Japanese);
            Some(Row {
                label: question.label.shown(Language::Japanese).plain().to_owned(),
                lines: lines.iter().map(|line| line.plain().to_owned()).collect(),
                warns: raises(question),
            })
        })
        .collect()
}

fn line(twin: &Twin, document: &DeskDocument) -> TwinLine {
    let alike: Vec<&str> = twin.alike.iter().map(|alike| alike.label()).collect();
    TwinLine {
        id: twin.id,
        reference: twin.reference.to_string(),
        alike: alike.join("、"),
        at: twin.started_at,
        standing: match &twin.decision {
            Some(decision) => decided(document, decision),
            None => twin.state.label().to_owned(),
        },
    }
}
