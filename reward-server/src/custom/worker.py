"""Calls one reward function for the reward server: a JSON line in for each completion, a JSON line out."""

import importlib.util
import inspect
import json
import math
import os
import resource
import sys


def load(path, name):
    """Imports the function as if its file had been run from its own directory."""
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    spec = importlib.util.spec_from_file_location("gradus_reward", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return getattr(module, name)


def accepted(function, offered):
    """Keeps the arguments that the function has names for; all of them where it takes any."""
    parameters = inspect.signature(function).parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return offered
    names = {parameter.name for parameter in parameters}
    return {name: value for name, value in offered.items() if name in names}


def trl_arguments(sample):
    """One completion in columns of one row; the reference answer goes by the names that data sets give it."""
    gold = sample["gold"]
    columns = {"prompts": "", "completions": sample["completion"], "options": sample["options"]}
    columns |= sample["facts"] | {name: gold for name in ("solution", "answer", "ground_truth", "label", "gold")}
    return {name: [value] for name, value in columns.items()}


def verl_arguments(sample):
    extra = {name: sample[name] for name in ("options", "num_tokens", "truncated")} | sample["facts"]
    return {
        "data_source": "gradus",
        "solution_str": sample["completion"],
        "ground_truth": sample["gold"],
        "extra_info": extra,
    }


ARGUMENTS = {"trl": trl_arguments, "verl": verl_arguments}


def value_of(result):
    """Reads a number out of what the function gave."""
    if inspect.isawaitable(result):
        import asyncio

        async def wait():
            return await result

        result = asyncio.run(wait())
    if isinstance(result, (list, tuple)) and len(result) == 1:
        result = result[0]
    if isinstance(result, dict):
        result = result["score"]
    if result is None:
        raise ValueError("the function gave None")
    value = float(result)
    if not math.isfinite(value):
        raise ValueError(f"the function gave {value}")
    return value


def limit_processor(seconds):
    """Bounds the processor time of what follows; the system ends this process beyond it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    bound = int(used.ru_utime + used.ru_stime + seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (bound, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def has_children():
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return True


def answer(function, signature, sample, process):
    """Scores one completion. What may have left the process damaged is told, so that it is replaced."""
    result = {"id": sample["id"]}
    try:
        result["value"] = value_of(function(**accepted(function, ARGUMENTS[signature](sample))))
    except BaseException as error:  # SystemExit and KeyboardInterrupt are the function's failures as well
        result["error"] = f"{type(error).__name__}: {error}"[:500]
        result["replace"] = not isinstance(error, Exception) or isinstance(error, (MemoryError, OSError))
    if os.getpid() != process:
        os._exit(1)  # a process that the function forked and that came back here
    if has_children():
        result["replace"] = True
    return result


def main():
    path, name, signature, seconds = sys.argv[1:5]
    # What the function prints must not be taken for answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    try:
        function = load(path, name)
    except BaseException as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"[:500]}), file=answers)
        return 1
    print(json.dumps({"ready": True}), file=answers)
    process = os.getpid()
    for line in sys.stdin:
        limit_processor(float(seconds))
        print(json.dumps(answer(function, signature, json.loads(line), process)), file=answers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
