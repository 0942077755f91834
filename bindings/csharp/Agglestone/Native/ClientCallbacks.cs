using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Tasks;

namespace Agglestone.Native;

/// <summary>
/// What the library may call on behalf of one client: ends of calls, and the application's functions about keys. Belongs to the
/// client's handle and is all that keeps those functions: kept by the library's side, a function that reaches the client would keep
/// it, and itself, for ever.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A source without timer or wait handle has nothing to free.")]
internal sealed class ClientCallbacks
{
    private static readonly AsyncLocal<bool> Within = new();

    private readonly CancellationTokenSource closing = new();
    private readonly List<object> kept = [];
    private readonly Outstanding outstanding = new();

    /// <summary>Counts what may still come.</summary>
    internal Outstanding Outstanding => outstanding;

    internal void Register(KeyCallbacks.Registration registration) => kept.Add(registration.Kept);

    /// <summary>Asks the application for its keys.</summary>
    internal ApiKeys Ask(Func<CancellationToken, Task<ApiKeys>> source)
    {
        Within.Value = true;
        try
        {
            var task = source(closing.Token) ?? throw new InvalidOperationException("ApiKeySource answered null in place of a task");
            return task.GetAwaiter().GetResult() ?? throw new InvalidOperationException("ApiKeySource answered null in place of keys");
        }
        finally
        {
            Within.Value = false;
        }
    }

    /// <summary>
    /// Tells a source that runs that nobody needs its answer. On the pool: what the application does then is not for whoever closes
    /// the client to wait for, or to catch.
    /// </summary>
    internal void Close()
    {
        if (kept.Count > 0)
        {
            closing.CancelAsync().ContinueWith(
                static cancelled => _ = cancelled.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
    }

    /// <summary>Ends after the last callback; within one at once, which would else wait for itself.</summary>
    internal Task EndedAsync() => Within.Value ? Task.CompletedTask : outstanding.NoneAsync();
}
