//! `POST /staff/many`: invites people from pasted lines or a file, all of them or none.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use base::org::{Role, Roles};
use web::{CsrfMultipart, Errors, Shell};

use super::manage::{changing, link, told};
use super::office_many::lines_of;
use super::staff_invite::{StaffLink, Typed, not_given, page};
use super::{Answer, failed};
use crate::limits::PEOPLE_AT_ONCE;
use crate::managed::Managed;
use crate::sheet::{self, Line};
use crate::{AccountError, Accounts, Login, Name, NewPerson, Office, SignedIn, audit};

pub(super) async fn submit(
    State(accounts): State<Accounts>,
    session: SignedIn,
    headers: HeaderMap,
    shell: Shell,
    CsrfMultipart(form): CsrfMultipart,
) -> Answer {
    let managed = changing(&session)?;
    let typed = lines_of(form).await?;
    let offices = accounts.offices(session.staff.org).await.map_err(failed)?;
    let refusal = match read(&typed, managed, &offices) {
        Err(refusal) => refusal,
        Ok(lines) => {
            let (numbers, new): (Vec<usize>, Vec<NewPerson>) = lines.into_iter().unzip();
            let logins: Vec<_> = new.iter().map(|person| person.login.as_str()).collect();
            audit::note(logins.join(" "));
            let names: Vec<String> = new.iter().map(|person| person.name.to_string()).collect();
            match accounts
                .invite(session.staff.org, Some(session.staff.id), new)
                .await
            {
                Ok(invited) => {
                    let handed_over = names
                        .into_iter()
                        .zip(invited)
                        .map(|(name, invited)| (name, link(&accounts, &headers, &invited.token)));
                    let page = StaffLink::of_invitations(shell, accounts.db.now(), handed_over.collect());
                    return Ok(page.into_response());
                }
                Err(refused) => match refused.why {
                    why @ (AccountError::LoginTaken
                    | AccountError::OfficeNotOpen
                    | AccountError::RoleOfHeadOffice) => {
                        let line = numbers.get(refused.at).copied().unwrap_or_default();
                        format!("{line}行目: {why}")
                    }
                    why => return Err(told(why)),
                },
            }
        }
    };
    let mut errors = Errors::default();
    errors.add("lines", refusal);
    let blank = Typed::default();
    let page = page(&accounts, &session, shell, managed, (&blank, &typed), errors).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// Each person with the number of their line.
fn read(text: &str, managed: Managed, offices: &[Office]) -> Result<Vec<(usize, NewPerson)>, String> {
    let lines = sheet::lines(text, "氏名");
    if lines.is_empty() {
        return Err("招待する人が1人もいません。1行に1人ずつ書くか、ファイルを選んでください。".to_owned());
    }
    if lines.len() > PEOPLE_AT_ONCE {
        return Err(format!(
            "一度に招待できるのは{PEOPLE_AT_ONCE}人までです。分けて招待してください。"
        ));
    }
    let read = |line: &Line| {
        let person = read_line(line, managed, offices);
        let person = person.map_err(|refusal| format!("{}行目: {refusal}", line.number))?;
        Ok((line.number, person))
    };
    lines.iter().map(read).collect()
}

fn read_line(line: &Line, managed: Managed, offices: &[Office]) -> Result<NewPerson, String> {
    let name = Name::parse(line.cell(0)).map_err(|refusal| refusal.to_string())?;
    let login = Login::parse(line.cell(1)).map_err(|refusal| refusal.to_string())?;
    let office = offices.iter().find(|office| office.name.as_str() == line.cell(2));
    let office = office.ok_or_else(|| {
        format!(
            "「{}」という部署はありません。部署の一覧にある名前で書いてください。",
            line.cell(2)
        )
    })?;
    let roles = read_roles(line.cell(3))?;
    if !managed.gives(office.id, roles) {
        return Err(not_given(managed));
    }
    Ok(NewPerson {
        login,
        name,
        office: office.id,
        roles,
    })
}

fn read_roles(words: &str) -> Result<Roles, String> {
    let words = words
        .split(['・', '、', ' ', '　', '/'])
        .filter(|word| !word.is_empty());
    let role = |word: &str| {
        let named = |role: &Role| role.label() == word || role.code() == word;
        let role = Role::ALL.into_iter().find(named);
        role.ok_or_else(|| {
            format!("「{word}」という役割はありません。「役割と権限」にある名前で書いてください。")
        })
    };
    let roles: Vec<Role> = words.map(role).collect::<Result<_, _>>()?;
    if roles.is_empty() {
        return Err("役割がありません。1つ以上書いてください。".to_owned());
    }
    Ok(Roles::of(roles))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use base::id::OfficeId;

    use super::*;
    use crate::OfficeKind;

    #[test]
    fn people_are_read_line_by_line_and_mistakes_name_their_line() {
        let office = |id, name| Office {
            id: OfficeId::new(id),
            name: Name::parse(name).unwrap(),
            kind: OfficeKind::HealthCentre,
            contract_ends_at: None,
            closed_at: None,
        };
        let offices = [office(1, "本庁"), office(2, "朝霞保健所")];
        let text = "氏名,ログインID,部署,役割\n見本 花子,hanako,朝霞保健所,配信担当者・電話担当者\n見本 太郎,taro,本庁,administrator\n";
        let people = read(text, Managed::All, &offices).unwrap();
        let (line, hanako) = &people[0];
        assert_eq!(
            (*line, hanako.login.as_str(), hanako.office.get()),
            (2, "hanako", 2)
        );
        assert_eq!(hanako.roles, [Role::Sender, Role::Caller].into());
        for (text, start) in [
            ("", "招待する人が1人もいません"),
            (
                "花子,hanako,東京保健所,医師",
                "1行目: 「東京保健所」という部署はありません",
            ),
            (
                "花子,hanako,朝霞保健所,王様",
                "1行目: 「王様」という役割はありません",
            ),
            ("花子,hanako,朝霞保健所,", "1行目: 役割がありません"),
            ("花子,花子,朝霞保健所,医師", "1行目: ログインIDに使えるのは"),
            (
                "花子,hanako,朝霞保健所,管理者",
                "1行目: 管理者の役割は、本庁でだけ",
            ),
        ] {
            let refusal = read(text, Managed::All, &offices).map(|_| ()).unwrap_err();
            assert!(refusal.starts_with(start), "{refusal}");
        }
        let manager = Managed::Office(OfficeId::new(2));
        assert!(
            read(text, manager, &offices).is_err(),
            "another office, and more than may be given"
        );
    }
}
