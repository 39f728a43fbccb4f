"""`openai` as the project client hands it out: conversations and their items."""

import openai
import pytest

from support.foundry import Project
from support.script import SAYS, turns
from support.tenant import FOUNDRY_USER, Account, expect


def message(text: str, role: str = "user") -> dict:
    kind = "output_text" if role == "assistant" else "input_text"
    return {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}


def texts(items) -> list[str]:
    return [part.text for item in items for part in getattr(item, "content", None) or []]


@pytest.fixture
def conversation(client):
    made = client.conversations.create(items=[message("Hello"), message("Hello yourself", "assistant")], metadata={"team": "research"})
    yield made
    try:
        client.conversations.delete(made.id)
    except openai.NotFoundError:
        pass


def test_a_conversation_keeps_what_it_was_made_with(client, conversation):
    found = client.conversations.retrieve(conversation.id)
    assert (found.id, found.object, found.metadata) == (conversation.id, "conversation", {"team": "research"})
    assert found.id.startswith("conv_") and found.created_at == conversation.created_at
    assert texts(client.conversations.items.list(found.id, order="asc")) == ["Hello", "Hello yourself"]


def test_metadata_is_replaced(client, conversation):
    assert client.conversations.update(conversation.id, metadata={"team": "sales"}).metadata == {"team": "sales"}
    assert client.conversations.retrieve(conversation.id).metadata == {"team": "sales"}


def test_items_are_added_read_and_removed(client, conversation):
    added = client.conversations.items.create(conversation.id, items=[message(f"number {at}") for at in range(3)])
    assert texts(added.data) == ["number 0", "number 1", "number 2"]
    one = added.data[1]
    assert client.conversations.items.retrieve(one.id, conversation_id=conversation.id).id == one.id
    assert client.conversations.items.delete(one.id, conversation_id=conversation.id).id == conversation.id
    with pytest.raises(openai.NotFoundError) as refused:
        client.conversations.items.retrieve(one.id, conversation_id=conversation.id)
    assert one.id in refused.value.message
    assert texts(client.conversations.items.list(conversation.id, order="asc"))[2:] == ["number 0", "number 2"]


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_pages_are_the_whole_list_in_both_orders(client, conversation, order):
    client.conversations.items.create(conversation.id, items=[message(f"number {at}") for at in range(20)])
    client.conversations.items.create(conversation.id, items=[message(f"number {at}") for at in range(20, 25)])
    paged = texts(client.conversations.items.list(conversation.id, order=order, limit=4))
    whole = ["Hello", "Hello yourself", *(f"number {at}" for at in range(25))]
    assert paged == (whole if order == "asc" else whole[::-1])


def test_a_conversation_that_was_deleted_is_gone_with_its_items(client, conversation):
    gone = client.conversations.delete(conversation.id)
    assert (gone.id, gone.object, gone.deleted) == (conversation.id, "conversation.deleted", True)
    for ask in (lambda: client.conversations.retrieve(conversation.id), lambda: client.conversations.items.list(conversation.id),
                lambda: client.responses.create(model="scripts/scripted", input="Hi", conversation=conversation.id)):
        with pytest.raises(openai.NotFoundError) as refused:
            ask()
        assert conversation.id in refused.value.message


def test_responses_of_a_conversation_are_added_to_it(client, conversation, gateway, a_name):
    for at in range(2):
        made = client.responses.create(model="scripts/scripted", input=f"say {a_name} {at}", conversation=conversation.id)
        assert made.conversation.id == conversation.id and made.output_text == f"{a_name} {at}"
    said = texts(client.conversations.items.list(conversation.id, order="asc"))
    assert said[2:] == [f"say {a_name} 0", f"{a_name} 0", f"say {a_name} 1", f"{a_name} 1"]
    asked = gateway.asked(a_name)[-1].body["messages"]
    assert [one["role"] for one in asked] == ["user", "assistant", "user", "assistant", "user"]
    assert "Hello yourself" in str(asked)


def test_an_agent_goes_on_in_a_conversation(client, conversation, agent, gateway, a_name):
    reference = agent(instructions=f"You are {a_name}.")
    client.responses.create(input="say One.", conversation=conversation.id, extra_body=reference)
    second = client.responses.create(input="say Two.", conversation={"id": conversation.id}, extra_body=reference)
    assert second.output_text == "Two."
    asked = str(gateway.asked(a_name)[-1].body["messages"])
    assert "Hello yourself" in asked and "One." in asked
    # What the agent is told is the agent's, and no item of the conversation.
    assert a_name not in str(texts(client.conversations.items.list(conversation.id)))


def test_a_conversation_and_a_previous_response_do_not_go_together(client, conversation):
    made = client.responses.create(model="scripts/scripted", input="Hi")
    with pytest.raises(openai.BadRequestError) as refused:
        client.responses.create(model="scripts/scripted", input="Hi", conversation=conversation.id, previous_response_id=made.id)
    assert "previous_response_id" in refused.value.message and "conversation" in refused.value.message


def test_an_item_of_no_known_type_is_refused_and_nothing_is_added(client, conversation):
    with pytest.raises(openai.BadRequestError) as refused:
        client.conversations.items.create(conversation.id, items=[message("fine"), {"type": "nonsense"}])
    assert "items[1]" in f"{refused.value.param} {refused.value.message}"
    assert "fine" not in texts(client.conversations.items.list(conversation.id))


def test_a_conversation_is_its_projects_own(client, place, conversation, tenant, application):
    other = Account(tenant, place.account.id, "other")
    expect(201, tenant.arm("PUT", other.project, {"location": "eastus2", "identity": {"type": "SystemAssigned"}, "properties": {}}))
    tenant.grant(application, FOUNDRY_USER, place.account.id)
    here, there = (Project(tenant, account).client(application).get_openai_client(max_retries=0) for account in (place.account, other))
    assert here.conversations.retrieve(conversation.id).id == conversation.id
    with pytest.raises(openai.NotFoundError):
        there.conversations.retrieve(conversation.id)


def test_who_may_not_use_agents_reads_no_conversation(place, application, conversation):
    stranger = place.client(application).get_openai_client(max_retries=0)
    for ask in (lambda: stranger.conversations.retrieve(conversation.id), lambda: stranger.conversations.create(),
                lambda: stranger.conversations.items.create(conversation.id, items=[message("Hi")])):
        with pytest.raises(openai.AuthenticationError) as refused:
            ask()
        assert "AIServices/agents/" in refused.value.message


def test_a_run_that_fails_leaves_the_question_and_no_answer(client, conversation):
    with pytest.raises(openai.APIStatusError):
        client.responses.create(model="scripts/fails", input="Will you?", conversation=conversation.id)
    assert SAYS not in texts(client.conversations.items.list(conversation.id))
    made = client.responses.create(model="scripts/scripted", input=turns(say="I will."), conversation=conversation.id)
    assert made.output_text == "I will."
