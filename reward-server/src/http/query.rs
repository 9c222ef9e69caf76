//! Cuts the response out of a whole text that a chat template made.

use serde_json::Value;

/// How a chat template marks its turns.
struct Template {
    /// What any turn begins with: it stands before everything that anybody wrote, and tells the template.
    opening: &'static str,
    /// What an assistant's turn begins with.
    beginning: &'static str,
}

const TEMPLATES: [Template; 10] = [
    Template { opening: "<|im_start|>", beginning: "<|im_start|>assistant\n" },
    Template { opening: "<|im_start|>", beginning: "<|im_start|>assistant<|im_sep|>" },
    Template { opening: "<|start_header_id|>", beginning: "<|start_header_id|>assistant<|end_header_id|>\n\n" },
    Template { opening: "<start_of_turn>", beginning: "<start_of_turn>model\n" },
    Template { opening: "<|user|>", beginning: "<|assistant|>\n" },
    Template { opening: "<|system|>", beginning: "<|assistant|>\n" },
    Template { opening: "<|assistant|>", beginning: "<|assistant|>\n" },
    Template { opening: "<｜", beginning: "<｜Assistant｜>" },
    Template { opening: "[INST]", beginning: "[/INST]" },
    Template { opening: "Assistant:", beginning: "Assistant:" },
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

/// Returns the response of a query, or says why it cannot be told from the prompt: what a prompt says is never taken for a response.
///
/// A prompt that the query starts with is cut off. Otherwise the template is the one whose turns the query opens with first, and the response
/// follows the first of its beginnings of an assistant's turn that the prompt does not account for: what a model writes later can look
/// like one, of this template or another, and must not cut off what it wrote before. Only a query without any, and without a prompt, is a
/// response as it is.
pub fn response_of<'a>(query: &'a str, prompt: Option<&Value>) -> Result<&'a str, &'static str> {
    let prompt = prompt.filter(|prompt| !is_empty(prompt));
    let response = match prompt.and_then(Value::as_str) {
        Some(prompt) if query.starts_with(prompt) => Some(&query[prompt.len()..]),
        _ => after_turns(query, num_earlier_turns(prompt)),
    };
    match (response, prompt) {
        (Some(response), _) => Ok(without_ends(response)),
        (None, None) => Ok(without_ends(query)),
        (None, Some(_)) => Err("the query does not start with its prompt, and no turn of an assistant begins after it"),
    }
}

/// Tells whether a prompt says nothing, as those do that stand for an absent one.
pub fn is_empty(prompt: &Value) -> bool {
    match prompt {
        Value::Null => true,
        Value::String(text) => matches!(text.trim(), "" | "[]"),
        Value::Array(turns) => turns.is_empty(),
        _ => false,
    }
}

/// Counts the assistant's turns that are over in a prompt that is a conversation, or the JSON text of one. A last turn is one to be continued:
/// what it says is the beginning of the response.
fn num_earlier_turns(prompt: Option<&Value>) -> usize {
    let parsed = prompt.and_then(Value::as_str).and_then(|text| serde_json::from_str::<Value>(text).ok());
    let turns = parsed.as_ref().or(prompt).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let earlier = turns.split_last().map_or(turns, |(_, earlier)| earlier);
    earlier.iter().filter(|turn| turn["role"] == "assistant").count()
}

fn after_turns(query: &str, num_turns: usize) -> Option<&str> {
    let opened = TEMPLATES.iter().filter_map(|template| {
        let opening = query.find(template.opening)?;
        // Of two templates that open alike, the one that begins an assistant's turn first.
        let beginning = query.find(template.beginning).unwrap_or(query.len());
        Some(((opening, beginning), template.beginning))
    });
    let (_, beginning) = opened.min_by_key(|(place, _)| *place)?;
    let (place, found) = query.match_indices(beginning).nth(num_turns)?;
    Some(&query[place + found.len()..])
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

    fn check(query: &str, prompt: Option<Value>, expected: &str) {
        assert_eq!(response_of(query, prompt.as_ref()), Ok(expected), "{query}");
    }

    #[test]
    fn the_response_follows_the_first_turn_of_the_assistant() {
        for (query, expected) in [
            ("<|im_start|>user\nWhat is 2+2?<|im_end|>\n<|im_start|>assistant\n4<|im_end|>", "4"),
            ("<|im_start|>user<|im_sep|>Hi<|im_end|><|im_start|>assistant<|im_sep|>4<|im_end|>", "4"),
            ("<start_of_turn>user\nHi<end_of_turn>\n<start_of_turn>model\n4<end_of_turn>\n<eos>", "4"),
            ("<|user|>\nHi<|end|>\n<|assistant|>\n4<|end|>", "4"),
            ("<｜begin▁of▁sentence｜>Be brief.<｜User｜>Hi<｜Assistant｜>4<｜end▁of▁sentence｜>", "4"),
            ("<s>[INST] Hi [/INST] 4</s>", "4"),
            ("A talk between User and Assistant. User: Hi Assistant: 4", "4"),
        ] {
            check(query, None, expected);
        }
    }

    #[test]
    fn what_the_model_writes_cannot_move_the_beginning() {
        for (query, expected) in [
            ("<|im_start|>assistant\nwrong <|im_start|>assistant\n4<|im_end|>", "wrong <|im_start|>assistant\n4"),
            ("[INST] q [/INST] junk <|im_start|>assistant\n4", "junk <|im_start|>assistant\n4"),
            ("User: q Assistant: junk <|im_start|>assistant\n4", "junk <|im_start|>assistant\n4"),
            ("<|user|>\nq<|end|>\n<|assistant|>\njunk [/INST]4", "junk [/INST]4"),
        ] {
            check(query, None, expected);
            check(query, Some(json!("q")), expected);
        }
    }

    #[test]
    fn what_the_user_writes_is_no_beginning_of_another_template() {
        let query = "<|im_start|>user\nWho is the Assistant: you?<|im_end|>\n<|im_start|>assistant\n4<|im_end|>";
        check(query, None, "4");
    }

    #[test]
    fn earlier_turns_of_a_conversation_are_left_behind() {
        let turns = json!([{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"},
            {"role": "user", "content": "c"}]);
        let query =
            "<|im_start|>assistant\nb<|im_end|>\n<|im_start|>user\nc<|im_end|>\n<|im_start|>assistant\nd<|im_end|>";
        check(query, Some(turns.clone()), "d");
        check(query, Some(json!(turns.to_string())), "d");
        assert!(response_of("<|im_start|>assistant\nb<|im_end|>", Some(&turns)).is_err(), "the turn is the prompt's");
    }

    #[test]
    fn a_turn_that_the_prompt_began_belongs_to_the_response() {
        let turns = json!([{"role": "user", "content": "a"}, {"role": "assistant", "content": "<think>"}]);
        check("<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n<think>b", Some(turns), "<think>b");
    }

    #[test]
    fn a_prompt_in_front_is_cut_off() {
        check("Q: 2+2? A: 4</s>", Some(json!("Q: 2+2? A:")), "4");
    }

    #[test]
    fn a_prompt_that_cannot_be_found_is_not_taken_for_a_response() {
        let query = "Answer as in <answer> $2$ </answer>. What is 1+1? I do not know";
        for prompt in [json!("What is 1+1?"), json!([{"role": "user", "content": "What is 1+1?"}])] {
            assert!(response_of(query, Some(&prompt)).is_err(), "{prompt}");
        }
    }

    #[test]
    fn an_empty_prompt_is_none() {
        for prompt in [json!(""), json!(" "), json!("[]"), json!([]), json!(null)] {
            check(" 4 ", Some(prompt.clone()), "4");
            check("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n4", Some(prompt), "4");
        }
    }
}
