//! The people who sign in, and where they work.

use base::id::{OfficeId, OrgId, StaffId};
use base::org::{Permission, Roles};

use crate::{Login, Name};

/// A person with an account.
#[derive(Clone, PartialEq, Eq)]
pub struct Staff {
    /// The account's number.
    pub id: StaffId,
    /// The organisation: the outer wall of everything the person may see.
    pub org: OrgId,
    /// The office the person works at, at present.
    pub office: OfficeId,
    /// The name to sign in with.
    pub login: Login,
    /// The person's name.
    pub name: Name,
    /// What the person is at that office.
    pub roles: Roles,
}

impl Staff {
    /// Whether the person may do this at their office; at the head office, for all offices.
    pub fn may(&self, permission: Permission) -> bool {
        self.roles.may(permission)
    }

    /// Whether the person may do this with what belongs to `office`.
    pub fn may_at(&self, permission: Permission, office: OfficeId) -> bool {
        self.may(permission) && self.covers(office)
    }

    /// Whether what belongs to `office` is within the person's reach at all.
    pub fn covers(&self, office: OfficeId) -> bool {
        self.office == OfficeId::HEADQUARTERS || self.office == office
    }
}

impl std::fmt::Debug for Staff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Staff")
            .field("id", &self.id)
            .field("org", &self.org)
            .field("office", &self.office)
            .field("roles", &self.roles)
            .finish_non_exhaustive()
    }
}
