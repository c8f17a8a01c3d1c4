//! `/me/factors/totp`: an app or a hardware token with one-time codes. The secret is shown as letters and as a QR
//! code, or typed in from the token's leaflet; one code shows that it works.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use serde::Deserialize;
use web::{CsrfForm, Errors, Field, Page, Shell, after_post_with};

use super::passkey::ISSUER;
use super::{Answer, failed};
use crate::factors::{FactorError, QrSvg, TotpSecret, TypedCode, svg};
use crate::{Accounts, Fresh, LoginSession, SignedIn};

#[derive(Template)]
#[template(path = "totp_add.html")]
struct TotpPage {
    shell: Shell,
    secret: TotpSecret,
    qr: Option<QrSvg>,
    /// Name and code, for an app.
    app: [Field; 2],
    /// Secret, name and code, for a token whose secret is typed in.
    token: [Field; 3],
    /// The form of the token was sent.
    is_token: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    /// What the page proposed.
    #[serde(default)]
    secret: String,
    /// What stands on a token's leaflet.
    #[serde(default)]
    token_secret: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    token_name: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    token_code: String,
}

fn code_field(name: &str) -> Field {
    Field::number(name, "表示された6桁のコード")
        .autocomplete("one-time-code")
        .required()
}

fn page(shell: Shell, session: &LoginSession, secret: TotpSecret, typed: &Form) -> Page<TotpPage> {
    let address = secret.address(ISSUER, session.staff.login.as_str());
    let name = |field: &str, example: &str, value: &str| {
        Field::text(field, "この端末の名前")
            .support(example)
            .optional()
            .value(value)
    };
    let app = [
        name("name", "例: 私のスマートフォン、PCのアプリ", &typed.name),
        code_field("code"),
    ];
    let token = [
        Field::text("token_secret", "トークンの秘密の鍵")
            .support("説明書などに書かれた、英字と数字の並びです（Base32 または16進数）。空白は入れても入れなくても構いません。")
            .required()
            .value(&typed.token_secret),
        name("token_name", "例: 青いトークン", &typed.token_name),
        code_field("token_code"),
    ];
    Page(TotpPage {
        qr: svg(&address, "認証アプリで読み取るQRコード"),
        app: app.map(|field| field.errors(shell.errors())),
        token: token.map(|field| field.errors(shell.errors())),
        is_token: ["token_secret", "token_name", "token_code"]
            .iter()
            .any(|field| shell.errors().of(field).is_some()),
        shell: shell.titled("認証アプリ・トークンの登録"),
        secret,
    })
}

pub(super) async fn show(session: Fresh, shell: Shell) -> Answer {
    let empty = Form {
        secret: String::new(),
        token_secret: String::new(),
        name: String::new(),
        token_name: String::new(),
        code: String::new(),
        token_code: String::new(),
    };
    Ok(page(shell, &session, TotpSecret::fresh(), &empty).into_response())
}

pub(super) async fn submit(
    State(accounts): State<Accounts>,
    session: SignedIn,
    shell: Shell,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    session.fresh_for_devices()?;
    let is_token = form.secret.is_empty();
    let (secret_field, name_field, code_field) = if is_token {
        ("token_secret", "token_name", "token_code")
    } else {
        ("secret", "name", "code")
    };
    let (typed_secret, typed_name, typed_code) = if is_token {
        (&form.token_secret, &form.token_name, &form.token_code)
    } else {
        (&form.secret, &form.name, &form.code)
    };
    let mut errors = Errors::default();
    let secret = TotpSecret::parse(typed_secret);
    if secret.is_none() {
        errors.add(
            secret_field,
            "秘密の鍵を読み取れません。説明書の英字と数字の並びを、もう一度確かめてください。",
        );
    }
    let fallback = if is_token {
        "トークン"
    } else {
        "認証アプリ"
    };
    let name = super::device_name(typed_name, fallback)
        .map_err(|refusal| errors.add(name_field, refusal.to_string()))
        .ok();
    let code = TypedCode::parse(typed_code);
    if code.is_none() {
        errors.add(code_field, "6桁の数字を入力してください。");
    }
    if let (Some(secret), Some(name), Some(code)) = (&secret, name, code) {
        match accounts.add_totp(&session, name, secret.clone(), &code).await {
            Ok(()) => return Ok(after_post_with("/me/factors", "added").into_response()),
            Err(FactorError::Db(error)) => return Err(failed(error)),
            Err(refusal) => errors.add(code_field, refusal.to_string()),
        }
    }
    // The app has read the secret that was proposed: it stays the same until a code fits.
    let proposed = TotpSecret::parse(&form.secret).unwrap_or_else(TotpSecret::fresh);
    let page = page(shell.with_errors(errors), &session, proposed, &form);
    Ok(super::unprocessable(page))
}
