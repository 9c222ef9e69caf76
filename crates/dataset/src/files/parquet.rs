//! Records from Parquet files, row by row, only the columns a prompt can use.
//!
//! The row reader of the `parquet` crate stops at the first text that is not UTF-8 and loses its place. So the text
//! annotation of every column is taken off first: all texts arrive as bytes and are checked where they are used.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{ConvertedType, LogicalType, Type as PhysicalType};
use parquet::bloom_filter::Sbbf;
use parquet::column::page::PageReader;
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use parquet::schema::types::{SchemaDescPtr, SchemaDescriptor, Type, TypePtr};

use super::Visit;
use crate::Error;
use crate::quarantine::Reason;
use crate::value::Value;

/// Visits the rows of a Parquet file. A row group that breaks off leaves its remaining rows unreadable, not the file.
pub(super) fn visit_rows(path: &Path, columns: &[String], visit: &mut Visit<'_>) -> Result<(), Error> {
    let file = File::open(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    let failed = |source| Error::Parquet { path: path.to_owned(), source };
    let reader = SerializedFileReader::new(file).map_err(failed)?;
    let schema = reader.metadata().file_metadata().schema_descr().root_schema();
    let schema = without_text_annotation(schema).map_err(failed)?;
    let projection = projected(&schema, columns).map_err(failed)?;
    let schema = Arc::new(SchemaDescriptor::new(schema));
    let mut first_row = 1;
    for index in 0..reader.num_row_groups() {
        let group = reader.get_row_group(index).and_then(|group| ByteColumns::new(group, &schema)).map_err(failed)?;
        let next_row = first_row + group.metadata.num_rows().unsigned_abs();
        let mut rows = GroupRows::open(&group, &projection);
        for row in first_row..next_row {
            if visit(row, rows.next())?.is_break() {
                return Ok(());
            }
        }
        first_row = next_row;
    }
    Ok(())
}

/// The rows of a row group until one cannot be read; after it the reader has lost its place.
enum GroupRows<'a> {
    Open(Box<RowIter<'a>>),
    Broken(Reason),
}

impl<'a> GroupRows<'a> {
    fn open(group: &'a ByteColumns<'a>, projection: &Type) -> Self {
        match RowIter::from_row_group(Some(projection.clone()), group) {
            Ok(rows) => Self::Open(Box::new(rows)),
            Err(error) => Self::Broken(unreadable(&error)),
        }
    }

    fn next(&mut self) -> Result<Value, Reason> {
        let reason = match self {
            Self::Open(rows) => match rows.next() {
                Some(Ok(record)) => return Ok(value_of_row(record)),
                Some(Err(error)) => unreadable(&error),
                None => Reason::Unreadable { message: "its row group ends before it".to_owned() },
            },
            Self::Broken(reason) => reason.clone(),
        };
        *self = Self::Broken(reason.clone());
        Err(reason)
    }
}

fn unreadable(error: &ParquetError) -> Reason {
    Reason::Unreadable { message: error.to_string() }
}

/// Rebuilds a schema with texts as plain bytes.
fn without_text_annotation(column: &Type) -> ParquetResult<TypePtr> {
    let info = column.get_basic_info();
    let rebuilt = match column {
        Type::GroupType { fields, .. } => {
            let fields: ParquetResult<Vec<TypePtr>> =
                fields.iter().map(|field| without_text_annotation(field)).collect();
            let builder = Type::group_type_builder(column.name())
                .with_converted_type(info.converted_type())
                .with_logical_type(info.logical_type_ref().cloned())
                .with_fields(fields?);
            match info.has_repetition() {
                true => builder.with_repetition(info.repetition()).build()?,
                false => builder.build()?,
            }
        }
        Type::PrimitiveType { physical_type: PhysicalType::BYTE_ARRAY, .. } if is_text(column) => {
            Type::primitive_type_builder(column.name(), PhysicalType::BYTE_ARRAY)
                .with_repetition(info.repetition())
                .build()?
        }
        Type::PrimitiveType { .. } => column.clone(),
    };
    Ok(Arc::new(rebuilt))
}

fn is_text(column: &Type) -> bool {
    let info = column.get_basic_info();
    matches!(info.converted_type(), ConvertedType::UTF8 | ConvertedType::JSON | ConvertedType::ENUM)
        || matches!(info.logical_type_ref(), Some(LogicalType::String | LogicalType::Json | LogicalType::Enum))
}

fn projected(schema: &Type, columns: &[String]) -> ParquetResult<Type> {
    let wanted = schema.get_fields().iter().filter(|field| columns.iter().any(|column| column == field.name()));
    Type::group_type_builder(schema.name()).with_fields(wanted.cloned().collect()).build()
}

/// A row group that reads its texts as bytes.
struct ByteColumns<'a> {
    group: Box<dyn RowGroupReader + 'a>,
    metadata: RowGroupMetaData,
}

impl<'a> ByteColumns<'a> {
    fn new(group: Box<dyn RowGroupReader + 'a>, schema: &SchemaDescPtr) -> ParquetResult<Self> {
        // The row reader takes nothing but the types from this; pages are found by the group's own metadata.
        let columns: ParquetResult<Vec<ColumnChunkMetaData>> =
            schema.columns().iter().map(|column| ColumnChunkMetaData::builder(Arc::clone(column)).build()).collect();
        let metadata = RowGroupMetaData::builder(Arc::clone(schema))
            .set_num_rows(group.metadata().num_rows())
            .set_column_metadata(columns?)
            .build()?;
        Ok(Self { group, metadata })
    }
}

impl RowGroupReader for ByteColumns<'_> {
    fn metadata(&self) -> &RowGroupMetaData {
        &self.metadata
    }

    fn num_columns(&self) -> usize {
        self.metadata.num_columns()
    }

    fn get_column_page_reader(&self, index: usize) -> ParquetResult<Box<dyn PageReader>> {
        self.group.get_column_page_reader(index)
    }

    fn get_column_bloom_filter(&self, index: usize) -> Option<&Sbbf> {
        self.group.get_column_bloom_filter(index)
    }

    fn get_row_iter(&self, projection: Option<Type>) -> ParquetResult<RowIter<'_>> {
        RowIter::from_row_group(projection, self)
    }
}

fn value_of_row(row: Row) -> Value {
    Value::Record(row.into_columns().into_iter().map(|(name, field)| (name, value_of(field))).collect())
}

fn value_of(field: Field) -> Value {
    match field {
        Field::Null => Value::Null,
        Field::Bool(truth) => Value::Bool(truth),
        Field::Str(text) => Value::Text(text),
        Field::Bytes(bytes) => Value::Bytes(bytes.data().to_vec()),
        Field::Group(row) => value_of_row(row),
        Field::ListInternal(list) => Value::List(list.elements().iter().cloned().map(value_of).collect()),
        Field::MapInternal(map) => {
            let entry = |(key, value): &(Field, Field)| (name_of(value_of(key.clone())), value_of(value.clone()));
            Value::Record(map.entries().iter().map(entry).collect())
        }
        number => Value::Number(number.to_string()),
    }
}

fn name_of(key: Value) -> String {
    match key {
        Value::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Value::Text(text) | Value::Number(text) => text,
        _ => String::new(),
    }
}
