using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;

using static Agglestone.Native.NativeMethods;

namespace Agglestone.Native;

/// <summary>A call that was started and has perhaps not ended yet.</summary>
internal sealed class PendingCall : IDisposable
{
    private static readonly Registry<PendingCall> UnderWay = new();

    // The caller's code must not run on the thread that calls back, which drives I/O for the whole process.
    private readonly TaskCompletionSource<Completion> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Held by the registry through this, so that a client nobody refers to any more is not finalized under its last call.
    private readonly ClientHandle client;

    private nint call;
    private CancellationTokenRegistration cancellation;

    private PendingCall(ClientHandle client) => this.client = client;

    /// <summary>How many calls have not ended, for tests that look for leaks.</summary>
    internal static int Count => UnderWay.Count;

    /// <summary>Ends when the callback comes, and then carries what it brought, which has to be taken exactly once.</summary>
    internal Task<Completion> Completed => completion.Task;

    /// <summary>Starts an operation.</summary>
    /// <param name="client">Who runs it.</param>
    /// <param name="operation">What to do; copied.</param>
    /// <param name="token">Ends the call; with one that is cancelled already, nothing is sent.</param>
    internal static PendingCall Start(ClientHandle client, Operation operation, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        var pending = new PendingCall(client);
        var id = UnderWay.Add(pending);
        client.Callbacks.Outstanding.Add();
        try
        {
            pending.Start(operation, id, token.CanBeCanceled);
        }
        catch
        {
            // Not started, so there will be no callback to do this.
            UnderWay.Remove(id);
            client.Callbacks.Outstanding.Remove();
            throw;
        }

        pending.cancellation = token.UnsafeRegister(static call => agg_call_cancel(((PendingCall)call!).call), pending);
        return pending;
    }

    /// <summary>Frees the handle of a call that is completed.</summary>
    public void Dispose()
    {
        // Waits for a cancellation under way, which uses the handle.
        cancellation.Dispose();
        agg_call_free(call);
        call = 0;
    }

    private unsafe void Start(Operation operation, nint id, bool cancellable)
    {
        nint handle = 0, error = 0;
        using var borrowed = new ClientHandle.Scope(client);
        NativeError.Check(
            agg_client_start(borrowed.Handle, operation.Handle, &OnCompleted, id, cancellable ? &handle : null, &error),
            error);
        call = handle;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnCompleted(nint id, nint reply, nint error)
    {
        // An exception must not leave into native code, and none is expected: there is nothing in here that throws.
        var pending = UnderWay.Remove(id);
        if (pending?.completion.TrySetResult(new Completion(reply, error)) is not true)
        {
            agg_reply_free(reply);
            agg_error_free(error);
        }

        pending?.client.Callbacks.Outstanding.Remove();
    }

    /// <summary>What a callback brought: an agg_reply or an agg_error.</summary>
    internal readonly record struct Completion(nint Reply, nint Error)
    {
        /// <summary>The reply, now the caller's, or the error as an exception.</summary>
        internal Reply Take(CancellationToken token) => Error == 0 ? new Reply(Reply) : throw NativeError.Take(Error, token);
    }
}
