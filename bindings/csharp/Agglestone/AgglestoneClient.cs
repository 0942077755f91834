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
public sealed partial class AgglestoneClient : IDisposable, IAsyncDisposable
{
    private readonly ClientHandle handle;
    private readonly string description;

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
        description = $"AgglestoneClient {{ TenantId = {options.TenantId}, BaseUrl = {options.BaseUrl} }}";
    }

    /// <summary>
    /// Replaces both API keys at once: the next call uses the new ones, and no call sees an old one beside a new one. When this
    /// fails, the keys in use stay.
    /// </summary>
    /// <param name="primary">The key to use first.</param>
    /// <param name="secondary">The tenant's other key; null when there is none from now on.</param>
    /// <exception cref="AgglestoneArgumentException">A key can't be sent, or both are the same.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public void SetApiKeys(string primary, string? secondary = null)
    {
        ArgumentNullException.ThrowIfNull(primary);
        handle.SetApiKeys(primary, secondary);
    }

    /// <summary>What this client did with its keys. Sends nothing.</summary>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public ApiKeyUsage KeyUsage() => handle.KeyUsage();

    /// <summary>
    /// Closes the client. Calls under way end with <see cref="ObjectDisposedException"/>, and so does every later one.
    /// Doing it again does nothing.
    /// </summary>
    public void Dispose() => handle.Shut();

    /// <summary>The same as <see cref="Dispose"/>: closing waits for nothing.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    /// <summary>Tenant and address, never a key.</summary>
    public override string ToString() => description;

    /// <summary>The way of every asynchronous call: start, wait for the callback, take what it brought.</summary>
    internal async Task<Reply> RunAsync(Operation operation, CancellationToken cancellationToken)
    {
        using var pending = PendingCall.Start(handle, operation, cancellationToken);
        var completion = await pending.Completed.ConfigureAwait(false);
        return completion.Take(cancellationToken);
    }

    /// <summary>The same for blocking calls. The library's dispatcher thread ends the wait: no thread of the pool is needed.</summary>
    internal Reply Run(Operation operation, CancellationToken cancellationToken)
    {
        using var pending = PendingCall.Start(handle, operation, cancellationToken);
        var completion = pending.Completed.GetAwaiter().GetResult();
        return completion.Take(cancellationToken);
    }
}
