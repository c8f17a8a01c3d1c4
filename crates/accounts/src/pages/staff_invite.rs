//! `GET /staff/new`, `POST /staff`: invites somebody. The link that the answer shows is to be handed over; it is
//! shown this once.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base::clock::Millis;
use base::id::OfficeId;
use base::org::{Role, Roles};
use web::ui::DropZone;
use web::{CsrfForm, Errors, Field, Page, PageError, Shell};

use super::manage::{Fields, RoleBoxes, changing, link, manager, office_choices, told};
use super::{Answer, failed};
use crate::limits::{INVITATION_LASTS, PEOPLE_AT_ONCE};
use crate::managed::Managed;
use crate::people::NotInvited;
use crate::{AccountError, Accounts, Login, Name, NewPerson, SignedIn, audit};

#[derive(Template)]
#[template(path = "staff_new.html")]
struct StaffNew {
    shell: Shell,
    fields: [Field; 3],
    boxes: RoleBoxes,
    many: Many,
}

/// The form for many at once.
struct Many {
    lines: Field,
    drop: DropZone,
    is_open: bool,
    roles: [Role; Role::ALL.len()],
}

/// Links that are shown once.
#[derive(Template)]
#[template(path = "staff_link.html")]
pub(super) struct StaffLink {
    pub(super) shell: Shell,
    pub(super) lead: &'static str,
    pub(super) until: Millis,
    pub(super) links: Vec<(String, String)>,
}

impl StaffLink {
    /// After an invitation.
    pub(super) fn of_invitations(shell: Shell, now: Millis, links: Vec<(String, String)>) -> Page<Self> {
        Page(Self {
            shell: shell.titled("招待のリンク"),
            lead: "招待しました。次のリンクを本人に、対面か電話、庁内の連絡手段で渡してください。メールは送られません。本人がリンクを開いてパスワードを決めると、ログインできるようになります。",
            until: now + INVITATION_LASTS,
            links,
        })
    }
}

/// What stands in the form.
#[derive(Default)]
pub(super) struct Typed {
    name: String,
    login: String,
    office: String,
    roles: Roles,
}

pub(super) async fn show(State(accounts): State<Accounts>, session: SignedIn, shell: Shell) -> Answer {
    let managed = manager(&session)?;
    let typed = Typed {
        office: managed
            .office()
            .map(|office| office.to_string())
            .unwrap_or_default(),
        roles: Roles::from(Role::Sender),
        ..Typed::default()
    };
    let page = page(
        &accounts,
        &session,
        shell,
        managed,
        (&typed, ""),
        Errors::default(),
    )
    .await?;
    Ok(page)
}

pub(super) async fn submit(
    State(accounts): State<Accounts>,
    session: SignedIn,
    headers: HeaderMap,
    shell: Shell,
    CsrfForm(fields): CsrfForm<Vec<(String, String)>>,
) -> Answer {
    let managed = changing(&session)?;
    let mut fields = Fields::new(fields);
    let typed = Typed {
        name: fields.take("name")?,
        login: fields.take("login")?,
        office: fields.take("office")?,
        roles: fields.roles()?,
    };
    let errors = match accept(&typed, managed) {
        Err(errors) => errors,
        Ok(new) => {
            let name = new.name.to_string();
            audit::note(format!("{} {}", new.login.as_str(), new.roles.codes()));
            match accounts
                .invite(session.staff.org, Some(session.staff.id), vec![new])
                .await
            {
                Ok(invited) => {
                    let link = link(&accounts, &headers, &invited[0].token);
                    let links = vec![(name, link)];
                    return Ok(StaffLink::of_invitations(shell, accounts.db.now(), links).into_response());
                }
                Err(refusal) => refused(refusal)?,
            }
        }
    };
    let page = page(&accounts, &session, shell, managed, (&typed, ""), errors).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// A refusal at the field that it is about.
fn refused(refusal: NotInvited) -> Result<Errors, PageError> {
    let field = match refusal.why {
        AccountError::LoginTaken => "login",
        AccountError::OfficeNotOpen | AccountError::NoSuchOffice => "office",
        AccountError::RoleOfHeadOffice => "role",
        why => return Err(told(why)),
    };
    let mut errors = Errors::default();
    errors.add(field, refusal.why);
    Ok(errors)
}

fn accept(typed: &Typed, managed: Managed) -> Result<NewPerson, Errors> {
    let mut errors = Errors::default();
    let name = Name::parse(&typed.name)
        .map_err(|refusal| errors.add("name", refusal))
        .ok();
    let login = Login::parse(&typed.login)
        .map_err(|refusal| errors.add("login", refusal))
        .ok();
    let office = typed.office.parse().ok().map(OfficeId::new);
    if office.is_none() {
        errors.add("office", "部署を選んでください。");
    }
    if typed.roles == Roles::NONE {
        errors.add("role", "役割を1つ以上選んでください。");
    } else if office.is_some_and(|office| !managed.gives(office, typed.roles)) {
        errors.add("role", not_given(managed));
    }
    match (name, login, office) {
        (Some(name), Some(login), Some(office)) if errors.is_empty() => Ok(NewPerson {
            login,
            name,
            office,
            roles: typed.roles,
        }),
        _ => Err(errors),
    }
}

/// Why a role was not given.
pub(super) fn not_given(managed: Managed) -> String {
    match managed {
        Managed::All => AccountError::RoleOfHeadOffice.to_string(),
        Managed::Office(_) => {
            "部署の責任者が与えられるのは、自分の部署での配信担当者・ケース担当者・電話担当者・患者担当の医師だけです。"
                .to_owned()
        }
    }
}

/// The page with what was typed: in the form for one, and the lines of the form for many.
pub(super) async fn page(
    accounts: &Accounts,
    session: &SignedIn,
    shell: Shell,
    managed: Managed,
    (typed, lines): (&Typed, &str),
    errors: Errors,
) -> Result<Response, PageError> {
    let offices = accounts.offices(session.staff.org).await.map_err(failed)?;
    let choices = office_choices(&offices, managed, accounts.db.now());
    let offered = managed.offers(managed.office().unwrap_or(OfficeId::HEADQUARTERS));
    let fields = [
        Field::text("name", "氏名").required().value(&typed.name),
        Field::text("login", "ログインID")
            .support(
                "英字・数字と . _ - @ が使えます。3文字以上。1人に1つです。何人かで使い回さないでください。",
            )
            .required()
            .value(&typed.login),
        Field::select("office", "部署", choices)
            .required()
            .value(&typed.office),
    ];
    let boxes = RoleBoxes::new("role", "この部署での役割", &offered, typed.roles).errors(&errors);
    Ok(Page(StaffNew {
        fields: fields.map(|field| field.errors(&errors)),
        boxes,
        many: Many {
            lines: Field::long_text("lines", "1行に1人: 氏名,ログインID,部署,役割", 6)
                .support(format!("役割が複数あるときは「・」でつなぎます（例: 配信担当者・電話担当者）。一度に{PEOPLE_AT_ONCE}人まで。"))
                .value(lines)
                .errors(&errors),
            drop: DropZone::new("file", "またはファイルを選ぶ", "CSV（1行目は見出しでもかまいません）", ".csv,.txt,.tsv").optional(),
            is_open: errors.of("lines").is_some(),
            roles: Role::ALL,
        },
        shell: shell.titled("人を招待する").with_errors(errors),
    })
    .into_response())
}
