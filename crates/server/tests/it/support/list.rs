//! Made-up people and the files they stand in.

use std::fmt::Write as _;

use rust_xlsxwriter::Workbook;

pub(crate) const TO: &str = "電話番号";
pub(crate) const ID: &str = "HER-SYS ID";
pub(crate) const TEMPLATE: &str = "保健所です。あなたの番号は{{HER-SYS ID}}です。";

/// One row: an id and a number as typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) phone: String,
}

impl Person {
    pub(crate) fn new(id: &str, phone: &str) -> Self {
        Self {
            id: id.to_owned(),
            phone: phone.to_owned(),
        }
    }

    /// What the carrier must get: 8190… and the merged text.
    pub(crate) fn message(&self) -> (String, String) {
        let digits: String = self.phone.chars().filter(char::is_ascii_digit).collect();
        (
            format!("81{}", &digits[1..]),
            TEMPLATE.replace("{{HER-SYS ID}}", &self.id),
        )
    }
}

/// People number `from` to `to`, each with a number and an id of their own.
pub(crate) fn people(range: std::ops::Range<u32>) -> Vec<Person> {
    range
        .map(|n| Person::new(&format!("{:08}", 10_000_000 + n), &format!("0901{n:07}")))
        .collect()
}

/// One person with a number of the simulated carrier's own fates, `090-9999-00xx`.
pub(crate) fn fated(end: &str) -> Person {
    Person::new(&format!("777777{end}"), &format!("0909999{end}"))
}

pub(crate) fn csv(people: &[Person]) -> String {
    let mut text = format!("{ID},氏名,{TO}\r\n");
    for person in people {
        let Person { id, phone } = person;
        write!(text, "{id},見本 {id},{phone}\r\n").unwrap();
    }
    text
}

/// The same as a workbook, with a title above and other columns in another order.
pub(crate) fn xlsx(people: &[Person]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "令和8年 第7波 午前の部").unwrap();
    for (column, heading) in (0..).zip([TO, "備考", ID]) {
        sheet.write(2, column, heading).unwrap();
    }
    for (row, person) in (3..).zip(people) {
        sheet.write(row, 0, &person.phone).unwrap();
        sheet.write(row, 2, &person.id).unwrap();
    }
    book.save_to_buffer().unwrap()
}
