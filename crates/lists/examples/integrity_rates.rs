//! Detection and false alarms of the integrity check over random lists, as a table in Markdown.
//!
//! `cargo run --release -p lists --example integrity_rates -- [LISTS] [SEED]`

#[path = "../tests/corruption/mod.rs"]
mod corruption;

use std::{collections::BTreeMap, time::Instant};

use corruption::{Corruption, Dice};
use lists::{
    code::{Code, Severity},
    integrity::{IntegrityFinding, against_reference, inner_evidence},
    read::{ReadOptions, read},
    sheet::Sheet,
};

#[derive(Default)]
struct Counts {
    lists: usize,
    found: usize,
    named: usize,
    warned: usize,
}

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .filter_map(|argument| argument.parse::<u64>().ok());
    let (lists, seed) = (arguments.next().unwrap_or(2000), arguments.next().unwrap_or(1));
    let mut with: BTreeMap<&str, Counts> = BTreeMap::new();
    let mut without: BTreeMap<&str, Counts> = BTreeMap::new();
    for number in 0..lists {
        let mut dice = Dice(seed.wrapping_mul(1_000_003) + number);
        let rows = 6 + dice.below(110);
        let people = corruption::people(&mut dice, rows);
        let corrupt = (number % 2 == 0).then(|| Corruption::random(&mut dice, rows));
        let list = parsed(&corruption::list(&mut dice, &people, corrupt.as_ref()));
        let wanted = corrupt.as_ref().map_or(&[][..], Corruption::columns);
        let source = corruption::source(&mut dice, &people, wanted);
        let kind = corrupt.as_ref().map_or("clean", kind_of);
        if corrupt
            .as_ref()
            .is_some_and(|one| corruption::wrong_rows(&people, one, &source) < 2)
        {
            continue;
        }
        let compared = against_reference(&list, &parsed(&source.text)).findings;
        if let Some(corrupt) = &corrupt
            && !compared.iter().any(|finding| finding.severity == Severity::Error)
        {
            eprintln!("missed: list {number} {corrupt:?} source {:?}", source.fields);
        }
        if corrupt.is_none() && !compared.is_empty() {
            eprintln!("false: list {number} {compared:?} source {:?}", source.fields);
        }
        count(with.entry(kind).or_default(), kind, &compared);
        count(
            without.entry(kind).or_default(),
            kind,
            &inner_evidence(&list, None),
        );
    }
    print("with a reference", &with);
    print("without a reference", &without);
    for rows in [300, 10_000] {
        let mut dice = Dice(seed);
        let people = corruption::people(&mut dice, rows);
        let list = parsed(&corruption::list(&mut dice, &people, None));
        let source = parsed(&corruption::source(&mut dice, &people, &[]).text);
        let start = Instant::now();
        let _ = against_reference(&list, &source);
        let compared = start.elapsed();
        let start = Instant::now();
        let _ = inner_evidence(&list, None);
        println!("{rows} rows: reference {compared:?}, inner {:?}", start.elapsed());
    }
}

fn kind_of(corruption: &Corruption) -> &'static str {
    match corruption {
        Corruption::Shift { .. } => "shift",
        Corruption::Sort { .. } => "sort",
        Corruption::Swap { .. } => "swap",
        Corruption::Rotate { .. } => "rotate",
    }
}

fn parsed(text: &str) -> Sheet {
    read("list.csv", text.as_bytes(), &ReadOptions::default()).expect("the generator writes a list")
}

fn count(counts: &mut Counts, kind: &str, findings: &[IntegrityFinding]) {
    let errors = || {
        findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
    };
    let wanted = match kind {
        "shift" | "rotate" => Code::IntegrityShifted,
        "sort" => Code::IntegritySorted,
        _ => Code::IntegritySwapped,
    };
    counts.lists += 1;
    counts.found += usize::from(errors().next().is_some());
    counts.named += usize::from(errors().any(|finding| finding.code == wanted));
    counts.warned += usize::from(!findings.is_empty());
}

fn print(title: &str, table: &BTreeMap<&str, Counts>) {
    println!("\n| {title} | lists | stopped | kind named | stopped or warned |\n|---|---|---|---|---|");
    for (kind, counts) in table {
        let Counts {
            lists,
            found,
            named,
            warned,
        } = counts;
        println!("| {kind} | {lists} | {found} | {named} | {warned} |");
    }
}
