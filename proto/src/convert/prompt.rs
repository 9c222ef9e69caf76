//! Prompts, messages and their content.

use gradus_types::{ContentPart, MediaHash, Message, Prompt, PromptBody, PromptId, Role};

use super::{ConvertError, all, digest, encoded, known, required, reward, unspecified};
use crate::v1;

impl From<ContentPart> for v1::ContentPart {
    fn from(part: ContentPart) -> Self {
        use v1::content_part::Part;
        let part = match part {
            ContentPart::Text { text } => Part::Text(text),
            ContentPart::Image { hash } => Part::ImageHash(bytes::Bytes::copy_from_slice(hash.as_bytes())),
        };
        Self { part: Some(part) }
    }
}

impl TryFrom<v1::ContentPart> for ContentPart {
    type Error = ConvertError;

    fn try_from(wire: v1::ContentPart) -> Result<Self, ConvertError> {
        use v1::content_part::Part;
        Ok(match required(wire.part, "ContentPart", "part")? {
            Part::Text(text) => Self::Text { text },
            Part::ImageHash(hash) => {
                Self::Image { hash: MediaHash::from_bytes(digest(&hash, "ContentPart", "image_hash")?) }
            }
        })
    }
}

impl From<Role> for v1::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::System => Self::System,
            Role::User => Self::User,
            Role::Assistant => Self::Assistant,
        }
    }
}

impl From<Message> for v1::Message {
    fn from(message: Message) -> Self {
        Self { role: v1::Role::from(message.role).into(), content: encoded(message.content) }
    }
}

impl TryFrom<v1::Message> for Message {
    type Error = ConvertError;

    fn try_from(wire: v1::Message) -> Result<Self, ConvertError> {
        let role = match known(wire.role, "Message", "role")? {
            v1::Role::System => Role::System,
            v1::Role::User => Role::User,
            v1::Role::Assistant => Role::Assistant,
            v1::Role::Unspecified => return Err(unspecified("Message", "role")),
        };
        Ok(Self { role, content: all(wire.content)? })
    }
}

impl From<Prompt> for v1::Prompt {
    fn from(prompt: Prompt) -> Self {
        let (chat, raw) = match prompt.body {
            PromptBody::Chat(messages) => (encoded(messages), Vec::new()),
            PromptBody::Raw(content) => (Vec::new(), encoded(content)),
        };
        Self {
            id: prompt.id.0,
            source: prompt.source,
            chat,
            raw,
            prefill: prompt.prefill,
            target: prompt.target,
            reward_spec: reward::spec_to_json(&prompt.reward),
            difficulty: prompt.difficulty,
            chance: prompt.chance,
        }
    }
}

impl TryFrom<v1::Prompt> for Prompt {
    type Error = ConvertError;

    fn try_from(wire: v1::Prompt) -> Result<Self, ConvertError> {
        let body = match (wire.chat.is_empty(), wire.raw.is_empty()) {
            (false, true) => PromptBody::Chat(all(wire.chat)?),
            (true, false) => PromptBody::Raw(all(wire.raw)?),
            (true, true) => return Err(ConvertError::new("Prompt", "chat", "neither it nor `raw` is set")),
            (false, false) => return Err(ConvertError::new("Prompt", "chat", "both it and `raw` are set")),
        };
        Ok(Self {
            id: PromptId(wire.id),
            source: wire.source,
            body,
            prefill: wire.prefill,
            target: wire.target,
            reward: reward::spec_from_json(&wire.reward_spec, "Prompt")?,
            difficulty: wire.difficulty,
            chance: wire.chance,
        })
    }
}
