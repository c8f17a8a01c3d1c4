//! `GET /a/{token}/kit`, `POST /a/{token}/kit`, for residents: which product was used. The list is searched by a part of
//! a name as it stands on the package; another product is named.

use base::clock::Millis;
use base::merge::heading_key;
use web::Language;

use super::apply::Holder;
use super::apply_asks::{Asks, Mistakes};
use super::apply_fields::{Line, choice};
use super::apply_step::{Body, Part};
use crate::application::{KitChosen, Stage};
use crate::document::Kit;
use crate::form::read::one_line;
use crate::form::{Key, Shown, Typed, Word};
use crate::limits::{KITS_SHOWN, TEXT_LETTERS};

/// What stands for a product that is not in the list. No key of a product holds a hyphen.
const OTHER: &str = "-other";

pub(super) struct KitUsed;

impl Asks for KitUsed {
    const STAGE: Stage = Stage::Kit;

    fn known(holder: &Holder) -> Typed {
        let mut typed = Typed::default();
        match &holder.application.content.kit {
            Some(KitChosen::Known(key)) => typed.put("kit", key.as_str()),
            Some(KitChosen::Other(name)) => {
                typed.put("kit", OTHER);
                typed.put("other", name.as_str());
            }
            None => {}
        }
        typed
    }

    /// The list is searched.
    fn look(typed: &mut Typed, _: Language) -> Option<Vec<Part>> {
        (!typed.take("search").is_empty()).then(Vec::new)
    }

    fn keep(holder: &mut Holder, typed: &Typed, _: Millis) -> Result<(), Mistakes> {
        let wrong = |(field, problem): (&str, Word)| vec![(field.to_owned(), problem.shown(holder.language))];
        let kit = chosen(&holder.document.document().kits, typed).map_err(wrong)?;
        holder.application.content.kit = Some(kit);
        Ok(())
    }

    fn body(holder: &Holder, typed: &Typed, _: Vec<Part>, mistakes: Mistakes) -> Body {
        let page = holder.language;
        let kits = &holder.document.document().kits;
        let all = found(kits, typed);
        let mut parts = Vec::new();
        if kits.len() > KITS_SHOWN {
            let line = Line::new("name", Word::KitSearch.shown(page), "off").optional();
            let line = line.help(Word::KitSearchHelp.shown(page));
            parts.push(Part::Field(Box::new(line.control(typed, &[], page))));
            parts.push(Part::Button("search", "yes", Word::KitSearchButton.shown(page)));
            let note = Word::KitFound.shown(page).with("n", all.len());
            parts.push(Part::Note(note));
        }
        let shown = all.into_iter().take(KITS_SHOWN);
        let mut options: Vec<(String, Shown)> = shown
            .map(|kit| {
                let name = if kit.maker.is_empty() {
                    kit.name.clone()
                } else {
                    format!("{}（{}）", kit.name, kit.maker)
                };
                (kit.key.as_str().to_owned(), Shown::as_is(name, page))
            })
            .collect();
        options.push((OTHER.to_owned(), Word::KitOther.shown(page)));
        let about = ("kit", Word::KitLabel.shown(page), vec![Word::KitHelp.shown(page)]);
        parts.push(Part::Field(Box::new(choice(
            about, options, typed, &mistakes, page,
        ))));
        let other = Line::new("other", Word::KitOtherName.shown(page), "off").optional();
        parts.push(Part::Field(Box::new(other.control(typed, &mistakes, page))));
        Body {
            mistakes,
            ..Body::new(Word::KitTitle.shown(page), parts)
        }
    }
}

fn chosen(kits: &[Kit], typed: &Typed) -> Result<KitChosen, (&'static str, Word)> {
    match typed.get("kit") {
        "" => Err(("kit", Word::ErrNothingChosen)),
        OTHER => match one_line(typed.get("other"), TEXT_LETTERS) {
            Ok(Some(name)) => Ok(KitChosen::Other(name)),
            _ => Err(("other", Word::ErrNoKit)),
        },
        key => {
            let known = Key::parse(key).filter(|key| kits.iter().any(|kit| kit.key == *key));
            known.map(KitChosen::Known).ok_or(("kit", Word::ErrNotAnOption))
        }
    }
}

/// The products that a search finds, and the one that is chosen.
fn found<'k>(kits: &'k [Kit], typed: &Typed) -> Vec<&'k Kit> {
    let wanted = heading_key(typed.get("name"));
    let fits = |kit: &&Kit| {
        let names = heading_key(&format!("{} {}", kit.name, kit.maker));
        names.contains(&wanted) || kit.key.as_str() == typed.get("kit")
    };
    kits.iter().filter(fits).collect()
}
