#define _GNU_SOURCE
#include "watch.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/vfs.h>
#include <unistd.h>

int spindle_watch_open(void) { return inotify_init1(IN_NONBLOCK | IN_CLOEXEC); }

int spindle_watch_folder(int fd, const char *path) {
    return inotify_add_watch(
        fd, path,
        IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO
            | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_EXCL_UNLINK);
}

void spindle_watch_remove(int fd, int watch) { inotify_rm_watch(fd, watch); }

long spindle_watch_take(int fd, struct spindle_watch_event *events, long capacity) {
    char buffer[16 << 10] __attribute__((aligned(__alignof__(struct inotify_event))));
    // An event without a name is the smallest, so that no more come than there is room for.
    unsigned long wanted = (unsigned long)capacity * sizeof(struct inotify_event);
    if (wanted > sizeof buffer) wanted = sizeof buffer;
    long size = read(fd, buffer, wanted);
    long count = 0;
    for (long offset = 0; offset < size;) {
        struct inotify_event event;
        memcpy(&event, buffer + offset, sizeof event);
        offset += (long)(sizeof event + event.len);
        events[count].watch = event.mask & IN_Q_OVERFLOW ? -1 : event.wd;
        events[count].ended = (event.mask & IN_IGNORED) != 0;
        count++;
    }
    return count;
}

int spindle_end_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

long spindle_file_system_type(const char *path) {
    struct statfs info;
    return statfs(path, &info) == 0 ? (long)info.f_type : 0;
}
