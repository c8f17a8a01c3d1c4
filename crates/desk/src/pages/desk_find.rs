//! Which desk an address means. Where several organisations share an installation a desk's word is told apart by the
//! organisation's: `/d/midori.test_kits`, as `/genuine/midori` is.

use accounts::Organisation;
use axum::http::Uri;
use base::clock::{HOUR, MINUTE, Millis};
use db::DbError;
use web::Language;

use super::apply::ApplyDesk;
use super::apply_turn::Instead;
use super::word_in;
use crate::document::{DeskInForce, Hours, Opening};
use crate::form::{Key, Shown, Word, moment};
use crate::store::{self, DeskRow};

/// A desk and the version of its document that holds now.
pub(super) struct DeskFound {
    pub(super) organisation: Organisation,
    pub(super) row: DeskRow,
    pub(super) version: DeskInForce,
    /// Its address.
    pub(super) path: String,
}

/// Desks of this word in several organisations.
pub(super) struct Choice {
    pub(super) desks: Vec<(Organisation, String)>,
}

/// What an address means.
pub(super) enum Found {
    One(Box<DeskFound>),
    Several(Choice),
}

/// Whether somebody can apply now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reception {
    /// Yes.
    Open {
        /// When it closes.
        until: Millis,
        /// How many more are taken today, if there is a limit.
        left: Option<i64>,
    },
    /// Outside of its hours, or its days are over.
    Closed(Option<Millis>),
    /// So many came today that no more are taken.
    Full(Option<Millis>),
    /// Closed by hand.
    Stopped,
}

/// The language that an address asks for.
pub(super) fn language_of(address: &Uri) -> Language {
    Language::from_code(word_in(address, "lang")).unwrap_or_default()
}

impl ApplyDesk {
    /// The desk of an address.
    pub(super) async fn find(&self, text: &str, language: Language) -> Result<Found, Instead> {
        let nowhere = || Instead::NoDesk(language);
        let organisations = self.accounts.public_organisations().await?;
        let (word, key) = match text.split_once('.') {
            Some((word, key)) => (Some(word.to_ascii_lowercase()), key),
            None => (None, text),
        };
        let key = Key::parse(key).ok_or_else(nowhere)?;
        let several = organisations.len() > 1;
        let meant: Vec<Organisation> = match &word {
            Some(word) => organisations
                .into_iter()
                .filter(|one| one.public_word() == *word)
                .collect(),
            None => organisations,
        };
        let mut found = Vec::new();
        for organisation in meant {
            let row = store::desk_by_key(&self.db, organisation.id, &key).await?;
            let Some(row) = row else { continue };
            let version = store::now_in_force(&self.db, organisation.id, row.id).await?;
            let Some(version) = version else { continue };
            let path = if several {
                format!("/d/{}.{key}", organisation.public_word())
            } else {
                format!("/d/{key}")
            };
            found.push(DeskFound {
                organisation,
                row,
                version,
                path,
            });
        }
        match found.len() {
            0 => Err(nowhere()),
            1 if word.is_some() || !several => Ok(Found::One(Box::new(found.remove(0)))),
            _ => Ok(Found::Several(Choice {
                desks: found
                    .into_iter()
                    .map(|one| (one.organisation, one.path))
                    .collect(),
            })),
        }
    }

    /// The one desk of an address; its first page, where people choose, if there are several.
    pub(super) async fn one_desk(&self, text: &str, language: Language) -> Result<DeskFound, Instead> {
        match self.find(text, language).await? {
            Found::One(desk) => Ok(*desk),
            Found::Several(_) => Err(Instead::To(format!("/d/{text}?lang={}", language.code()))),
        }
    }

    /// Whether somebody can apply at a desk now.
    pub(super) async fn reception(&self, desk: &DeskFound) -> Result<Reception, DbError> {
        let (now, hours) = (self.db.now(), &desk.version.document.document().hours);
        if desk.row.closed_at.is_some() {
            return Ok(Reception::Stopped);
        }
        let until = match hours.at(now) {
            Opening::Open { until } => until,
            Opening::Closed { opens_at } => return Ok(Reception::Closed(opens_at)),
        };
        let Some(most) = hours.capacity else {
            return Ok(Reception::Open { until, left: None });
        };
        let counted = store::counted_today(&self.db, desk.organisation.id, desk.row.id).await?;
        let left = i64::from(most) - counted;
        Ok(if left > 0 {
            Reception::Open {
                until,
                left: Some(left),
            }
        } else {
            Reception::Full(next_day(hours, now))
        })
    }
}

/// When the desk opens on a later day than this.
pub(super) fn next_day(hours: &Hours, now: Millis) -> Option<Millis> {
    let midnight = Hours::day_ends_at(now);
    match hours.at(midnight) {
        Opening::Open { .. } => Some(midnight),
        Opening::Closed { opens_at } => opens_at,
    }
}

impl Reception {
    /// Why nobody can apply now, and from when; nothing if somebody can.
    pub(super) fn closed(self, page: Language) -> Option<(Shown, Shown)> {
        let opens = |at: Option<Millis>, else_: Word| match at {
            Some(at) => Word::OpensAt.shown(page).with("at", moment(at, page)),
            None => else_.shown(page),
        };
        Some(match self {
            Self::Open { .. } => return None,
            Self::Closed(at) => (Word::ClosedTitle.shown(page), opens(at, Word::ClosedForGood)),
            Self::Full(at) => (Word::FullTitle.shown(page), opens(at, Word::ClosedForGood)),
            Self::Stopped => (Word::StoppedTitle.shown(page), Word::Stopped.shown(page)),
        })
    }
}

/// By when somebody who applied at a moment knows the result: on the same day, or after so many hours.
pub(super) fn promised(hours: &Hours, within: u32, at: Millis) -> Promise {
    if at < hours.cut_off_at(at) {
        Promise::SameDay
    } else {
        let whole = at + Millis::from(within) * HOUR;
        Promise::By(whole - whole.rem_euclid(30 * MINUTE) + 30 * MINUTE)
    }
}

/// By when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Promise {
    /// On the day on which it was sent.
    SameDay,
    /// By this moment.
    By(Millis),
}

impl Promise {
    pub(super) fn shown(self, page: Language) -> Shown {
        match self {
            Self::SameDay => Word::ResultToday.shown(page),
            Self::By(at) => Word::ResultBy.shown(page).with("at", moment(at, page)),
        }
    }
}
