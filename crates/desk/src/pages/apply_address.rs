//! `GET /a/{token}/address`, `POST /a/{token}/address`, for residents: the postcode fills in what it stands for, all of
//! which can be changed. A postcode that nobody knows is in nobody's way.

use base::clock::Millis;
use unicode_normalization::UnicodeNormalization;
use web::Language;

use super::apply::Holder;
use super::apply_asks::{Asks, Mistakes};
use super::apply_fields::{Line, choice};
use super::apply_phone::{Area, find};
use super::apply_step::{Body, Part};
use crate::application::{Address, Stage};
use crate::form::read::one_line;
use crate::form::{Shown, Typed, Word};
use crate::limits::TEXT_LETTERS;

const DIGITS: usize = 7;

pub(super) struct PostalAddress;

impl Asks for PostalAddress {
    const STAGE: Stage = Stage::Address;

    fn known(holder: &Holder) -> Typed {
        let mut typed = Typed::default();
        if let Some(known) = &holder.application.content.applicant.address {
            typed.put("postcode", known.postcode.clone());
            typed.put("found", known.postcode.clone());
            typed.put("area", known.area.clone());
            typed.put("rest", known.rest.clone());
        }
        typed
    }

    /// Looks the postcode up, if that was asked for, or is what is meant: nothing but the postcode was typed. Where the
    /// button comes from the Enter key and the postcode was looked up before, the person wants to go on.
    fn look(typed: &mut Typed, page: Language) -> Option<Vec<Part>> {
        let asked = !typed.take("find").is_empty();
        let chosen = typed.take("place").into_iter().next().unwrap_or_default();
        let found_before = typed.take("found").into_iter().next().unwrap_or_default();
        let code = digits(typed.get("postcode"));
        let places: Vec<String> = find(&code).into_iter().map(|area| in_one(&area)).collect();
        typed.put("found", code.clone());
        let filled = || vec![Part::Note(Word::PlaceFilled.shown(page))];
        if !chosen.is_empty() && places.contains(&chosen) {
            typed.take("area");
            typed.put("area", chosen);
            return typed.get("rest").is_empty().then(filled);
        }
        let area_is_empty = typed.get("area").is_empty();
        let wanted = asked && (area_is_empty || code != found_before) || area_is_empty && !places.is_empty();
        wanted.then(|| match places.as_slice() {
            [] => vec![Part::Note(Word::PlaceUnknown.shown(page))],
            [only] => {
                typed.take("area");
                typed.put("area", only.clone());
                filled()
            }
            _ => vec![several(places, typed, page)],
        })
    }

    fn keep(holder: &mut Holder, typed: &Typed, _: Millis) -> Result<(), Mistakes> {
        let page = holder.language;
        let mut mistakes = Mistakes::new();
        let postcode = digits(typed.get("postcode"));
        if !postcode.is_empty() && postcode.len() != DIGITS {
            mistakes.push(("postcode".to_owned(), Word::ErrPostcode.shown(page)));
        }
        let mut line = |field: &str, missing: Word| {
            let read = one_line(typed.get(field), TEXT_LETTERS);
            let problem = match read {
                Ok(Some(text)) => return text,
                Ok(None) => missing.shown(page),
                Err(problem) => problem.shown(page),
            };
            mistakes.push((field.to_owned(), problem));
            String::new()
        };
        let area = line("area", Word::ErrNoArea);
        let rest = line("rest", Word::ErrNoRest);
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        holder.application.content.applicant.address = Some(Address { postcode, area, rest });
        Ok(())
    }

    fn body(holder: &Holder, typed: &Typed, found: Vec<Part>, mistakes: Mistakes) -> Body {
        let page = holder.language;
        let field = |line: Line| Part::Field(Box::new(line.control(typed, &mistakes, page)));
        let postcode = Line::new("postcode", Word::Postcode.shown(page), "postal-code");
        let postcode = postcode.digits().optional().help(Word::PostcodeHelp.shown(page));
        let area = Line::new("area", Word::Area.shown(page), "address-line1");
        let rest = Line::new("rest", Word::Rest.shown(page), "address-line2");
        let mut parts = vec![
            field(postcode),
            Part::Hidden("found", typed.get("found").to_owned()),
            Part::Button("find", "yes", Word::FindPlace.shown(page)),
        ];
        parts.extend(found);
        parts.push(field(area.help(Word::AreaHelp.shown(page))));
        parts.push(field(rest.help(Word::RestHelp.shown(page))));
        Body {
            mistakes,
            ..Body::new(Word::AddressTitle.shown(page), parts)
        }
    }
}

/// A postcode that stands for several places.
fn several(places: Vec<String>, typed: &Typed, page: Language) -> Part {
    let options = places
        .into_iter()
        .map(|one| (one.clone(), Shown::as_is(one, page)));
    let about = ("place", Word::PlaceChoose.shown(page), Vec::new());
    Part::Field(Box::new(choice(about, options.collect(), typed, &[], page)))
}

fn in_one(area: &Area) -> String {
    format!("{}{}{}", area.prefecture, area.city, area.town)
}

/// `〒３３０－００６３` has seven.
fn digits(text: &str) -> String {
    text.nfkc().filter(char::is_ascii_digit).collect()
}
