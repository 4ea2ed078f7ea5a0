#pragma once
#include <errno.h>
#include <limits.h>
#include <microhttpd.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#ifndef __USE_GNU
// accept4(2); the C library declares it only under _GNU_SOURCE, which Swift's importer does not set.
extern int accept4(int listen_socket, struct sockaddr *address, socklen_t *length, int flags);
#endif

// MHD_start_daemon is variadic, which Swift cannot call, and its flags are a closed enum in Swift,
// which cannot hold a combination.
//
// One polling thread without a listening socket: connections come through spindle_mhd_accept.
// Given the socket, libmicrohttpd 0.9.75 cannot stop accepting safely: MHD_quiesce_daemon and a
// polling thread that is awake both take it out of the thread's epoll set, and whichever comes
// second aborts the process.
static inline struct MHD_Daemon *spindle_mhd_start(
    unsigned int idle_timeout_s, size_t connection_memory_bytes, MHD_AccessHandlerCallback answer,
    void *(*request_line)(void *context, const char *target, struct MHD_Connection *connection),
    MHD_RequestCompletedCallback completed, MHD_NotifyConnectionCallback connected, void *context
) {
    return MHD_start_daemon(
        // The inter-thread channel is how a connection that is handed over wakes the thread.
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_USE_NO_LISTEN_SOCKET,
        0, NULL, NULL, answer, context,
        // Whoever accepts keeps the limit. This one must never be reached: 0.9.75 then forgets to
        // release a mutex (new_connection_process_), and its thread hangs on it.
        MHD_OPTION_CONNECTION_LIMIT, UINT_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, idle_timeout_s,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, connection_memory_bytes,
        MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_URI_LOG_CALLBACK, request_line, context,
        MHD_OPTION_NOTIFY_COMPLETED, completed, context,
        MHD_OPTION_NOTIFY_CONNECTION, connected, context,
        MHD_OPTION_END);
}

// Accepts one connection and hands it to a daemon's thread. Returns 0 or an errno; ECONNABORTED
// also when the daemon refused it, which then has closed it.
static inline int spindle_mhd_accept(struct MHD_Daemon *daemon, int listen_socket) {
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    int connection = accept4(
        listen_socket, (struct sockaddr *)&address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (connection < 0) return errno;
    return MHD_add_connection(daemon, connection, (struct sockaddr *)&address, length) == MHD_YES
        ? 0 : ECONNABORTED;
}

// MHD_get_connection_info is variadic.
static inline void *spindle_mhd_socket_context(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

static inline int spindle_mhd_descriptor(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

// The kind of value is a flag enum, whose cases Swift does not see.
static inline void spindle_mhd_headers(
    struct MHD_Connection *connection, MHD_KeyValueIteratorN visit, void *context
) {
    MHD_get_connection_values_n(connection, MHD_HEADER_KIND, visit, context);
}

static inline const char *spindle_mhd_header(
    struct MHD_Connection *connection, const char *name
) {
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}
