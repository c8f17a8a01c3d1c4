//! `GET /a/{token}/birth`, `POST /a/{token}/birth`, for residents: the birth date, in 西暦 or 和暦. It opens the result
//! later, and some desks are for some ages only.

use base::clock::Millis;

use super::apply::Holder;
use super::apply_asks::{Asks, Mistakes};
use super::apply_fields::{BIRTH, birth};
use super::apply_step::{Body, Part};
use super::form_start::birth_date;
use crate::application::Stage;
use crate::form::{Typed, Word};

pub(super) struct Birth;

impl Asks for Birth {
    const STAGE: Stage = Stage::Birth;

    fn known(holder: &Holder) -> Typed {
        let mut typed = Typed::default();
        if let Some(day) = holder.application.content.applicant.birth {
            typed.put(format!("{BIRTH}-year"), day.year().to_string());
            typed.put(format!("{BIRTH}-month"), day.month().to_string());
            typed.put(format!("{BIRTH}-day"), day.day().to_string());
        }
        typed
    }

    fn keep(holder: &mut Holder, typed: &Typed, now: Millis) -> Result<(), Mistakes> {
        let read = birth_date(typed, now);
        let day = read.map_err(|(field, problem)| vec![(field, problem.shown(holder.language))])?;
        let content = &mut holder.application.content;
        // Another day than the one that the link knew.
        content.known_by_link &= content.applicant.birth == Some(day);
        content.applicant.birth = Some(day);
        Ok(())
    }

    fn body(holder: &Holder, typed: &Typed, _: Vec<Part>, mistakes: Mistakes) -> Body {
        let page = holder.language;
        let title = Word::BirthDate.shown(page);
        let help = vec![Word::BirthHelp.shown(page), Word::BirthWhy.shown(page)];
        let control = birth((title.clone(), help), true, typed, mistakes.first(), page);
        Body {
            alone: true,
            mistakes,
            ..Body::new(title, vec![Part::Field(Box::new(control))])
        }
    }
}
