#pragma once
// What a thread says of itself to the kernel. Linux: there a nice value is one of a thread, not of
// the process (sched(7)).

namespace piperoll::base {

// name: at most 15 characters; what tools that show threads show.
void name_this_thread(const char* name);

// From now on this thread gets a processor after those that somebody waits for: about a third of
// it where both want one, all of it where nobody else does. For work behind an answer.
void lower_this_threads_priority();

// Lets others that wait for this thread's processor have it first, if it has not for 250 us. Such a
// thread calls this between its steps: by itself the kernel takes a processor from it after
// milliseconds, whatever the priority of those that have something to do meanwhile (ADR 93).
void give_way();

}  // namespace piperoll::base
