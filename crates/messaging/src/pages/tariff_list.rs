//! `GET /organisation/tariffs`, `POST /organisation/tariffs`: what each carrier account asks, and for which parts.

use std::collections::HashMap;

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::clock::{Millis, japan_midnight};
use base::id::AccountId;
use web::form::Choice;
use web::ui::Notice;
use web::{CsrfForm, Errors, Field, Page, PageError, Shell, after_post_with};

use super::day_field::{day_field, narrow, read_day};
use super::{Answer, Desk, failed};
use crate::store::{self, NewTariff};
use crate::tariff::{PriceRule, yen};
use crate::template::japan_day;

/// More than this in yen is a slip of the keyboard.
const MOST_YEN: u32 = 1_000;

#[derive(Template)]
#[template(path = "tariff_list.html")]
struct TariffList {
    shell: Shell,
    rows: Vec<Row>,
    fields: Vec<Field>,
}

struct Row {
    account: String,
    price: String,
    rule: &'static str,
    from: String,
    in_force: bool,
}

type Typed = HashMap<String, String>;
type Accounts = Vec<(AccountId, String)>;

pub(super) async fn show(State(desk): State<Desk>, session: SignedIn, shell: Shell) -> Answer {
    let shell = match shell.done() {
        Some("saved") => shell.with_notice(Notice::success("料金を保存しました")),
        _ => shell,
    };
    let page = page(&desk, &session, shell, &Typed::new(), Errors::default()).await?;
    Ok(Page(page).into_response())
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    CsrfForm(typed): CsrfForm<Typed>,
) -> Answer {
    session.fresh()?;
    let (org, by) = (session.staff.org, session.staff.id);
    let accounts = store::carrier_accounts(&desk.db).await.map_err(failed)?;
    match accept(&typed, &accounts, japan_midnight(desk.db.now())) {
        Ok(new) => {
            accounts::audit::note(format!("1通 {}（{}）", yen(new.price.into()), new.rule.label()));
            store::add_tariff(&desk.db, org, new, Some(by))
                .await
                .map_err(failed)?;
            Ok(after_post_with("/organisation/tariffs", "saved").into_response())
        }
        Err(errors) => {
            let page = page(&desk, &session, shell, &typed, errors).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
    }
}

fn accept(typed: &Typed, accounts: &Accounts, today: Millis) -> Result<NewTariff, Errors> {
    let mut errors = Errors::default();
    let field = |name: &str| typed.get(name).map_or("", String::as_str);
    let account = match field("account") {
        "" => Some(None),
        id => id
            .parse()
            .ok()
            .map(AccountId::new)
            .filter(|id| accounts.iter().any(|(known, _)| known == id))
            .map(Some),
    };
    let price = read_price(field("price"));
    let rule = PriceRule::from_word(field("rule"));
    if account.is_none() {
        errors.add("account", "接続先を選んでください。");
    }
    if price.is_none() {
        errors.add(
            "price",
            "1通の料金を「3.30」のように、1000円までで入力してください。",
        );
    }
    if rule.is_none() {
        errors.add("rule", "料金のかかる通数を選んでください。");
    }
    let from_day = match read_day(field("from")) {
        Ok(day) => day.unwrap_or(today),
        Err(problem) => {
            errors.add("from", problem);
            today
        }
    };
    match (account, price, rule) {
        (Some(account), Some(price), Some(rule)) if errors.is_empty() => Ok(NewTariff {
            account,
            price,
            rule,
            from_day,
        }),
        _ => Err(errors),
    }
}

/// Yen with up to two decimals, in hundredths.
fn read_price(text: &str) -> Option<u32> {
    let text = narrow(text).trim_end_matches('円').to_owned();
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || rest.len() > 2 || !digits(whole) || !digits(rest) {
        return None;
    }
    let yen: u32 = whole.parse().ok().filter(|yen| *yen <= MOST_YEN)?;
    let hundredths: u32 = format!("{rest:0<2}").parse().ok()?;
    Some(yen * 100 + hundredths)
}

async fn page(
    desk: &Desk,
    session: &SignedIn,
    shell: Shell,
    typed: &Typed,
    errors: Errors,
) -> Result<TariffList, PageError> {
    let today = japan_midnight(desk.db.now());
    let tariffs = store::tariffs(&desk.db, session.staff.org)
        .await
        .map_err(failed)?;
    let accounts = store::carrier_accounts(&desk.db).await.map_err(failed)?;
    let name = |id: Option<AccountId>| {
        let known = accounts.iter().find(|(known, _)| Some(*known) == id);
        known.map_or_else(|| "ほかのすべての接続先".to_owned(), |(_, name)| name.clone())
    };
    let rows = tariffs.0.iter().map(|one| Row {
        account: name(one.account),
        price: yen(one.price.into()),
        rule: one.rule.label(),
        from: japan_day(one.from_day).to_string(),
        in_force: tariffs.on(today, one.account) == Some(*one),
    });
    let value = |name: &str| typed.get(name).map_or("", String::as_str);
    let all = [Choice::new("", "ほかのすべての接続先")].into_iter();
    let choices = all.chain(accounts.iter().map(|(id, name)| Choice::new(id, name)));
    let rules = PriceRule::ALL.map(|rule| Choice::new(rule.as_str(), rule.label()));
    let fields = [
        Field::select("account", "携帯電話会社の接続先", choices.collect()).value(value("account")),
        Field::number("price", "1通の料金（円）")
            .support("例: 3.30")
            .required()
            .value(value("price")),
        Field::radios("rule", "料金のかかる通数", rules.into()).value(value("rule")),
        day_field("from", "いつから")
            .support("空欄なら今日から。例: 2026-12-01")
            .value(value("from")),
    ];
    Ok(TariffList {
        rows: rows.rev().collect(),
        fields: fields.into_iter().map(|field| field.errors(&errors)).collect(),
        shell: shell.titled("料金").with_errors(errors),
    })
}

#[cfg(test)]
mod tests {
    use super::read_price;

    #[test]
    fn a_price_is_read_to_the_hundredth() {
        assert_eq!(read_price("３．３"), Some(330));
        assert_eq!(read_price("8円"), Some(800));
        assert_eq!(read_price("8.05"), Some(805));
        for wrong in ["", "-1", "1.234", "abc", "100000", ".5", "1e3"] {
            assert_eq!(read_price(wrong), None, "{wrong}");
        }
    }
}
