//! Links in the texts of rows: to the organisation's pages, to its application desks, and those that only one person gets.

use std::collections::HashMap;
use std::sync::Arc;

use base::id::OrgId;
use base::merge::link_name;
use db::OrgVault;
use lists::check::{LinkMaker, RowText};
use lists::sheet::Sheet;
use web::PageError;

use super::super::{Desk, failed};
use crate::links::{
    LinkColumns, LinkOrigin, LinkPerson, LinkedPage, PersonalLinks, TargetName, Token, parse_link_field,
};
use crate::store;

/// Whether a text asks for a link to an application desk.
pub(in crate::pages) fn asks_for_desks(pages: &HashMap<TargetName, LinkedPage>, texts: &[RowText]) -> bool {
    let mut fields = texts.iter().flat_map(|text| text.template.fields());
    fields.any(|field| {
        let page = parse_link_field(field).and_then(|name| pages.get(&name));
        page.is_some_and(|page| page.is_desk)
    })
}

/// What links are made of.
#[derive(Clone, PartialEq)]
pub(super) struct Links {
    pub(super) origin: Option<LinkOrigin>,
    pub(super) pages: HashMap<TargetName, LinkedPage>,
    /// What only one person gets; rows of files have none.
    pub(super) personal: PersonalLinks,
}

impl Links {
    pub(super) async fn load(desk: &Desk, org: OrgId) -> Result<Self, PageError> {
        let targets = store::link_targets(&desk.db, org).await.map_err(failed)?;
        let used = targets.into_iter().filter(|target| target.retired_at.is_none());
        Ok(Self {
            origin: desk.links.origin.clone(),
            pages: used.map(|target| (target.name.clone(), target.page())).collect(),
            personal: PersonalLinks::default(),
        })
    }

    /// Whether the field is no link, or one that can be made.
    pub(super) fn can_make(&self, field: &str) -> bool {
        link_name(field).is_none()
            || self.origin.is_some()
                && parse_link_field(field)
                    .is_some_and(|name| self.pages.contains_key(&name) || self.personal.has(&name))
    }

    /// Whose links to desks are, by line; nobody, if no text asks for one.
    pub(super) fn people(&self, sheet: &Sheet, texts: &[RowText]) -> HashMap<u32, LinkPerson> {
        if !asks_for_desks(&self.pages, texts) {
            return HashMap::new();
        }
        let columns = LinkColumns::of(sheet);
        let people = sheet
            .rows()
            .filter_map(|row| Some((row.line(), columns.person(row)?)));
        people.collect()
    }

    pub(super) fn maker(
        self,
        vault: Arc<OrgVault>,
        simulated: bool,
        people: HashMap<u32, LinkPerson>,
    ) -> Option<LinkMaker> {
        let Self {
            origin,
            pages,
            personal,
        } = self;
        let origin = origin?;
        Some(Box::new(move |asked| {
            let Some(name) = parse_link_field(asked.field) else {
                return String::new();
            };
            if personal.has(&name) {
                let path = personal.path(&name, asked.line);
                return path.map_or_else(String::new, |path| origin.address(path));
            }
            let token = |page, occasion: &str| Token::of(&vault, simulated, asked.to, page, occasion);
            match pages.get(&name).copied() {
                Some(page) if page.is_desk => people.get(&asked.line).map_or_else(String::new, |person| {
                    origin.desk_link(&token(page, &person.occasion(asked.occasion)))
                }),
                Some(page) => origin.link(&token(page, asked.occasion)),
                None => String::new(),
            }
        }))
    }
}
