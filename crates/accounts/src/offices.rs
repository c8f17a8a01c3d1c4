//! The offices of an organisation: made, changed, closed, opened again.

use std::sync::Arc;

use base::id::{OfficeId, OrgId};
use db::DbError;

use crate::office::OfficeKind;
use crate::store::offices;
use crate::{AccountError, Accounts, Name, Office, OfficeTerms};

/// Why offices were not made, and whose line it is about, from 0.
#[derive(Debug)]
pub(crate) struct NotAdded {
    pub(crate) at: usize,
    pub(crate) why: AccountError,
}

impl From<DbError> for NotAdded {
    fn from(error: DbError) -> Self {
        Self {
            at: 0,
            why: error.into(),
        }
    }
}

impl Accounts {
    /// The organisation's offices in the order in which they were made; the head office is the first. Closed ones
    /// are among them: what they did is still theirs.
    pub async fn offices(&self, org: OrgId) -> Result<Vec<Office>, DbError> {
        offices::all(&self.db, org).await
    }

    /// One office.
    pub(crate) async fn office(&self, org: OrgId, id: OfficeId) -> Result<Option<Office>, DbError> {
        offices::one(&self.db, org, id).await
    }

    /// How many people are at home at each office and may come in.
    pub(crate) async fn people_of_offices(&self, org: OrgId) -> Result<Vec<(OfficeId, i64)>, DbError> {
        offices::people_of(&self.db, org).await
    }

    /// Adds an office of the organisation's own.
    pub async fn add_office(&self, org: OrgId, name: Name) -> Result<OfficeId, AccountError> {
        self.add_office_as(org, name, OfficeTerms::HEALTH_CENTRE).await
    }

    /// Adds an office.
    pub async fn add_office_as(
        &self,
        org: OrgId,
        name: Name,
        terms: OfficeTerms,
    ) -> Result<OfficeId, AccountError> {
        let added = self.add_offices(org, vec![(name, terms)]).await;
        let ids = added.map_err(|refusal| refusal.why)?;
        Ok(ids[0])
    }

    /// Adds offices, all of them or none.
    pub(crate) async fn add_offices(
        &self,
        org: OrgId,
        new: Vec<(Name, OfficeTerms)>,
    ) -> Result<Vec<OfficeId>, NotAdded> {
        let (new, now) = (Arc::new(new), self.db.now());
        self.decide(move |tx| {
            let new = Arc::clone(&new);
            Box::pin(async move {
                let mut ids = Vec::with_capacity(new.len());
                for (at, (name, _)) in new.iter().enumerate() {
                    let twice = new[..at].iter().any(|(earlier, _)| earlier == name);
                    if twice || offices::is_named(tx, org, name, None).await? {
                        let why = AccountError::OfficeNameTaken;
                        return Ok(Err(NotAdded { at, why }));
                    }
                }
                for (name, terms) in &*new {
                    ids.push(offices::add(tx, org, name, *terms, now).await?);
                }
                Ok(Ok(ids))
            })
        })
        .await
    }

    /// Gives an office another name, kind, or last day.
    pub(crate) async fn change_office(
        &self,
        org: OrgId,
        id: OfficeId,
        name: Name,
        terms: OfficeTerms,
    ) -> Result<(), AccountError> {
        self.decide(move |tx| {
            let name = name.clone();
            Box::pin(async move {
                if offices::hold(tx, org, id).await?.is_none() {
                    return Ok(Err(AccountError::NoSuchOffice));
                }
                let is_head = terms.kind == OfficeKind::HeadOffice;
                if is_head != (id == OfficeId::HEADQUARTERS) {
                    return Ok(Err(AccountError::HeadOffice));
                }
                if offices::is_named(tx, org, &name, Some(id)).await? {
                    return Ok(Err(AccountError::OfficeNameTaken));
                }
                offices::change(tx, org, id, &name, terms).await?;
                Ok(Ok(()))
            })
        })
        .await
    }

    /// Closes an office where nobody works any more. Its history stays.
    pub async fn close_office(&self, org: OrgId, id: OfficeId) -> Result<(), AccountError> {
        let now = self.db.now();
        self.decide(move |tx| {
            Box::pin(async move {
                if offices::hold(tx, org, id).await?.is_none() {
                    return Ok(Err(AccountError::NoSuchOffice));
                }
                if id == OfficeId::HEADQUARTERS {
                    return Ok(Err(AccountError::HeadOffice));
                }
                let people = offices::people_at(tx, org, id).await?;
                if people > 0 {
                    return Ok(Err(AccountError::OfficeHasPeople(people)));
                }
                offices::close(tx, org, id, now).await?;
                Ok(Ok(()))
            })
        })
        .await
    }

    /// Opens a closed office again.
    pub async fn reopen_office(&self, org: OrgId, id: OfficeId) -> Result<(), AccountError> {
        self.decide(move |tx| {
            Box::pin(async move {
                if offices::hold(tx, org, id).await?.is_none() {
                    return Ok(Err(AccountError::NoSuchOffice));
                }
                offices::reopen(tx, org, id).await?;
                Ok(Ok(()))
            })
        })
        .await
    }
}
