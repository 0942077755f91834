using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;

using Agglestone.Native;

namespace Agglestone;

/// <summary>
/// Calls made by a user: with the user's token and without the API key, so that the user's own rights apply. Made by
/// <see cref="AgglestoneClient.AsUser"/>, and usable as long as that client; needs no disposal.
/// </summary>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class AgglestoneUserClient : AgglestoneCalls
{
    private readonly AgglestoneClient client;

    internal AgglestoneUserClient(AgglestoneClient client, string userId)
    {
        this.client = client;
        UserId = userId;
    }

    /// <summary>Whose calls these are.</summary>
    public string UserId { get; }

    /// <inheritdoc/>
    public override AgglestoneUserClient With(AgglestoneCallOptions options) => new(client.With(options), UserId);

    /// <summary>The user's id, never a token.</summary>
    public override string ToString() => $"AgglestoneUserClient {{ UserId = {UserId} }}";

    internal override async Task<Reply> RunAsync(Operation operation, CancellationToken cancellationToken)
    {
        using var asUser = operation.AsUser(UserId);
        return await client.RunAsync(asUser, cancellationToken).ConfigureAwait(false);
    }

    internal override Reply Run(Operation operation, CancellationToken cancellationToken)
    {
        using var asUser = operation.AsUser(UserId);
        return client.Run(asUser, cancellationToken);
    }
}
