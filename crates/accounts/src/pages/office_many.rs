//! `POST /offices/many`: offices from pasted lines or a file, all of them or none. `GET /offices/sample.csv`: a
//! ready set of 17.

use axum::extract::{Multipart, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use web::{CsrfMultipart, Errors, PageError, Shell, after_post_with};

use super::Answer;
use super::manage::{changing_all, told};
use super::office_list::{Typed, page};
use crate::limits::OFFICES_AT_ONCE;
use crate::sample::SAITAMA;
use crate::sheet::{self, Line};
use crate::{AccountError, Accounts, Name, OfficeKind, OfficeTerms, SignedIn};

const HEADING: &str = "部署の名前";

pub(super) async fn submit(
    State(accounts): State<Accounts>,
    session: SignedIn,
    shell: Shell,
    CsrfMultipart(form): CsrfMultipart,
) -> Answer {
    changing_all(&session)?;
    let typed = lines_of(form).await?;
    let refusal = match read(&typed) {
        Err(refusal) => refusal,
        Ok(lines) => {
            let (numbers, new): (Vec<usize>, Vec<_>) = lines.into_iter().unzip();
            match accounts.add_offices(session.staff.org, new).await {
                Ok(_) => return Ok(after_post_with("/offices", "added").into_response()),
                Err(refused) => match refused.why {
                    AccountError::OfficeNameTaken => {
                        let line = numbers.get(refused.at).copied().unwrap_or_default();
                        format!("{line}行目: {}", AccountError::OfficeNameTaken)
                    }
                    why => return Err(told(why)),
                },
            }
        }
    };
    let mut errors = Errors::default();
    errors.add("lines", refusal);
    let page = page(&accounts, &session, shell, (&Typed::new(), &typed), errors).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// The text of a form for many: its file, if one was chosen, otherwise what was typed.
pub(super) async fn lines_of(mut form: Multipart) -> Result<String, PageError> {
    let (mut typed, mut file) = (String::new(), Vec::new());
    while let Some(field) = form.next_field().await? {
        match field.name() {
            Some("lines") => typed = field.text().await?,
            Some("file") => file = field.bytes().await?.to_vec(),
            _ => return Err(PageError::Unreadable),
        }
    }
    Ok(if file.is_empty() {
        typed
    } else {
        sheet::text(&file).into_owned()
    })
}

/// An office as a line gives it, with the number of the line.
type OfficeLine = (usize, (Name, OfficeTerms));

fn read(text: &str) -> Result<Vec<OfficeLine>, String> {
    let lines = sheet::lines(text, HEADING);
    if lines.is_empty() {
        return Err("部署が1つもありません。1行に1つずつ書くか、ファイルを選んでください。".to_owned());
    }
    if lines.len() > OFFICES_AT_ONCE {
        return Err(format!(
            "一度に加えられる部署は{OFFICES_AT_ONCE}までです。分けて加えてください。"
        ));
    }
    let read = |line: &Line| {
        let office = read_line(line).map_err(|refusal| format!("{}行目: {refusal}", line.number))?;
        Ok((line.number, office))
    };
    lines.iter().map(read).collect()
}

fn read_line(line: &Line) -> Result<(Name, OfficeTerms), String> {
    let name = Name::parse(line.cell(0)).map_err(|refusal| refusal.to_string())?;
    let kind = match line.cell(1) {
        "" | "保健所" => OfficeKind::HealthCentre,
        "医師会" => OfficeKind::Doctors,
        word => OfficeKind::ADDED
            .into_iter()
            .find(|kind| kind.label() == word)
            .ok_or_else(|| {
                format!("「{word}」という種類はありません。保健所、委託先、医師会のどれかにしてください。")
            })?,
    };
    let terms = OfficeTerms::parse(kind, line.cell(2)).map_err(|refusal| refusal.to_string())?;
    Ok((name, terms))
}

/// The 17 health centres of Saitama, to be changed and given back. With a mark that lets spreadsheets read it.
pub(super) async fn sample() -> Response {
    let rows = SAITAMA.map(|name| format!("{name},保健所,\r\n")).concat();
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"offices.csv\"",
        ),
    ];
    (headers, format!("\u{feff}{HEADING},種類,契約の最終日\r\n{rows}")).into_response()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    #[test]
    fn offices_are_read_line_by_line_and_mistakes_name_their_line() {
        let read_all =
            read("部署の名前,種類,契約の最終日\n朝霞保健所\n電話の委託,委託先,2027/3/31\n医師会,医師会\n")
                .unwrap();
        let kinds: Vec<_> = read_all
            .iter()
            .map(|(line, (_, terms))| (*line, terms.kind))
            .collect();
        assert_eq!(
            kinds,
            [
                (2, OfficeKind::HealthCentre),
                (3, OfficeKind::Contractor),
                (4, OfficeKind::Doctors)
            ]
        );
        for (text, start) in [
            ("\n", "部署が1つもありません"),
            ("朝霞保健所\n委託,委託先\n", "2行目: 委託先には契約の最終日"),
            (
                "朝霞保健所\n加須保健所,銀行\n",
                "2行目: 「銀行」という種類はありません",
            ),
            ("本庁,本庁\n", "1行目: 「本庁」という種類はありません"),
        ] {
            let refusal = read(text).unwrap_err();
            assert!(refusal.starts_with(start), "{refusal}");
        }
    }
}
