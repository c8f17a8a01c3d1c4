//! The people who sign in, and where they work.

use base::id::{OfficeId, OrgId, StaffId};

use crate::{Login, Name};

/// What a person may do. The table of permissions grows from here.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Role {
    /// Runs the organisation's installation: accounts, offices, settings.
    Administrator,
    /// Uploads lists and sends them.
    Sender,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 2] = [Self::Administrator, Self::Sender];

    /// As the database and the command line write it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Sender => "sender",
        }
    }

    /// The role that `code` means.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }

    /// As pages show it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Administrator => "管理者",
            Self::Sender => "配信担当者",
        }
    }
}

/// One place of work inside an organisation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Office {
    /// Its number, unique within the organisation.
    pub id: OfficeId,
    /// Its name: `朝霞保健所`.
    pub name: Name,
}

/// A person with an account.
#[derive(Clone, PartialEq, Eq)]
pub struct Staff {
    /// The account's number.
    pub id: StaffId,
    /// The organisation: the outer wall of everything the person may see.
    pub org: OrgId,
    /// The office the person works at.
    pub office: OfficeId,
    /// The name to sign in with.
    pub login: Login,
    /// The person's name.
    pub name: Name,
    /// What the person may do.
    pub role: Role,
}

impl std::fmt::Debug for Staff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Staff")
            .field("id", &self.id)
            .field("org", &self.org)
            .field("office", &self.office)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_is_read_back_from_its_code() {
        for role in Role::ALL {
            assert_eq!(Role::from_code(role.code()), Some(role));
        }
        assert_eq!(Role::from_code("root"), None);
    }
}
