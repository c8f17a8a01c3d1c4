//! Several organisations on one installation, strictly apart: each has a key, offices and people of its own.
//!
//! The first is there from the beginning and is set up with the code of the console (`setup`). Others are made at
//! the command line, which gives a one-time link to hand over; whoever opens it becomes the first administrator.

use std::sync::Arc;

use base::id::{OfficeId, OrgId};
use db::DbError;

use crate::audit::{self, Action, Entry};
use crate::limits::INVITATION_LASTS;
use crate::setup::{FIRST_ROLES, FirstStart};
use crate::store::{self, NewStaff, offices, organisations, people};
use crate::{AccountError, Accounts, InvitationToken, Name, OfficeTerms, PublicWord, SourceAddress};

/// What the audit trail calls the use of a set-up link.
pub const ORGANISATION_SET_UP: Action = Action {
    code: "organisation.set_up",
    label: "組織の初期設定をした",
};

/// One organisation of the installation, as the operator sees it.
#[derive(Clone, Debug)]
pub struct Organisation {
    /// Its number.
    pub id: OrgId,
    /// Its name.
    pub name: Name,
    /// How many accounts it has.
    pub people: i64,
    /// How many offices it has.
    pub offices: i64,
    /// What residents type to find it, if the operator chose a word.
    pub word: Option<String>,
}

impl Organisation {
    /// The word in addresses for residents: the chosen one, or its number.
    pub fn public_word(&self) -> String {
        self.word.clone().unwrap_or_else(|| self.id.to_string())
    }
}

impl Accounts {
    /// Every organisation of the installation. For its operator only.
    pub async fn organisations(&self) -> Result<Vec<Organisation>, DbError> {
        organisations::all(&self.db).await
    }

    /// Makes an organisation, and the link by which its first administrator sets it up. `entry` is the first of its
    /// own audit trail: the key that seals it is there after this commit only.
    pub async fn add_organisation(
        &self,
        name: Name,
        entry: Entry,
    ) -> Result<(OrgId, InvitationToken), AccountError> {
        let token = InvitationToken::new();
        let now = self.db.now();
        let new = Arc::new((name, token.hash()));
        let db = self.db.clone();
        let made = self.decide(move |tx| {
            let (db, new) = (db.clone(), Arc::clone(&new));
            Box::pin(async move {
                let (name, hash) = &*new;
                // Two that are made at the same moment wait for each other here.
                people::hold_org(tx, OrgId::FIRST).await?;
                if organisations::is_named(tx, name).await? {
                    return Ok(Err(AccountError::OrganisationNameTaken));
                }
                let org = db.add_organisation(tx, name.as_str(), now).await?;
                organisations::offer(tx, org, hash, (now, now + INVITATION_LASTS)).await?;
                Ok(Ok(org))
            })
        });
        let org = made.await?;
        audit::record_alone(&self.db, org, entry).await?;
        Ok((org, token))
    }

    /// Those that residents may look for: whoever has set up, or the only one.
    pub async fn public_organisations(&self) -> Result<Vec<Organisation>, DbError> {
        let mut all = self.organisations().await?;
        if all.len() > 1 {
            all.retain(|org| org.people > 0);
        }
        Ok(all)
    }

    /// Chooses the word by which residents find an organisation.
    pub async fn set_public_word(&self, org: OrgId, word: PublicWord) -> Result<(), AccountError> {
        let word = Arc::new(word);
        self.decide(move |tx| {
            let word = Arc::clone(&word);
            Box::pin(async move {
                // Two that choose at the same moment wait for each other here.
                people::hold_org(tx, OrgId::FIRST).await?;
                if organisations::has_word(tx, &word, org).await? {
                    return Ok(Err(AccountError::WordTaken));
                }
                organisations::set_word(tx, org, &word).await?;
                Ok(Ok(()))
            })
        })
        .await
    }

    /// Another set-up link for an organisation that has nobody yet; the one before opens nothing any more.
    pub async fn offer_organisation(&self, org: OrgId) -> Result<InvitationToken, AccountError> {
        let token = InvitationToken::new();
        let (hash, now) = (token.hash(), self.db.now());
        let offered = self.decide(move |tx| {
            let hash = hash.clone();
            Box::pin(async move {
                people::hold_org(tx, org).await?;
                if organisations::has_people(tx, org).await? {
                    return Ok(Err(AccountError::AlreadySetUp));
                }
                organisations::offer(tx, org, &hash, (now, now + INVITATION_LASTS)).await?;
                Ok(Ok(()))
            })
        });
        offered.await?;
        Ok(token)
    }

    /// The organisation that a set-up link is for, and its name.
    pub(crate) async fn offered(&self, token: &str) -> Result<Option<(OrgId, Name)>, DbError> {
        let Some(token) = InvitationToken::parse(token) else {
            return Ok(None);
        };
        match organisations::offered(&self.db, &token.hash(), self.db.now()).await? {
            Some(org) => Ok(Some((org, store::org_name(&self.db, org).await?))),
            None => Ok(None),
        }
    }

    /// Uses a set-up link: names the organisation, adds its offices and makes its first administrator, all or
    /// nothing.
    pub(crate) async fn set_up_organisation(
        &self,
        token: &str,
        org: OrgId,
        first: FirstStart,
        source: SourceAddress,
    ) -> Result<(), AccountError> {
        let token = InvitationToken::parse(token).ok_or(AccountError::LinkOver)?;
        let password_hash = self.hash(first.password).await?;
        let new = NewStaff {
            office: OfficeId::HEADQUARTERS,
            login: first.login,
            name: first.name,
            roles: FIRST_ROLES.into(),
            password_hash,
        };
        let made = Arc::new((token.hash(), first.organisation, first.offices, new));
        let (vault, now) = (self.db.vault(org).await?, self.db.now());
        // Whoever is invited has not been looked at yet: until the review (利用審査) nothing leaves.
        let beginning = self.beginning().in_training();
        self.decide(move |tx| {
            let (vault, made) = (Arc::clone(&vault), Arc::clone(&made));
            Box::pin(async move {
                let (hash, organisation, offices, new) = &*made;
                let id = store::take_staff_number(tx).await?;
                if store::login_taken(tx, &new.login).await? {
                    return Ok(Err(AccountError::LoginTaken));
                }
                if organisations::use_offer(tx, hash, now).await? != Some(org) {
                    return Ok(Err(AccountError::LinkOver));
                }
                store::name_org(tx, org, organisation).await?;
                for office in offices {
                    offices::add(tx, org, office, OfficeTerms::HEALTH_CENTRE, now).await?;
                }
                store::add_staff(tx, org, &vault, id, new, now).await?;
                beginning.apply(tx, org, now).await?;
                let mut entry = Entry::of(ORGANISATION_SET_UP).from(source);
                entry.staff = Some(id);
                entry.office = Some(new.office);
                audit::record(tx, org, &vault, &entry, now).await?;
                Ok(Ok(()))
            })
        })
        .await
    }
}
