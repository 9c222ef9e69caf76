//! `point`: 1 for a point within the reference box, or within `radius` of the reference point, else 0.
//!
//! Parameters: `radius`, in the coordinates of the reference (0); `coordinates` and `gold_coordinates`.

use gradus_types::RewardSpec;

use super::{
    Grade, Made, Measure,
    coordinates::{Scale, first_list},
    rectangle::Rectangle,
    refuse_gold,
};
use crate::parameters::Parameters;

#[derive(Debug)]
struct Point {
    target: Target,
    scale: Scale,
}

#[derive(Debug)]
enum Target {
    Within(Rectangle),
    Near { center: [f64; 2], radius: f64 },
}

/// Makes a `point` measure.
pub fn make(parameters: &mut Parameters<'_>, spec: &RewardSpec) -> Made {
    let radius = parameters.number("radius", (0.0, 1e9), 0.0);
    let scale = Scale::read(parameters, spec);
    let gold = parameters.gold(spec)?;
    let center = || {
        let [x, y]: [String; 2] = first_list(&gold, 2)?.try_into().ok()?;
        Some(Target::Near { center: [x.parse().ok()?, y.parse().ok()?], radius })
    };
    match Rectangle::of_text(&gold).map(Target::Within).or_else(center) {
        Some(target) => Some(Box::new(Point { target, scale: scale? })),
        None => refuse_gold(parameters, &gold, "it is neither a box nor a point"),
    }
}

impl Measure for Point {
    fn grade(&self, answer: &str) -> Grade {
        let Some(point) = first_list(answer, 2).and_then(|list| self.scale.apply::<2>(&list)) else {
            return Grade::new(0.0, "it holds no point");
        };
        match &self.target {
            Target::Within(rectangle) => Grade::of(rectangle.contains(point), "it was compared with a box"),
            Target::Near { center, radius } => {
                let distance = (point[0] - center[0]).hypot(point[1] - center[1]);
                Grade::of(distance <= *radius, format!("it is {distance} away"))
            }
        }
    }
}
