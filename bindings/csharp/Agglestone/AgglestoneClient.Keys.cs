using System;
using System.Threading;
using System.Threading.Tasks;

using Agglestone.Json;
using Agglestone.Native;

namespace Agglestone;

/// <content>The tenant's API keys.</content>
public sealed partial class AgglestoneClient
{
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

    /// <summary>Asks the service about each key once, so that an operator knows before retiring one. Switches nothing.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <inheritdoc cref="AgglestoneCalls.GetUsersAsync" path="/exception"/>
    public async Task<ApiKeyCheck> CheckApiKeysAsync(CancellationToken cancellationToken = default)
    {
        using var operation = Operation.CheckApiKeys();
        using var reply = await RunAsync(operation, cancellationToken).ConfigureAwait(false);
        return Reports.ReadKeyCheck(reply);
    }

    /// <inheritdoc cref="CheckApiKeysAsync"/>
    public ApiKeyCheck CheckApiKeys(CancellationToken cancellationToken = default)
    {
        using var operation = Operation.CheckApiKeys();
        using var reply = Run(operation, cancellationToken);
        return Reports.ReadKeyCheck(reply);
    }
}
