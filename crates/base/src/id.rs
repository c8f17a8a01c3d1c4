//! Typed identifiers. A number that names a message can never be passed where an office is meant.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! numeric_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(i64);

        impl $name {
            /// Wraps a number that the database handed out.
            pub const fn new(number: i64) -> Self {
                Self(number)
            }

            /// The number, as the database keeps it.
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

numeric_id! {
    /// A prefecture or city: the outer wall of all personal data.
    OrgId
}
numeric_id! {
    /// A health centre, the head office, a contractor: one place of work inside an organisation.
    OfficeId
}
numeric_id! {
    /// A person who signs in.
    StaffId
}
numeric_id! {
    /// One uploaded line list.
    ListId
}
numeric_id! {
    /// The bytes of one uploaded file, kept for a while.
    ListFileId
}
numeric_id! {
    /// One version of a remembered choice of columns.
    MappingId
}
numeric_id! {
    /// One message template, whatever its version.
    TemplateId
}
numeric_id! {
    /// One bulk send (一斉送信, shown as 配信).
    BroadcastId
}
numeric_id! {
    /// One SMS to one person, of one or more parts. Exists before its first insert.
    MessageId
}
numeric_id! {
    /// One account at a carrier, `system_id@host:port`.
    AccountId
}
numeric_id! {
    /// One running process that may hand messages over. A restarted process is another node.
    NodeId
}
numeric_id! {
    /// One entry in the register of wrong numbers.
    WrongNumberId
}
numeric_id! {
    /// One entry of a call list.
    CallId
}
numeric_id! {
    /// One incident: data that reached the wrong person.
    IncidentId
}
numeric_id! {
    /// One programme: the dated rules for the people of one disease.
    ProgrammeId
}

numeric_id! {
    /// One form that residents answer, whatever its version.
    FormId
}
numeric_id! {
    /// One person asked once with a form.
    FormRequestId
}
numeric_id! {
    /// One page that short links lead to, whatever its version.
    LinkTargetId
}

numeric_id! {
    /// One person's illness, told by a case notification.
    CaseId
}

numeric_id! {
    /// People who share a number or an address: the number of the first case among them.
    HouseholdId
}

numeric_id! {
    /// One message that a person wrote back.
    ReplyId
}

numeric_id! {
    /// One order by which people are written to by themselves.
    OrderId
}

numeric_id! {
    /// One desk at which residents apply, whatever its version.
    DeskId
}
numeric_id! {
    /// One person's application at a desk.
    ApplicationId
}
numeric_id! {
    /// People of a desk who are told the same, locked for sending.
    OutcomeListId
}
numeric_id! {
    /// One picture of an application.
    PhotoId
}
numeric_id! {
    /// One picture that is under way, part by part.
    PhotoUploadId
}

impl OrgId {
    /// The organisation that exists from the first migration on.
    pub const FIRST: Self = Self(1);
}

impl OfficeId {
    /// The head office that exists from the first migration on.
    pub const HEADQUARTERS: Self = Self(1);
}
