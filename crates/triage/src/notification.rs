//! 発生届: what a clinic or a health centre tells of one person's illness.
//!
//! The fields are those of the notification forms of 2021 and 2022 (form 6-1 with its changes of 2021-02-10, cut to
//! seven items on 2022-08-04, whole again for four groups from 2022-09-26). What a notification does not say is
//! `None`: rules take what is missing to the careful side, so nobody may fill it in by guessing.

use std::collections::BTreeSet;
use std::fmt;

use base::date::CalendarDate;
use base::merge::heading_key;
use base::phone::PhoneNumber;
use serde::{Deserialize, Serialize};

use crate::area::names_municipality;
use crate::household::ADULT;
use crate::limits::STATED_AGE_OFF;
use crate::period::Place;

/// One notification, read. Sealed as a whole where it is kept.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CaseNotification {
    /// Who is ill.
    pub person: Person,
    /// What is known of the illness.
    pub illness: Illness,
    /// Who says so.
    pub notifier: Notifier,
}

/// Prints no personal data.
impl fmt::Debug for CaseNotification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CaseNotification { .. }")
    }
}

/// The person.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Person {
    /// 氏名, as it was written.
    pub name: String,
    /// フリガナ.
    pub kana: Option<String>,
    /// 生年月日.
    pub birth: Option<CalendarDate>,
    /// 年齢, where only that is told.
    pub stated_age: Option<u8>,
    /// 性別, as it was written.
    pub sex: Option<String>,
    /// Numbers that get SMS, the person's own first.
    pub mobiles: Vec<PhoneNumber>,
    /// Landlines and whatever else can be dialled, as written.
    pub landlines: Vec<String>,
    /// 保護者, of a child.
    pub guardian: Option<String>,
    /// Numbers of the guardian, or of whoever is to be asked in an emergency: a child is written to there, nobody else.
    pub guardian_mobiles: Vec<PhoneNumber>,
    /// 郵便番号 of the present location.
    pub postcode: Option<String>,
    /// 住所: where the person lives.
    pub address: Option<String>,
    /// 所在地: where the person is now, as it was written: an address, or no more than 「自宅」 or 「同上」.
    pub location: Option<String>,
    /// 職業.
    pub occupation: Option<String>,
    /// Lives or works in a facility (高齢者施設, 学校 …), as it was written.
    pub facility: Option<String>,
    /// BCP 47 tag of the language in which the person is written to, e.g. `vi`.
    pub language: Option<String>,
    /// The number that the national register gave, e.g. a HER-SYS ID: digits only.
    pub register_id: Option<String>,
}

/// The illness.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Illness {
    /// 疾患名, as written; nothing where everybody knows of which disease the list is.
    pub disease: Option<String>,
    /// 診断類型.
    pub diagnosed_as: Option<DiagnosedAs>,
    /// 症状, as written.
    pub symptoms: Option<String>,
    /// 最後に接触した日: of somebody who was near a person who is ill.
    pub exposed: Option<CalendarDate>,
    /// 推定感染日.
    pub infected: Option<CalendarDate>,
    /// 感染原因・感染経路, as written.
    pub infection_route: Option<String>,
    /// 感染地域, as written.
    pub infection_region: Option<String>,
    /// 発病日.
    pub onset: Option<CalendarDate>,
    /// 検体採取日.
    pub sampled: Option<CalendarDate>,
    /// 初診年月日.
    pub first_visit: Option<CalendarDate>,
    /// 診断日.
    pub diagnosed: Option<CalendarDate>,
    /// 遠隔診療.
    pub remote_visit: Option<bool>,
    /// 診断方法, as written.
    pub method: Option<String>,
    /// 重症化リスク因子: `Some` of an empty set says that there are none.
    pub risk_factors: Option<BTreeSet<RiskFactor>>,
    /// 妊娠.
    pub pregnant: Option<bool>,
    /// ワクチン回数.
    pub doses: Option<u8>,
    /// 最終接種日.
    pub last_dose: Option<CalendarDate>,
    /// `SpO2` in percent.
    pub spo2: Option<u8>,
    /// 重症度.
    pub severity: Option<Severity>,
    /// 入院の必要.
    pub needs_admission: Option<bool>,
    /// 治療薬の投与又は酸素投与の必要性.
    pub needs_therapy: Option<bool>,
    /// 療養場所 when the person was notified; what care finds out later stands in the case's course.
    pub place: Option<Place>,
    /// 備考, as written.
    pub remarks: Option<String>,
    /// What was written of it nobody could read. Nothing is concluded in its place.
    pub unclear: BTreeSet<Unclear>,
}

/// A fact of which something was written that could not be read, and in whose place another fact would else be taken.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unclear {
    /// `SpO2`.
    Spo2,
    /// 重症度.
    Severity,
    /// 入院の必要.
    NeedsAdmission,
}

/// Who notified.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Notifier {
    /// 医療機関名.
    pub clinic: Option<String>,
    /// 医師名.
    pub doctor: Option<String>,
    /// The clinic's own telephone.
    pub telephone: Option<String>,
}

/// An enum whose variants have a word for the database and one for people.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:literal, $label:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// Every one, in the order in which pages offer them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word in the database, in rules and in programs.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// What `as_str` wrote.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == word)
            }

            /// On screens.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),* }
            }
        }
    };
}

pub(crate) use words;

words! {
    /// 診断類型.
    DiagnosedAs {
        /// 患者（確定例）.
        Confirmed = "confirmed", "患者（確定例）";
        /// 無症状病原体保有者.
        Asymptomatic = "asymptomatic", "無症状病原体保有者";
        /// みなし陽性: without a test, as a contact with symptoms.
        Presumed = "presumed", "疑似症（みなし陽性）";
        /// 死亡者.
        Dead = "dead", "死亡者";
    }
}

words! {
    /// What makes a severe course likelier, as the national guide of 2022 lists it. Age and pregnancy are facts of
    /// their own.
    RiskFactor {
        /// 悪性腫瘍.
        Malignancy = "malignancy", "悪性腫瘍";
        /// 慢性呼吸器疾患.
        ChronicRespiratory = "chronic_respiratory", "慢性呼吸器疾患";
        /// 慢性腎臓病.
        ChronicKidney = "chronic_kidney", "慢性腎臓病";
        /// 糖尿病.
        Diabetes = "diabetes", "糖尿病";
        /// 高血圧.
        Hypertension = "hypertension", "高血圧";
        /// 脂質異常症.
        Dyslipidaemia = "dyslipidaemia", "脂質異常症";
        /// 心血管疾患.
        Cardiovascular = "cardiovascular", "心血管疾患";
        /// 脳血管疾患.
        Cerebrovascular = "cerebrovascular", "脳血管疾患";
        /// 肥満（BMI 30以上）.
        Obesity = "obesity", "肥満（BMI 30以上）";
        /// 喫煙.
        Smoking = "smoking", "喫煙";
        /// 免疫の低下、臓器移植.
        Immunosuppression = "immunosuppression", "免疫の低下・臓器移植後";
        /// そのほか.
        Other = "other", "そのほかの基礎疾患";
    }
}

words! {
    /// 重症度.
    Severity {
        /// 軽症.
        Mild = "mild", "軽症";
        /// 中等症Ⅰ.
        ModerateOne = "moderate_one", "中等症Ⅰ";
        /// 中等症Ⅱ.
        ModerateTwo = "moderate_two", "中等症Ⅱ";
        /// 重症.
        Severe = "severe", "重症";
    }
}

impl CaseNotification {
    /// Whether the person died before anybody could be told anything.
    pub fn is_of_the_dead(&self) -> bool {
        self.illness.diagnosed_as == Some(DiagnosedAs::Dead)
    }
}

impl Person {
    /// Where the person is now, as an address: 所在地, or 住所 where that names no municipality (「自宅」, 「同上」,
    /// 「宿泊療養」). Jurisdiction and households follow it.
    pub fn whereabouts(&self) -> Option<&str> {
        let location = self.location.as_deref();
        let named = location.filter(|place| names_municipality(place));
        named.or(self.address.as_deref()).or(location)
    }

    /// Whole years on `day`: from the birth date, or as it was told. Where the two are years apart nobody knows, since one
    /// letter of an era makes sixty years; but a child is one by both.
    pub fn age_on(&self, day: CalendarDate) -> Option<u8> {
        let Some(birth) = self.birth else {
            return self.stated_age;
        };
        let age = birth.age_on(day)?;
        let fits = |stated: u8| age.abs_diff(stated) <= STATED_AGE_OFF || age.max(stated) < ADULT;
        self.stated_age.is_none_or(fits).then_some(age)
    }
}

impl Illness {
    /// A corrected record says no more of what was unclear than somebody has said since.
    pub fn stay_unclear(&mut self, before: &Self) {
        let is_severity_new = self.severity.is_some() && self.severity != before.severity;
        let is_said = |one: &Unclear| match one {
            Unclear::Spo2 => self.spo2.is_some() && self.spo2 != before.spo2 || is_severity_new,
            Unclear::Severity => is_severity_new,
            Unclear::NeedsAdmission => self.needs_admission.is_some(),
        };
        let left: Vec<Unclear> = before
            .unclear
            .iter()
            .copied()
            .filter(|one| !is_said(one))
            .collect();
        self.unclear.extend(left);
    }

    /// Day 0 of every count: onset; of somebody without symptoms, the sample, else the diagnosis.
    pub fn day_zero(&self) -> Option<CalendarDate> {
        let tested = self.sampled.or(self.diagnosed);
        match self.diagnosed_as {
            Some(DiagnosedAs::Asymptomatic) if !self.tells_of_symptoms() => tested,
            _ => self.onset.or(tested),
        }
    }

    /// Whether there are symptoms, as far as the notification says it. 「無症状」 beside symptoms makes nobody less ill.
    pub fn symptomatic(&self) -> Option<bool> {
        match self.diagnosed_as {
            Some(DiagnosedAs::Asymptomatic) => Some(self.tells_of_symptoms()),
            Some(DiagnosedAs::Presumed) => Some(true),
            _ if self.onset.is_some() => Some(true),
            _ => self.says_no_symptoms().then_some(false),
        }
    }

    /// Whether an onset or symptoms are written down.
    pub fn tells_of_symptoms(&self) -> bool {
        let written = heading_key(self.symptoms.as_deref().unwrap_or_default());
        let says_nothing = ["", "-", "ー", "−", "不明"].contains(&written.as_str());
        self.onset.is_some() || !says_nothing && !self.says_no_symptoms()
    }

    fn says_no_symptoms(&self) -> bool {
        let written = heading_key(self.symptoms.as_deref().unwrap_or_default());
        let before = written.split('(').next().unwrap_or_default();
        [
            "なし",
            "無し",
            "無",
            "無症状",
            "症状なし",
            "特になし",
            "該当なし",
            "特記なし",
            "特記事項なし",
            "無症状のため記載なし",
        ]
        .contains(&before)
    }
}
