"""Work of the worker: none of it keeps alerts waiting, and nothing runs that the application did not ask for."""

from __future__ import annotations

from threading import Event, Thread

import pytest
from flask import Flask
from huey.serializer import Serializer

from screening.jobs import one_at_a_time, tell_staff


def test_work_that_is_under_way_is_done_once_more_and_holds_no_second_thread() -> None:
    begun, go_on, done = Event(), Event(), list[int]()

    def work() -> None:
        begun.set()
        assert go_on.wait(timeout=60)
        done.append(1)

    do = one_at_a_time(work)
    first = Thread(target=do)
    first.start()
    assert begun.wait(timeout=60)
    do()
    do()
    assert done == []
    go_on.set()
    first.join(timeout=60)
    assert len(done) == 2
    do()
    assert len(done) == 3


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_task_that_somebody_put_into_the_queue_is_not_opened(app: Flask) -> None:
    queue = app.extensions["queue"]
    queue.storage.initialize_schema()
    app.extensions["tasks"][tell_staff]("a-request")
    assert queue.dequeue().args == ("a-request",)
    queue.storage.enqueue(Serializer().serialize("anything"))
    with pytest.raises(ValueError, match=r"[Ss]ignature|not found"):
        queue.dequeue()
