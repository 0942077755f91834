using System;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;

using static Agglestone.Native.NativeMethods;

namespace Agglestone.Native;

/// <summary>
/// A call that was started and whose callback has not come yet. The library knows it by an integer: a number that came twice
/// or late would find nothing here, where a pointer would find freed memory.
/// </summary>
internal sealed class PendingCall
{
    private static readonly ConcurrentDictionary<nint, PendingCall> Registry = new();
    private static long lastId;

    // The caller's code must not run on the library's dispatcher thread, where it would hold up every other callback.
    private readonly TaskCompletionSource<Completion> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the callback comes, and then carries what it brought.</summary>
    internal Task<Completion> Completed => completion.Task;

    /// <summary>The agg_call, where the caller asked for one.</summary>
    internal nint Call { get; private set; }

    /// <summary>Starts an operation.</summary>
    /// <param name="client">Who runs it.</param>
    /// <param name="operation">What to do; copied.</param>
    /// <param name="cancellable">Whether a handle for <see cref="Cancel"/> is needed.</param>
    internal static unsafe PendingCall Start(ClientHandle client, Operation operation, bool cancellable)
    {
        var pending = new PendingCall();
        var id = (nint)Interlocked.Increment(ref lastId);
        Registry[id] = pending;
        nint call = 0, error = 0;
        uint status;
        try
        {
            var borrowed = client.Borrow();
            try
            {
                status = agg_client_start(borrowed, operation.Handle, &OnCompleted, id, cancellable ? &call : null, &error);
            }
            finally
            {
                client.Return();
            }

            NativeError.Check(status, error);
        }
        catch
        {
            // Not started, so there will be no callback to do this.
            Registry.TryRemove(id, out _);
            throw;
        }

        pending.Call = call;
        return pending;
    }

    /// <summary>Asks the library to end the call. The callback comes all the same.</summary>
    internal void Cancel() => agg_call_cancel(Call);

    /// <summary>Frees the handle; nobody may be in <see cref="Cancel"/> any more.</summary>
    internal void Free()
    {
        agg_call_free(Call);
        Call = 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnCompleted(nint id, nint reply, nint error)
    {
        // An exception must not leave into native code, and none is expected: there is nothing in here that throws.
        if (!Registry.TryRemove(id, out var pending) || !pending.completion.TrySetResult(new Completion(reply, error)))
        {
            agg_reply_free(reply);
            agg_error_free(error);
        }
    }

    /// <summary>What a callback brought: an agg_reply or an agg_error, owned by whoever takes it.</summary>
    internal readonly record struct Completion(nint Reply, nint Error)
    {
        /// <summary>The reply, or the error as an exception.</summary>
        internal Reply Take(CancellationToken token) => Error == 0 ? new Reply(Reply) : throw NativeError.Take(Error, token);
    }
}
