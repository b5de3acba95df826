// Ctrl-C and other wishes to stop, seen by whoever waits or computes. Signals
// belong to the process, so there is one of each.
#pragma once

namespace dci {

/// Installs handlers for SIGINT, SIGTERM, SIGHUP, SIGWINCH and SIGCONT. Call
/// it from main, once.
void catch_signals();

/// Whether what runs should stop: Ctrl-C since the last clear_interrupt(), or
/// the program is to end.
bool stop_wanted();
/// Whether the program is to end: SIGTERM, SIGHUP or want_end().
bool end_wanted();
/// As a SIGINT does.
void want_interrupt();
/// From now on stop_wanted() and end_wanted() stay true, until clear_end().
void want_end();

/// Before the next piece of work.
void clear_interrupt();
void clear_end();

/// Whether the terminal's size changed, or the program was continued after a
/// stop, since the last call.
bool take_resize();
bool take_continue();

/// Readable when one of the above happened or wake() was called; drained by
/// drain_wakes().
int wake_handle();
void wake();
void drain_wakes();

} // namespace dci
