//! The result as programs read it: one JSON document of a stable shape.

use serde::{
    Serialize, Serializer,
    ser::{SerializeSeq, SerializeStruct},
};

use super::{Check, Checked, CheckedRow, Problem, Summary, UsedColumns};
use crate::{
    code::Finding,
    integrity::{Comparison, IntegrityFinding},
};

/// The one document that programs read.
struct Document<'a, R> {
    summary: &'a Summary,
    columns: &'a UsedColumns,
    findings: &'a [Finding],
    integrity: &'a [IntegrityFinding],
    reference: Option<&'a Comparison>,
    rows: R,
}

impl<R: Serialize> Serialize for Document<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Checked", 5)?;
        object.serialize_field("summary", self.summary)?;
        object.serialize_field("columns", self.columns)?;
        object.serialize_field("findings", &AllFindings(self.integrity, self.findings))?;
        match self.reference {
            Some(reference) => object.serialize_field("reference", reference)?,
            None => object.skip_field("reference")?,
        }
        object.serialize_field("rows", &self.rows)?;
        object.end()
    }
}

/// What stops the list stands first.
struct AllFindings<'a>(&'a [IntegrityFinding], &'a [Finding]);

impl Serialize for AllFindings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut all = serializer.serialize_seq(Some(self.0.len() + self.1.len()))?;
        self.0
            .iter()
            .try_for_each(|finding| all.serialize_element(finding))?;
        self.1
            .iter()
            .try_for_each(|finding| all.serialize_element(finding))?;
        all.end()
    }
}

impl Serialize for Checked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Document {
            summary: &self.summary,
            columns: &self.columns,
            findings: &self.findings,
            integrity: &self.integrity,
            reference: self.reference.as_ref(),
            rows: &self.rows,
        }
        .serialize(serializer)
    }
}

impl Serialize for Check {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Document {
            summary: &self.summary,
            columns: &self.used,
            findings: &self.findings,
            integrity: self.integrity(),
            reference: self.brief.background.comparison.as_ref(),
            rows: RowByRow(self),
        }
        .serialize(serializer)
    }
}

struct RowByRow<'a>(&'a Check);

impl Serialize for RowByRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.rows())
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Problem", 6)?;
        object.serialize_field("code", &self.code)?;
        object.serialize_field("severity", &self.severity())?;
        object.serialize_field("column", &self.column)?;
        object.serialize_field("before", &self.before)?;
        object.serialize_field("after", &self.after)?;
        object.serialize_field("message", &self.message)?;
        object.end()
    }
}

impl Serialize for CheckedRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("CheckedRow", 6)?;
        object.serialize_field("line", &self.line)?;
        object.serialize_field("phone", &self.phone)?;
        object.serialize_field("text", &self.text)?;
        object.serialize_field("utf16", &self.utf16)?;
        object.serialize_field("parts", &self.parts)?;
        object.serialize_field("problems", &self.problems)?;
        object.end()
    }
}
