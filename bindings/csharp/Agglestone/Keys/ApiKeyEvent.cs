namespace Agglestone;

/// <summary>Something that happened to a client's keys, or a call with <see cref="AgglestoneClientOptions.RequestLog"/>, for the application's log. Holds fingerprints, never a key.</summary>
/// <param name="Name">A stable name: <c>failover</c>, <c>failover_elsewhere</c>, <c>token_store_lost</c>, <c>token_store_back</c>, <c>keys_replaced</c>, <c>source_failed</c>, <c>insecure_http</c>, <c>key_file_writable</c>, <c>keys_refused</c>, <c>signing_keys_stale</c>, <c>request</c> or <c>call</c>.</param>
/// <param name="Level">How much it matters.</param>
/// <param name="Message">What happened.</param>
public sealed record ApiKeyEvent(string Name, ApiKeyEventLevel Level, string Message);
