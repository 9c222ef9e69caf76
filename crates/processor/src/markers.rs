//! Markers such as `<image>` in plain text: splitting the text into content items in reading order.

use gradus_types::{ContentPart, MediaHash, Message, Role};

use crate::Error;

/// How pictures that come beside a text find their place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageMarkers {
    /// What stands for a picture in the text of a user.
    pub marker: String,
    /// What becomes of pictures when the text has no marker at all.
    pub unmarked: Unmarked,
}

/// What becomes of pictures beside a text without any marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmarked {
    /// They are refused, as any other difference between markers and pictures.
    Refuse,
    /// They are shown before the first text of the user.
    ShowFirst,
}

impl Default for ImageMarkers {
    /// `<image>`, as nearly all public data sets write it; pictures without markers are shown first.
    fn default() -> Self {
        Self { marker: "<image>".to_owned(), unmarked: Unmarked::ShowFirst }
    }
}

impl ImageMarkers {
    /// Puts pictures in the places of the markers in user texts. Content items that are pictures already stay as they are.
    ///
    /// # Errors
    /// Returns [`Error::Markers`] when there are not as many markers as pictures.
    pub fn place(&self, messages: Vec<Message>, pictures: &[MediaHash]) -> Result<Vec<Message>, Error> {
        let mut placing = Placing { rule: self, pictures, num_markers: 0 };
        let mut placed: Vec<Message> = messages
            .into_iter()
            .map(|message| match message.role {
                Role::User => Message { role: message.role, content: placing.split_content(message.content) },
                Role::System | Role::Assistant => message,
            })
            .collect();
        if placing.leaves_all()
            && let Some(first) = placed.iter_mut().find(|message| message.role == Role::User)
        {
            first.content.splice(0..0, shown(pictures));
            return Ok(placed);
        }
        placing.finish()?;
        Ok(placed)
    }

    /// Puts pictures in the places of the markers in a raw text.
    ///
    /// # Errors
    /// Returns [`Error::Markers`] when there are not as many markers as pictures.
    pub fn place_in_text(&self, text: &str, pictures: &[MediaHash]) -> Result<Vec<ContentPart>, Error> {
        let mut placing = Placing { rule: self, pictures, num_markers: 0 };
        let mut content = placing.split_content(vec![ContentPart::Text { text: text.to_owned() }]);
        if placing.leaves_all() {
            content.splice(0..0, shown(pictures));
            return Ok(content);
        }
        placing.finish()?;
        Ok(content)
    }
}

fn shown(pictures: &[MediaHash]) -> impl Iterator<Item = ContentPart> + '_ {
    pictures.iter().map(|&hash| ContentPart::Image { hash })
}

struct Placing<'a> {
    rule: &'a ImageMarkers,
    pictures: &'a [MediaHash],
    num_markers: usize,
}

impl Placing<'_> {
    fn split_content(&mut self, content: Vec<ContentPart>) -> Vec<ContentPart> {
        let mut split = Vec::with_capacity(content.len());
        for part in content {
            match part {
                ContentPart::Text { text } => self.split_text(&text, &mut split),
                image @ ContentPart::Image { .. } => split.push(image),
            }
        }
        split
    }

    fn split_text(&mut self, text: &str, split: &mut Vec<ContentPart>) {
        // An empty marker would match everywhere; it stands for "no markers".
        let pieces: Vec<&str> =
            if self.rule.marker.is_empty() { vec![text] } else { text.split(&self.rule.marker).collect() };
        for (position, piece) in pieces.into_iter().enumerate() {
            if position > 0 {
                split.extend(self.pictures.get(self.num_markers).map(|&hash| ContentPart::Image { hash }));
                self.num_markers += 1;
            }
            if !piece.is_empty() {
                split.push(ContentPart::Text { text: piece.to_owned() });
            }
        }
    }

    /// Tells whether no marker was found and the rule lets the pictures be shown first.
    fn leaves_all(&self) -> bool {
        self.num_markers == 0 && self.rule.unmarked == Unmarked::ShowFirst
    }

    fn finish(self) -> Result<(), Error> {
        if self.num_markers == self.pictures.len() {
            return Ok(());
        }
        Err(Error::Markers {
            marker: self.rule.marker.clone(),
            num_markers: self.num_markers,
            num_pictures: self.pictures.len(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn describe(content: &[ContentPart], pictures: &[MediaHash]) -> String {
        let item = |part: &ContentPart| match part {
            ContentPart::Text { text } => text.clone(),
            ContentPart::Image { hash } => format!("[{}]", pictures.iter().position(|other| other == hash).unwrap()),
        };
        content.iter().map(item).collect::<Vec<_>>().join("|")
    }

    fn check(text: &str, num_pictures: usize, expected: Result<&str, usize>) {
        let pictures: Vec<_> = (0..num_pictures as u8).map(|i| MediaHash::of(&[i])).collect();
        let messages = vec![Message::text(Role::System, "<image>"), Message::text(Role::User, text)];
        let found = match ImageMarkers::default().place(messages, &pictures) {
            Ok(placed) => Ok(describe(&placed[1].content, &pictures)),
            Err(Error::Markers { num_markers, .. }) => Err(num_markers),
            Err(other) => panic!("{other}"),
        };
        assert_eq!(found.as_deref(), expected.as_ref().map(|text| *text), "{text}");
    }

    #[test]
    fn markers_are_replaced_in_order_and_other_text_is_kept() {
        check("<image>a <image>\nb", 2, Ok("[0]|a |[1]|\nb"));
        check("<image><image>", 2, Ok("[0]|[1]"));
        check("no picture", 0, Ok("no picture"));
    }

    #[test]
    fn pictures_without_markers_are_shown_first() {
        check("what is this?", 2, Ok("[0]|[1]|what is this?"));
    }

    #[test]
    fn a_count_that_differs_is_refused() {
        check("<image> <image>", 1, Err(2));
        check("<image>", 2, Err(1));
        check("<image>", 0, Err(1));
    }

    #[test]
    fn a_strict_rule_refuses_pictures_without_markers() {
        let rule = ImageMarkers { marker: "<img>".to_owned(), unmarked: Unmarked::Refuse };
        let picture = MediaHash::of(b"a");
        assert!(matches!(rule.place_in_text("text", &[picture]), Err(Error::Markers { num_markers: 0, .. })));
        assert_eq!(rule.place_in_text("<img>", &[picture]).unwrap(), [ContentPart::Image { hash: picture }]);
    }
}
