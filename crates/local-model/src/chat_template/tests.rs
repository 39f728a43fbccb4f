#![allow(clippy::unwrap_used)]

use super::*;

fn message(role: &str, content: &str) -> ChatMessage {
    ChatMessage { role: role.to_owned(), content: content.to_owned() }
}

fn compile(source: &str) -> Result<ChatTemplate, String> {
    ChatTemplate::compile(source.to_owned(), "<s>".to_owned(), "</s>".to_owned())
}

#[test]
fn a_conversation_is_rendered_open_at_the_assistants_turn() {
    let source = "{{ bos_token }}{% for message in messages %}[{{ message['role'] }}] {{ message.content.strip() }}\n{% endfor %}\
                  {% if add_generation_prompt %}[assistant]{% endif %}";
    let text = compile(source).unwrap().render(&[message("system", " be brief "), message("user", "hi")]).unwrap();
    assert_eq!(text, "<s>[system] be brief\n[user] hi\n[assistant]");
}

#[test]
fn a_template_may_refuse_a_conversation() {
    let source = "{% if messages[0].role != 'user' %}{{ raise_exception('begin with the user') }}{% endif %}";
    let error = compile(source).unwrap().render(&[message("system", "x")]).unwrap_err();
    assert!(error.to_string().contains("begin with the user"), "{error}");
}

#[test]
fn a_template_that_never_ends_is_given_up() {
    let source = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
    assert!(matches!(compile(source).unwrap().render(&[message("user", "x")]), Err(ModelError::Template(_))));
}

#[test]
fn a_broken_template_is_an_error_of_the_file() {
    assert!(compile("{% for %}").is_err());
}
