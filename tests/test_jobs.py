"""Work of the worker's threads: none of it keeps alerts waiting."""

from __future__ import annotations

from threading import Event, Thread

from screening.jobs import one_at_a_time


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
