// Generated from bindings/c by `cargo xtask generate`; do not edit.
using System.Runtime.InteropServices;

namespace Agglestone.Native;

/// <summary>The C interface. include/agglestone.h says what each function does and who owns what.</summary>
internal static unsafe class NativeMethods
{
    /// <summary>libagglestone.so, libagglestone.dylib or agglestone.dll.</summary>
    internal const string Library = "agglestone";

    /// <summary>AGG_ABI_VERSION of the interface that these signatures belong to.</summary>
    internal const uint AbiVersion = 1;

    private const CallingConvention C = CallingConvention.Cdecl;

    [DllImport(Library, CallingConvention = C)]
    internal static extern byte* agg_version();

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_abi_version();

    [DllImport(Library, CallingConvention = C)]
    internal static extern nuint agg_live_handles();

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_error_code(nint error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern View agg_error_message(nint error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern nuint agg_error_problem_count(nint error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern View agg_error_problem_setting(nint error, nuint number);

    [DllImport(Library, CallingConvention = C)]
    internal static extern View agg_error_problem_reason(nint error, nuint number);

    [DllImport(Library, CallingConvention = C)]
    internal static extern ushort agg_error_http_status(nint error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern double agg_error_retry_after(nint error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern View agg_error_request_id(nint error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern View agg_error_service_message(nint error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern View agg_error_argument(nint error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern View agg_error_reason(nint error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern byte agg_error_retryable(nint error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_error_attempts(nint error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern void agg_error_free(nint error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_new(nint* config, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_tenant_id(nint config, byte* tenantId, nuint length, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_api_key(nint config, byte* apiKey, nuint length, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_secondary_api_key(nint config, byte* apiKey, nuint length, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_api_key_file(nint config, byte* path, nuint length, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_secondary_api_key_file(nint config, byte* path, nuint length, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_base_url(nint config, byte* baseUrl, nuint length, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_users_path(nint config, byte* usersPath, nuint length, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_app_name(nint config, byte* appName, nuint length, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_runtime(nint config, byte* runtime, nuint length, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_allow_insecure_http(nint config, byte allow, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_connect_timeout(nint config, double seconds, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_timeout(nint config, double seconds, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_deadline(nint config, double seconds, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_ca_file(nint config, byte* path, nuint length, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_max_retries(nint config, long retries, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_max_connections(nint config, long connections, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_io_threads(nint config, long threads, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_idle_timeout(nint config, double seconds, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_connection_max_age(nint config, double seconds, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_token_cache_size(nint config, long users, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_token_store(nint config, byte* url, nuint length, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_token_store_key(nint config, byte* key, nuint length, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_audience(nint config, byte* audience, nuint length, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_clock_tolerance(nint config, double seconds, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_verify_cache_size(nint config, long tokens, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_request_log(nint config, byte log, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_variable(
        nint config,
        byte* name,
        nuint nameLength,
        byte* value,
        nuint valueLength,
        nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_inline_callbacks(nint config, byte inlineCallbacks, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_queue(nint config, nint queue, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern void agg_config_free(nint config);

    [DllImport(Library, CallingConvention = C)]
    internal static extern View agg_event_name(nint @event);

    [DllImport(Library, CallingConvention = C)]
    internal static extern View agg_event_level(nint @event);

    [DllImport(Library, CallingConvention = C)]
    internal static extern View agg_event_message(nint @event);

    [DllImport(Library, CallingConvention = C)]
    internal static extern nuint agg_event_part_count(nint @event);

    [DllImport(Library, CallingConvention = C)]
    internal static extern View agg_event_part_name(nint @event, nuint number);

    [DllImport(Library, CallingConvention = C)]
    internal static extern View agg_event_part_value(nint @event, nuint number);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_event_callback(
        nint config,
        delegate* unmanaged[Cdecl]<nint, nint, void> callback,
        nint userData,
        delegate* unmanaged[Cdecl]<nint, void> release,
        nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_config_set_key_source(
        nint config,
        delegate* unmanaged[Cdecl]<nint, nint, void> source,
        nint userData,
        delegate* unmanaged[Cdecl]<nint, void> release,
        nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_key_answer_keys(
        nint answer,
        byte* primary,
        nuint primaryLength,
        byte* secondary,
        nuint secondaryLength,
        nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_key_answer_failure(nint answer, byte* reason, nuint length, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern void agg_account_free(Account* account);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_observation_new(
        byte* traceparent,
        nuint traceparentLength,
        byte* tracestate,
        nuint tracestateLength,
        byte* baggage,
        nuint baggageLength,
        nint* observation,
        nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_observation_account(nint observation, Account** account, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern void agg_observation_free(nint observation);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_operation_get_users(long pageNumber, long pageSize, nint* operation, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_operation_get_users_after(nint page, nint* operation, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_operation_get_user(byte* userId, nuint length, nint* operation, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_operation_exchange_api_key_for_token(byte* userId, nuint length, nint* operation, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_operation_exchange_api_key_for_fresh_token(byte* userId, nuint length, nint* operation, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_operation_as_user(nint operation, byte* userId, nuint length, nint* asUser, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_operation_request(
        byte* method,
        nuint methodLength,
        byte* path,
        nuint pathLength,
        nint* operation,
        nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_operation_add_query(
        nint operation,
        byte* name,
        nuint nameLength,
        byte* value,
        nuint valueLength,
        nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_operation_add_header(
        nint operation,
        byte* name,
        nuint nameLength,
        byte* value,
        nuint valueLength,
        nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_operation_set_json(nint operation, byte* json, nuint length, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_operation_set_connect_timeout(nint operation, double seconds, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_operation_set_timeout(nint operation, double seconds, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_operation_set_deadline(nint operation, double seconds, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_operation_set_max_retries(nint operation, long retries, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_operation_set_observation(nint operation, nint observation, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_operation_check_api_keys(nint* operation, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_operation_verify_token(byte* token, nuint length, nint* operation, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_operation_set_check_service(nint operation, byte check, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_operation_testing_panic(nint* operation, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern void agg_operation_free(nint operation);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_client_new(nint config, nint* client, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_client_call(nint client, nint operation, nint* reply, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_client_start(
        nint client,
        nint operation,
        delegate* unmanaged[Cdecl]<nint, nint, nint, void> callback,
        nint userData,
        nint* call,
        nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_client_set_api_keys(
        nint client,
        byte* primary,
        nuint primaryLength,
        byte* secondary,
        nuint secondaryLength,
        nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_client_tenant_url(nint client, nint* url, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_client_key_usage(nint client, nint* json, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_client_cached_token(nint client, byte* userId, nuint length, nint* reply, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_client_verified_token(
        nint client,
        byte* token,
        nuint length,
        byte checkService,
        nint* reply,
        nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_client_forget_token(nint client, byte* userId, nuint length, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_client_forget_tokens(nint client, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_client_token_stats(nint client, nint* json, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern void agg_client_close(nint client);

    [DllImport(Library, CallingConvention = C)]
    internal static extern void agg_client_free(nint client);

    [DllImport(Library, CallingConvention = C)]
    internal static extern void agg_call_cancel(nint call);

    [DllImport(Library, CallingConvention = C)]
    internal static extern void agg_call_free(nint call);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_queue_new(nint* queue, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern int agg_queue_fd(nint queue);

    [DllImport(Library, CallingConvention = C)]
    internal static extern nuint agg_queue_drain(nint queue);

    [DllImport(Library, CallingConvention = C)]
    internal static extern nuint agg_queue_pending(nint queue);

    [DllImport(Library, CallingConvention = C)]
    internal static extern void agg_queue_free(nint queue);

    [DllImport(Library, CallingConvention = C)]
    internal static extern ushort agg_reply_status(nint reply);

    [DllImport(Library, CallingConvention = C)]
    internal static extern View agg_reply_body(nint reply);

    [DllImport(Library, CallingConvention = C)]
    internal static extern View agg_reply_header(nint reply, byte* name, nuint length);

    [DllImport(Library, CallingConvention = C)]
    internal static extern nuint agg_reply_header_count(nint reply);

    [DllImport(Library, CallingConvention = C)]
    internal static extern View agg_reply_header_name(nint reply, nuint index);

    [DllImport(Library, CallingConvention = C)]
    internal static extern View agg_reply_header_value(nint reply, nuint index);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_reply_next_page(nint reply);

    [DllImport(Library, CallingConvention = C)]
    internal static extern long agg_reply_token_expires_at(nint reply);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_reply_attempts(nint reply);

    [DllImport(Library, CallingConvention = C)]
    internal static extern void agg_reply_free(nint reply);

    [DllImport(Library, CallingConvention = C)]
    internal static extern View agg_bytes_view(nint bytes);

    [DllImport(Library, CallingConvention = C)]
    internal static extern void agg_bytes_free(nint bytes);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_error_message_in(nint error, uint spelling, nint* text, nint* failure);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_error_argument_in(nint error, uint spelling, nint* text, nint* failure);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_error_problem_setting_in(nint error, nuint number, uint spelling, nint* text, nint* failure);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_error_problem_reason_in(nint error, nuint number, uint spelling, nint* text, nint* failure);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_settings(nint* json, nint* error);

    [DllImport(Library, CallingConvention = C)]
    internal static extern uint agg_methods(nint* json, nint* error);
}

[StructLayout(LayoutKind.Sequential)]
internal readonly unsafe partial struct View
{
    private readonly byte* data;
    private readonly nuint length;
}

[StructLayout(LayoutKind.Sequential)]
internal readonly unsafe partial struct Attempt
{
    private readonly View method;
    private readonly View route;
    private readonly View error;
    private readonly View errorType;
    private readonly View credential;
    private readonly View fingerprint;
    private readonly View requestId;
    private readonly long start;
    private readonly long duration;
    private readonly long connectionWait;
    private readonly uint resends;
    private readonly ushort status;
}

[StructLayout(LayoutKind.Sequential)]
internal readonly unsafe partial struct Account
{
    private readonly View method;
    private readonly View route;
    private readonly View serverAddress;
    private readonly View error;
    private readonly View token;
    private readonly View tokenStore;
    private readonly ushort serverPort;
    private readonly ushort status;
    private readonly uint failovers;
    private readonly long duration;
    private readonly nuint attemptCount;
    private readonly Attempt** attempts;
    private readonly nint memory;
}
