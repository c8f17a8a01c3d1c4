//! `GET /a/{token}/guardian`, `POST /a/{token}/guardian`, for residents: who applies for a child.

use base::clock::Millis;

use super::apply::Holder;
use super::apply_asks::{Asks, Mistakes};
use super::apply_fields::Line;
use super::apply_step::{Body, Part};
use crate::application::Stage;
use crate::form::read::one_line;
use crate::form::{Typed, Word};
use crate::limits::TEXT_LETTERS;

/// The field.
const NAME: &str = "guardian";

pub(super) struct Guardian;

impl Asks for Guardian {
    const STAGE: Stage = Stage::Guardian;

    fn known(holder: &Holder) -> Typed {
        let mut typed = Typed::default();
        let known = holder.application.content.applicant.guardian.as_deref();
        typed.put(NAME, known.unwrap_or_default());
        typed
    }

    fn keep(holder: &mut Holder, typed: &Typed, _: Millis) -> Result<(), Mistakes> {
        let page = holder.language;
        let problem = match one_line(typed.get(NAME), TEXT_LETTERS) {
            Ok(Some(name)) => {
                holder.application.content.applicant.guardian = Some(name);
                return Ok(());
            }
            Ok(None) => Word::ErrNoName.shown(page),
            Err(problem) => problem.shown(page),
        };
        Err(vec![(NAME.to_owned(), problem)])
    }

    fn body(holder: &Holder, typed: &Typed, _: Vec<Part>, mistakes: Mistakes) -> Body {
        let page = holder.language;
        let title = Word::GuardianTitle.shown(page);
        let line = Line::new(NAME, title.clone(), "name").alone();
        let line = line.help(Word::GuardianHelp.shown(page));
        let control = line.control(typed, &mistakes, page);
        Body {
            alone: true,
            mistakes,
            ..Body::new(title, vec![Part::Field(Box::new(control))])
        }
    }
}
