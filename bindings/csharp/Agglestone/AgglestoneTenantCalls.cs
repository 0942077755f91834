using System;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;

using Agglestone.Native;
using Agglestone.Observability;

namespace Agglestone;

/// <summary>
/// The calls that a client makes with the tenant's API key. <see cref="AgglestoneClient"/> is one; <see cref="With"/> answers
/// another that shares its connections, keys and tokens, and is usable as long as it; needs no disposal.
/// </summary>
[DebuggerDisplay("{ToString(),nq}")]
public partial class AgglestoneTenantCalls : AgglestoneCalls
{
    private readonly ClientHandle? handle;
    private readonly string? description;
    private readonly AgglestoneCallOptions options = new();

    /// <summary>For a substitute in tests: what it does not override can't be called.</summary>
    protected AgglestoneTenantCalls()
    {
    }

    private protected AgglestoneTenantCalls(ClientHandle handle)
    {
        this.handle = handle;
        description = $"AgglestoneClient {{ TenantUrl = {handle.TenantUrl()} }}";
    }

    private AgglestoneTenantCalls(AgglestoneTenantCalls calls, AgglestoneCallOptions options)
    {
        handle = calls.Handle;
        description = calls.description;
        this.options = options.Or(calls.options);
    }

    /// <inheritdoc/>
    internal override bool IsSubstitute => handle is null;

    private protected ClientHandle Handle => handle ?? throw Substitute();

    private protected ClientHandle? HandleOrNull => handle;

    /// <inheritdoc/>
    public override AgglestoneTenantCalls With(AgglestoneCallOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new AgglestoneTenantCalls(this, options);
    }

    /// <summary>Calls made by a user: with the user's token, which the client exchanges and keeps, and without the API key.</summary>
    /// <param name="userId">The user's id. Checked now; nothing is sent before the first call.</param>
    /// <exception cref="AgglestoneArgumentException">Text that can't be an id.</exception>
    public virtual AgglestoneUserClient AsUser(string userId)
    {
        Operation.CheckUserId(userId);
        return new AgglestoneUserClient(this, userId);
    }

    /// <summary>The tenant's address, never a key.</summary>
    public override string ToString() => description ?? GetType().Name;

    /// <summary>The way of every asynchronous call: start, wait for the callback, take what it brought.</summary>
    internal override async Task<Reply> RunAsync(Operation operation, CancellationToken cancellationToken)
    {
        using var observation = CallObservation.Begin();
        observation?.Watch(operation);
        try
        {
            using var pending = Start(operation, cancellationToken);
            var completion = await pending.Completed.ConfigureAwait(false);
            var reply = completion.Take(cancellationToken);
            observation?.End(problem: null);
            return reply;
        }
        catch (Exception problem) when (observation is not null)
        {
            observation.End(problem);
            throw;
        }
    }

    /// <summary>The same for blocking calls. The library's dispatcher thread ends the wait: no thread of the pool is needed.</summary>
    internal override Reply Run(Operation operation, CancellationToken cancellationToken)
    {
        using var observation = CallObservation.Begin();
        observation?.Watch(operation);
        try
        {
            using var pending = Start(operation, cancellationToken);
            var completion = pending.Completed.GetAwaiter().GetResult();
            var reply = completion.Take(cancellationToken);
            observation?.End(problem: null);
            return reply;
        }
        catch (Exception problem) when (observation is not null)
        {
            observation.End(problem);
            throw;
        }
    }

    private PendingCall Start(Operation operation, CancellationToken cancellationToken)
    {
        operation.Set(options);
        return PendingCall.Start(Handle, operation, cancellationToken);
    }
}
