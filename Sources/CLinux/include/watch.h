#pragma once

// inotify(7) and signalfd(2), of which Swift sees neither the macros nor the event's layout.

/// What a watched folder has to say; only that something happened matters, not what.
struct spindle_watch_event {
    /// -1 when the kernel's queue has overflowed: anything may have happened.
    int watch;
    /// Not zero when the watch has ended: its folder is gone, or was unmounted.
    int ended;
};

/// inotify_init1(2). Returns the descriptor, or -1 with errno set.
int spindle_watch_open(void);

/// inotify_add_watch(2) for everything that changes names or contents in a folder.
/// Returns the watch, the same for the same folder, or -1 with errno set.
int spindle_watch_folder(int fd, const char *path);

/// inotify_rm_watch(2).
void spindle_watch_remove(int fd, int watch);

/// Takes what has happened so far. Returns how many events, 0 when there are none.
long spindle_watch_take(int fd, struct spindle_watch_event *events, long capacity);

/// Blocks SIGTERM and SIGINT in this thread. Returns a descriptor that is readable once one of them
/// has come, or -1 with errno set.
int spindle_end_signals(void);

/// The f_type of statfs(2), or 0 when it will not say.
long spindle_file_system_type(const char *path);
