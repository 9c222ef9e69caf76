//! From a task, a seed and an index to an item.

use gradus_types::MediaHash;

use crate::problem::{Content, Problem, Scale};
use crate::random::Stream;
use crate::{Answer, AnswerKind, AnswerStyle, Difficulty, Item, Spec, Split};

/// One in so many problems is held out.
const HELD_OUT_SHARE: u64 = 8;

impl Spec {
    /// Generates item `index`: a pure function of the task, the seed, the split and the index, on every platform.
    ///
    /// A problem's side of the split is decided by its content alone (the numbers of a text, the pixels of a picture), so
    /// no seed, wording or option order carries a held-out problem into training.
    ///
    /// # Panics
    /// Where [`Spec::validate`] refuses the image size.
    pub fn generate(&self, seed: u64, split: Split, index: u64) -> Item {
        assert!(self.validate().is_ok(), "image size `{}` was not validated", self.image_size);
        let key = [seed, split as u64, self.kind as u64, u64::from(self.difficulty.level()), index];
        let scale = Scale { difficulty: self.difficulty, image_size: self.image_size };
        // Each level holds problems of both sides (a test draws them), so a matching attempt comes: on average after 8.
        let mut attempt = 0;
        let (problem, mut stream) = loop {
            let mut stream = Stream::new(&[&key[..], &[attempt]].concat());
            let problem = self.kind.generator().problem(&mut stream, scale);
            if side(&problem.content) == split {
                break (problem, stream);
            }
            attempt += 1;
        };
        self.finish(problem, &mut stream, (split, index))
    }

    fn finish(&self, problem: Problem, stream: &mut Stream, (split, index): (Split, u64)) -> Item {
        let mut options = problem.choices;
        if self.difficulty > Difficulty::EASIEST {
            stream.shuffle(&mut options);
        }
        let (answer, options) = match self.answer_style {
            AnswerStyle::Free => (Answer { text: problem.answer, kind: problem.answer_kind }, Vec::new()),
            AnswerStyle::Letter => (letter_answer(&problem.answer, &options), options),
        };
        let picture = match problem.content {
            Content::Text(_) => None,
            Content::Picture(canvas) => Some(canvas.encode()),
        };
        let (question, rationale) = (problem.question, problem.finding);
        Item { spec: *self, split, index, question, options, answer, rationale, picture }
    }
}

fn letter_answer(value: &str, options: &[String]) -> Answer {
    let position = options.iter().position(|option| option == value).expect("the choices contain the answer");
    Answer { text: char::from(b'A' + position as u8).to_string(), kind: AnswerKind::Letter }
}

fn side(content: &Content) -> Split {
    let hash = match content {
        Content::Text(text) => MediaHash::of(text.as_bytes()),
        Content::Picture(canvas) => MediaHash::of(canvas.pixels()),
    };
    if u64::from(hash.as_bytes()[0]) % HELD_OUT_SHARE == 0 { Split::HeldOut } else { Split::Train }
}
