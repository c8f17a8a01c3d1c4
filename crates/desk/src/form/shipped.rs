//! The forms that come with the program: data like any other, taken in when an organisation first asks with one.

use std::sync::LazyLock;

use super::Form;

/// One of them.
#[derive(Debug)]
pub struct Shipped {
    /// Its name.
    pub key: &'static str,
    /// Its document.
    pub document: &'static str,
}

/// All of them.
pub const SHIPPED: [Shipped; 2] = [
    Shipped {
        key: "observation",
        document: include_str!("../../forms/observation.json"),
    },
    Shipped {
        key: "interview",
        document: include_str!("../../forms/interview.json"),
    },
];

static FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| {
    let all = SHIPPED.iter();
    all.map(|one| Form::parse(one.document).expect("a test reads every shipped form"))
        .collect()
});

impl Shipped {
    /// The shipped form of this name.
    pub fn of(key: &str) -> Option<&'static Self> {
        SHIPPED.iter().find(|one| one.key == key)
    }

    /// All of them as forms.
    pub fn forms() -> &'static [Form] {
        &FORMS
    }
}
