//! What somebody answers who may apply at the desk for test kits: made up, and different by number.

use base::date::CalendarDate;
use base::phone::PhoneNumber;
use desk::application::{Address, Applicant};
use desk::document::{DeskDocument, Verdict};
use desk::form::{Answer, Filling, Form, Key, Kind, Question};

/// When their number was proved: 2026-11-22 14:05:09 in Japan.
pub(crate) const START: i64 = 1_795_323_909_000;

pub(crate) fn applicant(n: u32) -> Applicant {
    Applicant {
        name: Some(format!("試験 {n}子")),
        kana: Some(format!("シケン {n}コ")),
        birth: CalendarDate::new(1980 + u16::try_from(n % 20).unwrap(), 4, 3),
        phone: PhoneNumber::from_e164(&format!("+81901200{n:04}")),
        phone_proved_at: Some(START),
        address: Some(Address {
            postcode: "0000000".to_owned(),
            area: "みどり県あおば市".to_owned(),
            rest: format!("{n}番地"),
        }),
        guardian: None,
        filled_in: None,
    }
}

/// The first way through the questions that ends in going on.
pub(crate) fn eligible(document: &DeskDocument) -> Filling {
    fn go(document: &DeskDocument, filling: &Filling) -> Option<Filling> {
        match document.verdict(filling) {
            Verdict::GoOn => Some(filling.clone()),
            Verdict::Stops(_) => None,
            Verdict::Ask(page) => {
                let question = &page.questions[0];
                choices(question).into_iter().find_map(|answer| {
                    let mut next = filling.clone();
                    let given = vec![(question.key.clone(), Some(answer))];
                    next.save(document.eligibility()?, &page.key, given, true).ok()?;
                    go(document, &next)
                })
            }
        }
    }
    go(document, &Filling::default()).unwrap()
}

fn choices(question: &Question) -> Vec<Answer> {
    match &question.kind {
        Kind::YesNo => vec![Answer::YesNo(true), Answer::YesNo(false)],
        Kind::Choice { options } => options
            .iter()
            .map(|one| Answer::Choice(one.key.clone()))
            .collect(),
        Kind::Several { options } => options
            .iter()
            .rev()
            .map(|one| Answer::Several([one.key.clone()].into()))
            .collect(),
        Kind::Day { .. } => CalendarDate::new(2026, 11, 10)
            .map(Answer::Day)
            .into_iter()
            .collect(),
        Kind::Text { .. } => vec![Answer::Text("みどり診療所".to_owned())],
        _ => Vec::new(),
    }
}

pub(crate) fn answered(form: &Form) -> Filling {
    let mut filling = Filling::default();
    for page in form.pages() {
        let answers: Vec<(Key, Option<Answer>)> = page
            .questions
            .iter()
            .map(|question| (question.key.clone(), choices(question).into_iter().next()))
            .collect();
        filling.save(form, &page.key, answers, true).unwrap();
    }
    filling
}
