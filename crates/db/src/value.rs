use base::clock::Millis;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::DbError;

/// What travels to and from a statement: an integer, a text, or nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// Every number, flag and time (UTC milliseconds).
    Int(i64),
    /// Every text, sealed value (base64) and JSON.
    Text(String),
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}
impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Int(flag.into())
    }
}
impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

macro_rules! value_from_id {
    ($($name:ident),*) => {$(
        impl From<base::id::$name> for Value {
            fn from(id: base::id::$name) -> Self {
                Self::Int(id.get())
            }
        }
        impl FromValue for base::id::$name {
            fn from_value(value: &Value) -> Option<Self> {
                i64::from_value(value).map(Self::new)
            }
        }
    )*};
}
value_from_id!(
    OrgId,
    OfficeId,
    StaffId,
    ListId,
    MappingId,
    ListFileId,
    TemplateId,
    BroadcastId,
    MessageId,
    AccountId,
    NodeId,
    WrongNumberId,
    CallId,
    IncidentId,
    LinkTargetId,
    CaseId,
    HouseholdId,
    ProgrammeId,
    FormId,
    FormRequestId,
    OrderId,
    ReplyId,
    DeskId,
    ApplicationId,
    OutcomeListId,
    PhotoId,
    PhotoUploadId
);

/// Parameters of one statement: `params![org, line, text]`.
#[macro_export]
macro_rules! params {
    () => { ::std::vec::Vec::<$crate::Value>::new() };
    ($($value:expr),+ $(,)?) => { ::std::vec::Vec::from([$($crate::Value::from($value)),+]) };
}

/// One row of an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row(pub(crate) Vec<Value>);

impl Row {
    /// The column at `index` (from 0) as `T`.
    ///
    /// Fails if the statement gives another type there: a fault in the program, found by its first test.
    pub fn get<T: FromValue>(&self, index: usize) -> Result<T, DbError> {
        self.0
            .get(index)
            .and_then(T::from_value)
            .ok_or_else(|| DbError::Statement(format!("column {index} is not of the expected type")))
    }
}

/// What a column may be read as.
pub trait FromValue: Sized {
    /// `None` if the value is of another kind.
    fn from_value(value: &Value) -> Option<Self>;
}

impl FromValue for i64 {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }
}
impl FromValue for bool {
    fn from_value(value: &Value) -> Option<Self> {
        Millis::from_value(value).map(|number| number != 0)
    }
}
impl FromValue for u32 {
    fn from_value(value: &Value) -> Option<Self> {
        i64::from_value(value).and_then(|number| number.try_into().ok())
    }
}
impl FromValue for String {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    }
}
impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            other => T::from_value(other).map(Some),
        }
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef};
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Owned::Null),
            Self::Int(number) => ToSqlOutput::Owned(Owned::Integer(*number)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        })
    }
}

impl Value {
    pub(crate) fn from_sqlite(value: rusqlite::types::ValueRef<'_>) -> Result<Self, DbError> {
        use rusqlite::types::ValueRef;
        match value {
            ValueRef::Null => Ok(Self::Null),
            ValueRef::Integer(number) => Ok(Self::Int(number)),
            ValueRef::Text(text) => String::from_utf8(text.to_vec())
                .map(Self::Text)
                .map_err(|_| DbError::Statement("a text column holds no UTF-8".to_owned())),
            ValueRef::Real(_) | ValueRef::Blob(_) => Err(DbError::Statement(
                "a column is neither integer nor text".to_owned(),
            )),
        }
    }

    pub(crate) fn from_postgres(row: &tokio_postgres::Row, index: usize) -> Result<Self, DbError> {
        let kind = row.columns()[index].type_();
        Ok(if *kind == Type::INT8 {
            row.try_get::<_, Option<i64>>(index)?.into()
        } else if *kind == Type::INT4 {
            row.try_get::<_, Option<i32>>(index)?.map(i64::from).into()
        } else if *kind == Type::BOOL {
            row.try_get::<_, Option<bool>>(index)?.into()
        } else {
            row.try_get::<_, Option<String>>(index)?.into()
        })
    }
}

/// tokio-postgres is strict about types: the server says what it wants, and that is what it gets.
impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut tokio_postgres::types::private::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) if *kind == Type::INT4 => i32::try_from(*number)?.to_sql(kind, out),
            Self::Int(number) if *kind == Type::INT8 => number.to_sql(kind, out),
            Self::Int(number) => number.to_string().to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
