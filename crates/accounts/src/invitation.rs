//! One-time links: by which somebody who was invited joins, or whoever lost a password chooses a new one.
//!
//! An administrator hands the link over; nothing is mailed. It holds 128 random bits, of which the database keeps
//! the hash; it works once, for 48 hours, and looking at it changes nothing. A new password leaves second factors
//! as they are.

use std::sync::Arc;

use base::clock::Millis;
use base::id::{OrgId, StaffId};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use db::DbError;
use sha2::{Digest, Sha256};

use crate::audit::{self, Action, Entry};
use crate::limits::INVITATION_LASTS;
use crate::people::Person;
use crate::store::{self, invitations, people};
use crate::throttle::Subject;
use crate::{AccountError, Accounts, Name, Office, Password, SourceAddress};

const TOKEN_BYTES: usize = 16;

/// 128 random bits: the end of a one-time link, 22 letters of base64url.
#[derive(Clone, PartialEq, Eq)]
pub struct InvitationToken([u8; TOKEN_BYTES]);

impl InvitationToken {
    pub(crate) fn new() -> Self {
        let mut bytes = [0; TOKEN_BYTES];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        Self(bytes)
    }

    /// As an address carries it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        BASE64.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// The letters at the end of the link.
    pub fn text(&self) -> String {
        BASE64.encode(self.0)
    }

    pub(crate) fn hash(&self) -> TokenHash {
        TokenHash(BASE64.encode(Sha256::digest(self.0)))
    }
}

impl std::fmt::Debug for InvitationToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InvitationToken(…)")
    }
}

/// SHA-256 of a link's bits: names it and opens nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct TokenHash(pub(crate) String);

/// What a link is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum InvitationKind {
    /// To join: the first password.
    Join,
    /// Another password; the old one is valid until then.
    NewPassword,
}

impl InvitationKind {
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::NewPassword => "new_password",
        }
    }

    pub(crate) fn from_code(code: &str) -> Option<Self> {
        [Self::Join, Self::NewPassword]
            .into_iter()
            .find(|kind| kind.code() == code)
    }

    /// What using it is called in the audit trail.
    const fn used(self) -> Action {
        match self {
            Self::Join => USED[0],
            Self::NewPassword => USED[1],
        }
    }
}

/// What the audit trail calls the use of a link, which has no signed-in person.
pub const USED: [Action; 2] = [
    Action {
        code: "invitation.join",
        label: "招待を受けてパスワードを決めた",
    },
    Action {
        code: "invitation.new_password",
        label: "再設定のリンクでパスワードを変えた",
    },
];

/// A link that was handed out and not used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct OpenInvitation {
    pub(crate) kind: InvitationKind,
    pub(crate) made_at: Millis,
    pub(crate) ends_at: Millis,
}

/// What the page behind a link shows.
pub(crate) struct Invited {
    pub(crate) kind: InvitationKind,
    pub(crate) person: Person,
    pub(crate) office: Office,
    pub(crate) organisation: Name,
}

impl Accounts {
    /// A new link for somebody, in place of any other: to join while the invitation was not taken up, otherwise to
    /// another password.
    pub async fn make_link(
        &self,
        org: OrgId,
        by: Option<StaffId>,
        id: StaffId,
    ) -> Result<InvitationToken, AccountError> {
        let token = InvitationToken::new();
        let (hash, vault, now) = (token.hash(), self.db.vault(org).await?, self.db.now());
        self.decide(move |tx| {
            let (hash, vault) = (hash.clone(), Arc::clone(&vault));
            Box::pin(async move {
                let person = people::seen_by(tx, org, &vault, id).await?;
                let Some(person) = person.filter(|person| person.disabled_at.is_none()) else {
                    return Ok(Err(AccountError::NoSuchAccount));
                };
                let kind = person.link_kind();
                let times = (now, now + INVITATION_LASTS);
                invitations::make(tx, (org, id), (&hash, kind), by, times).await?;
                Ok(Ok(()))
            })
        })
        .await?;
        Ok(token)
    }

    /// Takes a link back. Whoever never joined can do so only with a new one.
    pub(crate) async fn withdraw_link(&self, org: OrgId, id: StaffId) -> Result<(), AccountError> {
        self.decide(move |tx| Box::pin(async move { Ok(Ok(invitations::withdraw(tx, org, id).await?)) }))
            .await
    }

    pub(crate) async fn link_of(&self, org: OrgId, id: StaffId) -> Result<Option<OpenInvitation>, DbError> {
        let open = invitations::of(&self.db, org, id).await?;
        Ok(open.filter(|open| open.ends_at > self.db.now()))
    }

    /// Whom a link is for. Nothing for one that is over, used or made up.
    pub(crate) async fn invited(&self, token: &str) -> Result<Option<Invited>, DbError> {
        let Some(token) = InvitationToken::parse(token) else {
            return Ok(None);
        };
        let Some(found) = invitations::by_token(&self.db, &token.hash(), self.db.now()).await? else {
            return Ok(None);
        };
        let Some(person) = self.person(found.org, found.staff).await? else {
            return Ok(None);
        };
        let office = store::offices::one(&self.db, found.org, person.staff.office).await?;
        Ok(Some(Invited {
            kind: found.kind,
            office: office.ok_or_else(|| DbError::Statement("a person without an office".to_owned()))?,
            organisation: store::org_name(&self.db, found.org).await?,
            person,
        }))
    }

    /// Uses a link: the password is the person's from now on, all their sessions end, and a closed login is open.
    pub(crate) async fn use_link(
        &self,
        token: &str,
        invited: &Invited,
        password: Password,
        source: SourceAddress,
    ) -> Result<(), AccountError> {
        let token = InvitationToken::parse(token).ok_or(AccountError::LinkOver)?;
        let (org, id) = (invited.person.staff.org, invited.person.staff.id);
        let password_hash = self.hash(password).await?;
        let subject = Subject::account(&self.db, invited.person.staff.login.as_str());
        let entry = Entry::of(invited.kind.used())
            .by(&invited.person.staff)
            .from(source)
            .about("staff", id.get());
        let (vault, now) = (self.db.vault(org).await?, self.db.now());
        let used = Arc::new((token.hash(), password_hash, subject, entry));
        self.decide(move |tx| {
            let (vault, used) = (Arc::clone(&vault), Arc::clone(&used));
            Box::pin(async move {
                let (hash, password_hash, subject, entry) = &*used;
                let found = invitations::use_up(tx, hash, now).await?;
                if found.is_none_or(|found| (found.org, found.staff) != (org, id))
                    || !people::join(tx, org, &vault, id, password_hash).await?
                {
                    return Ok(Err(AccountError::LinkOver));
                }
                store::end_sessions_of(tx, org, id).await?;
                store::take_back_failure(tx, subject).await?;
                audit::record(tx, org, &vault, entry, now).await?;
                Ok(Ok(()))
            })
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_128_bits_and_the_database_does_not_hold_them() {
        let (one, other) = (InvitationToken::new(), InvitationToken::new());
        assert_eq!(one.text().len(), 22);
        assert_ne!(one, other);
        assert_eq!(InvitationToken::parse(&one.text()), Some(one.clone()));
        assert_ne!(one.hash().0, one.text());
        for made_up in ["", "x", &"A".repeat(21), &"A".repeat(43), "../../etc/passwd"] {
            assert_eq!(InvitationToken::parse(made_up), None, "{made_up}");
        }
    }

    #[test]
    fn every_kind_is_read_back_from_its_code() {
        for kind in [InvitationKind::Join, InvitationKind::NewPassword] {
            assert_eq!(InvitationKind::from_code(kind.code()), Some(kind));
        }
    }
}
