//! Parquet files written with the low-level writer of the `parquet` crate.

use std::path::Path;
use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

/// The values of one leaf column of a row group, with definition and repetition levels where it has them.
pub(super) enum Leaf {
    Bytes(Vec<Vec<u8>>, Levels),
    Integers(Vec<i64>, Levels),
    Doubles(Vec<f64>, Levels),
}

/// Definition and repetition levels.
pub(super) type Levels = (Option<Vec<i16>>, Option<Vec<i16>>);

/// The levels of a required column.
pub(super) const REQUIRED: Levels = (None, None);

/// Makes a required text column.
pub(super) fn texts(texts: &[&str]) -> Leaf {
    Leaf::Bytes(texts.iter().map(|text| text.as_bytes().to_vec()).collect(), REQUIRED)
}

/// Writes a file with one row group for each element of `groups`, whose leaves stand in the order of the schema.
pub(super) fn write(path: &Path, schema: &str, groups: &[Vec<Leaf>]) {
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let file = std::fs::File::create(path).unwrap();
    let mut writer = SerializedFileWriter::new(file, schema, Arc::new(WriterProperties::default())).unwrap();
    for leaves in groups {
        let mut group = writer.next_row_group().unwrap();
        for leaf in leaves {
            let mut column = group.next_column().unwrap().expect("a leaf for each column");
            match leaf {
                Leaf::Bytes(values, (definition, repetition)) => {
                    let values: Vec<ByteArray> = values.iter().map(|value| ByteArray::from(value.clone())).collect();
                    let column = column.typed::<ByteArrayType>();
                    column.write_batch(&values, definition.as_deref(), repetition.as_deref()).unwrap();
                }
                Leaf::Integers(values, (definition, repetition)) => {
                    let column = column.typed::<Int64Type>();
                    column.write_batch(values, definition.as_deref(), repetition.as_deref()).unwrap();
                }
                Leaf::Doubles(values, (definition, repetition)) => {
                    let column = column.typed::<DoubleType>();
                    column.write_batch(values, definition.as_deref(), repetition.as_deref()).unwrap();
                }
            }
            column.close().unwrap();
        }
        assert!(group.next_column().unwrap().is_none(), "a column for each leaf");
        group.close().unwrap();
    }
    writer.close().unwrap();
}
