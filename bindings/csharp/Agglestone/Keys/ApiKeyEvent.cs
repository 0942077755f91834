using System.Collections.Generic;

namespace Agglestone;

/// <summary>Something that happened to a client's keys, or a call with <see cref="AgglestoneClientOptions.RequestLog"/>, for the application's log. Holds fingerprints, never a key.</summary>
/// <param name="Name">A stable name: <c>failover</c>, <c>failover_elsewhere</c>, <c>token_store_lost</c>, <c>token_store_back</c>, <c>keys_replaced</c>, <c>source_failed</c>, <c>insecure_http</c>, <c>key_file_writable</c>, <c>keys_refused</c>, <c>signing_keys_stale</c>, <c>request</c> or <c>call</c>.</param>
/// <param name="Level">How much it matters.</param>
/// <param name="Message">What happened.</param>
public sealed record ApiKeyEvent(string Name, ApiKeyEventLevel Level, string Message)
{
    private static readonly Dictionary<string, object> None = [];

    /// <summary>
    /// What the message is made of, by name, for logs that are searched. Of a <c>request</c>: <c>Method</c>, <c>Route</c> (a template),
    /// <c>Status</c>, <c>Error</c> (the name of a code, where there was no response), <c>ElapsedMilliseconds</c>, <c>Attempt</c>,
    /// <c>Credential</c> (<c>primary</c>, <c>secondary</c> or <c>token</c>), <c>Fingerprint</c> (of the key) and <c>RequestId</c>; of a <c>call</c> the first five and <c>Attempts</c>; of others <c>From</c>, <c>To</c>,
    /// <c>Primary</c>, <c>Secondary</c>, <c>Fingerprints</c>, <c>Reason</c>, <c>Url</c> or <c>Path</c>. What there is not is left out.
    /// <c>Status</c>, <c>Attempt</c> and <c>Attempts</c> are <see cref="int"/>, <c>ElapsedMilliseconds</c> is a <see cref="double"/>,
    /// everything else is a <see cref="string"/>.
    /// </summary>
    public IReadOnlyDictionary<string, object> Parts { get; init; } = None;
}
