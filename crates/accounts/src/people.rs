//! The people of an organisation: what they may do where, and whether they may come in.
//!
//! Two rules hold whatever happens at the same moment: somebody who can sign in administers each organisation, and
//! one login name is one person's. Who may manage whom is [`crate::managed::Managed`].

use std::sync::Arc;

use base::clock::Millis;
use base::id::{OfficeId, OrgId, StaffId};
use base::org::{Role, Roles};
use db::{DbError, OrgVault, Tx, Work};

use crate::invitation::{InvitationKind, InvitationToken};
use crate::limits::{INVITATION_LASTS, SESSION_ABSOLUTE, SESSION_IDLE};
use crate::managed::held_there;
use crate::store::{self, invitations, offices, people};
use crate::{AccountError, Accounts, Login, LoginSession, Name, Office, Staff};

/// The roles of somebody at one office.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Grant {
    pub(crate) office: OfficeId,
    pub(crate) roles: Roles,
}

/// Somebody's session, as whoever manages the account sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Presence {
    pub(crate) began_at: Millis,
    pub(crate) seen_at: Millis,
}

/// A person with everything that managing an account needs.
#[derive(Clone, Debug)]
pub struct Person {
    /// The person, with the roles at the office where they are at home.
    pub staff: Staff,
    /// Every office where they have a role.
    pub(crate) grants: Vec<Grant>,
    pub(crate) made_at: Millis,
    /// Since when they have not chosen their first password.
    pub(crate) invited_at: Option<Millis>,
    pub(crate) disabled_at: Option<Millis>,
    pub(crate) last_signed_in_at: Option<Millis>,
}

/// Whether somebody can come in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Invited, and has chosen no password.
    Invited,
    /// Can sign in.
    Active,
    /// Cannot any more.
    Disabled,
}

impl Standing {
    /// As pages and the command line say it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Invited => "招待中",
            Self::Active => "利用中",
            Self::Disabled => "停止",
        }
    }
}

impl Person {
    /// Whether the person can come in.
    pub const fn standing(&self) -> Standing {
        match (self.disabled_at, self.invited_at) {
            (Some(_), _) => Standing::Disabled,
            (None, Some(_)) => Standing::Invited,
            (None, None) => Standing::Active,
        }
    }

    /// When the person last signed in.
    pub const fn last_signed_in_at(&self) -> Option<Millis> {
        self.last_signed_in_at
    }

    /// What the person is at an office.
    pub fn roles_at(&self, office: OfficeId) -> Roles {
        let here = self.grants.iter().find(|grant| grant.office == office);
        here.map_or(Roles::NONE, |grant| grant.roles)
    }

    /// What a new link is for.
    pub(crate) const fn link_kind(&self) -> InvitationKind {
        if self.invited_at.is_some() {
            InvitationKind::Join
        } else {
            InvitationKind::NewPassword
        }
    }

    fn administers(&self) -> bool {
        self.standing() == Standing::Active
            && self.roles_at(OfficeId::HEADQUARTERS).holds(Role::Administrator)
    }
}

/// Somebody to be invited.
#[derive(Clone)]
pub struct NewPerson {
    /// The name to sign in with.
    pub login: Login,
    /// The person's name.
    pub name: Name,
    /// Where they are at home.
    pub office: OfficeId,
    /// What they are there.
    pub roles: Roles,
}

/// Somebody who was invited, with the link to be handed over.
pub struct InvitedPerson {
    /// The new account.
    pub id: StaffId,
    /// The end of the link.
    pub token: InvitationToken,
}

/// Why nobody was invited, and whose entry it is about, from 0.
#[derive(Debug)]
pub struct NotInvited {
    /// Which of the people.
    pub at: usize,
    /// Why.
    pub why: AccountError,
}

impl NotInvited {
    const fn of(at: usize, why: AccountError) -> Self {
        Self { at, why }
    }
}

impl From<DbError> for NotInvited {
    fn from(error: DbError) -> Self {
        Self::of(0, error.into())
    }
}

impl Accounts {
    /// People in the order of offices and login names.
    pub async fn people(
        &self,
        org: OrgId,
        office: Option<OfficeId>,
        (limit, offset): (i64, i64),
    ) -> Result<Vec<Person>, DbError> {
        people::some(&self.db, org, office, (limit, offset)).await
    }

    /// How many people there are, disabled ones included.
    pub async fn people_count(&self, org: OrgId, office: Option<OfficeId>) -> Result<i64, DbError> {
        people::how_many(&self.db, org, office).await
    }

    /// One person with everything.
    pub async fn person(&self, org: OrgId, id: StaffId) -> Result<Option<Person>, DbError> {
        people::one(&self.db, org, id).await
    }

    /// Whose login name this is.
    pub async fn whose(&self, login: &Login) -> Result<(OrgId, StaffId), AccountError> {
        let found = people::by_login(&self.db, login).await?;
        found.ok_or(AccountError::NoSuchAccount)
    }

    /// The sessions of somebody that are alive.
    pub(crate) async fn presences(&self, org: OrgId, id: StaffId) -> Result<Vec<Presence>, DbError> {
        let now = self.db.now();
        let alive = (now - SESSION_ABSOLUTE, now - SESSION_IDLE);
        people::presences(&self.db, org, id, alive).await
    }

    /// Invites people, all of them or none.
    pub async fn invite(
        &self,
        org: OrgId,
        by: Option<StaffId>,
        new: Vec<NewPerson>,
    ) -> Result<Vec<InvitedPerson>, NotInvited> {
        let tokens: Vec<_> = new.iter().map(|_| InvitationToken::new()).collect();
        let (vault, now) = (self.db.vault(org).await?, self.db.now());
        let all = Arc::new((new, tokens.clone()));
        let write = self.decide(move |tx| {
            let (vault, all) = (Arc::clone(&vault), Arc::clone(&all));
            Box::pin(async move { invite_all(tx, (org, by), &vault, &all, now).await })
        });
        let ids = write.await?;
        let pairs = ids.into_iter().zip(tokens);
        Ok(pairs.map(|(id, token)| InvitedPerson { id, token }).collect())
    }

    /// Says what somebody is at an office; nothing takes all roles there away.
    pub async fn set_roles(
        &self,
        org: OrgId,
        id: StaffId,
        office: OfficeId,
        roles: Roles,
    ) -> Result<(), AccountError> {
        let now = self.db.now();
        self.decide_about(org, id, move |tx, person| {
            Box::pin(async move {
                if !held_there(office, roles) {
                    return Ok(Err(AccountError::RoleOfHeadOffice));
                }
                let there = offices::hold(tx, org, office).await?;
                let Some(there) = there else {
                    return Ok(Err(AccountError::NoSuchOffice));
                };
                if roles != Roles::NONE && !there.is_open(now) {
                    return Ok(Err(AccountError::OfficeNotOpen));
                }
                let steps_down = office == OfficeId::HEADQUARTERS && !roles.holds(Role::Administrator);
                if steps_down && is_last(tx, org, &person).await? {
                    return Ok(Err(AccountError::LastAdministrator));
                }
                store::set_roles(tx, org, id, office, roles).await?;
                if roles == Roles::NONE {
                    people::go_home(tx, org, id, office).await?;
                }
                Ok(Ok(()))
            })
        })
        .await
    }

    /// Decides about somebody, who is held meanwhile; whoever is not there is refused.
    async fn decide_about<F>(&self, org: OrgId, id: StaffId, change: F) -> Result<(), AccountError>
    where
        F: for<'t> Fn(&'t mut Tx, Person) -> Work<'t, Result<(), AccountError>>
            + Clone
            + Send
            + Sync
            + 'static,
    {
        let vault = self.db.vault(org).await?;
        self.decide(move |tx| {
            let (vault, change) = (Arc::clone(&vault), change.clone());
            Box::pin(async move {
                match held(tx, org, &vault, id).await? {
                    Ok(person) => change(tx, person).await,
                    Err(refusal) => Ok(Err(refusal)),
                }
            })
        })
        .await
    }

    /// Makes another office somebody's home. What they were at the old one they are at the new one; the
    /// administration of the organisation stays at the head office.
    pub async fn move_home(&self, org: OrgId, id: StaffId, office: OfficeId) -> Result<(), AccountError> {
        let now = self.db.now();
        self.decide_about(org, id, move |tx, person| {
            Box::pin(async move {
                let Some(there) = offices::hold(tx, org, office).await? else {
                    return Ok(Err(AccountError::NoSuchOffice));
                };
                if !there.is_open(now) {
                    return Ok(Err(AccountError::OfficeNotOpen));
                }
                let from = person.staff.office;
                if from == office {
                    return Ok(Ok(()));
                }
                if from == OfficeId::HEADQUARTERS && is_last(tx, org, &person).await? {
                    return Ok(Err(AccountError::LastAdministrator));
                }
                let moved = person.staff.roles.iter().chain(person.roles_at(office).iter());
                let moved = Roles::of(moved.filter(|role| held_there(office, Roles::from(*role))));
                store::set_roles(tx, org, id, from, Roles::NONE).await?;
                store::set_roles(tx, org, id, office, moved).await?;
                people::move_to(tx, org, id, office).await?;
                // Whoever sits at the old office sits at the new one with the next request.
                people::go_home(tx, org, id, from).await?;
                Ok(Ok(()))
            })
        })
        .await
    }

    /// Keeps somebody out from now on: sessions end at once, on every node, and no link of theirs works.
    pub async fn disable(&self, org: OrgId, id: StaffId) -> Result<(), AccountError> {
        let now = self.db.now();
        self.decide_about(org, id, move |tx, person| {
            Box::pin(async move {
                if is_last(tx, org, &person).await? {
                    return Ok(Err(AccountError::LastAdministrator));
                }
                people::disable(tx, org, id, now).await?;
                store::end_sessions_of(tx, org, id).await?;
                invitations::withdraw(tx, org, id).await?;
                Ok(Ok(()))
            })
        })
        .await
    }

    /// Lets somebody in again, with the password and the roles of before.
    pub async fn enable(&self, org: OrgId, id: StaffId) -> Result<(), AccountError> {
        let now = self.db.now();
        self.decide_about(org, id, move |tx, person| {
            Box::pin(async move {
                let home = offices::hold(tx, org, person.staff.office).await?;
                if !home.is_some_and(|home| home.is_open(now)) {
                    return Ok(Err(AccountError::OfficeNotOpen));
                }
                people::enable(tx, org, id).await?;
                Ok(Ok(()))
            })
        })
        .await
    }

    /// Ends all sessions of somebody; they may sign in again.
    pub(crate) async fn end_sessions(&self, org: OrgId, id: StaffId) -> Result<(), AccountError> {
        self.decide(move |tx| Box::pin(async move { Ok(Ok(store::end_sessions_of(tx, org, id).await?)) }))
            .await
    }

    /// The offices at which somebody may work now, and as what.
    pub(crate) async fn offices_of(&self, staff: &Staff) -> Result<Vec<(Office, Roles)>, DbError> {
        let grants = people::offices_of(&self.db, staff.org, staff.id, self.db.now()).await?;
        let offices = self.offices(staff.org).await?;
        let found = grants.into_iter().filter_map(|grant| {
            let office = offices.iter().find(|office| office.id == grant.office)?;
            Some((office.clone(), grant.roles))
        });
        Ok(found.collect())
    }

    /// From the next request on the session works at `office`.
    pub(crate) async fn work_at(&self, session: &LoginSession, office: Office) -> Result<(), AccountError> {
        let work = Arc::new((session.key.clone(), office));
        self.decide(move |tx| {
            let work = Arc::clone(&work);
            Box::pin(async move { Ok(Ok(people::work_at(tx, &work.0, &work.1).await?)) })
        })
        .await
    }
}

/// The person, while nobody else changes who may do what.
async fn held(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    id: StaffId,
) -> Result<Result<Person, AccountError>, DbError> {
    people::hold_org(tx, org).await?;
    let person = people::seen_by(tx, org, vault, id).await?;
    Ok(person.ok_or(AccountError::NoSuchAccount))
}

/// Whether nobody but this person administers the organisation. Exact after [`held`].
async fn is_last(tx: &mut Tx, org: OrgId, person: &Person) -> Result<bool, DbError> {
    Ok(person.administers() && people::other_administrators(tx, org, person.staff.id).await? == 0)
}

type All = (Vec<NewPerson>, Vec<InvitationToken>);

async fn invite_all(
    tx: &mut Tx,
    (org, by): (OrgId, Option<StaffId>),
    vault: &OrgVault,
    (new, tokens): &All,
    now: Millis,
) -> Result<Result<Vec<StaffId>, NotInvited>, DbError> {
    // Everybody is looked at before anybody is written down: a refusal leaves nothing behind.
    let count = i64::try_from(new.len()).unwrap_or(i64::MAX);
    let first = tx.take_numbers("staff", count).await?;
    for (at, person) in new.iter().enumerate() {
        let twice = new[..at].iter().any(|earlier| earlier.login == person.login);
        if twice || store::login_taken(tx, &person.login).await? {
            return Ok(Err(NotInvited::of(at, AccountError::LoginTaken)));
        }
        if !held_there(person.office, person.roles) {
            return Ok(Err(NotInvited::of(at, AccountError::RoleOfHeadOffice)));
        }
        let refusal = match offices::hold(tx, org, person.office).await? {
            None => AccountError::NoSuchOffice,
            Some(office) if !office.is_open(now) => AccountError::OfficeNotOpen,
            Some(_) => continue,
        };
        return Ok(Err(NotInvited::of(at, refusal)));
    }
    let mut ids = Vec::with_capacity(new.len());
    for ((person, token), number) in new.iter().zip(tokens).zip(first..) {
        let id = StaffId::new(number);
        people::invite(tx, org, vault, id, person, now).await?;
        let link = (&token.hash(), InvitationKind::Join);
        invitations::make(tx, (org, id), link, by, (now, now + INVITATION_LASTS)).await?;
        ids.push(id);
    }
    Ok(Ok(ids))
}
