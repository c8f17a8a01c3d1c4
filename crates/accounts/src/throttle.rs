//! How often somebody may fail to sign in.
//!
//! Two independent buckets: the login name (whether or not it exists) and the address that the attempt
//! comes from. What comes after a right password is counted in a third, so that giving the password again does
//! not buy more guesses at the code. Each attempt is counted **before** the password is looked at, in a committed write, and
//! taken back if it was right: attempts made at the same moment, on any node, cannot pass together.
//! Login sessions that live already are never touched, so nobody can be thrown out this way.

use std::net::{IpAddr, Ipv4Addr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::Extensions;
use axum::http::request::Parts;
use base::clock::{Millis, SECOND};
use base::id::{OrgId, StaffId};
use db::Db;

use crate::Login;
use crate::limits::{
    ACCOUNT_FIRST_WAIT, ACCOUNT_FREE_FAILURES, ACCOUNT_LOCK_FAILURES, ACCOUNT_LONGEST_WAIT, SOURCE_FAILURES,
    SOURCE_WINDOW,
};

/// Where an attempt comes from. A layer of the server that knows its proxies puts it into the request's
/// extensions; otherwise it is the connection's own address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SourceAddress(pub IpAddr);

impl<S: Sync> FromRequestParts<S> for SourceAddress {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(&parts.extensions))
    }
}

impl SourceAddress {
    /// What is known of a request.
    pub(crate) fn of(extensions: &Extensions) -> Self {
        let stated = extensions.get::<Self>().copied();
        let connected = extensions.get::<ConnectInfo<std::net::SocketAddr>>();
        let connected = connected.map(|ConnectInfo(address)| Self(address.ip()));
        // Without either, everybody shares one bucket: closed sooner, never open.
        stated.or(connected).unwrap_or(Self(Ipv4Addr::UNSPECIFIED.into()))
    }

    /// What one customer of a provider has: an IPv4 address, or the first 64 bits of an IPv6 address.
    pub fn network(self) -> String {
        match self.0.to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("{:x}/64", address.to_bits() >> 64),
        }
    }

    /// What somebody can rent at once: the first 24 bits of an IPv4 address, or the first 48 of an IPv6 address.
    pub fn range(self) -> String {
        match self.0.to_canonical() {
            IpAddr::V4(address) => format!("{:x}/24", address.to_bits() >> 8),
            IpAddr::V6(address) => format!("{:x}/48", address.to_bits() >> 80),
        }
    }
}

/// Whose failures are counted; only a keyed hash is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Subject {
    Account(String),
    Source(String),
    /// Proofs that only somebody with the password or a session can fail at: strangers cannot close it.
    Confirm(String),
}

impl Subject {
    /// The bucket of a login name, as typed.
    pub(crate) fn account(db: &Db, login: &str) -> Self {
        Self::Account(db.installation_index(&format!("sign-in account {}", Login::folded(login))))
    }

    /// The bucket of an address.
    pub(crate) fn source(db: &Db, source: SourceAddress) -> Self {
        Self::Source(db.installation_index(&format!("sign-in source {}", source.network())))
    }

    /// The bucket of a person's second steps and step-ups.
    pub(crate) fn confirm(db: &Db, org: OrgId, staff: StaffId) -> Self {
        Self::Confirm(db.installation_index(&format!("sign-in confirm {org} {staff}")))
    }

    pub(crate) fn key(&self) -> &str {
        match self {
            Self::Account(key) | Self::Source(key) | Self::Confirm(key) => key,
        }
    }
}

/// Why an attempt may not be made now.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Closed {
    /// Until this moment.
    Until(Millis),
    /// Until an administrator gives a new password.
    ForGood,
}

impl Closed {
    /// Seconds from `now` on, rounded up; nothing if waiting does not help.
    pub(crate) fn seconds(self, now: Millis) -> Option<u64> {
        match self {
            Self::Until(moment) => u64::try_from((moment - now + SECOND - 1) / SECOND).ok(),
            Self::ForGood => None,
        }
    }
}

/// The failures of one subject.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Bucket {
    /// An account's failures since the last success; a source's failures in the present window.
    pub(crate) failures: i64,
    /// A source's window; for an account the last failure.
    pub(crate) window_started_at: Millis,
    /// No attempt before this.
    pub(crate) closed_until: Millis,
}

/// How an account that only a new password opens is written.
const FOR_GOOD: Millis = Millis::MAX;

impl Bucket {
    /// Whether an attempt may be made now.
    pub(crate) fn closed(self, now: Millis) -> Option<Closed> {
        match self.closed_until {
            FOR_GOOD => Some(Closed::ForGood),
            moment if moment > now => Some(Closed::Until(moment)),
            _ => None,
        }
    }

    /// The bucket after one more failure.
    pub(crate) fn after_failure(self, subject: &Subject, now: Millis) -> Self {
        match subject {
            Subject::Account(_) | Subject::Confirm(_) => self.after_account_failure(now),
            Subject::Source(_) => self.after_source_failure(now),
        }
    }

    fn after_account_failure(self, now: Millis) -> Self {
        let failures = self.failures + 1;
        let closed_until = match failures {
            ..ACCOUNT_FREE_FAILURES => 0,
            ACCOUNT_LOCK_FAILURES.. => FOR_GOOD,
            _ => now + account_wait(failures - ACCOUNT_FREE_FAILURES),
        };
        Self {
            failures,
            window_started_at: now,
            closed_until,
        }
    }

    fn after_source_failure(self, now: Millis) -> Self {
        let same_window = now - self.window_started_at < SOURCE_WINDOW;
        let (before, window_started_at) = if same_window {
            (self.failures, self.window_started_at)
        } else {
            (0, now)
        };
        let failures = before + 1;
        let closed_until = if failures >= SOURCE_FAILURES {
            window_started_at + SOURCE_WINDOW
        } else {
            0
        };
        Self {
            failures,
            window_started_at,
            closed_until,
        }
    }
}

/// The first wait, doubled `doublings` times, up to the longest.
fn account_wait(doublings: i64) -> Millis {
    let factor = 1_i64 << doublings.clamp(0, 20);
    (ACCOUNT_FIRST_WAIT * factor).min(ACCOUNT_LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::clock::MINUTE;
    use proptest::prelude::*;

    const NEW: Bucket = Bucket {
        failures: 0,
        window_started_at: 0,
        closed_until: 0,
    };
    const NOW: Millis = 1_800_000_000_000;

    fn account() -> Subject {
        Subject::Account(String::new())
    }

    fn source() -> Subject {
        Subject::Source(String::new())
    }

    /// The bucket after `count` failures, each as soon as it is allowed, and the waits in between.
    fn fail(subject: &Subject, count: i64) -> (Bucket, Vec<Millis>) {
        let (mut bucket, mut now, mut waits) = (NEW, NOW, Vec::new());
        for _ in 0..count {
            bucket = bucket.after_failure(subject, now);
            if let Some(Closed::Until(moment)) = bucket.closed(now) {
                waits.push(moment - now);
                now = moment;
            }
        }
        (bucket, waits)
    }

    #[test]
    fn an_account_waits_from_the_fifth_failure_on_and_longer_each_time() {
        assert!(fail(&account(), 4).1.is_empty());
        let seconds: Vec<_> = fail(&account(), 14).1.iter().map(|wait| wait / SECOND).collect();
        assert_eq!(seconds, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
    }

    #[test]
    fn the_fiftieth_failure_in_a_row_locks() {
        assert!(matches!(
            fail(&account(), 49).0.closed(NOW),
            Some(Closed::Until(_))
        ));
        assert_eq!(
            fail(&account(), 50).0.closed(Millis::MAX - 1),
            Some(Closed::ForGood)
        );
    }

    #[test]
    fn a_source_has_twenty_failures_in_ten_minutes() {
        let (bucket, _) = fail(&source(), 20);
        assert_eq!(bucket.closed(NOW), Some(Closed::Until(NOW + 10 * MINUTE)));
        assert_eq!(bucket.closed(NOW + 10 * MINUTE), None);
        let next = bucket.after_failure(&source(), NOW + 10 * MINUTE);
        assert_eq!((next.failures, next.closed(NOW + 10 * MINUTE)), (1, None));
        assert_eq!(fail(&source(), 19).0.closed(NOW), None);
    }

    #[test]
    fn the_wait_is_said_in_whole_seconds_and_never_as_none() {
        assert_eq!(Closed::Until(NOW + 1).seconds(NOW), Some(1));
        assert_eq!(Closed::Until(NOW + 30_000).seconds(NOW), Some(30));
        assert_eq!(Closed::ForGood.seconds(NOW), None);
    }

    #[test]
    fn neighbours_in_one_ipv6_network_share_a_bucket() {
        let of = |text: &str| SourceAddress(text.parse().expect("an address")).network();
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }

    proptest! {
        #[test]
        fn no_ten_minutes_hold_more_than_forty_tries_of_a_source(gaps in prop::collection::vec(0..90_000_i64, 1..300)) {
            let (mut bucket, mut now, mut tries) = (NEW, NOW, Vec::new());
            for gap in gaps {
                now += gap;
                if bucket.closed(now).is_none() {
                    bucket = bucket.after_failure(&source(), now);
                    tries.push(now);
                }
            }
            // Fixed windows: two of them can meet inside any ten minutes.
            for (index, start) in tries.iter().enumerate() {
                let within = tries[index..].iter().take_while(|at| *at - start < SOURCE_WINDOW).count();
                prop_assert!(within <= 2 * usize::try_from(SOURCE_FAILURES).expect("small"));
            }
        }
    }
}
