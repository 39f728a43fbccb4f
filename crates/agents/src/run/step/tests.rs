#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use dialect::openai::responses::State;
use serde_json::{Value, json};

use super::{CALLS_AT_ONCE, Effect, Happened, TURNS_LIMIT, step};
use crate::run::state::{Call, Doing, Ending, Progress, Said};

/// A call of a tool `look` at a server, which the model names `call_{number}`.
fn call(number: u128) -> Call {
    let server = json!({
        "kind": "mcp", "id": uuid::Uuid::from_u128(number), "callId": format!("call_{number}"), "function": "there_look",
        "server": "there", "name": "look", "arguments": "{}",
    });
    Call::of(serde_json::from_value(server).unwrap())
}

fn message(text: &str) -> Value {
    json!({"id": format!("msg_{text}"), "type": "message", "status": "completed", "role": "assistant",
        "content": [{"type": "output_text", "text": text}]})
}

fn function_call(name: &str) -> Value {
    json!({"id": "fc_1", "type": "function_call", "status": "completed", "call_id": "call_f", "name": name, "arguments": "{}"})
}

fn answered(said: Vec<Said>) -> Happened {
    Happened::Answered { said, ending: Ending::Whole, usage: json!({"input_tokens": 10, "output_tokens": 2}) }
}

fn called(call: &Call, outcome: &str) -> Happened {
    let item = json!({"id": call.server.item_id(), "type": "mcp_call", "output": outcome});
    Happened::Called { id: call.server.item_id(), items: vec![item], outcome: outcome.to_owned() }
}

/// What comes of all of it, and the last effect.
fn after(happened: Vec<Happened>) -> (Progress, Effect) {
    happened.into_iter().fold((Progress::new(4), Effect::Begin), |(progress, _), happened| step(progress, happened))
}

fn asked() -> Vec<Happened> {
    vec![Happened::Began(Vec::new()), Happened::Asks]
}

fn with(mut before: Vec<Happened>, more: Vec<Happened>) -> Vec<Happened> {
    before.extend(more);
    before
}

fn state(progress: &Progress) -> &State {
    let Doing::Over(state) = &progress.doing else { panic!("it is not over: {progress:?}") };
    state
}

#[test]
fn a_run_asks_and_what_is_whole_without_calls_is_its_end() {
    let (progress, effect) = after(vec![Happened::Began(Vec::new())]);
    assert_eq!((effect, progress.turns), (Effect::Ask, 0));
    let (progress, effect) = after(with(asked(), vec![answered(vec![Said::Item(message("hello"))])]));
    assert_eq!((effect, state(&progress), progress.turns), (Effect::Finish, &State::Completed, 1));
    assert_eq!(progress.output, [message("hello")]);
    assert_eq!(progress.usage.unwrap().input, 10);
}

#[test]
fn a_function_of_the_caller_ends_the_run_for_the_caller_to_answer() {
    let (progress, effect) = after(with(asked(), vec![answered(vec![Said::ForCaller(function_call("weather"))])]));
    assert_eq!((effect, state(&progress)), (Effect::Finish, &State::Completed));
    assert_eq!(progress.output[0]["name"], "weather");
}

#[test]
fn calls_are_made_all_at_once_and_the_model_reads_them_in_its_own_order() {
    let said = vec![Said::Item(message("I look.")), Said::Call(call(1)), Said::Call(call(2))];
    let (progress, effect) = after(with(asked(), vec![answered(said.clone())]));
    assert_eq!(effect, Effect::Call(vec![call(1), call(2)]));
    assert_eq!(progress.output.len(), 3, "each call has its place in the output from the beginning");
    let late = with(asked(), vec![answered(said), Happened::Calls, called(&call(2), "two")]);
    let (progress, effect) = after(late.clone());
    assert_eq!(effect, Effect::Wait);
    assert_eq!(progress.begun(), [call(1)]);
    let (progress, effect) = after(with(late, vec![called(&call(1), "one")]));
    assert_eq!(effect, Effect::Ask);
    assert_eq!((&progress.output[1]["output"], &progress.output[2]["output"]), (&json!("one"), &json!("two")));
    let told: Vec<(&str, &str)> = progress
        .transcript
        .iter()
        .map(|item| {
            (item["type"].as_str().unwrap(), item["output"].as_str().or(item["call_id"].as_str()).unwrap_or("-"))
        })
        .collect();
    let expected = [
        ("message", "-"),
        ("function_call", "call_1"),
        ("function_call", "call_2"),
        ("function_call_output", "one"),
        ("function_call_output", "two"),
    ];
    assert_eq!(told, expected);
}

#[test]
fn calls_of_both_sides_are_made_here_and_then_it_is_the_callers_turn() {
    let said = vec![Said::ForCaller(function_call("weather")), Said::Call(call(1))];
    let (progress, effect) = after(with(asked(), vec![answered(said), Happened::Calls, called(&call(1), "one")]));
    assert_eq!((effect, state(&progress)), (Effect::Finish, &State::Completed));
    assert_eq!(progress.output.len(), 2);
}

#[test]
fn what_costs_of_all_turns_is_summed() {
    let again = vec![answered(vec![Said::Call(call(1))]), Happened::Calls, called(&call(1), "one"), Happened::Asks];
    let (progress, _) = after(with(with(asked(), again), vec![answered(vec![Said::Item(message("done"))])]));
    let usage = progress.usage.unwrap();
    assert_eq!((usage.input, usage.output, progress.turns), (20, 4, 2));
}

#[test]
fn a_call_of_nothing_is_told_to_the_model_and_to_nobody_else() {
    let refused = Said::Refused {
        call_id: "call_9".to_owned(),
        name: "lok".to_owned(),
        arguments: "{}".to_owned(),
        reason: "there is no function `lok`".to_owned(),
    };
    let (progress, effect) = after(with(asked(), vec![answered(vec![refused])]));
    assert_eq!(effect, Effect::Ask);
    assert!(progress.output.is_empty());
    assert_eq!(progress.transcript[1]["output"], "there is no function `lok`");
}

#[test]
fn calls_beyond_a_limit_are_not_made_and_the_model_is_told() {
    let five = (0..5).map(|number| Said::Call(call(number))).collect();
    let (progress, effect) = after(with(asked(), vec![answered(five)]));
    let Effect::Call(made) = effect else { panic!("{effect:?}") };
    assert_eq!((made.len(), progress.calls), (4, 4), "the caller's own limit");
    assert!(
        progress.transcript.iter().any(|item| item["output"].as_str().is_some_and(|told| told.contains("4 calls")))
    );
    let many = (0..=CALLS_AT_ONCE as u128).map(|number| Said::Call(call(number))).collect();
    let start = Progress::new(1000);
    let (_, effect) = step(step(start, Happened::Began(Vec::new())).0, answered(many));
    let Effect::Call(made) = effect else { panic!("{effect:?}") };
    assert_eq!(made.len(), CALLS_AT_ONCE);
}

#[test]
fn a_model_that_goes_round_in_circles_is_stopped() {
    let mut progress = step(Progress::new(u32::MAX), Happened::Began(Vec::new())).0;
    for turn in 1..=TURNS_LIMIT {
        let number = u128::from(turn);
        for happened in [Happened::Asks, answered(vec![Said::Call(call(number))]), Happened::Calls] {
            progress = step(progress, happened).0;
        }
        let (next, effect) = step(progress, called(&call(number), "again"));
        progress = next;
        assert_eq!(effect == Effect::Finish, turn == TURNS_LIMIT, "turn {turn}");
    }
    assert_eq!(state(&progress), &State::Incomplete("max_tool_calls".to_owned()));
}

#[test]
fn what_ends_badly_shows_what_was_said() {
    let endings = [
        (Ending::Cut("max_output_tokens".to_owned()), State::Incomplete("max_output_tokens".to_owned())),
        (
            Ending::Failed { code: "server_error".to_owned(), message: "no".to_owned() },
            State::Failed { code: "server_error".to_owned(), message: "no".to_owned() },
        ),
    ];
    for (ending, expected) in endings {
        let said = vec![Said::Item(message("half")), Said::Call(call(1))];
        let happened = Happened::Answered { said, ending, usage: Value::Null };
        let (progress, effect) = after(with(asked(), vec![happened]));
        assert_eq!((effect, state(&progress)), (Effect::Finish, &expected));
        assert_eq!(progress.output, [message("half")], "no call of a broken answer is made");
        assert_eq!(progress.usage, None);
    }
}

#[test]
fn an_end_is_final_and_leaves_open_calls_unfinished() {
    let begun = with(asked(), vec![answered(vec![Said::Call(call(1))]), Happened::Calls]);
    let failed = Happened::Failed { code: "timeout".to_owned(), message: "late".to_owned() };
    for (why, expected) in [
        (Happened::Cancelled, State::Cancelled),
        (failed, State::Failed { code: "timeout".to_owned(), message: "late".to_owned() }),
    ] {
        let (progress, effect) = after(with(begun.clone(), vec![why, called(&call(1), "too late"), Happened::Asks]));
        assert_eq!((effect, state(&progress)), (Effect::Finish, &expected));
        assert_eq!(progress.output[0]["status"], "incomplete");
        assert_eq!(progress.turns, 1);
    }
}

#[test]
fn after_a_restart_a_model_is_asked_again_and_no_begun_call_is_made_again() {
    let two = || answered(vec![Said::Call(call(1)), Said::Call(call(2))]);
    let cases = [
        ("nothing was done", vec![], Effect::Begin),
        ("asking", asked(), Effect::Ask),
        ("calls planned", with(asked(), vec![two()]), Effect::Call(vec![call(1), call(2)])),
        ("calls begun", with(asked(), vec![two(), Happened::Calls]), Effect::Call(vec![])),
        ("one done", with(asked(), vec![two(), Happened::Calls, called(&call(2), "two")]), Effect::Call(vec![])),
        ("answered", with(asked(), vec![answered(vec![Said::Item(message("done"))])]), Effect::Finish),
    ];
    for (story, happened, expected) in cases {
        let (_, effect) = after(with(happened, vec![Happened::Resumed]));
        assert_eq!(effect, expected, "{story}");
    }
    let given_up = vec![two(), Happened::Calls, called(&call(1), "it stopped"), called(&call(2), "it stopped")];
    let (progress, effect) = after(with(with(asked(), given_up), vec![Happened::Resumed]));
    assert_eq!(effect, Effect::Ask);
    assert_eq!(progress.output[0]["output"], "it stopped");
}

#[test]
fn what_the_input_allows_is_called_before_a_model_is_asked() {
    let (_, effect) = after(vec![Happened::Listed(vec![message("list")]), Happened::Began(vec![Said::Call(call(1))])]);
    assert_eq!(effect, Effect::Call(vec![call(1)]));
    let allowed = vec![Happened::Began(vec![Said::Call(call(1))]), Happened::Calls, called(&call(1), "one")];
    assert_eq!(after(allowed).1, Effect::Ask);
}

#[test]
fn what_happened_is_read_again_as_it_was_kept() {
    let all = [
        Happened::Listed(vec![message("list")]),
        Happened::Began(vec![Said::Call(call(1)), Said::ForCaller(function_call("f"))]),
        Happened::Asks,
        answered(vec![Said::Item(message("hello"))]),
        Happened::Calls,
        called(&call(1), "one"),
        Happened::Resumed,
        Happened::Cancelled,
        Happened::Failed { code: "a".to_owned(), message: "b".to_owned() },
    ];
    for happened in all {
        let kept = serde_json::to_value(&happened).unwrap();
        assert_eq!(serde_json::from_value::<Happened>(kept).unwrap(), happened);
    }
}
