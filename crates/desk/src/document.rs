//! A desk as it is written down: who may apply, what is asked, who decides, what every outcome says and brings about.
//!
//! [`DeskDocument::parse`] is the only way from a text to a desk, and what it lets through can be shown, answered and
//! decided without a surprise: each reason has its words, each way out says where to go instead. All of it is pure.
//!
//! What it is not: it knows no application. No line of the program names a desk; those that ship are data.

mod carried;
mod certificate;
mod check;
pub mod eligibility;
mod hours;
mod in_force;
mod outcome;
mod shipped;

use serde::{Deserialize, Serialize};
use web::Language;

pub use self::carried::{Carried, Carries};
pub(crate) use self::certificate::day as day_in_figures;
pub use self::certificate::{CertificateLine, CertificateText, Statement};
pub use self::eligibility::Verdict;
pub use self::hours::{ClockTime, Hours, Opening};
pub use self::in_force::{DeskInForce, on};
pub use self::outcome::{Decision, Outcome, ReasonCode};
pub use self::shipped::{ShippedDesk, shipped};
use crate::form::{self, Condition, DocumentProblem, Form, Key, Page, Problem, RedFlag, Texts, Translation};
use crate::limits;

/// A desk whose document was found good.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeskDocument {
    says: Document,
    eligibility: Option<Form>,
    form: Form,
}

/// The shape of the document; a program that does not know it must not guess.
const SCHEMA: u8 = 1;

/// A desk as it is written down.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The shape of this document.
    pub schema: u8,
    /// Its word, the same for ever.
    pub key: Key,
    /// What it is called.
    pub title: Texts,
    /// The languages that it has texts in, Japanese first.
    pub languages: Vec<Translation>,
    /// Who may apply, on the first page.
    pub about: Texts,
    /// What the desk does not do.
    pub not_done: Texts,
    /// What one needs at hand, a line each.
    #[serde(default)]
    pub needed: Vec<Texts>,
    /// How people apply who cannot use the web.
    pub elsewhere: Texts,
    /// What people consent to.
    pub consent: Consent,
    /// When it takes applications.
    pub hours: Hours,
    /// Who may apply, one question a page.
    #[serde(default)]
    pub eligibility: Vec<EligibilityPage>,
    /// Ages, held against the birth date.
    #[serde(default)]
    pub ages: Vec<AgeRule>,
    /// Where people go who cannot apply.
    #[serde(default)]
    pub ways: Vec<Way>,
    /// What is asked of the person.
    pub fields: Vec<Field>,
    /// A number is taken without a code being read back from it.
    #[serde(default)]
    pub unproved_phone: bool,
    /// What else is asked, page by page, by the form engine.
    pub pages: Vec<Page>,
    /// Answers that somebody must know of at once.
    #[serde(default)]
    pub red_flags: Vec<RedFlag>,
    /// Products that count, where a product is asked for.
    #[serde(default)]
    pub kits: Vec<Kit>,
    /// Pictures.
    #[serde(default)]
    pub photos: Vec<PhotoRule>,
    /// Who looks, and how.
    pub review: Review,
    /// What a clerk can send back, and for what.
    #[serde(default)]
    pub send_backs: Vec<SendBack>,
    /// What follows when an application is granted.
    pub confirmed: Confirmed,
    /// Why it may not be.
    #[serde(default)]
    pub reasons: Vec<Reason>,
    /// How results leave.
    pub release: ReleaseRule,
    /// Where the rules were taken from.
    #[serde(default)]
    pub sources: Vec<Source>,
}

/// What people consent to; applications keep the version.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// Its version, in the words of whoever writes it.
    pub version: String,
    /// Purposes, who sees it, for how long, whom to ask.
    pub text: Texts,
}

/// A question about whether somebody may apply, and what ends the way here.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EligibilityPage {
    /// One question.
    pub page: Page,
    /// Looked at in this order once it is answered.
    #[serde(default)]
    pub stops: Vec<Stop>,
}

/// Answers with which somebody cannot apply.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// The answers.
    pub when: Condition,
    /// Where the person goes.
    pub way: Key,
}

/// Ages for which the desk is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgeRule {
    /// For these answers only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// Completed years at least.
    pub from: u8,
    /// Completed years at most.
    pub to: u8,
    /// Where others go.
    pub way: Key,
}

/// Why somebody cannot apply, and where to go instead.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Way {
    /// Its name.
    pub key: Key,
    /// Why, as a heading.
    pub title: Texts,
    /// Where to go instead, with a telephone number or an address.
    pub instead: Texts,
}

/// What is asked of the person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// 氏名.
    Name,
    /// フリガナ.
    Kana,
    /// 生年月日.
    Birth,
    /// The number that the result goes to, proved by a code.
    Phone,
    /// 郵便番号 and 住所.
    Address,
    /// Who applies for a child.
    Guardian,
    /// Who fills it in: the person, or somebody for them.
    Proxy,
}

impl Field {
    /// Every one, in the order in which they are asked.
    pub const ALL: [Self; 7] = [
        Self::Name,
        Self::Kana,
        Self::Birth,
        Self::Phone,
        Self::Address,
        Self::Guardian,
        Self::Proxy,
    ];
}

/// A product that counts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kit {
    /// Its name here.
    pub key: Key,
    /// Its name on the package.
    pub name: String,
    /// Who makes it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub maker: String,
}

/// Pictures of one kind.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhotoRule {
    /// Its name.
    pub key: Key,
    /// What is to be seen.
    pub label: Texts,
    /// How to take it.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub help: Texts,
    /// At least so many.
    pub least: u8,
    /// At most so many.
    pub most: u8,
    /// Something on it has to be covered: the number of an insurance card.
    #[serde(default)]
    pub mask: bool,
}

/// Who decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reviewer {
    /// A doctor.
    Doctor,
    /// Staff of the desk.
    Clerk,
}

/// Who looks at applications, and how.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// Who decides.
    pub by: Reviewer,
    /// A clerk looks first.
    #[serde(default)]
    pub precheck: bool,
    /// Whoever decides sees the name, to hold it against an ID card.
    #[serde(default)]
    pub shows_name: bool,
    /// What somebody else looks at once more.
    #[serde(default)]
    pub second_look: SecondLook,
    /// In how many hours the result is promised.
    pub within_hours: u32,
}

/// What somebody else looks at once more before it is told.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecondLook {
    /// So many of a hundred decisions.
    #[serde(default)]
    pub percent: u8,
    /// Every refusal.
    #[serde(default)]
    pub refusals: bool,
}

/// What is asked again of somebody.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Again {
    /// Something about the person.
    Field(Field),
    /// A page of the form.
    Page(Key),
    /// Pictures of a kind.
    Photo(Key),
}

/// What a clerk sends back before anybody decides.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SendBack {
    /// Its name.
    pub key: Key,
    /// For the clerk.
    pub label: String,
    /// What is asked again.
    pub again: Vec<Again>,
    /// What is told.
    pub telling: Telling,
}

/// What a person is told, by SMS and on the page behind its link.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telling {
    /// The message, with merge fields.
    pub sms: Texts,
    /// The message if it puts an earlier one right.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub correction: Texts,
    /// The page.
    pub page: Texts,
}

/// What follows when an application is granted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmed {
    /// For whoever decides.
    pub label: String,
    /// What is told.
    pub telling: Telling,
    /// A case is opened with everything that was told.
    #[serde(default)]
    pub opens_case: bool,
    /// Which answers the case takes over.
    #[serde(default)]
    pub carries: Carries,
    /// The result page offers a certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateText>,
    /// Something is sent by post: lists carry names and addresses.
    #[serde(default)]
    pub delivers: bool,
}

/// What happens after a refusal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// The person can send it once more, with what is asked again.
    Resubmit,
    /// The person goes to a clinic.
    Clinic,
    /// The person is telephoned.
    Phone,
    /// Nothing: it is already done, or was not needed.
    Nothing,
}

impl Then {
    /// On screens.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Resubmit => "出し直してもらう",
            Self::Clinic => "医療機関を案内する",
            Self::Phone => "職員が電話する",
            Self::Nothing => "手続きは不要",
        }
    }
}

/// Why an application may not be granted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Its code, the same for ever.
    pub code: ReasonCode,
    /// For whoever decides.
    pub label: String,
    /// The key that decides so, 2 to 6; others stand in a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<u8>,
    /// What happens.
    pub then: Then,
    /// What is asked again, where it is sent once more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub again: Vec<Again>,
    /// How urgent the telephone call is: higher goes first.
    #[serde(default)]
    pub call_priority: u32,
    /// What is told.
    pub telling: Telling,
}

/// How results leave.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseRule {
    /// The head office locks each list and sends it.
    Locked,
    /// By themselves, so often: in minutes.
    Continuous(u32),
}

/// Where a rule was taken from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What it is, and what of it is used.
    pub title: String,
    /// Its address.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
}

impl DeskDocument {
    /// Reads a document. The mistakes are told all together, each with its place.
    pub fn parse(json: &str) -> Result<Self, DocumentProblem> {
        if json.len() > limits::DOCUMENT_BYTES {
            return Err(DocumentProblem::TooLong);
        }
        let document: Document =
            serde_json::from_str(json).map_err(|error| DocumentProblem::Unreadable(error.to_string()))?;
        Self::of(document).map_err(DocumentProblem::Wrong)
    }

    /// The same of what was already read.
    pub fn of(says: Document) -> Result<Self, Vec<Problem>> {
        let (problems, eligibility, form) = check::checked(&says);
        match form.filter(|_| problems.is_empty()) {
            Some(form) => Ok(Self {
                says,
                eligibility,
                form,
            }),
            None => Err(problems),
        }
    }

    /// As the database keeps it.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.says).expect("numbers, words and days become JSON")
    }

    /// What was written down.
    pub fn document(&self) -> &Document {
        &self.says
    }

    /// Its word.
    pub fn key(&self) -> &Key {
        &self.says.key
    }

    /// Whether somebody may apply, one question a page; `None` where everybody may.
    pub fn eligibility(&self) -> Option<&Form> {
        self.eligibility.as_ref()
    }

    /// What is asked besides.
    pub fn form(&self) -> &Form {
        &self.form
    }

    /// The languages that it is offered in.
    pub fn languages(&self) -> Vec<Language> {
        self.form.languages()
    }

    /// The way of this name.
    pub fn way(&self, key: &Key) -> Option<&Way> {
        self.says.ways.iter().find(|way| way.key == *key)
    }

    /// The reason of this code.
    pub fn reason(&self, code: &ReasonCode) -> Option<&Reason> {
        self.says.reasons.iter().find(|reason| reason.code == *code)
    }

    /// What a clerk sends back under this name.
    pub fn send_back(&self, key: &Key) -> Option<&SendBack> {
        self.says.send_backs.iter().find(|one| one.key == *key)
    }
}

/// The form engine's view of some pages of a desk.
fn form_of(says: &Document, pages: Vec<Page>, red_flags: Vec<RedFlag>) -> form::Document {
    form::Document {
        key: says.key.clone(),
        title: says.title.clone(),
        languages: says.languages.clone(),
        purpose: says.consent.text.clone(),
        closing: says.about.clone(),
        pages,
        red_flags,
    }
}

#[cfg(test)]
mod tests;
