//! Who may do what: the one table of roles and permissions.
//!
//! A role is held at an office. What it may do there, [`Role::permissions`] says; held at the head office it
//! holds for every office of the organisation. Nothing else in the product knows roles: pages ask for a
//! [`Permission`], and the page 「役割と権限」 shows this very table.

use std::fmt;

/// One thing that a person may do. Each is asked for by name where it is done.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Permission {
    /// Looks at lists, broadcasts and what became of them; numbers stay masked.
    SeeBroadcasts,
    /// Uploads lists, checks and mends them.
    PrepareLists,
    /// Starts, stops, resumes and discards broadcasts.
    Send,
    /// Writes to one person from their record, with an approved text.
    WriteToOne,
    /// Approves what somebody else wants to send.
    Approve,
    /// Writes templates, links and advice.
    EditTemplates,
    /// Looks at whole numbers and texts of one person; each look is recorded.
    Reveal,
    /// Takes results out of the product as a file.
    Export,
    /// Works through the call list.
    Call,
    /// Closes and opens numbers in the register of wrong numbers.
    CloseNumbers,
    /// Invites and disables people of the own office.
    ManageOffice,
    /// Offices, all people, settings, sender numbers, limits and rules of the organisation.
    ManageOrganisation,
    /// Reads the audit trail and what is kept how long.
    ReadAudit,
    /// Reads how much was sent and what it costs.
    ReadUsage,
    /// Opens, works on and closes incidents.
    HandleIncidents,
    /// Writes the rules by which people are reached and cared for; somebody else approves them.
    ManageProgrammes,
    /// Looks at cases: who is ill, what was decided, what happened; names and numbers stay masked.
    SeeCases,
    /// Takes cases in, corrects them, decides about them, hands them over.
    WorkCases,
    /// Looks at what people applied for and where it stands; names and numbers stay masked.
    SeeApplications,
    /// Looks through applications before they are judged, sends them back, and decides where a clerk does.
    CheckApplications,
    /// Judges applications where a doctor does, and looks a second time.
    JudgeApplications,
    /// Locks outcome lists and lets their messages go.
    ReleaseResults,
    /// Writes desks; somebody else approves them.
    ManageDesks,
}

impl Permission {
    /// Every permission, in the order of the table.
    pub const ALL: [Self; 23] = [
        Self::SeeBroadcasts,
        Self::PrepareLists,
        Self::Send,
        Self::WriteToOne,
        Self::Approve,
        Self::EditTemplates,
        Self::Reveal,
        Self::Export,
        Self::Call,
        Self::CloseNumbers,
        Self::ManageOffice,
        Self::ManageOrganisation,
        Self::ReadAudit,
        Self::ReadUsage,
        Self::HandleIncidents,
        Self::ManageProgrammes,
        Self::SeeCases,
        Self::WorkCases,
        Self::SeeApplications,
        Self::CheckApplications,
        Self::JudgeApplications,
        Self::ReleaseResults,
        Self::ManageDesks,
    ];

    /// As the page 「役割と権限」 says it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::SeeBroadcasts => "リストと配信の状況を見る",
            Self::PrepareLists => "リストを登録し、検査し、直す",
            Self::Send => "送信を始める・止める・取り消す",
            Self::WriteToOne => "患者の記録から、承認された文面を1人に送る",
            Self::Approve => "ほかの人の送信を承認する",
            Self::EditTemplates => "文面と案内ページを作る",
            Self::Reveal => "1人分の番号と文面を表示する（記録されます）",
            Self::Export => "結果をファイルに書き出す",
            Self::Call => "電話リストを使う",
            Self::CloseNumbers => "番号を人違いとして登録する",
            Self::ManageOffice => "自分の部署の人を招待・停止する",
            Self::ManageOrganisation => "組織の設定、部署、すべての人を管理する",
            Self::ReadAudit => "監査の記録を見る",
            Self::ReadUsage => "利用実績と料金を見る",
            Self::HandleIncidents => "インシデントに対応する",
            Self::ManageProgrammes => "振り分け規則を作る・直す",
            Self::SeeCases => "患者の記録を見る",
            Self::WorkCases => "患者を登録し、訂正し、振り分け、引き継ぐ",
            Self::SeeApplications => "申請の状況を見る",
            Self::CheckApplications => "申請を確かめ、差し戻す（職員が決める窓口では判定する）",
            Self::JudgeApplications => "申請を判定する（医師が決める窓口）",
            Self::ReleaseResults => "判定の結果を締めて送る",
            Self::ManageDesks => "申請窓口を作る・直す",
        }
    }
}

/// What somebody is at an office.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Role {
    /// Runs the organisation's installation: offices, people, settings.
    Administrator,
    /// Uploads lists and sends them.
    Sender,
    /// Looks at what somebody else wants to send, and lets it go or not.
    Approver,
    /// Writes the texts.
    TemplateEditor,
    /// Leads an office: its people, its figures.
    OfficeManager,
    /// Works on the people of an office: lists, calls, wrong numbers; sends nothing to many.
    CaseWorker,
    /// Telephones.
    Caller,
    /// Looks through applications before they are judged.
    DeskClerk,
    /// Judges applications.
    Doctor,
    /// Looks at the people of an office whom rules send to a physician. Whoever judges applications sees no records.
    Physician,
    /// Works for the organisation under a contract, at the contractor's own office.
    Contractor,
    /// Looks at what was done, and changes nothing.
    Auditor,
}

use Permission as P;

impl Role {
    /// Every role, in the order of the table.
    pub const ALL: [Self; 12] = [
        Self::Administrator,
        Self::Sender,
        Self::Approver,
        Self::TemplateEditor,
        Self::OfficeManager,
        Self::CaseWorker,
        Self::Caller,
        Self::DeskClerk,
        Self::Doctor,
        Self::Physician,
        Self::Contractor,
        Self::Auditor,
    ];

    /// **The table.** What the role may do at its office, and, held at the head office, at all of them.
    pub const fn permissions(self) -> &'static [Permission] {
        match self {
            Self::Administrator => &[
                P::SeeBroadcasts,
                P::EditTemplates,
                P::ManageOffice,
                P::ManageOrganisation,
                P::ReadAudit,
                P::ReadUsage,
                P::HandleIncidents,
                P::ManageProgrammes,
                P::ManageDesks,
            ],
            Self::Sender => &[
                P::SeeBroadcasts,
                P::PrepareLists,
                P::Send,
                P::WriteToOne,
                P::Reveal,
                P::Export,
                P::Call,
                P::CloseNumbers,
                P::SeeCases,
                P::SeeApplications,
                P::ReleaseResults,
            ],
            Self::Approver => &[P::SeeBroadcasts, P::Approve, P::Reveal],
            Self::TemplateEditor => &[P::SeeBroadcasts, P::EditTemplates],
            Self::OfficeManager => &[
                P::SeeBroadcasts,
                P::WriteToOne,
                P::Reveal,
                P::Call,
                P::CloseNumbers,
                P::ManageOffice,
                P::ReadUsage,
                P::HandleIncidents,
                P::ManageProgrammes,
                P::SeeCases,
                P::WorkCases,
                P::SeeApplications,
                P::ManageDesks,
            ],
            Self::CaseWorker => &[
                P::SeeBroadcasts,
                P::PrepareLists,
                P::WriteToOne,
                P::Reveal,
                P::Call,
                P::CloseNumbers,
                P::SeeCases,
                P::WorkCases,
                P::SeeApplications,
            ],
            Self::Caller => &[P::Call, P::CloseNumbers],
            Self::DeskClerk => &[P::SeeApplications, P::CheckApplications],
            Self::Doctor => &[P::SeeApplications, P::JudgeApplications],
            Self::Physician => &[P::Call, P::SeeCases, P::WorkCases],
            Self::Contractor => &[
                P::SeeBroadcasts,
                P::PrepareLists,
                P::Send,
                P::WriteToOne,
                P::Call,
                P::CloseNumbers,
                P::SeeCases,
                P::WorkCases,
                P::SeeApplications,
                P::CheckApplications,
            ],
            Self::Auditor => &[P::SeeBroadcasts, P::ReadAudit, P::ReadUsage],
        }
    }

    /// Whether the role may do this where it is held.
    pub fn may(self, permission: Permission) -> bool {
        self.permissions().contains(&permission)
    }

    /// As the database and the command line write it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Sender => "sender",
            Self::Approver => "approver",
            Self::TemplateEditor => "template_editor",
            Self::OfficeManager => "office_manager",
            Self::CaseWorker => "case_worker",
            Self::Caller => "caller",
            Self::DeskClerk => "desk_clerk",
            Self::Doctor => "doctor",
            Self::Physician => "physician",
            Self::Contractor => "contractor",
            Self::Auditor => "auditor",
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
            Self::Approver => "承認者",
            Self::TemplateEditor => "文面担当者",
            Self::OfficeManager => "部署の責任者",
            Self::CaseWorker => "ケース担当者",
            Self::Caller => "電話担当者",
            Self::DeskClerk => "受付担当者",
            Self::Doctor => "医師",
            Self::Physician => "患者担当の医師",
            Self::Contractor => "委託先担当者",
            Self::Auditor => "監査担当者",
        }
    }

    /// What somebody with this role does, in a sentence.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::Administrator => "部署、人、設定を管理します。送信はしません。",
            Self::Sender => "リストを検査して送ります。",
            Self::Approver => {
                "ほかの人が送ろうとしている内容を確かめ、承認します。自分の送信は承認できません。"
            }
            Self::TemplateEditor => "文面と案内ページを作り、直します。",
            Self::OfficeManager => "部署の人を招待・停止し、利用実績を見て、部署の振り分け規則を作ります。",
            Self::CaseWorker => {
                "患者の記録を扱い、承認された文面を1人ずつ送り、リストを直し、電話をかけ、人違いの番号を登録します。一斉送信はしません。"
            }
            Self::Caller => "電話リストの人に電話をかけます。",
            Self::DeskClerk => "申請がそろっているかを確かめ、足りないものを申請した人に差し戻します。",
            Self::Doctor => "申請を判定します。患者の記録は見られません。",
            Self::Physician => {
                "医師の確認を待つ人の記録を見て、だれがどう連絡するかを決め、必要なら自分で電話します。"
            }
            Self::Contractor => {
                "委託先の部署で、その部署の患者とリストだけを扱います。契約の終わりに自動で使えなくなります。"
            }
            Self::Auditor => "だれが何をしたかを確かめます。何も変えられません。",
        }
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// Whether what an organisation sends reaches anybody.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OrgMode {
    /// 訓練: everything works, and only a simulated carrier takes it.
    Training,
    /// 本番: people are written to.
    Live,
}

impl OrgMode {
    /// As the database and the command line write it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Training => "training",
            Self::Live => "live",
        }
    }

    /// The mode that `code` means.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Training, Self::Live]
            .into_iter()
            .find(|mode| mode.code() == code)
    }

    /// As pages show it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Training => "訓練",
            Self::Live => "本番",
        }
    }
}

/// The roles of one person at one office.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Roles(u16);

impl Roles {
    /// No role: signs in and sees nothing.
    pub const NONE: Self = Self(0);

    /// Those of `roles`.
    pub fn of(roles: impl IntoIterator<Item = Role>) -> Self {
        Self(roles.into_iter().fold(0, |all, role| all | role.bit()))
    }

    /// Every role of the set, in the order of the table.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.holds(*role))
    }

    /// Whether the role is among them.
    pub const fn holds(self, role: Role) -> bool {
        self.0 & role.bit() != 0
    }

    /// Whether one of them may do this.
    pub fn may(self, permission: Permission) -> bool {
        self.iter().any(|role| role.may(permission))
    }

    /// `administrator sender`, as the database keeps it.
    pub fn codes(self) -> String {
        self.iter().map(Role::code).collect::<Vec<_>>().join(" ")
    }

    /// What [`Roles::codes`] gave; nothing if a word is no role.
    pub fn from_codes(codes: &str) -> Option<Self> {
        let roles: Option<Vec<Role>> = codes.split_whitespace().map(Role::from_code).collect();
        roles.map(Self::of)
    }

    /// `管理者・承認者`.
    pub fn label(self) -> String {
        if self == Self::NONE {
            return "役割なし".to_owned();
        }
        self.iter().map(Role::label).collect::<Vec<_>>().join("・")
    }
}

impl From<Role> for Roles {
    fn from(role: Role) -> Self {
        Self(role.bit())
    }
}

impl<const N: usize> From<[Role; N]> for Roles {
    fn from(roles: [Role; N]) -> Self {
        Self::of(roles)
    }
}

impl fmt::Debug for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_role_is_read_back_from_its_code() {
        for role in Role::ALL {
            assert_eq!(Role::from_code(role.code()), Some(role));
        }
        assert_eq!(Role::from_code("root"), None);
        assert_eq!(Roles::from_codes("sender root"), None);
    }

    #[test]
    fn nobody_approves_or_audits_only_because_they_send_or_administer() {
        for role in Role::ALL {
            assert_eq!(role.may(Permission::Approve), role == Role::Approver, "{role:?}");
        }
        assert!(!Role::Administrator.may(Permission::Send));
        assert!(!Role::Contractor.may(Permission::Export));
        let changes = [
            Permission::Send,
            Permission::PrepareLists,
            Permission::EditTemplates,
            Permission::ManageOrganisation,
        ];
        assert!(changes.iter().all(|permission| !Role::Auditor.may(*permission)));
    }

    #[test]
    fn every_permission_is_somebodys() {
        for permission in Permission::ALL {
            assert!(
                Role::ALL.iter().any(|role| role.may(permission)),
                "{permission:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_set_holds_what_was_put_into_it(picked in proptest::sample::subsequence(Role::ALL.to_vec(), 0..=Role::ALL.len())) {
            let set = Roles::of(picked.clone());
            prop_assert_eq!(set.iter().collect::<Vec<_>>(), picked.clone());
            prop_assert_eq!(Roles::from_codes(&set.codes()), Some(set));
            for permission in Permission::ALL {
                prop_assert_eq!(set.may(permission), picked.iter().any(|role| role.may(permission)));
            }
        }
    }
}
