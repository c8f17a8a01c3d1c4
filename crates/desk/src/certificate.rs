//! 証明書: what a granted application says, on paper, so that whoever is shown it can check it.
//!
//! The paper carries a number and an address of 128 derived bits, which is nowhere kept. Who opens the address sees by
//! whom and when the certificate was issued and whether it holds; who types the birth date that stands on the paper sees
//! the words that were printed, and so finds a paper that was changed. Nothing else of anybody is shown there. Whether
//! it holds follows from the decision that stands now: what was corrected holds no more.

use std::fmt;

use base::clock::Millis;
use base::date::CalendarDate;
use base::id::ApplicationId;
use certificate::Paper;
use db::{Db, OrgVault};
use serde::{Deserialize, Serialize};

use crate::application::{Application, State};
use crate::document::{Decision, Outcome, Statement};
use crate::request::{is_token, token_letters};

/// The letters at the end of a certificate's address; never written into logs.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CertificateCode(String);

impl CertificateCode {
    /// Of a certificate.
    pub(crate) fn of(vault: &OrgVault, certificate: i64) -> Self {
        Self(token_letters(vault, "certificate", &[&certificate.to_be_bytes()]))
    }

    /// Reads a part of an address.
    pub fn in_address(text: &str) -> Option<Self> {
        is_token(text).map(|letters| Self(letters.to_owned()))
    }

    /// Where it is checked on the resident host: `/v/…`.
    pub fn path(&self) -> String {
        format!("/v/{}", self.0)
    }

    /// As the database knows it.
    pub(crate) fn index(&self, db: &Db) -> String {
        db.installation_index(&format!("certificate {}", self.0))
    }
}

impl fmt::Debug for CertificateCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CertificateCode(…)")
    }
}

/// What a birth date is compared by: a keyed hash, another for each certificate.
pub(crate) fn birth_index(vault: &OrgVault, certificate: i64, birth: CalendarDate) -> String {
    let (number, day) = (certificate.to_be_bytes(), birth.to_string());
    vault.index("certificate birth date", &[&number, day.as_bytes()])
}

/// What was printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Printed {
    /// Its number: `1234-5678-1`.
    pub number: String,
    /// Who certifies it.
    pub issuer: String,
    /// What.
    pub statement: Statement,
}

/// A certificate that was issued.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Its number in the database.
    pub id: i64,
    /// Of which application.
    pub application: ApplicationId,
    /// On which of its decisions it rests.
    pub decision: i64,
    /// Where it is checked.
    pub code: CertificateCode,
    /// When it was issued.
    pub issued_at: Millis,
    /// What was printed.
    pub printed: Printed,
}

/// Health data: the debug form says nothing.
impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.id)
    }
}

/// Whether a certificate holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// What it says was decided and stands.
    Holds,
    /// It was put right.
    Revoked,
    /// The application was erased when its time was over: nobody knows.
    Unknown,
}

/// Whether a certificate can be issued for an application now: it is granted, and the person was told.
pub fn is_granted(one: &Application) -> bool {
    one.state == State::Released
        && one.told == Some(Outcome::Decided(Decision::Confirmed))
        && one
            .decided
            .as_ref()
            .is_some_and(|decided| decided.decision == Decision::Confirmed)
}

impl Certificate {
    /// Whether it holds, as its application stands; `now_says`: what would be printed today.
    pub fn standing(&self, of: &Application, now_says: Option<&Statement>) -> Standing {
        if of.content.applicant.birth.is_none() {
            return Standing::Unknown;
        }
        // What can still be taken back changes nothing yet; then the decision that stands is the one that was told.
        let granted = match of.state {
            State::Provisional => of.told == Some(Outcome::Decided(Decision::Confirmed)),
            State::Final | State::Released => of
                .decided
                .as_ref()
                .is_some_and(|decided| decided.decision == Decision::Confirmed),
            _ => false,
        };
        let same = now_says.is_some_and(|says| says.lines == self.printed.statement.lines);
        if granted && same {
            Standing::Holds
        } else {
            Standing::Revoked
        }
    }
}

/// The day in Japan of a moment, as papers say it.
pub fn day_of(at: Millis) -> String {
    CalendarDate::in_japan(at).map_or_else(String::new, crate::document::day_in_figures)
}

/// The file. `address`: where the certificate is checked, whole.
pub fn pdf(one: &Certificate, address: &str) -> Vec<u8> {
    let Printed {
        number,
        issuer,
        statement,
    } = &one.printed;
    certificate::pdf(&Paper {
        title: statement.title.clone(),
        number: format!("第{number}号"),
        date: format!("発行 {}", day_of(one.issued_at)),
        statement: statement.statement.clone(),
        lines: statement.lines.clone(),
        issuer: issuer.clone(),
        notes: statement.notes.clone(),
        address: address.to_owned(),
        check: "この証明書が正しいものかは、二次元コード、または次のページで確かめられます。".to_owned(),
    })
}
