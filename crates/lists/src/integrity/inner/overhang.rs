//! The plainest trace of a slipped column: it begins some rows late and ends as many rows late.

use super::super::grid::Grid;
use super::words;
use crate::{
    code::Code,
    integrity::{IntegrityFinding, Scope},
    kind::ColumnKind,
};

/// Longest overhang that is looked for.
const MAX: usize = 20;

pub(super) fn check(list: &Grid<'_>) -> Vec<IntegrityFinding> {
    let telling = |column: &usize| {
        matches!(
            list.columns[*column].kind,
            ColumnKind::Phone | ColumnKind::Id | ColumnKind::Name | ColumnKind::Kana | ColumnKind::Birth
        )
    };
    let columns: Vec<usize> = (0..list.columns.len()).filter(telling).collect();
    if columns.len() < 2 || list.len() < 5 {
        return Vec::new();
    }
    columns
        .iter()
        .filter_map(|column| check_column(list, &columns, *column))
        .collect()
}

fn check_column(list: &Grid<'_>, columns: &[usize], column: usize) -> Option<IntegrityFinding> {
    let empty = |row: usize, column: usize| list.cell(row, column).trim().is_empty();
    let others = |row: usize| {
        columns
            .iter()
            .filter(move |other| **other != column && !empty(row, **other))
            .count()
    };
    let rows = list.len();
    let lacking = |row: usize| empty(row, column) && others(row) > 0;
    let alone = |row: usize| !empty(row, column) && others(row) == 0;
    let count = |wanted: &dyn Fn(usize) -> bool, rows: &mut dyn Iterator<Item = usize>| {
        rows.take(MAX).take_while(|row| wanted(*row)).count()
    };
    let down = (
        count(&lacking, &mut (0..rows)),
        count(&alone, &mut (0..rows).rev()),
    );
    let up = (
        count(&alone, &mut (0..rows)),
        count(&lacking, &mut (0..rows).rev()),
    );
    let (offset, top, bottom) = match (down, up) {
        ((late, over), _) if late > 0 && late == over => (late, 0..late, rows - late..rows),
        (_, (early, short)) if early > 0 && early == short => (early, rows - early..rows, 0..early),
        _ => return None,
    };
    let sign = if top.start == 0 { 1 } else { -1 };
    let offset = sign * i32::try_from(offset).expect("at most 20");
    let heading = &list.columns[column].heading;
    let message = words::overhang(heading, offset, &list.lines(top), &list.lines(bottom));
    let wrong = (0..rows).filter(|row| !empty(*row, column));
    let finding = IntegrityFinding::new(Code::IntegrityShifted, Scope::List, message)
        .at(&list.lines(wrong))
        .of(vec![heading.clone()]);
    Some(IntegrityFinding {
        offset: Some(offset),
        ..finding
    })
}
