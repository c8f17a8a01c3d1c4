//! From where an organisation's staff may come: ranges of network addresses, asked at the door and again at every
//! request.
//!
//! Without a range they may come from anywhere. Somebody outside gets the answer of a wrong password, so that a
//! stranger learns nothing, and a session that moves outside ends. The command line always gets in
//! (`todoke admin addresses`), for the day on which the office's own address changes.

use std::fmt;
use std::str::FromStr as _;
use std::sync::Arc;

use base::address_range::{AddressRange, AddressRangeRefusal};
use base::id::OrgId;
use db::DbError;

use crate::audit::{self, Entry};
use crate::audit_actions::{ADDRESSES_BY_COMMAND, SESSION_OUTSIDE};
use crate::limits::ADDRESS_RANGES;
use crate::session::Secret;
use crate::store::addresses as store;
use crate::{Accounts, LoginSession, SourceAddress};

/// Where an organisation's staff may come from; none at all means from anywhere.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AllowedAddresses(Vec<AddressRange>);

/// Why a cookie opens nothing.
pub(crate) enum NoSession {
    /// Its session was used from outside, and ended.
    Outside,
    /// The database.
    Db(DbError),
}

impl From<DbError> for NoSession {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

/// Why ranges were not taken, in words for whoever typed them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AddressesRefusal {
    /// A range that cannot be read, as it was typed.
    Range(String, AddressRangeRefusal),
    /// More than an organisation may have.
    TooMany,
}

impl fmt::Display for AddressesRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Range(typed, refusal) => write!(f, "「{typed}」: {refusal}。"),
            Self::TooMany => write!(
                f,
                "範囲は{ADDRESS_RANGES}件までです。隣り合う範囲は1つにまとめて入力してください。"
            ),
        }
    }
}

impl AllowedAddresses {
    /// Reads one range a line; empty lines and repetitions do not matter.
    pub fn parse(text: &str) -> Result<Self, AddressesRefusal> {
        Self::read(text.lines())
    }

    /// The same of ranges that stand apart already.
    pub fn read<'a>(typed: impl IntoIterator<Item = &'a str>) -> Result<Self, AddressesRefusal> {
        let mut ranges = Vec::new();
        for typed in typed.into_iter().map(str::trim).filter(|typed| !typed.is_empty()) {
            let range = AddressRange::from_str(typed).map_err(|refusal| {
                let shown = typed.chars().take(60).collect();
                AddressesRefusal::Range(shown, refusal)
            })?;
            if !ranges.contains(&range) {
                ranges.push(range);
            }
        }
        if ranges.len() > ADDRESS_RANGES {
            return Err(AddressesRefusal::TooMany);
        }
        Ok(Self(ranges))
    }

    /// Whether somebody may come from there.
    pub fn admit(&self, source: SourceAddress) -> bool {
        self.0.is_empty() || self.0.iter().any(|range| range.contains(source.0))
    }

    /// The ranges.
    pub fn ranges(&self) -> &[AddressRange] {
        &self.0
    }

    /// The ranges in one line, or that there are none.
    fn words(&self) -> String {
        if self.0.is_empty() {
            return "制限なし".to_owned();
        }
        let ranges: Vec<String> = self.0.iter().map(AddressRange::to_string).collect();
        ranges.join("、")
    }
}

impl Accounts {
    /// From where the organisation's staff may come.
    pub async fn allowed_addresses(&self, org: OrgId) -> Result<AllowedAddresses, DbError> {
        store::ranges(&self.db, org).await.map(AllowedAddresses)
    }

    /// Whether somebody of the organisation may come from there.
    pub(crate) async fn admits(&self, org: OrgId, source: SourceAddress) -> Result<bool, DbError> {
        Ok(self.allowed_addresses(org).await?.admit(source))
    }

    /// Replaces the ranges, by a form: the guard keeps who did.
    pub(crate) async fn change_addresses(&self, org: OrgId, to: AllowedAddresses) -> Result<(), DbError> {
        audit::note(to.words());
        let write = self.db.write(move |tx| {
            let to = to.clone();
            Box::pin(async move { store::set_ranges(tx, org, &to.0).await })
        });
        write.await
    }

    /// Replaces the ranges by the command line, which nobody can lock out.
    pub async fn set_allowed_addresses(&self, org: OrgId, to: AllowedAddresses) -> Result<(), DbError> {
        let (vault, now) = (self.db.vault(org).await?, self.db.now());
        let entry = Entry::of(ADDRESSES_BY_COMMAND).with(to.words());
        let change = Arc::new((to, entry));
        let write = self.db.write(move |tx| {
            let (vault, change) = (Arc::clone(&vault), Arc::clone(&change));
            Box::pin(async move {
                let (to, entry) = &*change;
                store::set_ranges(tx, org, &to.0).await?;
                audit::record(tx, org, &vault, entry, now).await
            })
        });
        write.await
    }

    /// The live session behind a cookie, if its person may come from there; otherwise it ends.
    pub(crate) async fn session_from(
        &self,
        secret: &Secret,
        source: SourceAddress,
    ) -> Result<Option<LoginSession>, NoSession> {
        let Some(session) = self.session(secret).await? else {
            return Ok(None);
        };
        if self.admits(session.staff.org, source).await? {
            return Ok(Some(session));
        }
        self.end_outside(&session, source).await?;
        Err(NoSession::Outside)
    }

    /// Ends a session that is used from outside.
    async fn end_outside(&self, session: &LoginSession, source: SourceAddress) -> Result<(), DbError> {
        let org = session.staff.org;
        let (vault, now) = (self.db.vault(org).await?, self.db.now());
        let entry = Entry::of(SESSION_OUTSIDE)
            .by(&session.staff)
            .from(source)
            .refused();
        let ended = Arc::new((session.key.clone(), entry));
        let write = self.db.write(move |tx| {
            let (vault, ended) = (Arc::clone(&vault), Arc::clone(&ended));
            Box::pin(async move {
                let (key, entry) = &*ended;
                crate::store::end_session(tx, key).await?;
                audit::record(tx, org, &vault, entry, now).await
            })
        });
        write.await
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;

    fn from(text: &str) -> SourceAddress {
        SourceAddress(text.parse().unwrap())
    }

    #[test]
    fn without_a_range_everybody_is_admitted_and_with_one_only_who_lies_in_it() {
        let anywhere = AllowedAddresses::parse(" \n\r\n").unwrap();
        assert!(anywhere.admit(from("203.0.113.9")) && anywhere.ranges().is_empty());
        let office = AllowedAddresses::parse("192.0.2.0/24\r\n 2001:db8::/32 \n192.0.2.0/24").unwrap();
        assert_eq!(office.ranges().len(), 2);
        assert!(office.admit(from("192.0.2.9")) && office.admit(from("2001:db8::9")));
        assert!(!office.admit(from("203.0.113.9")));
    }

    #[test]
    fn a_refusal_names_what_was_typed() {
        let refusal = AllowedAddresses::parse("192.0.2.0/24\n朝霞保健所").unwrap_err();
        assert!(refusal.to_string().contains("朝霞保健所"), "{refusal}");
        let many: Vec<String> = (0..=ADDRESS_RANGES)
            .map(|n| format!("10.0.{}.{}", n / 256, n % 256))
            .collect();
        let read = |count: usize| AllowedAddresses::read(many[..count].iter().map(String::as_str));
        assert_eq!(read(ADDRESS_RANGES + 1), Err(AddressesRefusal::TooMany));
        assert!(read(ADDRESS_RANGES).is_ok());
    }
}
