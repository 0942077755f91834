using System.Threading;
using System.Threading.Tasks;

using Agglestone.Native;

namespace Agglestone;

/// <summary>Another's calls, with options of their own.</summary>
internal sealed class CallsWithOptions(AgglestoneCalls calls, AgglestoneCallOptions options) : AgglestoneCalls
{
    /// <inheritdoc/>
    public override string ToString() => $"{calls}, with options of its own";

    /// <inheritdoc/>
    internal override Task<Reply> RunAsync(Operation operation, CancellationToken cancellationToken)
    {
        operation.Set(options);
        return calls.RunAsync(operation, cancellationToken);
    }

    /// <inheritdoc/>
    internal override Reply Run(Operation operation, CancellationToken cancellationToken)
    {
        operation.Set(options);
        return calls.Run(operation, cancellationToken);
    }
}
