//! What is known of one person on one day, as rules ask for it.
//!
//! A fact that nobody told is `None`. Nothing is concluded here except three things: of a man or a child under ten of whom
//! nothing about pregnancy is said it is known that there is none; whoever has no symptoms is no more than mildly ill; and nobody is
//! less ill than their oxygen says, by the cut-offs of the national guide of 2022. In the place of what was written and
//! could not be read nothing is concluded.

use std::collections::BTreeSet;

use base::date::CalendarDate;
use base::id::OfficeId;
use base::merge::heading_key;

use crate::notification::{CaseNotification, DiagnosedAs, RiskFactor, Severity, Unclear};
use crate::reach::own_number;

/// What a decision needs to know beside the notification.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Circumstances {
    /// The case's day: its rules hold.
    pub day: CalendarDate,
    /// The office whose case it is.
    pub office: OfficeId,
    /// The last contact with the person who was ill, where somebody found out more than the notification says.
    pub exposed_on: Option<CalendarDate>,
}

/// All facts of one person. Each may be missing by itself, except those that are never unknown.
#[derive(Clone, PartialEq, Eq)]
pub struct Facts {
    /// Whole years.
    pub age: Option<u16>,
    /// Whether pregnant.
    pub pregnant: Option<bool>,
    /// Risk factors; an empty set says that there are none.
    pub risk_factors: Option<BTreeSet<RiskFactor>>,
    /// `SpO2` in percent.
    pub spo2: Option<u16>,
    /// Doses of vaccine.
    pub doses: Option<u16>,
    /// Days since the last dose.
    pub days_since_dose: Option<u16>,
    /// Days since symptoms began.
    pub days_since_onset: Option<u16>,
    /// Days since the last contact with somebody ill.
    pub days_since_exposure: Option<u16>,
    /// Whether there are symptoms.
    pub symptomatic: Option<bool>,
    /// Symptoms, as written.
    pub symptoms: Option<String>,
    /// How severe: as it was told, or as `SpO2` says, whichever is worse.
    pub severity: Option<Severity>,
    /// 診断類型.
    pub diagnosed_as: Option<DiagnosedAs>,
    /// Whether admission is needed: as it was told, else not of the mildly ill.
    pub needs_admission: Option<bool>,
    /// Whether a drug or oxygen is needed.
    pub needs_therapy: Option<bool>,
    /// BCP 47 tag of the person's language.
    pub language: Option<String>,
    /// Whether the person lives or works in a facility.
    pub facility: Option<bool>,
    /// Whether there is a number that gets SMS. Never unknown: no number is no number.
    pub mobile: bool,
    /// Whose case it is.
    pub office: OfficeId,
    /// The case's day.
    pub day: CalendarDate,
}

/// Prints no personal data.
impl std::fmt::Debug for Facts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Facts { .. }")
    }
}

impl Facts {
    /// The facts of a notification.
    pub fn of(notification: &CaseNotification, at: Circumstances) -> Self {
        let (person, illness) = (&notification.person, &notification.illness);
        // A day to come is a mistake in the notification, and no fact.
        let since =
            |day: Option<CalendarDate>| day.and_then(|day| u16::try_from(at.day.days_since(day)).ok());
        let unclear = |one: Unclear| illness.unclear.contains(&one);
        let severity = severity(
            illness.severity,
            illness.symptomatic(),
            illness.spo2.map(u16::from),
        );
        let is_doubted = unclear(Unclear::Severity) || unclear(Unclear::Spo2);
        let severity = severity.filter(|found| !is_doubted || *found != Severity::Mild);
        // Lists seldom have a column for it. Whoever is written down as mildly ill is so by the guideline's table of
        // severity, in which nobody mild needs a bed.
        let needs_no_bed = severity == Some(Severity::Mild) && !unclear(Unclear::NeedsAdmission);
        let age = person.age_on(at.day);
        let is_no_woman = is_man(person.sex.as_deref()) || age.is_some_and(|age| age < 10);
        Self {
            age: age.map(u16::from),
            pregnant: illness.pregnant.or(is_no_woman.then_some(false)),
            risk_factors: illness.risk_factors.clone(),
            spo2: illness.spo2.map(u16::from),
            doses: illness.doses.map(u16::from),
            days_since_dose: since(illness.last_dose),
            days_since_onset: since(illness.onset),
            days_since_exposure: since(at.exposed_on.or(illness.exposed)),
            symptomatic: illness.symptomatic(),
            symptoms: illness.symptoms.clone().filter(|text| !text.trim().is_empty()),
            severity,
            diagnosed_as: illness.diagnosed_as,
            needs_admission: illness.needs_admission.or(needs_no_bed.then_some(false)),
            needs_therapy: illness.needs_therapy,
            language: person.language.clone().filter(|tag| !tag.is_empty()),
            facility: person.facility.as_deref().and_then(is_somewhere),
            mobile: own_number(person, at.day).is_some(),
            office: at.office,
            day: at.day,
        }
    }
}

/// How ill somebody is, by everything that is told of it.
pub(crate) fn severity(
    told: Option<Severity>,
    symptomatic: Option<bool>,
    spo2: Option<u16>,
) -> Option<Severity> {
    let mild = (symptomatic == Some(false)).then_some(Severity::Mild);
    told.or(mild).max(spo2.and_then(by_oxygen))
}

/// What `SpO2` alone says of the severity. Oxygen that is good says nothing: somebody may be severely ill all the same.
pub(crate) fn by_oxygen(spo2: u16) -> Option<Severity> {
    match spo2 {
        0..=93 => Some(Severity::ModerateTwo),
        94..=95 => Some(Severity::ModerateOne),
        _ => None,
    }
}

fn is_man(sex: Option<&str>) -> bool {
    let sex = heading_key(sex.unwrap_or_default());
    ["男", "男性", "男子", "男児", "おとこ", "♂", "m", "male"].contains(&sex.as_str())
}

/// An empty cell says nothing; 「なし」 says that there is none.
pub(crate) fn is_somewhere(facility: &str) -> Option<bool> {
    match facility.trim() {
        "" => None,
        "なし" | "無" | "無し" | "該当なし" => Some(false),
        _ => Some(true),
    }
}
