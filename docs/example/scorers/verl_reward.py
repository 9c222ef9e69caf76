"""A reward function as verl calls it: one completion in, a number or a dictionary out."""


def compute_score(data_source, solution_str, ground_truth, extra_info=None):
    """1 if the text after `####` is the reference answer, as in GSM8K; 0.1 if there is any such text."""
    _, found, answer = solution_str.rpartition("####")
    if not found:
        return {"score": 0.0}
    return {"score": 1.0 if answer.strip() == ground_truth.strip() else 0.1}
