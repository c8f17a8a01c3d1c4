//! What is wrong with a desk's document, all of it, with places, in words for whoever writes it.

use std::collections::BTreeSet;

use base::limits::TEXT_UNITS;
use base::merge::MessageTemplate;

use super::{Again, Document, EligibilityPage, Field, Form, ReleaseRule, SCHEMA, Telling, Then, form_of};
use crate::form::problem::Finder;
use crate::form::{Key, Kind, Page, Problem, Question};
use crate::limits;
use crate::texts::{FIELDS, LINK, NEEDED, can_hold, longest};

/// Everything that is wrong, and the forms inside, as far as they are good.
pub(super) fn checked(says: &Document) -> (Vec<Problem>, Option<Form>, Option<Form>) {
    let mut finder = Finder::default();
    if says.schema != SCHEMA {
        let what = format!(
            "形式の版は{}です。このプログラムが読めるのは版{SCHEMA}です。",
            says.schema
        );
        finder.add("schema", what);
    }
    finder.head(says);
    let form = match Form::of(form_of(says, says.pages.clone(), says.red_flags.clone())) {
        Ok(form) => Some(form),
        Err(problems) => {
            // What both forms have of the desk itself is told once, by its own name.
            let own = problems.into_iter().map(|one| match one.at.as_str() {
                "purpose" => Problem {
                    at: "consent.text".to_owned(),
                    ..one
                },
                "closing" => Problem {
                    at: "about".to_owned(),
                    ..one
                },
                _ => one,
            });
            finder.problems.extend(own);
            None
        }
    };
    let eligibility = finder.eligibility(says);
    finder.ages(says);
    finder.applicant(says);
    finder.photos(says);
    finder.review(says);
    finder.outcomes(says);
    (finder.problems, eligibility, form)
}

impl Finder {
    fn head(&mut self, says: &Document) {
        self.texts("not_done", &says.not_done);
        self.texts("elsewhere", &says.elsewhere);
        for (number, needed) in (1..).zip(&says.needed) {
            self.texts(&format!("needed.{number}"), needed);
        }
        if says.consent.version.trim().is_empty() {
            self.add("consent.version", "同意文の版を入れてください。");
        }
        let hours = &says.hours;
        if hours.opens >= hours.closes {
            self.add("hours", "受付の開始は、終了より前の時刻にしてください。");
        }
        if hours.cut_off < hours.opens || hours.cut_off > hours.closes {
            self.add("hours.cut_off", "当日判定の締切は、受付時間の中にしてください。");
        }
        if hours.capacity == Some(0) {
            self.add("hours.capacity", "1日の受付数は1以上にしてください。");
        }
        if let ReleaseRule::Continuous(minutes) = says.release
            && !(1..=limits::RELEASE_MINUTES).contains(&minutes)
        {
            let most = limits::RELEASE_MINUTES;
            self.add(
                "release",
                format!("自動で送る間隔は1から{most}分までにしてください。"),
            );
        }
    }

    fn eligibility(&mut self, says: &Document) -> Option<Form> {
        for way in &says.ways {
            let at = format!("ways.{}", way.key);
            self.texts(&format!("{at}.title"), &way.title);
            self.texts(&format!("{at}.instead"), &way.instead);
        }
        self.unique("ways", says.ways.iter().map(|way| &way.key));
        if says.eligibility.is_empty() {
            return None;
        }
        let pages: Vec<Page> = says.eligibility.iter().map(|one| one.page.clone()).collect();
        let form = Form::of(form_of(says, pages, Vec::new()));
        let form = form.map_err(|problems| {
            // Only what concerns these pages: the rest is told once.
            let own = problems.into_iter().filter_map(|one| {
                let rest = one.at.strip_prefix("pages")?;
                Some(Problem {
                    at: format!("eligibility{rest}"),
                    what: one.what,
                })
            });
            self.problems.extend(own);
        });
        let mut known: Vec<&Question> = Vec::new();
        for one in &says.eligibility {
            self.eligibility_page(says, one, &mut known);
        }
        form.ok()
    }

    fn eligibility_page<'d>(
        &mut self,
        says: &Document,
        one: &'d EligibilityPage,
        known: &mut Vec<&'d Question>,
    ) {
        let at = format!("eligibility.{}", one.page.key);
        if one.page.questions.len() > 1 {
            self.add(&at, "対象確認は、1ページに1問にしてください。");
        }
        for question in &one.page.questions {
            let plain = matches!(
                question.kind,
                Kind::YesNo | Kind::Choice { .. } | Kind::Several { .. } | Kind::Number { .. }
            );
            if !plain || question.optional {
                self.add(
                    &at,
                    "対象確認は、はい・いいえ、選択、数で、必ず答える質問にしてください。",
                );
            }
        }
        known.extend(&one.page.questions);
        for (number, stop) in (1..).zip(&one.stops) {
            let at = format!("{at}.stops.{number}");
            self.condition(&at, &stop.when, known);
            self.way(says, &at, &stop.way);
        }
    }

    fn way(&mut self, says: &Document, at: &str, key: &Key) {
        if !says.ways.iter().any(|way| way.key == *key) {
            self.add(at, format!("「{key}」という案内先が ways にありません。"));
        }
    }

    fn ages(&mut self, says: &Document) {
        let known: Vec<&Question> = says
            .eligibility
            .iter()
            .flat_map(|one| &one.page.questions)
            .collect();
        for (number, rule) in (1..).zip(&says.ages) {
            let at = format!("ages.{number}");
            if let Some(when) = &rule.when {
                self.condition(&format!("{at}.when"), when, &known);
            }
            if rule.from > rule.to {
                self.add(&at, "年齢の下限は、上限以下にしてください。");
            }
            self.way(says, &format!("{at}.way"), &rule.way);
        }
        if !says.ages.is_empty() && !says.fields.contains(&Field::Birth) {
            self.add("ages", "年齢で決めるときは、fields に birth を入れてください。");
        }
    }

    fn applicant(&mut self, says: &Document) {
        let mut seen = BTreeSet::new();
        for field in &says.fields {
            if !seen.insert(field) {
                self.add("fields", "同じ項目が2回あります。");
            }
        }
        // The result goes to the number, and its page opens with the birth date.
        for (field, word) in [
            (Field::Name, "name"),
            (Field::Birth, "birth"),
            (Field::Phone, "phone"),
        ] {
            if !seen.contains(&field) {
                self.add(
                    "fields",
                    format!("{word} を入れてください。結果を届けるのに使います。"),
                );
            }
        }
        if says.confirmed.delivers && !seen.contains(&Field::Address) {
            self.add("fields", "送り先を一覧にするときは、address を入れてください。");
        }
        self.unique("kits", says.kits.iter().map(|kit| &kit.key));
        for kit in says.kits.iter().filter(|kit| kit.name.trim().is_empty()) {
            self.add(&format!("kits.{}", kit.key), "製品の名前を入れてください。");
        }
    }

    fn photos(&mut self, says: &Document) {
        self.unique("photos", says.photos.iter().map(|photo| &photo.key));
        for photo in &says.photos {
            let at = format!("photos.{}", photo.key);
            self.texts(&format!("{at}.label"), &photo.label);
            if !photo.help.is_empty() {
                self.texts(&format!("{at}.help"), &photo.help);
            }
            if photo.most == 0 || photo.least > photo.most {
                self.add(
                    &at,
                    "写真の枚数は、least を most 以下、most を1以上にしてください。",
                );
            }
        }
        let all: u32 = says.photos.iter().map(|photo| u32::from(photo.most)).sum();
        if all > limits::PHOTOS {
            self.add(
                "photos",
                format!("写真は合わせて{}枚までにしてください。", limits::PHOTOS),
            );
        }
    }

    fn review(&mut self, says: &Document) {
        if says.review.second_look.percent > 100 {
            self.add("review.second_look.percent", "0から100までの数にしてください。");
        }
        if says.review.within_hours == 0 {
            self.add(
                "review.within_hours",
                "結果を出すまでの時間は1以上にしてください。",
            );
        }
    }

    fn outcomes(&mut self, says: &Document) {
        self.telling("confirmed", &says.confirmed.telling, true);
        self.label("confirmed.label", &says.confirmed.label);
        self.carries(says);
        self.certificate(says);
        let mut codes = BTreeSet::new();
        let mut keys = BTreeSet::new();
        for reason in &says.reasons {
            let at = format!("reasons.{}", reason.code);
            if !codes.insert(&reason.code) {
                self.add(&at, "同じ記号が2回あります。");
            }
            if let Some(key) = reason.key {
                if !(2..=6).contains(&key) {
                    self.add(&at, "キーは2から6までにしてください。1は確定です。");
                }
                if !keys.insert(key) {
                    self.add(&at, format!("キー{key}が2回使われています。"));
                }
            }
            self.label(&format!("{at}.label"), &reason.label);
            self.telling(&at, &reason.telling, true);
            if (reason.then == Then::Resubmit) == reason.again.is_empty() {
                self.add(
                    &at,
                    "出し直してもらう（resubmit）ときに限り、again に出し直す項目を入れてください。",
                );
            }
            self.again(says, &at, &reason.again);
        }
        self.unique("send_backs", says.send_backs.iter().map(|one| &one.key));
        for back in &says.send_backs {
            let at = format!("send_backs.{}", back.key);
            self.label(&format!("{at}.label"), &back.label);
            self.telling(&at, &back.telling, false);
            if back.again.is_empty() {
                self.add(&at, "again に、出し直してもらう項目を入れてください。");
            }
            self.again(says, &at, &back.again);
        }
    }

    /// What a case takes over has to be asked.
    fn carries(&mut self, says: &Document) {
        let carries = &says.confirmed.carries;
        let asked: Vec<&Question> = says.pages.iter().flat_map(|page| &page.questions).collect();
        let eligible = says.eligibility.iter().flat_map(|one| &one.page.questions);
        let eligible: Vec<&Question> = eligible.collect();
        let named = [
            (&carries.onset, &asked),
            (&carries.sampled, &asked),
            (&carries.symptoms, &asked),
            (&carries.doses, &asked),
            (&carries.pregnant, &eligible),
        ];
        for (key, questions) in named {
            if let Some(key) = key
                && !questions.iter().any(|question| question.key == *key)
            {
                self.add("confirmed.carries", format!("「{key}」という質問がありません。"));
            }
        }
        let conditions = [
            (&carries.no_risk, &eligible),
            (&carries.no_symptoms, &asked),
            (&carries.mild, &asked),
        ];
        for (condition, questions) in conditions {
            if let Some(condition) = condition {
                self.condition("confirmed.carries", condition, questions);
            }
        }
    }

    fn label(&mut self, at: &str, label: &str) {
        if label.trim().is_empty() {
            self.add(at, "職員に見せる言葉を入れてください。");
        }
    }

    fn again(&mut self, says: &Document, at: &str, all: &[Again]) {
        for one in all {
            let missing = match one {
                Again::Field(field) => !says.fields.contains(field),
                Again::Page(key) => !says.pages.iter().any(|page| page.key == *key),
                Again::Photo(key) => !says.photos.iter().any(|photo| photo.key == *key),
            };
            if missing {
                self.add(at, "again に、この窓口で聞いていない項目があります。");
            }
        }
    }

    fn telling(&mut self, at: &str, telling: &Telling, decides: bool) {
        self.texts(&format!("{at}.telling.page"), &telling.page);
        self.message(&format!("{at}.telling.sms"), &telling.sms);
        if decides {
            // What was decided may have been decided wrongly.
            self.message(&format!("{at}.telling.correction"), &telling.correction);
        }
    }

    fn message(&mut self, at: &str, texts: &crate::form::Texts) {
        self.texts(at, texts);
        for (language, text) in texts.iter() {
            let at = format!("{at}.{}", language.code());
            let template = match MessageTemplate::parse(text) {
                Ok(template) => template,
                Err(problem) => {
                    self.add(&at, problem.to_string());
                    continue;
                }
            };
            for field in template.fields() {
                if !can_hold(field) {
                    let known = [FIELDS.join("、"), LINK.to_owned()].join("、");
                    self.add(
                        &at,
                        format!("「{field}」は差し込めません。使えるのは {known} です。"),
                    );
                }
            }
            if longest(&template).is_some_and(|units| units > TEXT_UNITS) {
                self.add(
                    &at,
                    format!(
                        "差し込むと、SMSで送れる{TEXT_UNITS}文字を超えることがあります。短くしてください。"
                    ),
                );
            }
            // So that a second result is never taken for the first, and a call finds the application.
            for needed in NEEDED {
                if !template.fields().iter().any(|field| field == needed) {
                    self.add(&at, format!("{{{{{needed}}}}} を入れてください。"));
                }
            }
        }
    }
}
