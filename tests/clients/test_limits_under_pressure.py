"""Limits while eight clients ask for five times what they allow: what the provider was asked, minute by minute."""

import threading
import time
from collections.abc import Iterator
from itertools import count

import openai

from support.speech import READ, WRITTEN

CLIENTS = 8
ASKED_FOR = 5
PRESSED_FOR_S = 75
# A request is counted when it is let in and seen when it arrives at the provider: never so much later.
ON_THE_WAY_S = 0.5
LEAST_USED = 0.93


def press(client: openai.OpenAI, model: str, per_minute: float, until: float, seen: list[float]):
    """One client, at its even share of the pressure; `seen` gets the time of each answer's request."""
    pause = 60 * CLIENTS / (ASKED_FOR * per_minute)
    for due in ticks(pause):
        now = time.monotonic()
        if now >= until:
            return
        time.sleep(max(0.0, due - now))
        asked = time.monotonic()
        try:
            client.chat.completions.create(model=model, messages=[{"role": "user", "content": "Go on."}], max_tokens=WRITTEN)
            seen.append(asked)
        except openai.RateLimitError:
            pass


def ticks(pause: float) -> Iterator[float]:
    begin = time.monotonic()
    return (begin + at * pause for at in count())


def fullest(times: list[float], window_s: float) -> int:
    """The most requests in any window."""
    times = sorted(times)
    return max(sum(1 for time in times[at:] if time < first + window_s) for at, first in enumerate(times))


# Capacity, and what a minute of it allows: six requests a unit; 18 tokens a unit, which each request uses.
CASES = {"chat-says": (10, 60), "chat-metered": (100, 1800 // (READ + WRITTEN))}


def test_eight_clients_at_five_times_a_limit_get_all_of_it_and_no_more(front, openai_client, a_name):
    client = openai_client(front.account.openai_endpoint, front.key, http_client=openai.DefaultHttpxClient(verify=front.trust))
    for model, (capacity, _) in CASES.items():
        front.deploy(f"{a_name}-{model}", model, capacity)
    until, seen = time.monotonic() + PRESSED_FOR_S, {model: [] for model in CASES}
    pressing = [
        threading.Thread(target=press, args=(client, f"{a_name}-{model}", per_minute, until, seen[model]))
        for model, (_, per_minute) in CASES.items()
        for _ in range(CLIENTS)
    ]
    for thread in pressing:
        thread.start()
    for thread in pressing:
        thread.join()
    for model, (_, per_minute) in CASES.items():
        most = fullest(seen[model], 60 - ON_THE_WAY_S)
        assert most <= per_minute, f"{model}: {most} in a minute of {per_minute}"
        used = len(seen[model]) / (per_minute * PRESSED_FOR_S / 60)
        assert used >= LEAST_USED, f"{model}: {used:.3f} of the limit was used"
