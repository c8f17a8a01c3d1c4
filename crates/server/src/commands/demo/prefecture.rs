//! Midori Prefecture: 17 health centres, three people who sign in, two templates, a rule about sending. All made up.

use accounts::{Accounts, Login, Name, OfficeKind, OfficeTerms, Password, Role, Roles};
use base::id::{OfficeId, OrgId, StaffId};
use db::Db;
use messaging::release::SendRule;
use messaging::store;

use super::Failure;

/// All demo accounts have it; it is printed at the start and guards nothing.
pub(super) const PASSWORD: &str = "midori-no-kaze-17";

/// One of the people of the demo.
pub(super) struct Person {
    pub(super) login: &'static str,
    name: &'static str,
    roles: &'static [Role],
}

pub(super) const HEAD: Person = Person {
    login: "honcho",
    name: "本庁 しずか",
    roles: &[
        Role::Administrator,
        Role::Sender,
        Role::Approver,
        Role::TemplateEditor,
        Role::CaseWorker,
        Role::Auditor,
    ],
};
pub(super) const CENTRE: Person = Person {
    login: "aoba",
    name: "青葉 みのり",
    roles: &[Role::Sender, Role::TemplateEditor, Role::CaseWorker],
};
/// Looks at what [`HEAD`] and [`CENTRE`] want to send: nobody approves their own.
pub(super) const APPROVER: Person = Person {
    login: "shonin",
    name: "確認 まもる",
    roles: &[Role::Approver],
};

/// Looks through applications before they are judged.
pub(super) const CLERK: Person = Person {
    login: "uketsuke",
    name: "受付 ひろし",
    roles: &[Role::DeskClerk],
};
/// Two who judge them, at the office of the doctors.
pub(super) const DOCTORS: [Person; 2] = [
    Person {
        login: "ishi1",
        name: "判定 さくら",
        roles: &[Role::Doctor],
    },
    Person {
        login: "ishi2",
        name: "診立 まこと",
        roles: &[Role::Doctor],
    },
];
const DOCTORS_OFFICE: &str = "みどり県医師会";

/// The office of [`CENTRE`] is the first.
const CENTRES: [&str; 17] = [
    "あおば保健所",
    "かわべ保健所",
    "みなと保健所",
    "ひがし保健所",
    "にし保健所",
    "みなみ保健所",
    "きた保健所",
    "やまて保健所",
    "うみべ保健所",
    "もりの保健所",
    "たにがわ保健所",
    "はなぞの保健所",
    "こだま保健所",
    "すずかぜ保健所",
    "ひばり保健所",
    "つばき保健所",
    "あかつき保健所",
];

const TEMPLATES: [(&str, &str); 2] = [
    (
        "はじめのご連絡",
        "みどり県の保健所です。療養のご案内です。健康観察の番号は{{HER-SYS ID}}です。毎日の体調を登録してください。息苦しいときは、すぐにお電話ください。電話048-000-1234（24時間）",
    ),
    (
        "健康観察の登録のお願い",
        "みどり県の保健所です。療養中の方へ、毎日の体調の登録をお願いします。登録番号は{{HER-SYS ID}}です。電話048-000-1234",
    ),
];

/// Those of its people whom a played day knows by their numbers.
#[derive(Clone, Copy)]
pub(super) struct People {
    /// [`HEAD`].
    pub(super) head: StaffId,
    /// [`APPROVER`].
    pub(super) approver: StaffId,
}

/// Makes the prefecture in an empty database.
pub(super) async fn found(db: &Db, accounts: &Accounts) -> Result<People, Failure> {
    let org = OrgId::FIRST;
    accounts.set_organisation_name(org, name("みどり県")?).await?;
    let mut offices = Vec::with_capacity(CENTRES.len());
    for centre in CENTRES {
        offices.push(accounts.add_office(org, name(centre)?).await?);
    }
    let by = add(accounts, OfficeId::HEADQUARTERS, &HEAD).await?;
    add(accounts, offices[0], &CENTRE).await?;
    let approver = add(accounts, OfficeId::HEADQUARTERS, &APPROVER).await?;
    for (title, text) in TEMPLATES {
        let id = store::add_template(db, org, title.to_owned(), text.to_owned(), by).await?;
        // They come with the demo: a short list goes out by five clicks.
        store::approve_version(db, org, (id, 1), None).await?;
    }
    // A demo is given at any hour.
    let rule = SendRule::first().at_any_time();
    store::save_send_rule(db, org, 0, &rule, db.now(), None).await?;
    Ok(People { head: by, approver })
}

/// Adds those who work at the desks where people apply, and gives their numbers: [`CLERK`] and [`DOCTORS`].
pub(super) async fn add_desk_people(accounts: &Accounts) -> Result<(StaffId, Vec<StaffId>), Failure> {
    let terms = OfficeTerms::parse(OfficeKind::Doctors, "");
    let terms = terms.map_err(|refusal| Failure::Nothing(refusal.to_string()))?;
    let office = accounts
        .add_office_as(OrgId::FIRST, name(DOCTORS_OFFICE)?, terms)
        .await?;
    let mut doctors = Vec::with_capacity(DOCTORS.len());
    for doctor in &DOCTORS {
        doctors.push(add(accounts, office, doctor).await?);
    }
    let clerk = add(accounts, OfficeId::HEADQUARTERS, &CLERK).await?;
    Ok((clerk, doctors))
}

/// Adds somebody who telephones at a health centre.
pub(super) async fn add_caller(
    accounts: &Accounts,
    office: OfficeId,
    login: &str,
) -> Result<StaffId, Failure> {
    let refused = |why: String| Failure::Nothing(why);
    let login = Login::parse(login).map_err(|why| refused(why.to_string()))?;
    let password = Password::parse(PASSWORD, &login).map_err(|why| refused(why.to_string()))?;
    let roles = Roles::of([Role::CaseWorker]);
    let added = accounts.add_account(OrgId::FIRST, office, login, name("応援 かける")?, roles, password);
    Ok(added.await?)
}

async fn add(accounts: &Accounts, office: OfficeId, person: &Person) -> Result<StaffId, Failure> {
    let login = Login::parse(person.login).map_err(|refusal| Failure::Nothing(refusal.to_string()))?;
    let password =
        Password::parse(PASSWORD, &login).map_err(|refusal| Failure::Nothing(refusal.to_string()))?;
    let name = name(person.name)?;
    Ok(accounts
        .add_account(
            OrgId::FIRST,
            office,
            login,
            name,
            Roles::of(person.roles.iter().copied()),
            password,
        )
        .await?)
}

fn name(text: &str) -> Result<Name, Failure> {
    Name::parse(text).map_err(|refusal| Failure::Nothing(refusal.to_string()))
}
