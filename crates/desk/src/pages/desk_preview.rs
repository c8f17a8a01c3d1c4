//! `GET /desks/{id}/versions/{version}/preview`: every page as residents will see it, with a way through the questions
//! about who may apply. Nothing is kept: the answers stand in the address.

use accounts::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use base::clock::Millis;
use base::date::CalendarDate;
use base::id::DeskId;
use base::merge::MessageTemplate;
use messaging::pages::{Answer, Desk};
use web::form::{Choice, Field};
use web::ui::{Bubble, Phone};
use web::{Id, Language, Page, PageError, Shell};

use super::control::{Control, Scene};
use super::desk_load::{today, version};
use crate::document::{DeskDocument, Telling, Verdict};
use crate::form::{self, Filling, Question, Shown, Texts, Typed, moment};
use crate::texts::FIELDS;

#[derive(Template)]
#[template(path = "desk_preview.html")]
struct DeskPreview {
    shell: Shell,
    address: String,
    language: Language,
    languages: Field,
    part: Part,
    front: Front,
    way: Vec<Given>,
    step: Step,
    pages: Vec<PageShown>,
    photos: Vec<Photo>,
    fields: Vec<&'static str>,
    outcomes: Vec<OutcomeShown>,
}

/// Which pages are shown: not all at once, because two forms may use one name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Front,
    Questions,
    Results,
}

impl Part {
    const ALL: [Self; 3] = [Self::Front, Self::Questions, Self::Results];

    const fn word(self) -> &'static str {
        match self {
            Self::Front => "front",
            Self::Questions => "questions",
            Self::Results => "results",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Front => "入口と対象の確認",
            Self::Questions => "質問と写真",
            Self::Results => "結果の連絡",
        }
    }
}

/// The first page.
struct Front {
    title: Shown,
    about: Vec<Shown>,
    not_done: Vec<Shown>,
    needed: Vec<Shown>,
    hours: String,
    elsewhere: Vec<Shown>,
    consent: Vec<Shown>,
}

/// A question that was answered, its field with one value, and the answer in words.
type Given = (String, String, String);

/// How far the way through has come.
enum Step {
    /// This question is next.
    Ask(Box<Control>),
    GoOn,
    Stops(Shown, Vec<Shown>),
}

struct PageShown {
    /// Its number, and when it is not always asked.
    heading: String,
    sometimes: bool,
    title: Option<Shown>,
    controls: Vec<Control>,
}

struct Photo {
    label: Shown,
    help: Vec<Shown>,
    count: String,
    mask: bool,
}

/// What one outcome says.
struct OutcomeShown {
    label: String,
    phone: Phone,
    page: Vec<Shown>,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(at): Id<(DeskId, i64)>,
    Query(asked): Query<Vec<(String, String)>>,
) -> Answer {
    let loaded = version(&desk, &session, at).await?;
    let mut typed = Typed::from(asked);
    let first = |values: Vec<String>| values.into_iter().next().unwrap_or_default();
    let language = Language::from_code(&first(typed.take("page-language"))).unwrap_or(Language::Japanese);
    let part = first(typed.take("page-part"));
    let part = Part::ALL
        .into_iter()
        .find(|one| one.word() == part)
        .unwrap_or(Part::Front);
    let document = &loaded.document;
    let scene = Scenery {
        document,
        language,
        today: today(&desk)?,
        link: match &desk.links.origin {
            Some(origin) => origin.address("/a/…"),
            None => "（住民向けのアドレスが設定されていないため、リンクを作れません）".to_owned(),
        },
    };
    let (way, step) = scene.walk(&typed)?;
    let all = document.languages();
    let choices = all.iter().map(|one| Choice::new(one.code(), one.own_name()));
    let sender = &desk.sending.sender;
    let page = DeskPreview {
        address: loaded.address(),
        language,
        languages: Field::select("page-language", "言語", choices.collect()).value(language.code()),
        part,
        front: scene.front(),
        way,
        step,
        pages: if part == Part::Questions {
            scene.pages()
        } else {
            Vec::new()
        },
        photos: scene.photos(),
        fields: scene.fields(),
        outcomes: if part == Part::Results {
            scene.outcomes(sender)
        } else {
            Vec::new()
        },
        shell: shell.titled(format!(
            "{} 第{}版の確認: {}",
            loaded.desk.name,
            loaded.version.version,
            part.label()
        )),
    };
    Ok(Page(page).into_response())
}

/// 2026-11-22 14:05 in Japan.
const SAMPLE_TIME: Millis = 1_795_323_900_000;

struct Scenery<'d> {
    document: &'d DeskDocument,
    language: Language,
    today: CalendarDate,
    /// What stands in a message for the link to somebody's own page.
    link: String,
}

impl Scenery<'_> {
    fn lines(&self, texts: &Texts) -> Vec<Shown> {
        texts.shown(self.language).paragraphs()
    }

    fn front(&self) -> Front {
        let says = self.document.document();
        let hours = &says.hours;
        Front {
            title: says.title.shown(self.language),
            about: self.lines(&says.about),
            not_done: self.lines(&says.not_done),
            needed: says.needed.iter().map(|one| one.shown(self.language)).collect(),
            hours: format!(
                "{}から{}まで（当日判定の締切 {}）",
                hours.opens, hours.closes, hours.cut_off
            ),
            elsewhere: self.lines(&says.elsewhere),
            consent: self.lines(&says.consent.text),
        }
    }

    fn control(&self, question: &Question, typed: &Typed) -> Control {
        let scene = Scene {
            page: self.language,
            typed,
            mistakes: &[],
            today: self.today,
            alone: false,
        };
        Control::new(question, &scene)
    }

    /// The answers so far, as question, its name and what was answered; and where they lead.
    fn walk(&self, typed: &Typed) -> Result<(Vec<Given>, Step), PageError> {
        let (mut filling, mut way) = (Filling::default(), Vec::new());
        let Some(form) = self.document.eligibility() else {
            return Ok((way, Step::GoOn));
        };
        loop {
            let page = match self.document.verdict(&filling) {
                Verdict::GoOn => return Ok((way, Step::GoOn)),
                Verdict::Stops(to) => {
                    let (title, instead) = (to.title.shown(self.language), self.lines(&to.instead));
                    return Ok((way, Step::Stops(title, instead)));
                }
                Verdict::Ask(page) => page,
            };
            let Some(question) = page.questions.first() else {
                return Err(PageError::NotFound);
            };
            let name = question.key.as_str();
            let answer = form::read::read(question, typed, self.today).ok().flatten();
            // What is not answered yet, or not so that it can be read, is asked.
            let Some(answer) = answer.filter(|_| typed.names().any(|one| one == name)) else {
                return Ok((way, Step::Ask(Box::new(self.control(question, typed)))));
            };
            let words = answer.lines(question, self.language);
            let words: Vec<&str> = words.iter().map(Shown::plain).collect();
            for value in typed.all(name) {
                way.push((
                    question.label.shown(self.language).plain().to_owned(),
                    format!("{name}={value}"),
                    words.join("、"),
                ));
            }
            let given = vec![(question.key.clone(), Some(answer))];
            if filling.save(form, &page.key, given, true).is_err() {
                return Err(PageError::NotFound);
            }
        }
    }

    fn pages(&self) -> Vec<PageShown> {
        let (all, typed) = (&self.document.document().pages, Typed::default());
        let shown = (1..).zip(all).map(|(number, page)| {
            let sometimes = page.show_if.is_some() || page.questions.iter().any(|one| one.show_if.is_some());
            PageShown {
                heading: format!("質問のページ{number}（全{}ページ）", all.len()),
                sometimes,
                title: (!page.title.is_empty()).then(|| page.title.shown(self.language)),
                controls: page
                    .questions
                    .iter()
                    .map(|one| self.control(one, &typed))
                    .collect(),
            }
        });
        shown.collect()
    }

    fn photos(&self) -> Vec<Photo> {
        let all = self.document.document().photos.iter();
        let shown = all.map(|photo| Photo {
            label: photo.label.shown(self.language),
            help: self.lines(&photo.help),
            count: if photo.least == photo.most {
                format!("{}枚", photo.most)
            } else {
                format!("{}枚から{}枚", photo.least, photo.most)
            },
            mask: photo.mask,
        });
        shown.collect()
    }

    fn fields(&self) -> Vec<&'static str> {
        use crate::document::Field as Asked;
        let label = |field: &Asked| match field {
            Asked::Name => "氏名",
            Asked::Kana => "フリガナ",
            Asked::Birth => "生年月日",
            Asked::Phone => "携帯電話番号（確認コードを送って確かめます）",
            Asked::Address => "郵便番号と住所",
            Asked::Guardian => "代わりに申請する保護者",
            Asked::Proxy => "入力している人（本人か代理人）",
        };
        self.document.document().fields.iter().map(label).collect()
    }

    fn outcomes(&self, sender: &str) -> Vec<OutcomeShown> {
        let mut shown = Vec::new();
        for outcome in self.document.outcomes() {
            let Some(telling) = self.document.telling(&outcome) else {
                continue;
            };
            let telling: &Telling = telling;
            let label = self.document.label(&outcome).to_owned();
            let mut bubbles = vec![Bubble::new(self.sample(&telling.sms))];
            if !telling.correction.is_empty() {
                bubbles.push(Bubble::new(self.sample(&telling.correction)));
            }
            shown.push(OutcomeShown {
                phone: Phone::new(format!("「{label}」のSMSと、訂正のSMS"), sender, bubbles),
                page: self.lines(&telling.page),
                label,
            });
        }
        shown
    }

    /// A message of somebody made up, as it goes out to readers of the language: Japanese where it has no other.
    fn sample(&self, texts: &Texts) -> String {
        let own = texts.of(self.language).map(|text| (self.language, text));
        let japanese = || {
            (
                Language::Japanese,
                texts.of(Language::Japanese).unwrap_or_default(),
            )
        };
        let (language, text) = own.unwrap_or_else(japanese);
        let title = self.document.document().title.shown(language);
        let time = match language {
            Language::Japanese => "11月22日14時05分".to_owned(),
            other => moment(SAMPLE_TIME, other),
        };
        let values = ["見本 花子", "0000-0000", &time, title.plain()];
        let merged = MessageTemplate::parse(text).ok().and_then(|template| {
            let of = |field: usize| {
                let name = template.fields().get(field)?;
                let at = FIELDS.iter().position(|one| one == name);
                at.map_or(Some(self.link.as_str()), |at| values.get(at).copied())
            };
            template.merge(of).ok()
        });
        merged.unwrap_or_else(|| text.to_owned())
    }
}
