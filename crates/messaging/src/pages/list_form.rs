//! The fields of a list's forms: which file, which text, which column.

use accounts::Staff;
use base::clock::DAY;
use base::id::TemplateId;
use base::limits::{LIST_FILE_BYTES, LIST_ROWS};
use lists::store::lists_between;
use web::form::Choice;
use web::number::grouped;
use web::ui::{DropZone, Sheet};
use web::{Errors, Field, PageError};

use super::list_judged::Chosen;
use super::list_take::wanted_fields;
use super::{Desk, failed};
use crate::store::{self, TemplateRow};
use crate::template::{NotSendable, day_in_words};

/// What the names of the selects for merge fields begin with; the place of the field follows.
pub(super) const FIELD: &str = "field-";

/// A text that can be chosen: its template and version.
pub(super) type TemplateChoice = (TemplateId, i64);

/// What a template's field sends: `12.3` for version 3 of template 12.
pub(super) fn template_value((id, version): TemplateChoice) -> String {
    format!("{id}.{version}")
}

/// What [`template_value`] wrote; `None` for 「選んでください」 and anything else.
fn template_choice(value: &str) -> Option<TemplateChoice> {
    let (id, version) = value.split_once('.')?;
    Some((id.parse().ok()?, version.parse().ok()?))
}

/// The text behind a form's answer, if the organisation has it.
pub(super) async fn asked_template(
    desk: &Desk,
    staff: &Staff,
    value: &str,
) -> Result<Option<TemplateChoice>, PageError> {
    let Some((id, version)) = template_choice(value) else {
        return Ok(None);
    };
    let known = store::template_version(&desk.db, staff.org, id, version)
        .await
        .map_err(failed)?;
    Ok(known.map(|_| (id, version)))
}

/// The text that the office most likely sends next: the only one there is, or that of its last list, in the
/// version of now. Empty if there is neither.
pub(super) async fn usual_template(
    desk: &Desk,
    staff: &Staff,
    templates: &[TemplateRow],
) -> Result<String, PageError> {
    if let [only] = templates {
        return Ok(current(only));
    }
    let now = desk.db.now();
    let recent = lists_between(&desk.db, staff.org, Some(staff.office), now - 7 * DAY, now + 1);
    let mut recent = recent.await.map_err(failed)?;
    recent.sort_by_key(|list| std::cmp::Reverse((list.uploaded_at, list.id)));
    let last = recent
        .into_iter()
        .filter_map(|list| list.settings.template)
        .find_map(|(last, _)| templates.iter().find(|row| row.id == last));
    Ok(last.map(current).unwrap_or_default())
}

/// The form for choosing a file.
pub(super) struct UploadForm {
    pub(super) template: Option<Field>,
    pub(super) drop: DropZone,
    /// What is wrong with the file to compare with.
    pub(super) reference_error: Option<String>,
    pub(super) fields: Vec<String>,
    pub(super) example: Sheet,
}

/// The form with one text chosen.
pub(super) async fn upload_form(
    desk: &Desk,
    staff: &Staff,
    chosen: &str,
    errors: &Errors,
) -> Result<UploadForm, PageError> {
    let texts = Texts::load(desk, staff).await?;
    let value = match chosen {
        "" => usual_template(desk, staff, &texts.sendable()).await?,
        _ => chosen.to_owned(),
    };
    let shown = texts.0.iter().find(|(row, _)| current(row) == value);
    let shown = shown.or(texts.0.first());
    let fields = shown
        .map(|(row, _)| wanted_fields(&row.current.content))
        .unwrap_or_default();
    let choices: Vec<Choice> = texts.0.iter().map(|text| texts.choice_with_text(text)).collect();
    let template = (!choices.is_empty()).then(|| {
        Field::radios("template", "送る文面", choices)
            .required()
            .support("版は選んだ時点のものに決まります。")
            .value(&value)
    });
    Ok(UploadForm {
        template,
        drop: drop_zone(errors),
        reference_error: errors.of("reference").map(str::to_owned),
        example: example(&fields),
        fields,
    })
}

/// The organisation's texts in their newest versions, folder by folder, and why one may not be sent now.
struct Texts(Vec<(TemplateRow, Option<NotSendable>)>);

impl Texts {
    async fn load(desk: &Desk, staff: &Staff) -> Result<Self, PageError> {
        let mut rows = store::choosable_templates(&desk.db, staff.org)
            .await
            .map_err(failed)?;
        rows.sort_by(|a, b| (a.folder.is_empty(), &a.folder).cmp(&(b.folder.is_empty(), &b.folder)));
        let settings = store::advice_settings(&desk.db, staff.org)
            .await
            .map_err(failed)?;
        let (now, standing) = (desk.db.now(), desk.standing(staff.org).await?);
        let judged = rows.into_iter().map(|row| {
            let content = &row.current.content;
            let simulated = desk.sending.simulated || standing.is_training(content.purpose);
            let refusal = content.sendable(now, simulated, &settings).err();
            (row, refusal)
        });
        Ok(Self(judged.collect()))
    }

    fn sendable(&self) -> Vec<TemplateRow> {
        let sendable = self.0.iter().filter(|(_, refusal)| refusal.is_none());
        sendable.map(|(row, _)| row.clone()).collect()
    }

    /// The heading of a template's folder; none where nobody uses folders.
    fn folder(&self, row: &TemplateRow) -> String {
        match row.folder.as_str() {
            "" if self.0.iter().all(|(one, _)| one.folder.is_empty()) => String::new(),
            "" => "フォルダなし".to_owned(),
            folder => folder.to_owned(),
        }
    }

    /// A radio button with the text, or with the reason why it cannot be chosen.
    fn choice_with_text(&self, (row, refusal): &(TemplateRow, Option<NotSendable>)) -> Choice {
        let choice = Choice::new(current(row), label(row)).group(self.folder(row));
        match refusal {
            None => choice.support(&row.current.content.text),
            Some(refusal) => choice.support(refusal).disabled(),
        }
    }

    /// A line of a select. What is chosen already stays, and the check page says why it is not sent.
    fn option(&self, (row, refusal): &(TemplateRow, Option<NotSendable>), chosen: Option<&str>) -> Choice {
        let value = current(row);
        let choice = match refusal {
            None => Choice::new(&value, label(row)),
            Some(refusal) => Choice::new(&value, format!("{}: {}", label(row), short_reason(refusal))),
        };
        let choice = choice.group(self.folder(row));
        if refusal.is_some() && chosen != Some(value.as_str()) {
            choice.disabled()
        } else {
            choice
        }
    }
}

/// In a few words, why a text cannot be chosen.
fn short_reason(refusal: &NotSendable) -> String {
    match refusal {
        NotSendable::NotYet(from) => format!("{}から使えます", day_in_words(*from)),
        NotSendable::Over(_) => "有効期間が終わりました".to_owned(),
        NotSendable::Trial => "試験用です".to_owned(),
        NotSendable::Advice { count, .. } => format!("直すところが{count}件あります"),
    }
}

/// What a list may be, in words and as file endings.
pub(super) fn accepted() -> (String, &'static str) {
    let limit = format!(
        "Excel（.xlsx）・CSV・TSV。{} MB、{}行まで。文字コードは自動で見分けます。",
        LIST_FILE_BYTES / 1_048_576,
        grouped(LIST_ROWS as u64)
    );
    (limit, ".xlsx,.csv,.tsv,.txt")
}

/// The place for the file.
pub(super) fn drop_zone(errors: &Errors) -> DropZone {
    let (limit, endings) = accepted();
    DropZone::new("file", "リストをここに置く", &limit, endings).errors(errors)
}

/// What its field sends for the newest version of a text.
fn current(row: &TemplateRow) -> String {
    template_value((row.id, row.current.version))
}

fn label(row: &TemplateRow) -> String {
    format!("{}（第{}版）", row.name, row.current.version)
}

/// Two rows of a list as it should look.
fn example(fields: &[String]) -> Sheet {
    let mut header = fields.to_vec();
    header.extend(["電話番号".to_owned(), "備考".to_owned()]);
    let row = |person: &str, phone: &str| {
        let mut cells: Vec<String> = fields.iter().map(|field| format!("{person}の{field}")).collect();
        cells.extend([phone.to_owned(), String::new()]);
        cells
    };
    Sheet::new("リストの見本", 1, header)
        .row(2, row("1人目", "090-0000-0001"))
        .row(3, row("2人目", "08000000002"))
}

/// The form for choosing column and text of a kept list.
pub(super) struct SettingsForm {
    pub(super) to: Field,
    pub(super) template: Field,
}

/// The form, with what is chosen now.
pub(super) async fn settings_form(
    desk: &Desk,
    staff: &Staff,
    sheet: &lists::sheet::Sheet,
    to: Option<&str>,
    chosen: Option<&Chosen>,
) -> Result<SettingsForm, PageError> {
    let texts = Texts::load(desk, staff).await?;
    let value = chosen.map(|chosen| template_value((chosen.id, chosen.version)));
    let mut choices = vec![Choice::new("", "選んでください")];
    if let (Some(chosen), Some(value)) = (chosen, &value)
        && !texts.0.iter().any(|(row, _)| current(row) == *value)
    {
        let label = format!("{}（第{}版・今の選択）", chosen.name, chosen.version);
        choices.push(Choice::new(value, label));
    }
    choices.extend(texts.0.iter().map(|text| texts.option(text, value.as_deref())));
    let value = match value {
        Some(value) => value,
        None => usual_template(desk, staff, &texts.sendable()).await?,
    };
    let template = Field::select("template", "送る文面", choices)
        .required()
        .value(value);
    let likely = lists::columns::phone_columns(sheet);
    let to = Field::select("to", "電話番号の列", columns(sheet, &likely, to))
        .required()
        .value(to.unwrap_or_default());
    Ok(SettingsForm { to, template })
}

/// Every column that has a heading, the likely ones first, each with its first value.
pub(super) fn columns(sheet: &lists::sheet::Sheet, likely: &[usize], chosen: Option<&str>) -> Vec<Choice> {
    let mut order = likely.to_vec();
    for column in 0..sheet.headings().len() {
        if !order.contains(&column) {
            order.push(column);
        }
    }
    let mut choices = vec![Choice::new("", "選んでください")];
    let known = |heading: &str| sheet.headings().iter().any(|one| one == heading);
    if let Some(missing) = chosen.filter(|heading| !known(heading)) {
        choices.push(Choice::new(
            missing,
            format!("「{missing}」（このリストにはありません）"),
        ));
    }
    choices.extend(order.into_iter().filter_map(|column| {
        let lists::columns::Column { heading, letters } = sheet.column(column);
        let example = sheet
            .rows()
            .map(|row| row.cell(column))
            .find(|cell| !cell.is_empty());
        let example = example.map_or_else(|| "空欄".to_owned(), |cell| format!("例: {}", shortened(cell)));
        (!heading.is_empty()).then(|| Choice::new(&heading, format!("{letters}列 {heading}（{example}）")))
    }));
    choices
}

/// The first letters of a cell, in one line.
pub(super) fn shortened(cell: &str) -> String {
    const LETTERS: usize = 20;
    let line: String = cell.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_read_back_and_nothing_else_is_one() {
        let choice = (TemplateId::new(12), 3);
        assert_eq!(template_choice(&template_value(choice)), Some(choice));
        for value in ["", "12", "12.", ".3", "12.x", "12.3.4"] {
            assert_eq!(template_choice(value), None, "{value}");
        }
    }

    #[test]
    fn long_cells_are_cut_and_newlines_do_not_break_the_option() {
        assert_eq!(shortened("090-1234-5678\n自宅"), "090-1234-5678 自宅");
        assert_eq!(shortened(&"あ".repeat(30)), format!("{}…", "あ".repeat(20)));
    }
}
