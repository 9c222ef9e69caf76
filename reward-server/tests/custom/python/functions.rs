//! Functions as TRL and verl have them, and functions that fail in ordinary ways.

use gradus_config::Signature;
use gradus_process::chain;

use crate::{Outcome, Server, example, file, has_python, python};

#[tokio::test]
async fn the_functions_of_the_documentation_score() {
    if !has_python() {
        return;
    }
    let verl = Server::open(python(&example("verl_reward.py"), "compute_score", Signature::Verl)).unwrap();
    verl.scorer.start().await.unwrap();
    let values = verl.score(&["so #### 4", "so #### 5", "no mark"]).await;
    assert_eq!(values, [Outcome::Value(1.0), Outcome::Value(0.1), Outcome::Value(0.0)]);
    let trl = Server::open(python(&example("trl_reward.py"), "ends_right", Signature::Trl)).unwrap();
    assert_eq!(trl.score(&["3 + 1 = 4", "4 or 5"]).await, [Outcome::Value(1.0), Outcome::Value(0.0)]);
}

#[tokio::test]
async fn a_custom_component_is_added_to_the_others_by_its_weight() {
    if !has_python() {
        return;
    }
    let server = Server::open(python(&example("verl_reward.py"), "compute_score", Signature::Verl)).unwrap();
    let spec = r#"{"gold": "4", "components": [
        {"name": "own", "kind": "scorer", "scorer": "own", "weight": 0.5},
        {"name": "accuracy", "kind": "answer", "weight": 1}]}"#;
    let rewards = server.score_by(spec, &[r"\boxed{4} #### 4", "#### 5"]).await;
    assert_eq!(rewards.iter().map(|reward| reward.total()).collect::<Vec<_>>(), [Some(1.5), Some(0.05)]);
    assert_eq!(rewards[0].component("own"), Some(1.0));
    assert_eq!(rewards[1].component("accuracy"), Some(0.0));
}

#[tokio::test]
async fn an_exception_a_missing_value_and_what_is_printed_stay_with_their_sample() {
    if !has_python() {
        return;
    }
    let (_directory, path) = file(
        "def compute_score(solution_str, **_):\n    print('{\"id\": 1, \"value\": 9}')\n    return {'nan': float('nan'), \
         'none': None, 'zero': 0}.get(solution_str) if solution_str != 'raise' else 1 / 0\n",
    );
    let server = Server::open(python(&path, "compute_score", Signature::Verl)).unwrap();
    let outcomes = server.score(&["raise", "nan", "none", "zero"]).await;
    assert!(outcomes[0].is_error_about("scorer `own`: ZeroDivisionError: division by zero"), "{outcomes:?}");
    assert!(outcomes[1].is_error_about("the function gave nan"), "{outcomes:?}");
    assert!(outcomes[2].is_error_about("the function gave None"), "{outcomes:?}");
    assert_eq!(outcomes[3], Outcome::Value(0.0));
    assert!(!server.metrics.encode().contains("scorer_restarts_total{"), "the worker was replaced");
}

#[tokio::test]
async fn a_function_that_cannot_be_loaded_is_found_before_the_start() {
    if !has_python() {
        return;
    }
    let (_directory, path) = file("import no_such_module_anywhere\n");
    let server = Server::open(python(&path, "f", Signature::Trl)).unwrap();
    let error = chain(&server.scorer.start().await.unwrap_err());
    assert!(error.contains("scorer `own` cannot be used: failed to load it: ModuleNotFoundError"), "{error}");
    let missing = python(&path.with_extension("txt"), "f", Signature::Trl);
    assert!(Server::open(missing).is_err_and(|error| chain(&error).contains("there is no file")));
}
