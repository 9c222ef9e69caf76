//! The images of a batch as the tower takes them: all patches in windowed order, and who attends to whom.
//!
//! Legend: N patches of all images, U merge units, M patches in a unit, K values of a patch, C channels of a head.

use std::collections::BTreeMap;

use tch::{Device, Tensor};

use super::windows::Windows;
use crate::{MediaInput, VisionConfig};

/// Every image of a batch, laid out once.
#[derive(Debug)]
pub(crate) struct MediaBatch {
    /// `[N, K]` f32 in windowed order.
    pub pixels: Tensor,
    /// Row and column of each patch, `[N, 2]` f32 in windowed order.
    pub positions: Tensor,
    /// `[U]` i64: the place in the windowed order of each unit in row-major order.
    pub restore: Tensor,
    /// Segments of window attention.
    pub windows: Segments,
    /// Segments of full attention: the frames of each image.
    pub frames: Segments,
}

/// A partition of N patches into contiguous segments, gathered by length so that equal ones are computed together.
#[derive(Debug)]
pub(crate) enum Segments {
    /// All segments have this length.
    Equal(i64),
    /// Segments of several lengths.
    Gathered {
        /// Length and rows `[S · length]` i64 of the segments of that length.
        buckets: Vec<(i64, Tensor)>,
        /// `[N]` i64: the place of each patch in the concatenated buckets.
        restore: Tensor,
    },
}

impl MediaBatch {
    /// Lays out images that passed [`crate::Prompt::check`]; none for no images.
    pub(crate) fn new<'a>(
        media: impl Iterator<Item = &'a MediaInput> + Clone,
        config: &VisionConfig,
        device: Device,
    ) -> Option<Self> {
        let merge = config.spatial_merge_size;
        let mut windows = Windows::default();
        let (mut frames, mut positions) = (Vec::new(), Vec::new());
        for input in media.clone() {
            let [time, height, width] = input.grid.map(i64::from);
            windows.push_image([time, height / merge, width / merge], config.window_units());
            frames.extend(std::iter::repeat_n(height * width, time as usize));
            for _ in 0..time {
                push_positions(&mut positions, [height, width], merge);
            }
        }
        if windows.order.is_empty() {
            return None;
        }
        let order = Tensor::from_slice(&windows.order);
        let unit = config.merge_unit();
        let window_lengths: Vec<i64> = windows.sizes.iter().map(|size| size * unit).collect();
        let pixels: Vec<Tensor> = media.map(|input| Tensor::from_slice(&input.pixel_values)).collect();
        let by_unit = |tensor: Tensor, width: i64| {
            let ordered = tensor.view([-1, unit * width]).index_select(0, &order);
            ordered.view([-1, width]).to_device(device)
        };
        Some(Self {
            pixels: by_unit(Tensor::cat(&pixels, 0), config.patch_dim()),
            positions: by_unit(Tensor::from_slice(&positions), 2),
            restore: order.argsort(0, false).to_device(device),
            windows: Segments::new(&window_lengths, device),
            frames: Segments::new(&frames, device),
        })
    }
}

/// Appends row and column of each patch of a frame, merge unit by merge unit.
fn push_positions(positions: &mut Vec<f32>, [height, width]: [i64; 2], merge: i64) {
    for (top, left) in (0..height / merge).flat_map(|row| (0..width / merge).map(move |column| (row, column))) {
        for (row, column) in (0..merge).flat_map(|row| (0..merge).map(move |column| (row, column))) {
            positions.extend([(top * merge + row) as f32, (left * merge + column) as f32]);
        }
    }
}

// === impl Segments ===

impl Segments {
    fn new(lengths: &[i64], device: Device) -> Self {
        if lengths.iter().all(|&length| length == lengths[0]) {
            return Self::Equal(lengths[0]);
        }
        let mut rows_by_length: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        let mut start = 0;
        for &length in lengths {
            rows_by_length.entry(length).or_default().extend(start..start + length);
            start += length;
        }
        let all: Vec<i64> = rows_by_length.values().flatten().copied().collect();
        let restore = Tensor::from_slice(&all).argsort(0, false).to_device(device);
        let bucket = |(length, rows): (i64, Vec<i64>)| (length, Tensor::from_slice(&rows).to_device(device));
        Self::Gathered { buckets: rows_by_length.into_iter().map(bucket).collect(), restore }
    }

    /// Applies a function to the rows of all segments of one length at a time. input `[N, …]` → `[N, …]`; the function takes rows
    /// `[S · length, …]` and the length.
    pub(crate) fn map(&self, input: &Tensor, compute: impl Fn(&Tensor, i64) -> Tensor) -> Tensor {
        match self {
            Self::Equal(length) => compute(input, *length),
            Self::Gathered { buckets, restore } => {
                let apply = |(length, rows): &(i64, Tensor)| compute(&input.index_select(0, rows), *length);
                let outputs: Vec<Tensor> = buckets.iter().map(apply).collect();
                Tensor::cat(&outputs, 0).index_select(0, restore)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tch::Kind;

    use super::*;

    #[test]
    fn segments_of_several_lengths_are_restored_in_order() {
        let segments = Segments::new(&[2, 1, 2, 3], Device::Cpu);
        let input = Tensor::arange(8, (Kind::Float, Device::Cpu));
        let mean = |rows: &Tensor, length: i64| {
            let rows = rows.view([-1, length]);
            rows.mean_dim(Some([1i64].as_slice()), true, Kind::Float).expand_as(&rows).reshape([-1])
        };
        let means = Vec::<f32>::try_from(segments.map(&input, mean)).unwrap();
        assert_eq!(means, [0.5, 0.5, 2.0, 3.5, 3.5, 6.0, 6.0, 6.0]);
    }

    #[test]
    fn patches_are_numbered_merge_unit_by_merge_unit() {
        let mut positions = Vec::new();
        push_positions(&mut positions, [2, 4], 2);
        let pairs: Vec<(f32, f32)> = positions.chunks(2).map(|pair| (pair[0], pair[1])).collect();
        let expected = [(0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (0, 3), (1, 2), (1, 3)];
        assert_eq!(pairs, expected.map(|(row, column)| (row as f32, column as f32)));
    }
}
