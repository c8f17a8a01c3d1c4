//! The form of a wrong number: by hand, from a message, from a call.

use accounts::SignedIn;
use base::id::MessageId;
use base::phone::{self, PhoneNumber};
use lists::contacts::{PersonKeys, PersonValues};
use lists::numbers::{NewWrong, WrongKind, known_wrong};
use serde::Deserialize;
use web::form::{Choice, Field};
use web::ui::Notice;
use web::{Errors, PageError};

use super::{Desk, failed};
use crate::correction::{Effect, report_wrong};
use crate::limits::REASON_LETTERS;

/// What the person typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    pub(super) number: String,
    pub(super) kind: String,
    pub(super) corrected: String,
    pub(super) reason: String,
}

/// A report that may be entered.
pub(super) struct Accepted {
    phone: PhoneNumber,
    kind: WrongKind,
    corrected: Option<PhoneNumber>,
    reason: String,
}

impl Accepted {
    /// The right number, where it is known.
    pub(super) fn corrected(&self) -> Option<PhoneNumber> {
        self.corrected
    }

    /// How it was found out.
    pub(super) fn reason(&self) -> &str {
        &self.reason
    }
}

impl Typed {
    /// What may be entered, or every mistake. `about` is the number where the page already knows it.
    pub(super) fn accept(&self, about: Option<PhoneNumber>) -> Result<Accepted, Errors> {
        let mut errors = Errors::default();
        let phone = about.or_else(|| {
            let number = mobile(&self.number);
            if number.is_none() {
                errors.add(
                    "number",
                    "携帯電話の番号を11桁で入力してください。例: 090-1234-5678",
                );
            }
            number
        });
        let kind = WrongKind::from_word(&self.kind);
        if kind.is_none() {
            errors.add("kind", "何が違うかを選んでください。");
        }
        let corrected = mobile(&self.corrected);
        if corrected.is_none() && !self.corrected.trim().is_empty() {
            errors.add(
                "corrected",
                "正しい番号は、SMSが届く携帯電話の番号を11桁で入力してください。分からないときは空のままにしてください。",
            );
        } else if corrected.is_some() && corrected == phone {
            errors.add(
                "corrected",
                "正しい番号が、違うと登録する番号と同じです。確かめてください。",
            );
        }
        if corrected.is_some() && kind == Some(WrongKind::Refused) {
            errors.add(
                "corrected",
                "配信停止の希望のときは、別の番号あてに作り直しません。空のままにしてください。",
            );
        }
        let reason = self.reason.trim();
        let letters = reason.chars().count();
        if letters == 0 {
            errors.add("reason", "どうして分かったかを入力してください。");
        } else if letters > REASON_LETTERS {
            errors.add(
                "reason",
                format!("理由は{REASON_LETTERS}文字までにしてください。"),
            );
        }
        match (phone, kind) {
            (Some(phone), Some(kind)) if errors.is_empty() => Ok(Accepted {
                phone,
                kind,
                corrected,
                reason: reason.to_owned(),
            }),
            _ => Err(errors),
        }
    }

    /// The fields below the number.
    pub(super) fn fields(&self, errors: &Errors) -> Vec<Field> {
        let kinds =
            WrongKind::ALL.map(|kind| Choice::new(kind.as_str(), kind.label()).support(kind.meaning()));
        vec![
            Field::radios("kind", "何が違いますか", kinds.into())
                .required()
                .value(&self.kind)
                .errors(errors),
            Field::number("corrected", "正しい番号")
                .optional()
                .support("分かっているときだけ。送信前のメッセージを、この番号あてに作り直します。確認されるまで送りません。")
                .value(&self.corrected)
                .errors(errors),
            Field::text("reason", "どうして分かりましたか")
                .required()
                .support("例: 電話に出た方から、別の人だと言われた")
                .value(&self.reason)
                .errors(errors),
        ]
    }

    /// All fields, for a number that is typed as well.
    pub(super) fn fields_with_number(&self, errors: &Errors) -> Vec<Field> {
        let number = Field::number("number", "電話番号")
            .required()
            .support("例: 090-1234-5678")
            .value(&self.number)
            .errors(errors);
        std::iter::once(number).chain(self.fields(errors)).collect()
    }
}

fn mobile(text: &str) -> Option<PhoneNumber> {
    phone::parse(text).ok().map(|parsed| parsed.number)
}

/// Enters the report and carries it out; mistakes that only the register knows are given back.
pub(super) async fn enter(
    desk: &Desk,
    session: &SignedIn,
    accepted: Accepted,
    message: Option<MessageId>,
) -> Result<Result<Effect, Errors>, PageError> {
    let staff = &session.staff;
    if let Some(corrected) = accepted.corrected
        && let Some(kind) = closed_for_all(desk, session, corrected).await?
    {
        let mut errors = Errors::default();
        let why = format!(
            "この番号は「{}」として登録されています。正しい番号を確かめてください。",
            kind.label()
        );
        errors.add("corrected", why);
        return Ok(Err(errors));
    }
    let new = NewWrong {
        phone: accepted.phone,
        kind: accepted.kind,
        // The report learns it from the message, if there is one.
        person: PersonKeys::default(),
        corrected: accepted.corrected,
        reason: accepted.reason,
        message,
        office: staff.office,
        by: Some(staff.id),
    };
    let done = report_wrong(&desk.db, staff.org, new).await.map_err(failed)?;
    Ok(Ok(done.effect))
}

/// How the number is registered, if nobody may be written to by it.
async fn closed_for_all(
    desk: &Desk,
    session: &SignedIn,
    number: PhoneNumber,
) -> Result<Option<WrongKind>, PageError> {
    let org = session.staff.org;
    let vault = desk.db.vault(org).await.map_err(failed)?;
    let values = PersonValues {
        phone: Some(number),
        ..PersonValues::default()
    };
    let known = known_wrong(&desk.db, org, &[PersonKeys::of(&vault, &values)])
        .await
        .map_err(failed)?;
    let kind = known.into_iter().flatten().next().map(|wrong| wrong.kind);
    Ok(kind.filter(|kind| *kind != WrongKind::WrongNumber))
}

/// The address that tells at `page` what the report has done.
pub(super) fn told_at(page: &str, effect: &Effect) -> String {
    let Effect {
        cancelled,
        made,
        already,
        unplaced,
        overtaken,
        left,
    } = effect;
    format!(
        "{page}?done=registered&cancelled={cancelled}&made={made}&already={already}&unplaced={unplaced}&overtaken={overtaken}&left={left}"
    )
}

/// What the report has done, in words.
pub(super) fn notice(effect: &Effect) -> Notice {
    let notice = Notice::success("番号の誤りを登録しました").text(effect.sentence());
    match effect.made {
        0 => notice,
        _ => notice.link("/", "「今日の配信」で確認待ちを見る"),
    }
}
