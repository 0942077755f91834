using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;

using Agglestone.Native;

namespace Agglestone;

/// <summary>
/// Calls made by a user: with the user's token and without the API key, so that the user's own rights apply. Made by
/// <see cref="AgglestoneTenantCalls.AsUser"/>, and usable as long as that client; needs no disposal.
/// </summary>
[DebuggerDisplay("{ToString(),nq}")]
public class AgglestoneUserClient : AgglestoneCalls
{
    private readonly AgglestoneTenantCalls? calls;

    /// <summary>For a substitute in tests: what it does not override can't be called.</summary>
    protected AgglestoneUserClient() => UserId = "";

    internal AgglestoneUserClient(AgglestoneTenantCalls calls, string userId)
    {
        this.calls = calls;
        UserId = userId;
    }

    /// <summary>Whose calls these are.</summary>
    public virtual string UserId { get; }

    /// <inheritdoc/>
    internal override bool IsSubstitute => calls is null;

    private AgglestoneTenantCalls Calls => calls ?? throw Substitute();

    /// <inheritdoc/>
    public override AgglestoneUserClient With(AgglestoneCallOptions options) => new(Calls.With(options), UserId);

    /// <summary>The user's id, never a token.</summary>
    public override string ToString() => $"AgglestoneUserClient {{ UserId = {UserId} }}";

    internal override async Task<Reply> RunAsync(Operation operation, CancellationToken cancellationToken)
    {
        using var asUser = operation.AsUser(UserId);
        return await Calls.RunAsync(asUser, cancellationToken).ConfigureAwait(false);
    }

    internal override Reply Run(Operation operation, CancellationToken cancellationToken)
    {
        using var asUser = operation.AsUser(UserId);
        return Calls.Run(asUser, cancellationToken);
    }
}
