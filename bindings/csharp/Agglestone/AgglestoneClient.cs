using System;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;

using Agglestone.Native;

namespace Agglestone;

/// <summary>
/// The client for a tenant of the Agglestone Authentication and User Management Service. Make one and keep it: it pools
/// connections, and any number of threads may use it at the same time.
/// </summary>
[DebuggerDisplay("{ToString(),nq}")]
public sealed partial class AgglestoneClient : AgglestoneCalls, IDisposable, IAsyncDisposable
{
    private readonly ClientHandle handle;
    private readonly string description;
    private readonly AgglestoneCallOptions callOptions = new();

    /// <summary>A client configured by the environment (<c>AGGLESTONE_TENANT_ID</c>, <c>AGGLESTONE_API_KEY</c>, ...).</summary>
    /// <exception cref="AgglestoneConfigurationException">Something is missing or unusable; the message lists every problem.</exception>
    public AgglestoneClient()
        : this(new AgglestoneClientOptions())
    {
    }

    /// <summary>A client with these options; what they leave open comes from the environment, then from defaults.</summary>
    /// <param name="options">The settings; copied.</param>
    /// <exception cref="AgglestoneConfigurationException">Something is missing or unusable; the message lists every problem.</exception>
    public AgglestoneClient(AgglestoneClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        NativeLibraryCheck.Run();
        handle = Settings.CreateClient(options);
        description = $"AgglestoneClient {{ TenantUrl = {handle.TenantUrl()} }}";
    }

    private AgglestoneClient(AgglestoneClient client, AgglestoneCallOptions options)
    {
        handle = client.handle;
        description = client.description;
        callOptions = options.Or(client.callOptions);
    }

    /// <summary>
    /// The same client, whose calls through this one have other times or retries. Both share connections, keys and tokens, and
    /// disposing either closes both; this one needs no disposal.
    /// </summary>
    /// <param name="options">What differs; what is null in it stays as it is.</param>
    public override AgglestoneClient With(AgglestoneCallOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new AgglestoneClient(this, options);
    }

    /// <summary>Calls made by a user: with the user's token, which the client exchanges and keeps, and without the API key.</summary>
    /// <param name="userId">The user's id. Checked now; nothing is sent before the first call.</param>
    /// <exception cref="AgglestoneArgumentException">Text that can't be an id.</exception>
    public AgglestoneUserClient AsUser(string userId)
    {
        Operation.CheckUserId(userId);
        return new AgglestoneUserClient(this, userId);
    }

    /// <summary>
    /// Closes the client. Calls under way end with <see cref="ObjectDisposedException"/>, and so does every later one.
    /// Doing it again does nothing.
    /// </summary>
    public void Dispose() => handle.Dispose();

    /// <summary>The same as <see cref="Dispose"/>: closing waits for nothing.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    /// <summary>The tenant's address, never a key.</summary>
    public override string ToString() => description;

    /// <summary>The way of every asynchronous call: start, wait for the callback, take what it brought.</summary>
    internal override async Task<Reply> RunAsync(Operation operation, CancellationToken cancellationToken)
    {
        using var pending = Start(operation, cancellationToken);
        var completion = await pending.Completed.ConfigureAwait(false);
        return completion.Take(cancellationToken);
    }

    /// <summary>The same for blocking calls. The library's dispatcher thread ends the wait: no thread of the pool is needed.</summary>
    internal override Reply Run(Operation operation, CancellationToken cancellationToken)
    {
        using var pending = Start(operation, cancellationToken);
        var completion = pending.Completed.GetAwaiter().GetResult();
        return completion.Take(cancellationToken);
    }

    private PendingCall Start(Operation operation, CancellationToken cancellationToken)
    {
        operation.Set(callOptions);
        return PendingCall.Start(handle, operation, cancellationToken);
    }
}
