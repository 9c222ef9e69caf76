"""A reward function as TRL calls it: columns in, a list of numbers out."""

import re


def brevity(completions, **kwargs):
    """1 for an empty completion, falling to 0 at 200 words."""
    return [max(0.0, 1.0 - len(completion.split()) / 200) for completion in completions]


def ends_right(completions, solution, **kwargs):
    """1 if the last number of the completion is the solution's."""
    rewards = []
    for completion, gold in zip(completions, solution):
        numbers = re.findall(r"-?\d+(?:\.\d+)?", completion)
        rewards.append(float(bool(numbers) and float(numbers[-1]) == float(gold)))
    return rewards
