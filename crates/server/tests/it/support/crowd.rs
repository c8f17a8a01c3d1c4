//! Many offices and many people who are signed in already: hashing three hundred passwords would take a minute.

use base::id::{OfficeId, OrgId, StaffId};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use db::{Db, DbError, Field, Sql, params};
use sha2::{Digest, Sha256};

const ORG: OrgId = OrgId::FIRST;
/// The first number of the crowd; others have smaller ones.
const FIRST: i64 = 10_000;

const ADD_OFFICE: Sql =
    Sql("INSERT INTO offices (org_id, office_id, name, created_at) VALUES ($1, $2, $3, $4)");
const ADD_STAFF: Sql = Sql(
    "INSERT INTO staff (org_id, staff_id, office_id, login, name_sealed, password_hash, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)",
);
const ADD_ROLES: Sql =
    Sql("INSERT INTO staff_roles (org_id, staff_id, office_id, roles) VALUES ($1, $2, $3, $4)");
const ADD_SESSION: Sql = Sql(
    "INSERT INTO login_sessions (token_hash, org_id, staff_id, csrf_secret, created_at, seen_at)
    VALUES ($1, $2, $3, $4, $5, $5)",
);

/// Somebody who is signed in.
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) cookie: String,
}

/// The offices beside the head office, and their people.
pub(crate) struct Crowd {
    /// One person of each office, who sends.
    pub(crate) senders: Vec<Member>,
    /// Everybody else.
    pub(crate) others: Vec<Member>,
}

impl Crowd {
    /// Makes `offices` offices with a sender each, and `others` people spread over them and the head office.
    pub(crate) async fn settle(db: &Db, offices: usize, others: usize) -> Result<Self, DbError> {
        let (vault, now) = (db.vault(ORG).await?, db.now());
        let office_ids: Vec<OfficeId> = (2..).map(OfficeId::new).take(offices).collect();
        let places: Vec<OfficeId> = std::iter::once(OfficeId::HEADQUARTERS)
            .chain(office_ids.iter().copied())
            .collect();
        let homes = office_ids
            .iter()
            .chain(places.iter().cycle().take(others))
            .copied();
        let people: Vec<(StaffId, OfficeId)> = (FIRST..).map(StaffId::new).zip(homes).collect();
        let written = people.clone();
        db.write(move |tx| {
            let (vault, people, offices) = (vault.clone(), written.clone(), office_ids.clone());
            Box::pin(async move {
                for office in &offices {
                    let name = format!("第{office}保健所");
                    tx.execute(ADD_OFFICE, params![ORG, *office, name, now]).await?;
                }
                for (staff, office) in people {
                    let number = staff.get();
                    let name = vault.seal(Field("staff.name"), number, "見本 花子");
                    let nobodys = vault.seal(Field("staff.password_hash"), number, "");
                    let login = format!("member{number}");
                    let row = params![ORG, staff, office, login, name, nobodys, now];
                    tx.execute(ADD_STAFF, row).await?;
                    let roles = "administrator sender template_editor";
                    tx.execute(ADD_ROLES, params![ORG, staff, office, roles]).await?;
                    let key = BASE64.encode(Sha256::digest(secret(number)));
                    let csrf = BASE64.encode(secret(-number));
                    tx.execute(ADD_SESSION, params![key, ORG, staff, csrf, now])
                        .await?;
                }
                Ok(())
            })
        })
        .await?;
        let mut members = people.iter().map(|(staff, _)| Member {
            cookie: BASE64.encode(secret(staff.get())),
        });
        Ok(Self {
            senders: members.by_ref().take(offices).collect(),
            others: members.collect(),
        })
    }
}

/// Nobody has to keep it: it opens a database that is gone with its test.
fn secret(number: i64) -> [u8; 32] {
    Sha256::digest(number.to_be_bytes()).into()
}
