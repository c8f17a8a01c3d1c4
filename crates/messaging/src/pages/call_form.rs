//! The form of a call that is entered by hand.

use base::id::StaffId;
use lists::calls::{CallReason, CallSource, NewCall};
use serde::Deserialize;
use web::Errors;
use web::form::{Choice, Field};

use crate::limits::{NOTE_LETTERS, NUMBER_LETTERS, PERSON_LETTERS};

/// What the person typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    person: String,
    number: String,
    reason: String,
    note: String,
}

impl Typed {
    /// The entry, or every mistake.
    pub(super) fn accept(&self, office: base::id::OfficeId, by: StaffId) -> Result<NewCall, Errors> {
        let mut errors = Errors::default();
        let (person, number, note) = (self.person.trim(), self.number.trim(), self.note.trim());
        if person.is_empty() {
            errors.add("person", "だれに電話するかを入力してください。");
        }
        let lengths = [
            ("person", "相手", person, PERSON_LETTERS),
            ("number", "電話番号", number, NUMBER_LETTERS),
            ("note", "メモ", note, NOTE_LETTERS),
        ];
        for (field, name, text, longest) in lengths {
            if text.chars().count() > longest {
                errors.add(field, format!("{name}は{longest}文字までにしてください。"));
            }
        }
        let reason = CallReason::from_word(&self.reason);
        if reason.is_none() {
            errors.add("reason", "電話する理由を選んでください。");
        }
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        match reason {
            Some(reason) if errors.is_empty() => Ok(NewCall {
                office,
                person: person.to_owned(),
                number: some(number),
                reason,
                note: some(note),
                source: CallSource::ByHand,
                priority: 0,
                by: Some(by),
            }),
            _ => Err(errors),
        }
    }

    pub(super) fn fields(&self, errors: &Errors) -> [Field; 4] {
        let mut reasons = vec![Choice::new("", "選んでください")];
        reasons.extend(CallReason::ALL.map(|reason| Choice::new(reason.as_str(), reason.label())));
        [
            Field::text("person", "相手")
                .required()
                .support("名前や、リストの番号など")
                .value(&self.person)
                .errors(errors),
            Field::number("number", "電話番号")
                .optional()
                .support("固定電話も入力できます")
                .value(&self.number)
                .errors(errors),
            Field::select("reason", "電話する理由", reasons)
                .required()
                .value(&self.reason)
                .errors(errors),
            Field::text("note", "メモ")
                .optional()
                .value(&self.note)
                .errors(errors),
        ]
    }
}
