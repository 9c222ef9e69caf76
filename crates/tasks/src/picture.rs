//! Problems about a rendered picture.

mod bar_chart;
mod colour;
mod counting;
mod distance;
mod marked_lengths;
mod relation;
mod ruler;
mod size;

pub(crate) use self::bar_chart::BarChart;
pub(crate) use self::colour::Colour;
pub(crate) use self::counting::Counting;
pub(crate) use self::distance::Distance;
pub(crate) use self::marked_lengths::MarkedLengths;
pub(crate) use self::relation::Relation;
pub(crate) use self::ruler::Ruler;
pub(crate) use self::size::Size;
