//! `GET /a/{token}/proxy`, `POST /a/{token}/proxy`, for residents: who fills it in, the person or somebody for them.

use base::clock::Millis;

use super::apply::Holder;
use super::apply_asks::{Asks, Mistakes};
use super::apply_fields::{Line, choice};
use super::apply_step::{Body, Part};
use crate::application::{FilledIn, Relation, Stage};
use crate::form::read::one_line;
use crate::form::{Typed, Word};
use crate::limits::TEXT_LETTERS;

/// The fields: who, and the name of whoever does it for the person.
const BY: &str = "by";
const NAME: &str = "proxy-name";
/// The person.
const OWN: &str = "own";

pub(super) struct Proxy;

impl Asks for Proxy {
    const STAGE: Stage = Stage::Proxy;

    fn known(holder: &Holder) -> Typed {
        let mut typed = Typed::default();
        match &holder.application.content.applicant.filled_in {
            Some(FilledIn::Own) => typed.put(BY, OWN),
            Some(FilledIn::Proxy { relation, name }) => {
                typed.put(BY, relation.code());
                typed.put(NAME, name.as_str());
            }
            None => {}
        }
        typed
    }

    fn keep(holder: &mut Holder, typed: &Typed, _: Millis) -> Result<(), Mistakes> {
        let wrong = |(field, problem): (&str, Word)| vec![(field.to_owned(), problem.shown(holder.language))];
        let by = told(typed).map_err(wrong)?;
        holder.application.content.applicant.filled_in = Some(by);
        Ok(())
    }

    fn body(holder: &Holder, typed: &Typed, _: Vec<Part>, mistakes: Mistakes) -> Body {
        let page = holder.language;
        let mut options = vec![(OWN.to_owned(), Word::ProxyOwn.shown(page))];
        let relations = Relation::ALL.into_iter();
        options.extend(relations.map(|one| (one.code().to_owned(), one.word().shown(page))));
        let about = (BY, Word::ProxyLabel.shown(page), Vec::new());
        let name = Line::new(NAME, Word::ProxyName.shown(page), "off").optional();
        let name = name.help(Word::ProxyNameHelp.shown(page));
        let parts = vec![
            Part::Field(Box::new(choice(about, options, typed, &mistakes, page))),
            Part::Field(Box::new(name.control(typed, &mistakes, page))),
        ];
        Body {
            lead: vec![Word::ProxyLead.shown(page)],
            mistakes,
            ..Body::new(Word::ProxyTitle.shown(page), parts)
        }
    }
}

fn told(typed: &Typed) -> Result<FilledIn, (&'static str, Word)> {
    let relation = match typed.get(BY) {
        "" => return Err((BY, Word::ErrNothingChosen)),
        OWN => return Ok(FilledIn::Own),
        code => Relation::ALL.into_iter().find(|one| one.code() == code),
    };
    let relation = relation.ok_or((BY, Word::ErrNotAnOption))?;
    match one_line(typed.get(NAME), TEXT_LETTERS) {
        Ok(Some(name)) => Ok(FilledIn::Proxy { relation, name }),
        _ => Err((NAME, Word::ErrNoProxyName)),
    }
}
