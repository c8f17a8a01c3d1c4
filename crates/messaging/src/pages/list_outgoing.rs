//! From a judged row to the row that a broadcast takes: its text, who it is about, the links in it.

use std::collections::HashMap;

use base::merge::link_name;
use db::{Db, OrgVault};
use lists::check::Sendable;
use lists::sheet::{ParsedRow, Sheet};

use super::list_judged::JudgedRows;
use crate::broadcast::{Outgoing, OutgoingLink};
use crate::links::{LinkColumns, Token, parse_link_field};

/// What the rows of one list are made from.
pub(super) struct Packer<'a> {
    db: &'a Db,
    vault: &'a OrgVault,
    rows: &'a JudgedRows,
    simulated: bool,
    /// Whose links to desks are, if the texts ask for any.
    columns: Option<LinkColumns>,
    /// By the row number that Excel shows: the place of the row in the list, and the row.
    places: HashMap<u32, (usize, ParsedRow<'a>)>,
}

impl<'a> Packer<'a> {
    pub(super) fn new(
        db: &'a Db,
        vault: &'a OrgVault,
        sheet: &'a Sheet,
        rows: &'a JudgedRows,
        simulated: bool,
    ) -> Self {
        let places = sheet.rows().enumerate().map(|(at, row)| (row.line(), (at, row)));
        Self {
            db,
            vault,
            rows,
            simulated,
            columns: rows.asks_for_desks().then(|| LinkColumns::of(sheet)),
            places: places.collect(),
        }
    }

    pub(super) fn pack(&self, row: Sendable<'_>) -> Outgoing {
        let (at, parsed) = self.places[&row.line];
        Outgoing {
            person: self.rows.people[at],
            links: self.links(parsed, row),
            again: self.rows.brief.choices.again(row.line).is_some(),
            ..Outgoing::to_number(row.line, row.phone, row.text.to_owned())
        }
    }

    fn links(&self, parsed: ParsedRow<'_>, row: Sendable<'_>) -> Vec<OutgoingLink> {
        let (_, text) = self.rows.brief.text(parsed);
        let fields: Vec<&String> = text
            .template
            .fields()
            .iter()
            .filter(|field| link_name(field).is_some())
            .collect();
        if fields.is_empty() {
            return Vec::new();
        }
        let Ok(merged) = self.rows.brief.merge(parsed, Some(row.phone)) else {
            return Vec::new();
        };
        let pages = fields
            .into_iter()
            .filter_map(|field| self.rows.pages.get(&parse_link_field(field)?));
        let person = self.columns.and_then(|columns| columns.person(parsed));
        pages
            .map(|page| {
                let person = person.clone().filter(|_| page.is_desk);
                let own = person.as_ref().map(|person| person.occasion(&merged.occasion));
                let occasion = own.as_deref().unwrap_or(&merged.occasion);
                let token = Token::of(self.vault, self.simulated, row.phone, *page, occasion);
                OutgoingLink {
                    token: token.index(self.db),
                    page: *page,
                    person,
                }
            })
            .collect()
    }
}
