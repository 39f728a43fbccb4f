"""The same file and prompt in llama.cpp, one thread: one line of the table that `bench-model chat` prints a line of."""

import statistics
import sys
import time

import llama_cpp

# As in src/main.rs.
WRITTEN = 128
ROUNDS = 5
REPETITION_PENALTY = 1.1

file, prompt = sys.argv[1:]
with open(prompt) as text:
    prompt = text.read().strip()
# The template of the file, with the system turn that it adds.
CHAT = """<|im_start|>system
You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>
<|im_start|>user
{}<|im_end|>
<|im_start|>assistant
"""

started = time.perf_counter()
model = llama_cpp.Llama(file, n_ctx=2048, n_threads=1, n_threads_batch=1, verbose=False)
loaded = time.perf_counter() - started
tokens = model.tokenize(CHAT.format(prompt).encode(), add_bos=False, special=True)


def answer():
    model.reset()
    started = time.perf_counter()
    model.eval(tokens)
    token = model.sample(temp=0.0, repeat_penalty=REPETITION_PENALTY)
    first = time.perf_counter()
    for _ in range(WRITTEN - 1):
        model.eval([token])
        token = model.sample(temp=0.0, repeat_penalty=REPETITION_PENALTY)
    done = time.perf_counter()
    return len(tokens) / (first - started), (WRITTEN - 1) / (done - first)


answer()
rounds = [answer() for _ in range(ROUNDS)]
read = statistics.median(read for read, _ in rounds)
written = statistics.median(written for _, written in rounds)
print(f"| llama-cpp-python {llama_cpp.__version__} | {len(tokens)} | {read:.0f} | {written:.1f} | {loaded * 1e3:.0f} |")
