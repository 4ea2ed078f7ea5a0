#pragma once
#include <microhttpd.h>

// MHD_start_daemon is variadic, which Swift cannot call, and its flags are a closed enum in Swift,
// which cannot hold a combination.
static inline struct MHD_Daemon *spindle_mhd_start(
    int listen_socket, unsigned int threads, unsigned int connection_limit,
    unsigned int idle_timeout_s, size_t connection_memory_bytes,
    MHD_AccessHandlerCallback answer,
    void *(*request_line)(void *context, const char *target, struct MHD_Connection *connection),
    MHD_RequestCompletedCallback completed, MHD_NotifyConnectionCallback connected, void *context
) {
    // A pool of one is refused: without the option there is one polling thread anyway.
    struct MHD_OptionItem pool[] = {
        {MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)threads, NULL}, {MHD_OPTION_END, 0, NULL}};
    struct MHD_OptionItem nothing[] = {{MHD_OPTION_END, 0, NULL}};
    return MHD_start_daemon(
        // The inter-thread channel is what MHD_quiesce_daemon needs to reach polling threads.
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC,
        0, NULL, NULL, answer, context,
        MHD_OPTION_LISTEN_SOCKET, listen_socket,
        MHD_OPTION_CONNECTION_LIMIT, connection_limit,
        MHD_OPTION_CONNECTION_TIMEOUT, idle_timeout_s,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, connection_memory_bytes,
        MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_URI_LOG_CALLBACK, request_line, context,
        MHD_OPTION_NOTIFY_COMPLETED, completed, context,
        MHD_OPTION_NOTIFY_CONNECTION, connected, context,
        MHD_OPTION_ARRAY, threads > 1 ? pool : nothing,
        MHD_OPTION_END);
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
