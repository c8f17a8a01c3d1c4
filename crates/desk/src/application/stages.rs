//! The way of whoever applies: what is asked, in which order, and what still lacks.
//!
//! Pure, and made anew from what was filled in each time: an answer that is taken back takes back what followed from
//! it. Signs of an emergency are asked before anything about the person. What was sent back asks for what it names and
//! nothing else.

use base::date::CalendarDate;

use super::{Content, KitChosen};
use crate::document::{Again, DeskDocument, Field, Verdict, Way};
use crate::form::{Condition, Key, Level, Page, Question};
use crate::limits::FULL_AGE;

/// One page of an application.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Stage {
    /// What the person agrees to.
    Consent,
    /// A question about whether the person may apply.
    Eligibility(Key),
    /// 氏名 and フリガナ.
    Name,
    /// 生年月日.
    Birth,
    /// Who applies for a child.
    Guardian,
    /// Who fills it in: the person, or somebody for them.
    Proxy,
    /// 郵便番号 and 住所.
    Address,
    /// The number, and that it is the person's.
    Phone,
    /// A page of the form.
    Question(Key),
    /// Which product was used.
    Kit,
    /// Pictures of a kind.
    Photos(Key),
    /// Everything once more.
    Check,
}

impl Stage {
    /// Its address behind the application's own.
    pub fn path(&self) -> String {
        match self {
            Self::Consent => "consent".to_owned(),
            Self::Eligibility(page) => format!("e/{page}"),
            Self::Name => "name".to_owned(),
            Self::Birth => "birth".to_owned(),
            Self::Guardian => "guardian".to_owned(),
            Self::Proxy => "proxy".to_owned(),
            Self::Address => "address".to_owned(),
            Self::Phone => "phone".to_owned(),
            Self::Question(page) => format!("q/{page}"),
            Self::Kit => "kit".to_owned(),
            Self::Photos(rule) => format!("photos/{rule}"),
            Self::Check => "check".to_owned(),
        }
    }
}

/// An application on its way.
#[derive(Clone, Copy, Debug)]
pub struct Journey<'a> {
    /// By which document.
    pub document: &'a DeskDocument,
    /// What was filled in so far.
    pub content: &'a Content,
    /// The day in Japan.
    pub today: CalendarDate,
    /// What is asked again, if it was sent before.
    pub again: Option<&'a [Again]>,
    /// Kinds of pictures that still lack some.
    pub photos: &'a [Key],
}

impl<'a> Journey<'a> {
    /// Every page that is asked as things stand, the check left away.
    pub fn stages(&self) -> Vec<Stage> {
        if let Some(again) = self.again {
            return asked_again(again);
        }
        let says = self.document.document();
        let has = |field| says.fields.contains(&field);
        let mut all = Vec::new();
        if !self.has_consent() {
            all.push(Stage::Consent);
        }
        if let Some(form) = self.document.eligibility() {
            let shown = self.content.eligibility.shown(form);
            all.extend(
                shown
                    .into_iter()
                    .map(|(page, _)| Stage::Eligibility(page.key.clone())),
            );
        }
        let urgent = self.urgent_pages();
        let (first, rest): (Vec<_>, Vec<_>) = self
            .content
            .answers
            .shown(self.document.form())
            .into_iter()
            .map(|(page, _)| page.key.clone())
            .partition(|page| urgent.contains(page));
        all.extend(first.into_iter().map(Stage::Question));
        let for_a_child = has(Field::Guardian) && self.is_child();
        let person = [
            (has(Field::Name), Stage::Name),
            (has(Field::Birth) && !self.content.known_by_link, Stage::Birth),
            (for_a_child, Stage::Guardian),
            (has(Field::Proxy) && !for_a_child, Stage::Proxy),
            (has(Field::Address), Stage::Address),
            (has(Field::Phone) && !self.content.known_by_link, Stage::Phone),
        ];
        all.extend(
            person
                .into_iter()
                .filter(|(asked, _)| *asked)
                .map(|(_, stage)| stage),
        );
        all.extend(rest.into_iter().map(Stage::Question));
        if !says.kits.is_empty() {
            all.push(Stage::Kit);
        }
        all.extend(says.photos.iter().map(|rule| Stage::Photos(rule.key.clone())));
        all
    }

    /// The pages up to the last one that a sign of an emergency looks at.
    fn urgent_pages(&self) -> Vec<Key> {
        let form = self.document.form();
        let flags = form.document().red_flags.iter();
        let conditions: Vec<&Condition> = flags
            .filter(|flag| flag.level == Level::Emergency)
            .map(|flag| &flag.when)
            .collect();
        let looked_at = |page: &Page| {
            page.questions.iter().any(|question: &Question| {
                let mut leaves = conditions.iter().flat_map(|when| when.leaves());
                leaves.any(|leaf| leaf.question() == Some(&question.key))
            })
        };
        let last = form.pages().iter().rposition(looked_at);
        let pages = form.pages().iter().take(last.map_or(0, |last| last + 1));
        pages.map(|page| page.key.clone()).collect()
    }

    fn is_child(&self) -> bool {
        let age = self
            .content
            .applicant
            .birth
            .and_then(|birth| birth.age_on(self.today));
        age.is_some_and(|age| age < FULL_AGE)
    }

    fn has_consent(&self) -> bool {
        let wanted = &self.document.document().consent.version;
        self.content
            .consent
            .as_ref()
            .is_some_and(|given| given.version == *wanted)
    }

    /// Whether a page is answered.
    pub fn is_done(&self, stage: &Stage) -> bool {
        let (content, applicant) = (self.content, &self.content.applicant);
        let says = self.document.document();
        let answered = |form, filling: &crate::form::Filling, page: &Key| {
            let shown = filling.shown(form);
            let found = shown.iter().find(|(one, _)| one.key == *page);
            found.is_none_or(|(page, asked)| filling.is_answered(page, asked))
        };
        match stage {
            Stage::Consent => self.has_consent(),
            Stage::Eligibility(page) => {
                let form = self.document.eligibility();
                form.is_none_or(|form| answered(form, &content.eligibility, page))
            }
            Stage::Name => {
                let asked = says
                    .fields
                    .iter()
                    .filter(|field| matches!(field, Field::Name | Field::Kana));
                asked.copied().all(|field| applicant.has(field))
            }
            Stage::Birth => applicant.birth.is_some(),
            Stage::Guardian => {
                let name = applicant.guardian.as_deref().unwrap_or_default();
                !self.is_child() || !name.trim().is_empty()
            }
            Stage::Proxy => applicant.filled_in.is_some(),
            Stage::Address => applicant.address.is_some(),
            Stage::Phone => applicant.phone.is_some() && self.is_proved(),
            Stage::Question(page) => answered(self.document.form(), &content.answers, page),
            Stage::Kit => match &content.kit {
                Some(KitChosen::Known(key)) => says.kits.iter().any(|kit| kit.key == *key),
                Some(KitChosen::Other(name)) => !name.trim().is_empty(),
                None => false,
            },
            Stage::Photos(rule) => !self.photos.contains(rule),
            Stage::Check => false,
        }
    }

    /// Whether the number may be used as it is.
    pub fn is_proved(&self) -> bool {
        self.document.document().unproved_phone || self.content.applicant.phone_proved_at.is_some()
    }

    /// Why the person may not apply, with the page that says so.
    pub fn stopped(&self) -> Option<(Stage, &'a Way)> {
        if self.again.is_none()
            && let Verdict::Stops(way) = self.document.verdict(&self.content.eligibility)
        {
            return Some((self.stopping_page(way), way));
        }
        let birth = self.content.applicant.birth?;
        let way = self
            .document
            .age_stop(&self.content.eligibility, birth, self.today)?;
        Some((Stage::Birth, way))
    }

    /// The first page with an answer that leads there.
    fn stopping_page(&self, way: &Way) -> Stage {
        let Some(form) = self.document.eligibility() else {
            return Stage::Birth;
        };
        let (_, seen) = self.content.eligibility.walk(form);
        let mut pages = self.document.document().eligibility.iter();
        let found = pages.find(|one| {
            let mut stops = one.stops.iter();
            stops.any(|stop| stop.way == way.key && stop.when.holds(&seen))
        });
        found.map_or(Stage::Birth, |one| Stage::Eligibility(one.page.key.clone()))
    }

    /// Where it goes on: the first page that waits for an answer, or the check.
    pub fn resume(&self) -> Stage {
        let mut stages = self.stages().into_iter();
        stages.find(|stage| !self.is_done(stage)).unwrap_or(Stage::Check)
    }

    /// What follows a page that was answered. Who came from the check goes back there, unless the answer opened
    /// something else.
    pub fn after(&self, stage: &Stage, from_check: bool) -> Stage {
        if from_check {
            return self.resume();
        }
        let stages = self.stages();
        let at = stages.iter().position(|one| one == stage);
        let next = at.and_then(|at| stages.get(at + 1).cloned());
        next.unwrap_or_else(|| self.resume())
    }

    /// The page before one.
    pub fn before(&self, stage: &Stage) -> Option<Stage> {
        let stages = self.stages();
        let at = stages.iter().position(|one| one == stage)?;
        stages.get(at.checked_sub(1)?).cloned()
    }

    /// The how-manieth page this is, of how many.
    pub fn place(&self, stage: &Stage) -> (usize, usize) {
        let stages = self.stages();
        let at = stages.iter().position(|one| one == stage).unwrap_or(0);
        (at + 1, stages.len().max(1))
    }

    /// Whether a page is asked.
    pub fn asks(&self, stage: &Stage) -> bool {
        self.stages().contains(stage)
    }
}

/// The pages of what is asked again, each once, in the order in which they are asked.
fn asked_again(again: &[Again]) -> Vec<Stage> {
    let mut all = Vec::new();
    for one in again {
        let stage = match one {
            Again::Field(Field::Name | Field::Kana) => Stage::Name,
            Again::Field(Field::Birth) => Stage::Birth,
            Again::Field(Field::Phone) => Stage::Phone,
            Again::Field(Field::Address) => Stage::Address,
            Again::Field(Field::Guardian) => Stage::Guardian,
            Again::Field(Field::Proxy) => Stage::Proxy,
            Again::Page(key) => Stage::Question(key.clone()),
            Again::Photo(key) => Stage::Photos(key.clone()),
        };
        if !all.contains(&stage) {
            all.push(stage);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::shipped;
    use crate::form::Answer;

    fn day() -> CalendarDate {
        CalendarDate::new(2022, 9, 8).expect("a day")
    }

    fn self_test() -> DeskDocument {
        let mut desks = shipped().into_iter();
        let found = desks.find(|one| one.document.key().as_str() == "self_test_registration");
        found.expect("it ships").document
    }

    fn journey<'a>(document: &'a DeskDocument, content: &'a Content) -> Journey<'a> {
        Journey {
            document,
            content,
            today: day(),
            again: None,
            photos: &[],
        }
    }

    #[test]
    fn signs_of_an_emergency_come_before_the_person() {
        let (document, content) = (self_test(), Content::default());
        let stages = journey(&document, &content).stages();
        let at = |wanted: &Stage| stages.iter().position(|one| one == wanted).expect("it is asked");
        let emergency = Stage::Question(Key::parse("emergency").expect("a key"));
        let signs = Stage::Question(Key::parse("signs").expect("a key"));
        assert!(at(&emergency) < at(&Stage::Name));
        assert!(at(&Stage::Phone) < at(&signs));
        assert_eq!(stages[0], Stage::Consent);
        assert_eq!(journey(&document, &content).resume(), Stage::Consent);
    }

    #[test]
    fn whoever_may_not_apply_is_led_to_the_answer_that_said_so() {
        let document = self_test();
        let mut content = Content::default();
        let page = Key::parse("lives_here").expect("a key");
        let form = document.eligibility().expect("it asks");
        let given = vec![(page.clone(), Some(Answer::YesNo(false)))];
        content
            .eligibility
            .save(form, &page, given, true)
            .expect("its question");
        let (stage, way) = journey(&document, &content).stopped().expect("it stops");
        assert_eq!(stage, Stage::Eligibility(page));
        assert_eq!(way.key.as_str(), "elsewhere");
    }

    #[test]
    fn an_adult_says_who_fills_it_in_and_a_child_has_a_guardian() {
        let mut says = self_test().document().clone();
        says.fields.retain(|one| *one != Field::Proxy);
        says.fields.extend([Field::Guardian, Field::Proxy]);
        let document = DeskDocument::of(says).expect("it is good");
        let mut content = Content::default();
        for (year, asked, other) in [
            (1980, Stage::Proxy, Stage::Guardian),
            (2015, Stage::Guardian, Stage::Proxy),
        ] {
            content.applicant.birth = CalendarDate::new(year, 4, 3);
            let journey = journey(&document, &content);
            assert!(journey.asks(&asked) && !journey.asks(&other), "{year}");
        }
    }

    #[test]
    fn what_was_sent_back_asks_for_nothing_else() {
        let (document, content) = (self_test(), Content::default());
        let again = [
            Again::Field(Field::Name),
            Again::Field(Field::Kana),
            Again::Photo(Key::parse("identity").expect("a key")),
        ];
        let journey = Journey {
            again: Some(&again),
            ..journey(&document, &content)
        };
        let photos = Stage::Photos(Key::parse("identity").expect("a key"));
        assert_eq!(journey.stages(), [Stage::Name, photos.clone()]);
        assert_eq!(journey.after(&Stage::Name, false), photos);
        assert!(!journey.asks(&Stage::Address));
    }
}
