//! Who manages whose accounts: a pure table of who, whom and what may be given.

use base::id::OfficeId;
use base::org::{Permission, Role, Roles};

use crate::Staff;
use crate::people::{Grant, Person};

/// Whose accounts somebody manages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Managed {
    /// Everybody's.
    All,
    /// Those of people who work at this office only, and can do no more than its manager may give.
    Office(OfficeId),
}

impl Managed {
    /// What the manager of an office may give. Nobody manages whoever may do more: a new password for them would
    /// be theirs.
    pub(crate) const LOCAL: [Role; 4] = [Role::Sender, Role::CaseWorker, Role::Caller, Role::Physician];

    /// Whose accounts this person manages, if anybody's.
    pub(crate) fn by(staff: &Staff) -> Option<Self> {
        let head = staff.office == OfficeId::HEADQUARTERS;
        if head && staff.may(Permission::ManageOrganisation) {
            Some(Self::All)
        } else if staff.may(Permission::ManageOffice) {
            Some(Self::Office(staff.office))
        } else {
            None
        }
    }

    /// The office whose people are shown; all of them for whoever manages all.
    pub(crate) const fn office(self) -> Option<OfficeId> {
        match self {
            Self::All => None,
            Self::Office(office) => Some(office),
        }
    }

    /// Whether this person is shown.
    pub(crate) fn shows(self, person: &Person) -> bool {
        self.office().is_none_or(|office| person.staff.office == office)
    }

    /// Whether this person's account may be changed.
    pub(crate) fn changes(self, person: &Person) -> bool {
        let within = |grant: &Grant| self.gives(grant.office, grant.roles);
        self == Self::All || (self.shows(person) && person.grants.iter().all(within))
    }

    /// Whether these roles may be given at this office.
    pub(crate) fn gives(self, office: OfficeId, roles: Roles) -> bool {
        match self {
            Self::All => held_there(office, roles),
            Self::Office(own) => office == own && roles.iter().all(|role| Self::LOCAL.contains(&role)),
        }
    }

    /// The roles that may be given at this office.
    pub(crate) fn offers(self, office: OfficeId) -> Vec<Role> {
        let gives = |role: &Role| self.gives(office, Roles::from(*role));
        Role::ALL.into_iter().filter(gives).collect()
    }
}

/// Whether these roles make sense at this office: the organisation is administered at the head office only.
pub(crate) fn held_there(office: OfficeId, roles: Roles) -> bool {
    office == OfficeId::HEADQUARTERS || !roles.holds(Role::Administrator)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use base::id::{OrgId, StaffId};

    use super::*;
    use crate::{Login, Name};

    const HEAD: OfficeId = OfficeId::HEADQUARTERS;
    const ASAKA: OfficeId = OfficeId::new(2);
    const KAZO: OfficeId = OfficeId::new(3);

    fn person(office: OfficeId, grants: &[(OfficeId, Role)]) -> Person {
        let grants: Vec<Grant> = grants
            .iter()
            .map(|(office, role)| Grant {
                office: *office,
                roles: Roles::from(*role),
            })
            .collect();
        let home = grants.iter().find(|grant| grant.office == office);
        Person {
            staff: Staff {
                id: StaffId::new(1),
                org: OrgId::FIRST,
                office,
                login: Login::parse("tanaka").unwrap(),
                name: Name::parse("田中").unwrap(),
                roles: home.map_or(Roles::NONE, |grant| grant.roles),
            },
            grants,
            made_at: 0,
            invited_at: None,
            disabled_at: None,
            last_signed_in_at: None,
        }
    }

    fn by(office: OfficeId, role: Role) -> Option<Managed> {
        Managed::by(&person(office, &[(office, role)]).staff)
    }

    #[test]
    fn the_organisation_is_managed_at_the_head_office_only() {
        assert_eq!(by(HEAD, Role::Administrator), Some(Managed::All));
        assert_eq!(by(ASAKA, Role::Administrator), Some(Managed::Office(ASAKA)));
        assert_eq!(by(ASAKA, Role::OfficeManager), Some(Managed::Office(ASAKA)));
        assert_eq!(by(HEAD, Role::OfficeManager), Some(Managed::Office(HEAD)));
        for role in Role::ALL {
            let manages = [Role::Administrator, Role::OfficeManager].contains(&role);
            assert_eq!(by(ASAKA, role).is_some(), manages, "{role:?}");
        }
    }

    #[test]
    fn the_manager_of_an_office_manages_nobody_who_may_do_more() {
        let manager = Managed::Office(ASAKA);
        for role in Role::ALL {
            let local = Managed::LOCAL.contains(&role);
            assert_eq!(
                manager.changes(&person(ASAKA, &[(ASAKA, role)])),
                local,
                "{role:?}"
            );
            assert_eq!(manager.gives(ASAKA, role.into()), local, "{role:?}");
            assert!(!manager.gives(KAZO, role.into()), "{role:?}");
            assert!(!manager.gives(HEAD, role.into()), "{role:?}");
        }
        let elsewhere = person(ASAKA, &[(ASAKA, Role::Sender), (HEAD, Role::Auditor)]);
        assert!(manager.shows(&elsewhere) && !manager.changes(&elsewhere));
        let guest = person(KAZO, &[(ASAKA, Role::Sender)]);
        assert!(!manager.shows(&guest) && !manager.changes(&guest));
    }

    #[test]
    fn an_administrator_gives_every_role_and_their_own_only_at_the_head_office() {
        for role in Role::ALL {
            assert!(Managed::All.gives(HEAD, role.into()));
            assert_eq!(
                Managed::All.gives(ASAKA, role.into()),
                role != Role::Administrator
            );
        }
        assert_eq!(Managed::All.offers(ASAKA).len(), Role::ALL.len() - 1);
    }
}
