//! Cuts the response out of a whole text that a chat template made.

use serde_json::Value;

/// What an assistant's turn begins with, by template.
const BEGINNINGS: [&str; 8] = [
    "<|im_start|>assistant\n",
    "<|im_start|>assistant<|im_sep|>",
    "<|start_header_id|>assistant<|end_header_id|>\n\n",
    "<start_of_turn>model\n",
    "<|assistant|>\n",
    "<｜Assistant｜>",
    "[/INST]",
    "Assistant:",
];

/// What a turn ends with.
const ENDS: [&str; 9] = [
    "<|im_end|>",
    "<|endoftext|>",
    "<|end|>",
    "<end_of_turn>",
    "<eos>",
    "</s>",
    "<|eot_id|>",
    "<|end_of_text|>",
    "<｜end▁of▁sentence｜>",
];

/// Returns the response of a query.
///
/// A prompt that the query starts with is cut off. Otherwise the response follows the first beginning of an assistant's turn that the
/// prompt does not account for: what a model writes later can look like one, and must not cut off what it wrote before. A query without
/// any is a response as it is.
pub fn response_of<'a>(query: &'a str, prompt: Option<&Value>) -> &'a str {
    let response = match prompt.and_then(Value::as_str).filter(|prompt| !prompt.is_empty()) {
        Some(prompt) if query.starts_with(prompt) => &query[prompt.len()..],
        _ => after_turns(query, num_assistant_turns(prompt)),
    };
    without_ends(response)
}

/// Counts the assistant's turns in a prompt that is a conversation, or the JSON text of one.
fn num_assistant_turns(prompt: Option<&Value>) -> usize {
    let parsed = prompt.and_then(Value::as_str).and_then(|text| serde_json::from_str::<Value>(text).ok());
    let turns = parsed.as_ref().or(prompt).and_then(Value::as_array);
    turns.into_iter().flatten().filter(|turn| turn["role"] == "assistant").count()
}

fn after_turns(query: &str, num_turns: usize) -> &str {
    let beginning = BEGINNINGS.into_iter().find(|beginning| query.contains(beginning));
    let place = beginning.and_then(|beginning| {
        let (place, found) = query.match_indices(beginning).nth(num_turns)?;
        Some(place + found.len())
    });
    place.map_or(query, |place| &query[place..])
}

fn without_ends(mut response: &str) -> &str {
    loop {
        response = response.trim();
        let Some(shorter) = ENDS.into_iter().find_map(|end| response.strip_suffix(end)) else { return response };
        response = shorter;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_response_follows_the_first_turn_of_the_assistant() {
        let query = "<|im_start|>user\nWhat is 2+2?<|im_end|>\n<|im_start|>assistant\n<answer>4</answer><|im_end|>";
        assert_eq!(response_of(query, None), "<answer>4</answer>");
        let gemma = "<start_of_turn>user\nHi<end_of_turn>\n<start_of_turn>model\n4<end_of_turn>\n<eos>";
        assert_eq!(response_of(gemma, None), "4");
    }

    #[test]
    fn what_the_model_writes_cannot_move_the_beginning() {
        let query = "<|im_start|>assistant\nwrong <|im_start|>assistant\n4<|im_end|>";
        assert_eq!(response_of(query, None), "wrong <|im_start|>assistant\n4");
    }

    #[test]
    fn earlier_turns_of_a_conversation_are_left_behind() {
        let turns = json!([{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"},
            {"role": "user", "content": "c"}]);
        let query =
            "<|im_start|>assistant\nb<|im_end|>\n<|im_start|>user\nc<|im_end|>\n<|im_start|>assistant\nd<|im_end|>";
        assert_eq!(response_of(query, Some(&turns)), "d");
        assert_eq!(response_of(query, Some(&json!(turns.to_string()))), "d");
    }

    #[test]
    fn a_prompt_in_front_is_cut_off_and_a_bare_response_stays() {
        assert_eq!(response_of("Q: 2+2? A: 4</s>", Some(&json!("Q: 2+2? A:"))), "4");
        assert_eq!(response_of(" 4 ", Some(&json!("2+2?"))), "4");
    }
}
